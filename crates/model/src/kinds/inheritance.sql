-- oid, number, child, parent, number
select h.inhrelid, h.inhseqno,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhrelid, 0,
       'pg_catalog.pg_class'::pg_catalog.regclass::oid, h.inhparent, 0,
       row_number() over (partition by h.inhrelid order by h.inhseqno)
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f')
                          and not c.relispartition and c.relpersistence <> 't'
where h.inhrelid >= 16384
