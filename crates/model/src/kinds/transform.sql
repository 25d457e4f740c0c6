-- oid, 0, type, language, functions FROM SQL and TO SQL
select t.oid, 0, format_type(t.trftype, null), quote_ident(l.lanname),
       case when t.trffromsql <> 0 then t.trffromsql::regprocedure::text end,
       case when t.trftosql <> 0 then t.trftosql::regprocedure::text end
from pg_transform t
join pg_language l on l.oid = t.trflang
where t.oid >= 16384
