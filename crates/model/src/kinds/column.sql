-- oid, attnum, table, name, position, type, type without modifiers, collation where it is not the type's,
-- NOT NULL, its constraint's name, no inherit, validated, local,
-- generated ("s", "v"), expression,
-- identity ("a", "d"), sequence name, start, increment, minimum, maximum, cache, cycle (NULL where default), unlogged
-- where its table is not,
-- storage where it is not the type's, compression, statistics target, options, whether defined by the table itself,
-- as all columns of a partition are taken to be
with sequences as (
    select d.refobjid, d.refobjsubid, s.relname, q.*,
           s.relpersistence,
           case q.seqtypid when 21 then 32767 when 23 then 2147483647 else 9223372036854775807 end as most
    from pg_catalog.pg_depend d
    join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_catalog.pg_sequence q on q.seqrelid = s.oid
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      and d.deptype = 'i'
)
select a.attrelid, a.attnum::int4,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, a.attrelid, 0,
       a.attname::text, a.attnum::int8,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when a.attcollation <> t.typcollation
            then pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) end,
       a.attnotnull,
--18
       nn.conname::text, coalesce(nn.connoinherit, false), coalesce(nn.convalidated, true), coalesce(nn.conislocal, true),
--/18
--<18
       null::text, false, true, true,
--/<18
       case when a.attgenerated <> '' then a.attgenerated::text end,
       case when a.attgenerated <> '' then pg_catalog.pg_get_expr(g.adbin, g.adrelid) end,
       case when q.seqrelid is not null and a.attidentity <> '' then a.attidentity::text end,
       q.relname::text,
       nullif(q.seqstart, case when q.seqincrement > 0 then q.seqmin else q.seqmax end),
       nullif(q.seqincrement, 1),
       nullif(q.seqmin, case when q.seqincrement > 0 then 1 else -q.most - 1 end),
       nullif(q.seqmax, case when q.seqincrement > 0 then q.most else -1 end),
       nullif(q.seqcache, 1),
       coalesce(q.seqcycle, false),
--15
       case when q.relpersistence <> c.relpersistence then q.relpersistence::text end,
--/15
--<15
       null::text,
--/<15
       case when a.attstorage <> t.typstorage then a.attstorage::text end,
       nullif(a.attcompression::text, ''),
       nullif(a.attstattarget, -1)::int8,
       a.attoptions,
       a.attislocal or c.relispartition
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_collation co on co.oid = a.attcollation and a.attcollation <> t.typcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
left join pg_catalog.pg_attrdef g on g.adrelid = a.attrelid and g.adnum = a.attnum and a.attgenerated <> ''
left join sequences q on q.refobjid = a.attrelid and q.refobjsubid = a.attnum
--18
left join pg_catalog.pg_constraint nn on nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey[1] = a.attnum
--/18
where a.attnum > 0 and not a.attisdropped and a.attrelid >= 16384
