-- classid, objids of everything that user code made, one row a catalog, parts of objects left out where that is
-- cheap to tell. A catalog that no kind reads yet belongs here as much as the others.
select class, array_agg(oid) from (
select 'pg_class'::regclass::oid as class, oid from pg_class
  where oid >= 16384 and relkind not in ('t', 'c') and relpersistence <> 't'
    and relnamespace <> 'pg_toast'::regnamespace
union all select 'pg_type'::regclass, t.oid from pg_type t
  where t.oid >= 16384 and t.typtype not in ('c', 'm')
    and not (t.typelem <> 0 and exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid))
union all select 'pg_type'::regclass, t.oid from pg_type t join pg_class c on c.oid = t.typrelid
  where t.oid >= 16384 and c.relkind = 'c'
union all select 'pg_proc'::regclass, oid from pg_proc where oid >= 16384
union all select 'pg_namespace'::regclass, oid from pg_namespace where oid >= 16384 and nspname !~ '^pg_(temp|toast)'
union all select 'pg_constraint'::regclass, oid from pg_constraint where oid >= 16384
union all select 'pg_trigger'::regclass, oid from pg_trigger where oid >= 16384 and not tgisinternal
union all select 'pg_policy'::regclass, oid from pg_policy where oid >= 16384
union all select 'pg_rewrite'::regclass, oid from pg_rewrite where oid >= 16384 and rulename <> '_RETURN'
union all select 'pg_extension'::regclass, oid from pg_extension where oid >= 16384
union all select 'pg_language'::regclass, oid from pg_language where oid >= 16384
union all select 'pg_cast'::regclass, oid from pg_cast where oid >= 16384
union all select 'pg_collation'::regclass, oid from pg_collation where oid >= 16384
union all select 'pg_conversion'::regclass, oid from pg_conversion where oid >= 16384
union all select 'pg_operator'::regclass, oid from pg_operator where oid >= 16384
union all select 'pg_opclass'::regclass, oid from pg_opclass where oid >= 16384
union all select 'pg_opfamily'::regclass, oid from pg_opfamily where oid >= 16384
union all select 'pg_amop'::regclass, oid from pg_amop where oid >= 16384
union all select 'pg_amproc'::regclass, oid from pg_amproc where oid >= 16384
union all select 'pg_am'::regclass, oid from pg_am where oid >= 16384
union all select 'pg_transform'::regclass, oid from pg_transform where oid >= 16384
union all select 'pg_ts_config'::regclass, oid from pg_ts_config where oid >= 16384
union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict where oid >= 16384
union all select 'pg_ts_parser'::regclass, oid from pg_ts_parser where oid >= 16384
union all select 'pg_ts_template'::regclass, oid from pg_ts_template where oid >= 16384
union all select 'pg_statistic_ext'::regclass, oid from pg_statistic_ext where oid >= 16384
union all select 'pg_event_trigger'::regclass, oid from pg_event_trigger where oid >= 16384
union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper where oid >= 16384
union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server where oid >= 16384
union all select 'pg_user_mapping'::regclass, umid from pg_user_mappings where umid >= 16384
union all select 'pg_publication'::regclass, oid from pg_publication where oid >= 16384
union all select 'pg_publication_rel'::regclass, oid from pg_publication_rel where oid >= 16384
union all select 'pg_default_acl'::regclass, oid from pg_default_acl where oid >= 16384
union all select 'pg_subscription'::regclass, oid from pg_subscription
  where subdbid = (select oid from pg_database where datname = current_database())
) o
group by class
