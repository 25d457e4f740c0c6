-- oid, 0, schema, name, base type, collation where it is not the base type's, default, not null and the name of
-- that where it is not the made-up one, checks: names, definitions, whether validated
select t.oid, 0, n.nspname::text, t.typname::text, format_type(t.typbasetype, t.typtypmod),
       case when t.typcollation <> b.typcollation
            then quote_ident(cn.nspname) || '.' || quote_ident(co.collname) end,
       coalesce(pg_get_expr(t.typdefaultbin, 0), case when t.typdefaultbin is null then t.typdefault end),
       t.typnotnull,
--17
       nn.conname::text,
--/17
--<17
       null::text,
--/<17
       c.names, c.definitions, c.validated
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
join pg_type b on b.oid = t.typbasetype
left join pg_collation co on co.oid = t.typcollation
left join pg_namespace cn on cn.oid = co.collnamespace
--17
left join pg_constraint nn
    on nn.contypid = t.oid and nn.contype = 'n' and nn.conname <> t.typname || '_not_null'
--/17
left join (
    select contypid, array_agg(conname::text order by conname) as names,
           array_agg(regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '') order by conname) as definitions,
           array_agg(case when convalidated then 'yes' else 'no' end order by conname) as validated
    from pg_constraint
    where contypid <> 0 and contype = 'c'
    group by contypid
) c on c.contypid = t.oid
where t.typtype = 'd' and t.oid >= 16384 and n.nspname !~ '^pg_temp_'
