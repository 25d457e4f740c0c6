-- oid, 0, schema, name, server, options
select c.oid, 0, n.nspname::text, c.relname::text, s.srvname::text, f.ftoptions
from pg_foreign_table f
join pg_class c on c.oid = f.ftrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_foreign_server s on s.oid = f.ftserver
where c.oid >= 16384
