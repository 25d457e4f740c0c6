-- oid, 0, column (of a view: the view), column of a view, expression
select d.oid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, d.adrelid, case when c.relkind = 'v' then 0 else d.adnum::int4 end,
       case when c.relkind = 'v' then a.attname::text end,
       -- no column stands in it, so the server need not open the table to spell it
       pg_catalog.pg_get_expr(d.adbin, 0)
from pg_catalog.pg_attrdef d
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum and a.attgenerated = ''
join pg_catalog.pg_class c on c.oid = d.adrelid and c.relkind in ('r', 'p', 'v', 'f') and c.relpersistence <> 't'
where d.oid >= 16384
