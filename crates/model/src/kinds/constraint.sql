-- oid, 0, table, name, type, deferrable, deferred, validated, enforced, local, no inherit,
-- columns, columns after the key, NULLS NOT DISTINCT, WITHOUT OVERLAPS or PERIOD,
-- index: reloptions, tablespace, clustered, replica identity,
-- foreign key: schema, table, columns of it (those of an extension's table by name), match, on update, on delete, columns that are set,
-- check expression, exclusion
-- Columns come as numbers; those of an extension's table, which is nobody's object, also as names.
-- Foreign keys of partitions that come from their parent's are part of that one.
select k.oid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, k.conrelid, 0,
       k.conname::text, k.contype::text,
       k.condeferrable, k.condeferred,
       -- what a child has from its parent is validated with it, and valid from the start where the child is made later
       k.convalidated or k.contype = 'c' and not k.conislocal,
--18
       k.conenforced,
--/18
--<18
       true,
--/<18
       k.conislocal, k.connoinherit,
       k.conrelid, case when k.contype in ('p', 'u', 'f') then k.conkey end,
       case when i.indnatts > i.indnkeyatts and k.contype <> 'x' then array(
           select a.attname::text
           from unnest(i.indkey::int2[]) with ordinality u(num, n)
           join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num
           where u.n > i.indnkeyatts
           order by u.n) end,
--15
       coalesce(i.indnullsnotdistinct, false),
--/15
--<15
       false,
--/<15
--18
       k.conperiod,
--/18
--<18
       false,
--/<18
       ix.reloptions, ts.spcname::text, coalesce(i.indisclustered, false), coalesce(i.indisreplident, false),
       fn.nspname::text, f.relname::text,
       k.confrelid, case when k.confrelid <> all (members.oids) then k.confkey end,
       case when k.confrelid = any (members.oids) then array(
           select a.attname::text
           from unnest(k.confkey) with ordinality u(num, n)
           join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num
           order by u.n) end,
       k.confmatchtype::text, k.confupdtype::text, k.confdeltype::text,
--15
       case when k.confdelsetcols is not null then array(
           select a.attname::text
           from unnest(k.confdelsetcols) with ordinality u(num, n)
           join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num
           order by u.n) end,
--/15
--<15
       null::text[],
--/<15
       case when k.contype = 'c' then pg_catalog.pg_get_expr(k.conbin, k.conrelid) end,
       case when k.contype = 'x' then pg_catalog.pg_get_constraintdef(k.oid) end
from pg_catalog.pg_constraint k
left join pg_catalog.pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_class ix on ix.oid = i.indexrelid
left join pg_catalog.pg_tablespace ts on ts.oid = ix.reltablespace
left join pg_catalog.pg_class f on f.oid = k.confrelid
left join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
cross join (
    select array(
        select objid from pg_catalog.pg_depend
        where refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and deptype = 'e'
          and classid = 'pg_catalog.pg_class'::pg_catalog.regclass) as oids) members
where k.oid >= 16384
  and k.contype in ('p', 'u', 'c', 'f', 'x') and k.conrelid <> 0
  and not (k.contype = 'f' and k.conparentid <> 0)
