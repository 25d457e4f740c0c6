-- oid, 0, schema, name, options, query, columns: names, types, collations ('' for the type's own),
-- statistics targets, storage, compression, options ('' for the default, options joined by commas);
-- populated, access method, tablespace
select c.oid, 0, n.nspname::text, c.relname::text,
       c.reloptions || array(select 'toast.' || o from unnest(toast.reloptions) o),
       pg_get_viewdef(c.oid),
       a.names, a.types, a.collations, a.statistics, a.storages, a.compressions, a.options,
       c.relispopulated, am.amname::text, ts.spcname::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class toast on toast.oid = c.reltoastrelid
left join pg_am am on am.oid = c.relam
left join pg_tablespace ts on ts.oid = c.reltablespace
left join lateral (
  select array_agg(a.attname::text order by a.attnum) as names,
         array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types,
         array_agg(case when a.attcollation in (0, t.typcollation) then ''
                        else a.attcollation::regcollation::text end order by a.attnum) as collations,
         array_agg(case when coalesce(a.attstattarget, -1) < 0 then ''
                        else a.attstattarget::text end order by a.attnum) as statistics,
         array_agg(case when a.attstorage = t.typstorage then ''
                        else a.attstorage::text end order by a.attnum) as storages,
         array_agg(a.attcompression::text order by a.attnum) as compressions,
         array_agg(coalesce(array_to_string(a.attoptions, ','), '') order by a.attnum) as options
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) a on true
where c.relkind = 'm' and c.oid >= 16384
