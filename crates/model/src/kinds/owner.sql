-- no address, role, address of what it owns
-- An owned sequence has its table's owner. What initdb left in place is nobody's decision.
-- Of what there may be many, only what others own is looked at more closely.
with appliers as (
    select array(select oid from pg_roles where rolname = any ($APPLIER)) as oids
)
select null::oid, 0, r.rolname::text, o.class, o.oid, 0
from (
    select 'pg_namespace'::regclass::oid as class, oid, nspowner as owner
    from pg_namespace
    where oid >= 16384 or nspname = 'public' and nspowner <> 10 and nspowner <> 'pg_database_owner'::regrole
    union all
    select 'pg_type'::regclass, oid, typowner
    from pg_type
    where oid >= 16384 and typowner <> all ((select oids from appliers)::oid[])
      and (typtype in ('e', 'd', 'r')
           or typtype = 'b' and not exists (select from pg_type e where e.oid = pg_type.typelem and e.typarray = pg_type.oid)
           or typtype = 'p' and not typisdefined
           or typtype = 'c' and typrelid in (select oid from pg_class where relkind = 'c'))
    union all
    select 'pg_class'::regclass, c.oid, c.relowner
    from pg_class c
    where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and c.relowner <> all ((select oids from appliers)::oid[])
      and not (c.relkind = 'S' and exists (
          select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0 and d.deptype in ('a', 'i')
      ))
    union all
    select 'pg_proc'::regclass, oid, proowner
    from pg_proc
    where oid >= 16384
    union all
    select 'pg_statistic_ext'::regclass, oid, stxowner from pg_statistic_ext where oid >= 16384
    union all
    select 'pg_collation'::regclass, oid, collowner from pg_collation where oid >= 16384
    union all
    select 'pg_conversion'::regclass, oid, conowner from pg_conversion where oid >= 16384
    union all
    select 'pg_operator'::regclass, oid, oprowner from pg_operator where oid >= 16384
    union all
    select 'pg_opclass'::regclass, oid, opcowner from pg_opclass where oid >= 16384
    union all
    select 'pg_opfamily'::regclass, oid, opfowner from pg_opfamily where oid >= 16384
    union all
    select 'pg_ts_dict'::regclass, oid, dictowner from pg_ts_dict where oid >= 16384
    union all
    select 'pg_ts_config'::regclass, oid, cfgowner from pg_ts_config where oid >= 16384
    union all
    select 'pg_foreign_data_wrapper'::regclass, oid, fdwowner from pg_foreign_data_wrapper where oid >= 16384
    union all
    select 'pg_foreign_server'::regclass, oid, srvowner from pg_foreign_server where oid >= 16384
    union all
    select 'pg_language'::regclass, oid, lanowner from pg_language where oid >= 16384
    union all
    select 'pg_subscription'::regclass, oid, subowner
    from pg_subscription
    where subdbid = (select oid from pg_database where datname = current_database())
    union all
    select 'pg_publication'::regclass, oid, pubowner from pg_publication where oid >= 16384
    union all
    select 'pg_event_trigger'::regclass, oid, evtowner from pg_event_trigger where oid >= 16384
) o
join pg_roles r on r.oid = o.owner
where r.rolname <> all ($APPLIER)
