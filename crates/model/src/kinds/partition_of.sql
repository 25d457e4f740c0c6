-- oid, 0, partition, parent, bound, columns of the parent's key, foreign keys that it has from above: the name here,
-- then schema, table and name of the one that was declared
-- pg_inherits has no OIDs: a partition has one parent, so its own OID is the address.
select h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhparent, 0,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid),
       array(select a.attname::text
             from pg_catalog.pg_partitioned_table p
             join pg_catalog.pg_attribute a on a.attrelid = p.partrelid and a.attnum = any (p.partattrs::int2[])
             where p.partrelid = h.inhparent order by a.attnum),
       array(select unnest(array[k.conname::text, n.nspname::text, t.relname::text, declared.conname::text])
             from pg_catalog.pg_constraint k
             -- the pieces that refer to partitions have their whole in the same table
             join pg_catalog.pg_constraint above on above.oid = k.conparentid and above.conrelid <> k.conrelid
             cross join lateral (
               with recursive up as (
                 select above.conparentid, above.conname, above.conrelid
                 union all
                 select p.conparentid, p.conname, p.conrelid
                 from up join pg_catalog.pg_constraint p on p.oid = up.conparentid
               )
               select up.conname, up.conrelid from up where up.conparentid = 0
             ) declared
             join pg_catalog.pg_class t on t.oid = declared.conrelid
             join pg_catalog.pg_namespace n on n.oid = t.relnamespace
             where k.conrelid = c.oid and k.contype = 'f' order by k.conname)
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f') and c.relispartition
where h.inhrelid >= 16384
