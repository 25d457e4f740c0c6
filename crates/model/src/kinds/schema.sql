-- oid, 0, name
-- "public" is made by initdb, but a user may drop it, so it counts as the user's.
select n.oid, 0, n.nspname::text
from pg_namespace n
where (n.oid >= 16384 or n.nspname = 'public')
  and n.nspname !~ '^pg_(temp|toast)'
