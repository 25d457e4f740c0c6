-- oid, 0, family, number, left type, right type, function
select p.oid, 0, 'pg_opfamily'::regclass::oid, p.amprocfamily, 0, p.amprocnum::int8,
       format_type(p.amproclefttype, null), format_type(p.amprocrighttype, null), p.amproc::regprocedure::text
from pg_depend d
join pg_amproc p on p.oid = d.objid
where d.classid = 'pg_amproc'::regclass and d.refclassid = 'pg_opfamily'::regclass
  and d.refobjid = p.amprocfamily and p.oid >= 16384
