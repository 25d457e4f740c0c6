-- oid, 0, name, type, handler
select a.oid, 0, a.amname::text, a.amtype::text, a.amhandler::regproc::text
from pg_am a
where a.oid >= 16384
