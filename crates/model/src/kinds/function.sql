-- oid, 0, schema, name, input types joined, parameters: modes (NULL: all IN), names (NULL: none), types, defaults;
-- returns, set, language, volatility, strict, security definer, leakproof, parallel, cost, rows, support,
-- settings, transforms, window, library, source, SQL body; without the constructors of range types
select p.oid, 0, n.nspname::text, p.proname::text,
       array_to_string(array(
         select format_type(t, null) from unnest(p.proargtypes) with ordinality u(t, i) order by i), ', '),
       p.proargmodes::text[], p.proargnames,
       array(select format_type(t, null)
             from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u(t, i) order by i),
       case when p.pronargdefaults > 0 then array(
         select coalesce(pg_get_function_arg_default(p.oid, i), '')
         from generate_series(1, cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[]))) i order by i) end,
       format_type(p.prorettype, null), p.proretset, l.lanname::text, p.provolatile::text,
       p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel::text,
       p.procost::text, p.prorows::text, nullif(p.prosupport::text, '-'), p.proconfig,
       array(select format_type(t, null) from unnest(p.protrftypes) with ordinality u(t, i) order by i),
       p.prokind = 'w', p.probin, p.prosrc,
       case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) end
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where p.prokind in ('f', 'w') and p.oid >= 16384
  and not exists (
      select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid
        and d.refclassid = 'pg_type'::regclass and d.deptype = 'i'
  )
