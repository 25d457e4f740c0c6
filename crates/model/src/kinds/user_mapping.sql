-- oid, 0, server, role ('' for the applying one), whether it is PUBLIC, options as far as they may be seen
select m.umid, 0, 'pg_foreign_server'::regclass::oid, m.srvid, 0,
       case when m.usename = any ($APPLIER) then '' else m.usename::text end, m.umuser = 0, m.umoptions
from pg_user_mappings m
where m.umid >= 16384
