-- oid, 0, schema, name, input types joined (* for none), arguments, result type, kind,
-- state: transition function, inverse, type, space, final function, extra, modify, initial value;
-- moving state: likewise; combine, serial, deserial function, sort operator, parallel
select p.oid, 0, n.nspname::text, p.proname::text,
       case when p.pronargs = 0 then '*' else array_to_string(array(
         select format_type(t, null) from unnest(p.proargtypes) with ordinality u(t, i) order by i), ', ') end,
       case when p.pronargs = 0 then '*' else pg_get_function_arguments(p.oid) end,
       format_type(p.prorettype, null), a.aggkind::text,
       nullif(a.aggtransfn::text, '-'), null, format_type(a.aggtranstype, null), a.aggtransspace::int8,
       nullif(a.aggfinalfn::text, '-'), a.aggfinalextra, a.aggfinalmodify::text, a.agginitval,
       nullif(a.aggmtransfn::text, '-'), nullif(a.aggminvtransfn::text, '-'),
       case when a.aggmtranstype <> 0 then format_type(a.aggmtranstype, null) end, a.aggmtransspace::int8,
       nullif(a.aggmfinalfn::text, '-'), a.aggmfinalextra, a.aggmfinalmodify::text, a.aggminitval,
       nullif(a.aggcombinefn::text, '-'), nullif(a.aggserialfn::text, '-'), nullif(a.aggdeserialfn::text, '-'),
       'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')', p.proparallel::text
from pg_aggregate a
join pg_proc p on p.oid = a.aggfnoid
join pg_namespace n on n.oid = p.pronamespace
left join pg_operator o on o.oid = a.aggsortop
left join pg_namespace opn on opn.oid = o.oprnamespace
where p.oid >= 16384
