-- oid, 0, schema, name, unlogged, partition key, types of the key's columns, type of a typed table,
-- access method, tablespace, reloptions with the TOAST table's, row security enabled, forced, replica identity
select c.oid, 0, n.nspname::text, c.relname::text,
       c.relpersistence = 'u',
       case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
       case when c.relkind = 'p' then array(
           select pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
           from pg_catalog.pg_partitioned_table p
           cross join unnest(p.partattrs::int2[]) with ordinality k(num, n)
           join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.num
           where p.partrelid = c.oid
           order by k.n) end,
       'pg_catalog.pg_type'::pg_catalog.regclass::oid, c.reloftype, 0,
       am.amname::text,
       ts.spcname::text,
       c.reloptions || array(select 'toast.' || o from unnest(t.reloptions) o),
       c.relrowsecurity, c.relforcerowsecurity,
       c.relreplident::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am am on am.oid = c.relam
left join pg_catalog.pg_tablespace ts on ts.oid = c.reltablespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and c.oid >= 16384
