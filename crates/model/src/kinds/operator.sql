-- oid, 0, schema, name, left type (NONE: prefix), right type, function, schema and name of the commutator and of the
-- negator, restriction and join selectivity functions, hashes, merges
-- An operator without a function only was mentioned by another one.
select o.oid, 0, n.nspname::text, o.oprname::text,
       case when o.oprleft = 0 then 'NONE' else format_type(o.oprleft, null) end, format_type(o.oprright, null),
       o.oprcode::text, cn.nspname::text, c.oprname::text, nn.nspname::text, g.oprname::text,
       nullif(o.oprrest::text, '-'), nullif(o.oprjoin::text, '-'), o.oprcanhash, o.oprcanmerge
from pg_operator o
join pg_namespace n on n.oid = o.oprnamespace
left join pg_operator c on c.oid = o.oprcom and c.oprcode <> 0
left join pg_namespace cn on cn.oid = c.oprnamespace
left join pg_operator g on g.oid = o.oprnegate and g.oprcode <> 0
left join pg_namespace nn on nn.oid = g.oprnamespace
where o.oid >= 16384 and o.oprcode <> 0
