-- oid, 0, schema, name, functions: init, lexize
select t.oid, 0, n.nspname::text, t.tmplname::text, nullif(t.tmplinit::text, '-'), t.tmpllexize::text
from pg_ts_template t
join pg_namespace n on n.oid = t.tmplnamespace
where t.oid >= 16384
