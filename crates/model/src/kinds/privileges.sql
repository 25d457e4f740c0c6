-- no address, address of the target, column of a view, entries, entries that every such object is made with, owner,
-- the applying roles
-- The row type of a table has no privileges of its own. `public` starts as initdb makes it.
select null::oid, 0, o.class, o.oid, o.sub, o.base, o.acl::text[], o.born::text[], r.rolname::text, $APPLIER
from (
    select 'pg_namespace'::regclass::oid as class, oid, 0 as sub, '' as base, nspowner as owner, nspacl as acl,
           coalesce((
               select initprivs from pg_init_privs i
               where i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid and i.objsubid = 0
           ), acldefault('n', nspowner)) as born
    from pg_namespace n
    where nspacl is not null and (oid >= 16384 or nspname = 'public')
    union all
    select 'pg_type'::regclass, oid, 0, '', typowner, typacl, acldefault('T', typowner)
    from pg_type
    where typacl is not null and oid >= 16384
    union all
    select 'pg_class'::regclass, oid, 0, '', relowner, relacl,
           acldefault(case when relkind = 'S' then 's' else 'r' end::"char", relowner)
    from pg_class
    where relacl is not null and oid >= 16384
    union all
    select 'pg_class'::regclass, c.oid, case when c.relkind in ('v', 'm') then 0 else a.attnum end,
           case when c.relkind in ('v', 'm') then a.attname::text else '' end, c.relowner, a.attacl, '{}'
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    where a.attacl is not null and a.attrelid >= 16384 and not a.attisdropped
    union all
    select 'pg_proc'::regclass, oid, 0, '', proowner, proacl, acldefault('f', proowner)
    from pg_proc
    where proacl is not null and oid >= 16384
    union all
    select 'pg_foreign_data_wrapper'::regclass, oid, 0, '', fdwowner, fdwacl, acldefault('F', fdwowner)
    from pg_foreign_data_wrapper
    where fdwacl is not null and oid >= 16384
    union all
    select 'pg_foreign_server'::regclass, oid, 0, '', srvowner, srvacl, acldefault('S', srvowner)
    from pg_foreign_server
    where srvacl is not null and oid >= 16384
    union all
    select 'pg_language'::regclass, oid, 0, '', lanowner, lanacl, acldefault('l', lanowner)
    from pg_language
    where lanacl is not null and oid >= 16384
) o
join pg_roles r on r.oid = o.owner
