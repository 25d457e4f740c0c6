-- oid, 0, schema, name
select t.oid, 0, n.nspname::text, t.typname::text
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'p' and not t.typisdefined and t.oid >= 16384
