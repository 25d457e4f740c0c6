-- oid, 0, name, trusted, handler, inline handler, validator
select l.oid, 0, l.lanname::text, l.lanpltrusted, l.lanplcallfoid::regproc::text,
       nullif(l.laninline, 0)::regproc::text, nullif(l.lanvalidator, 0)::regproc::text
from pg_language l
where l.oid >= 16384 and l.lanispl
