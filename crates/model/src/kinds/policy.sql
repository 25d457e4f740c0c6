-- oid, 0, table, name, permissive, command, roles (none: PUBLIC), USING, WITH CHECK
select p.oid, 0, 'pg_class'::regclass::oid, p.polrelid, 0, p.polname::text, p.polpermissive, p.polcmd::text,
       array(select r.rolname::text from pg_roles r where r.oid = any (p.polroles) order by 1),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
from pg_policy p
where p.oid >= 16384
