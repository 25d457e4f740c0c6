-- oid, 0, schema, name, functions: start, gettoken, end, headline, lextypes
select p.oid, 0, n.nspname::text, p.prsname::text, p.prsstart::text, p.prstoken::text, p.prsend::text,
       nullif(p.prsheadline::text, '-'), p.prslextype::text
from pg_ts_parser p
join pg_namespace n on n.oid = p.prsnamespace
where p.oid >= 16384
