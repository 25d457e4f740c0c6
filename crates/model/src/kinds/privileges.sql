-- no address, address of the target, column of a view or of what is not ours (`sequence` for that behind an identity
-- column), entries,
-- entries that every such object is made with, owner,
-- the applying roles; where the target is the server's own or an extension's: that it is, the extension, and the
-- target's kind, schema, name, argument types
-- The row type of a table has no privileges of its own. `public` starts as initdb makes it.
select null::oid, 0, o.class, o.oid, o.sub, o.base, o.acl::text[], coalesce(i.initprivs, o.born)::text[],
       r.rolname::text, $APPLIER, o.foreign, e.extname::text,
       case when o.foreign then o.word end, case when o.foreign then n.nspname::text end,
       case when o.foreign then o.name::text end,
       case when o.foreign then array_to_string(array(
         select format_type(t, null) from unnest(o.args) with ordinality u(t, i) order by i), ', ') end
from (
    select o.*, o.oid < 16384 and o.name <> 'public' or exists (
             select from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype = 'e') as foreign
    from (
        select 'pg_namespace'::regclass::oid as class, oid, 0 as sub, '' as base, nspowner as owner, nspacl as acl,
               -- as initdb left `public` to whom it belonged then
               coalesce((
                   select array_agg(makeaclitem(case when g.grantee in (10, 6171) then nspowner else g.grantee end,
                                                nspowner, g.privilege_type, g.is_grantable))
                   from pg_init_privs i, aclexplode(i.initprivs) g
                   where nspname = 'public' and i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid
               ), acldefault('n', nspowner)) as born, 'schema' as word, null::oid as space, nspname as name,
               null::oid[] as args, 0 as num
        from pg_namespace n
        where nspacl is not null
        union all
        select 'pg_type'::regclass, oid, 0, '', typowner, typacl, acldefault('T', typowner),
               case when typtype = 'd' then 'domain' else 'type' end, typnamespace, typname, null, 0
        from pg_type
        where typacl is not null
        union all
        select 'pg_class'::regclass, coalesce(d.refobjid, c.oid), coalesce(d.refobjsubid, 0),
               case when d.refobjid is null then '' else 'sequence' end, relowner, relacl,
               acldefault(case when relkind = 'S' then 's' else 'r' end::"char", relowner),
               case when relkind = 'S' then 'sequence' else 'table' end, relnamespace, relname, null, 0
        from pg_class c
        left join pg_depend d
            on c.relkind = 'S' and d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
               and d.deptype = 'i'
        where relacl is not null
        union all
        select 'pg_class'::regclass, c.oid, case when w.whole then 0 else a.attnum end,
               case when w.whole then a.attname::text else '' end, c.relowner, a.attacl, '{}',
               'table', c.relnamespace, c.relname, null, a.attnum
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        -- columns that are no objects
        cross join lateral (
            select c.relkind in ('v', 'm') or c.oid < 16384 or exists (
                select from pg_depend d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') as whole) w
        where a.attacl is not null and not a.attisdropped
        union all
        select 'pg_proc'::regclass, oid, 0, '', proowner, proacl, acldefault('f', proowner),
               case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
               pronamespace, proname, proargtypes::oid[], 0
        from pg_proc
        where proacl is not null
        union all
        select 'pg_foreign_data_wrapper'::regclass, oid, 0, '', fdwowner, fdwacl, acldefault('F', fdwowner),
               'foreign data wrapper', null, fdwname, null, 0
        from pg_foreign_data_wrapper
        where fdwacl is not null
        union all
        select 'pg_foreign_server'::regclass, oid, 0, '', srvowner, srvacl, acldefault('S', srvowner),
               'server', null, srvname, null, 0
        from pg_foreign_server
        where srvacl is not null
        union all
        select 'pg_language'::regclass, oid, 0, '', lanowner, lanacl, acldefault('l', lanowner),
               'language', null, lanname, null, 0
        from pg_language
        where lanacl is not null
    ) o
) o
join pg_roles r on r.oid = o.owner
left join pg_namespace n on n.oid = o.space
left join pg_init_privs i on o.foreign and i.classoid = o.class and i.objoid = o.oid and i.objsubid = o.num
left join pg_depend d on o.foreign and d.classid = o.class and d.objid = o.oid and d.deptype = 'e'
left join pg_extension e on e.oid = d.refobjid
where not o.foreign
   or (o.acl is distinct from coalesce(i.initprivs, o.born) and coalesce(n.nspname, o.name) !~ '^(pg_temp|pg_toast|information_schema)')
