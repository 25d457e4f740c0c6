-- oid, 0, relation, name, unique, NULLS NOT DISTINCT, access method,
-- key columns as written in CREATE INDEX, or else the whole statement, included columns, predicate,
-- reloptions, tablespace, column number=statistics target, partitioned, valid, clustered, replica identity
-- What pg_get_indexdef says is put together here for plain indexes: a call for each is the slowest part of all.
with mine as materialized (
    select i.*
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
    where i.indexrelid >= 16384
      and not exists (
          select from pg_catalog.pg_constraint k
          where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
), parts as (
    select i.indexrelid,
           array_agg(case when u.n <= i.indnkeyatts then
               pg_catalog.quote_ident(a.attname)
               || case u.opt & 3 when 1 then ' DESC NULLS LAST' when 2 then ' NULLS FIRST'
                                 when 3 then ' DESC' else '' end end
               order by u.n) filter (where u.n <= i.indnkeyatts) as keys,
           array_agg(pg_catalog.quote_ident(a.attname) order by u.n)
               filter (where u.n > i.indnkeyatts) as included,
           bool_or(u.n <= i.indnkeyatts and (
               u.num = 0
               or u.coll <> a.attcollation
               or not o.opcdefault
               or (o.opcintype <> a.atttypid
                   and ot.typtype <> 'p'
                   and not (a.atttypid = 1043 and o.opcintype = 25)
                   and o.opcintype <> coalesce(nullif(t.typbasetype, 0), 0))
               or x.attoptions is not null)) as involved,
           array_agg(u.n || '=' || x.attstattarget order by u.n) filter (where x.attstattarget >= 0) as statistics
    from mine i
    cross join unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
        with ordinality u(num, class, coll, opt, n)
    -- OFFSET 0 keeps these as look-ups: hashed, all of pg_attribute would be read, twice.
    left join lateral (
        select * from pg_catalog.pg_attribute
        where attrelid = i.indrelid and attnum = u.num and u.num <> 0 offset 0) a on true
    left join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_opclass o on o.oid = u.class
    left join pg_catalog.pg_type ot on ot.oid = o.opcintype
    left join lateral (
        select * from pg_catalog.pg_attribute where attrelid = i.indexrelid and attnum = u.n offset 0) x on true
    group by i.indexrelid
)
select i.indexrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, i.indrelid, 0,
       x.relname::text, i.indisunique,
--15
       i.indnullsnotdistinct,
--/15
--<15
       false,
--/<15
       am.amname::text,
       case when not p.involved then p.keys end,
       case when p.involved then pg_catalog.pg_get_indexdef(i.indexrelid) end,
       p.included,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       x.reloptions, ts.spcname::text, p.statistics,
       x.relkind = 'I', i.indisvalid or x.relkind = 'I', i.indisclustered, i.indisreplident
from mine i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am am on am.oid = x.relam
join parts p on p.indexrelid = i.indexrelid
left join pg_catalog.pg_tablespace ts on ts.oid = x.reltablespace
