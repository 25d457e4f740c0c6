-- oid, 0, schema, name, access method
select f.oid, 0, n.nspname::text, f.opfname::text, quote_ident(a.amname)
from pg_opfamily f
join pg_namespace n on n.oid = f.opfnamespace
join pg_am a on a.oid = f.opfmethod
where f.oid >= 16384
