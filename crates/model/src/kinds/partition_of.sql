-- oid, 0, partition, parent, bound, columns of the parent's key
-- pg_inherits has no OIDs: a partition has one parent, so its own OID is the address.
select h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhparent, 0,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid),
       array(select a.attname::text
             from pg_catalog.pg_partitioned_table p
             join pg_catalog.pg_attribute a on a.attrelid = p.partrelid and a.attnum = any (p.partattrs::int2[])
             where p.partrelid = h.inhparent order by a.attnum)
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f') and c.relispartition
where h.inhrelid >= 16384
