-- oid, 0, schema, name, template, options
select d.oid, 0, n.nspname::text, d.dictname::text, quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname),
       d.dictinitoption
from pg_ts_dict d
join pg_namespace n on n.oid = d.dictnamespace
join pg_ts_template t on t.oid = d.dicttemplate
join pg_namespace tn on tn.oid = t.tmplnamespace
where d.oid >= 16384
