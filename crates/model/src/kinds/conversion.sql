-- oid, 0, schema, name, from, to, default, schema and name of the function
select c.oid, 0, n.nspname::text, c.conname::text, pg_encoding_to_char(c.conforencoding)::text,
       pg_encoding_to_char(c.contoencoding)::text, c.condefault, pn.nspname::text, p.proname::text
from pg_conversion c
join pg_namespace n on n.oid = c.connamespace
join pg_proc p on p.oid = c.conproc
join pg_namespace pn on pn.oid = p.pronamespace
where c.oid >= 16384
