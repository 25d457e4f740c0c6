-- oid, 0, name, event, tags, schema and name of the function, enabled
select e.oid, 0, e.evtname::text, e.evtevent::text, e.evttags, n.nspname::text, p.proname::text, e.evtenabled::text
from pg_event_trigger e
join pg_proc p on p.oid = e.evtfoid
join pg_namespace n on n.oid = p.pronamespace
where e.oid >= 16384
