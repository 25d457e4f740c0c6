-- oid, 0, family, strategy, left type, right type, operator, FOR ORDER BY family
select o.oid, 0, 'pg_opfamily'::regclass::oid, o.amopfamily, 0, o.amopstrategy::int8,
       format_type(o.amoplefttype, null), format_type(o.amoprighttype, null),
       quote_ident(opn.nspname) || '.' || op.oprname,
       quote_ident(sn.nspname) || '.' || quote_ident(s.opfname)
from pg_depend d
join pg_amop o on o.oid = d.objid
join pg_operator op on op.oid = o.amopopr
join pg_namespace opn on opn.oid = op.oprnamespace
left join pg_opfamily s on s.oid = o.amopsortfamily
left join pg_namespace sn on sn.oid = s.opfnamespace
where d.classid = 'pg_amop'::regclass and d.refclassid = 'pg_opfamily'::regclass
  and d.refobjid = o.amopfamily and o.oid >= 16384
