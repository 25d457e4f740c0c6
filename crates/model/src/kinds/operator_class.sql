-- oid, 0, schema, name, access method, default, type, family, storage type, operators and functions as CREATE
-- OPERATOR CLASS lists them: those that PostgreSQL holds to be the class's own
select c.oid, 0, n.nspname::text, c.opcname::text, quote_ident(a.amname), c.opcdefault,
       format_type(c.opcintype, null), quote_ident(fn.nspname) || '.' || quote_ident(f.opfname),
       case when c.opckeytype <> 0 then format_type(c.opckeytype, null) end,
       array(
         select format('OPERATOR %s %I.%s (%s, %s)', o.amopstrategy, opn.nspname, op.oprname,
                       format_type(o.amoplefttype, null), format_type(o.amoprighttype, null))
                || coalesce(' FOR ORDER BY ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname), '')
         from pg_depend d
         join pg_amop o on o.oid = d.objid
         join pg_operator op on op.oid = o.amopopr
         join pg_namespace opn on opn.oid = op.oprnamespace
         left join pg_opfamily s on s.oid = o.amopsortfamily
         left join pg_namespace sn on sn.oid = s.opfnamespace
         where d.classid = 'pg_amop'::regclass and d.refclassid = 'pg_opclass'::regclass and d.refobjid = c.oid
         order by o.amopstrategy, 1
       ) || array(
         select format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, null),
                       format_type(p.amprocrighttype, null), p.amproc::regprocedure)
         from pg_depend d
         join pg_amproc p on p.oid = d.objid
         where d.classid = 'pg_amproc'::regclass and d.refclassid = 'pg_opclass'::regclass and d.refobjid = c.oid
         order by p.amprocnum, 1
       )
from pg_opclass c
join pg_namespace n on n.oid = c.opcnamespace
join pg_am a on a.oid = c.opcmethod
join pg_opfamily f on f.oid = c.opcfamily
join pg_namespace fn on fn.oid = f.opfnamespace
where c.oid >= 16384
