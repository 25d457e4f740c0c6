-- oid, 0, name, schema, version, whether that is the default one, whether it can move, what its members are
-- called
select e.oid, 0, e.extname::text, n.nspname::text, e.extversion,
       exists (
           select from pg_available_extensions() a
           where a.name = e.extname and a.default_version = e.extversion
       ),
       e.extrelocatable,
       array(
           select distinct name
           from pg_depend d
           cross join lateral (
               select typname::text from pg_type where d.classid = 'pg_type'::regclass and oid = d.objid
               union all
               select proname::text from pg_proc where d.classid = 'pg_proc'::regclass and oid = d.objid
               union all
               select relname::text from pg_class where d.classid = 'pg_class'::regclass and oid = d.objid
               union all
               select opcname::text from pg_opclass where d.classid = 'pg_opclass'::regclass and oid = d.objid
               union all
               select collname::text from pg_collation where d.classid = 'pg_collation'::regclass and oid = d.objid
               union all
               select cfgname::text from pg_ts_config where d.classid = 'pg_ts_config'::regclass and oid = d.objid
               union all
               select dictname::text from pg_ts_dict where d.classid = 'pg_ts_dict'::regclass and oid = d.objid
           ) member(name)
           where d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
           order by name)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where e.oid >= 16384
