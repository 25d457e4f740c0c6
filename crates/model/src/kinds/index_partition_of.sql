-- oid, 0, index or constraint of the partition, that of the parent
select h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhparent, 0
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('i', 'I')
where h.inhrelid >= 16384
