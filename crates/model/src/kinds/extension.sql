-- oid, 0, name, schema, version, whether that is the default one, whether it can move
select e.oid, 0, e.extname::text, n.nspname::text, e.extversion,
       exists (
           select from pg_available_extensions() a
           where a.name = e.extname and a.default_version = e.extversion
       ),
       e.extrelocatable
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where e.oid >= 16384
