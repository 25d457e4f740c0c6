-- oid, 0, schema, name, options, query, columns: names, types, collations ('' for the type's own)
select c.oid, 0, n.nspname::text, c.relname::text, c.reloptions, pg_get_viewdef(c.oid),
       a.names, a.types, a.collations
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join lateral (
  select array_agg(a.attname::text order by a.attnum) as names,
         array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types,
         array_agg(case when a.attcollation in (0, t.typcollation) then ''
                        else a.attcollation::regcollation::text end order by a.attnum) as collations
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) a on true
where c.relkind = 'v' and c.oid >= 16384
