-- oid, number, name, type, collation where it is not the type's, address of the composite type
select a.attrelid, a.attnum::int4, a.attname::text, format_type(a.atttypid, a.atttypmod),
       case when a.attcollation <> t.typcollation
            then quote_ident(cn.nspname) || '.' || quote_ident(co.collname) end,
       'pg_type'::regclass::oid, c.reltype, 0
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_collation co on co.oid = a.attcollation
left join pg_namespace cn on cn.oid = co.collnamespace
where c.relkind = 'c' and c.oid >= 16384
