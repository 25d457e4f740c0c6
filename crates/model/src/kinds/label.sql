-- oid, 0, label, address of its type
select e.oid, 0, e.enumlabel::text, 'pg_type'::regclass::oid, e.enumtypid, 0
from pg_enum e
where e.enumtypid >= 16384
