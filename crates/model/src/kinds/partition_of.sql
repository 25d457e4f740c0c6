-- oid, 0, partition, parent, bound
-- pg_inherits has no OIDs: a partition has one parent, so its own OID is the address.
select h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhparent, 0,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid)
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f') and c.relispartition
where h.inhrelid >= 16384
