-- oid, 0, name, wrapper, type, version, options
select s.oid, 0, s.srvname::text, w.fdwname::text, s.srvtype, s.srvversion, s.srvoptions
from pg_foreign_server s
join pg_foreign_data_wrapper w on w.oid = s.srvfdw
where s.oid >= 16384
