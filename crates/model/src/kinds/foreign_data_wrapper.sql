-- oid, 0, name, handler, validator, options
select w.oid, 0, w.fdwname::text, nullif(w.fdwhandler, 0)::regproc::text, nullif(w.fdwvalidator, 0)::regproc::text,
       w.fdwoptions
from pg_foreign_data_wrapper w
where w.oid >= 16384
