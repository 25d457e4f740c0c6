-- oid, 0, schema, name, labels in their order
select t.oid, 0, n.nspname::text, t.typname::text, e.labels
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
left join (
    select enumtypid, array_agg(enumlabel::text order by enumsortorder) as labels
    from pg_enum
    group by enumtypid
) e on e.enumtypid = t.oid
where t.typtype = 'e' and t.oid >= 16384 and n.nspname !~ '^pg_temp_'
