-- oid, 0, schema, name, input types joined, parameters: modes (NULL: all IN), names (NULL: none), types, defaults;
-- language, security definer, settings, transforms, library, source, SQL body
select p.oid, 0, n.nspname::text, p.proname::text,
       array_to_string(array(
         select format_type(t, null) from unnest(p.proargtypes) with ordinality u(t, i) order by i), ', '),
       p.proargmodes::text[], p.proargnames,
       array(select format_type(t, null)
             from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u(t, i) order by i),
       case when p.pronargdefaults > 0 then array(
         select coalesce(pg_get_function_arg_default(p.oid, i), '')
         from generate_series(1, cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[]))) i order by i) end,
       l.lanname::text, p.prosecdef, p.proconfig,
       array(select format_type(t, null) from unnest(p.protrftypes) with ordinality u(t, i) order by i),
       p.probin, p.prosrc,
       case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) end
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where p.prokind = 'p' and p.oid >= 16384
