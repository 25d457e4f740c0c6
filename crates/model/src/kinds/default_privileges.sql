-- oid, 0, role (NULL for the applying one), address of the schema, type of object, entries, entries that it starts
-- from (NULL: none), role, the applying roles
select d.oid, 0, case when r.rolname <> all ($APPLIER) then r.rolname::text end,
       'pg_namespace'::regclass::oid, d.defaclnamespace, 0,
       d.defaclobjtype::text, d.defaclacl::text[],
       case when d.defaclnamespace = 0
            then acldefault(case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end, d.defaclrole)::text[] end,
       r.rolname::text, $APPLIER
from pg_default_acl d
join pg_roles r on r.oid = d.defaclrole
where d.oid >= 16384
