-- oid, 0, schema, name, attributes in their order
select t.oid, 0, n.nspname::text, t.typname::text, a.names
from pg_type t
join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
join pg_namespace n on n.oid = t.typnamespace
left join lateral (
    select array_agg(attname::text order by attnum) as names
    from pg_attribute
    where attrelid = c.oid and attnum > 0 and not attisdropped
) a on true
where t.typtype = 'c' and t.oid >= 16384 and n.nspname !~ '^pg_temp_'
