-- oid, 0, index or constraint of the partition, that of the parent
select h.inhrelid, 0,
       case when k.oid is null then 'pg_catalog.pg_class'::pg_catalog.regclass::oid
            else 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid end,
       coalesce(k.oid, h.inhrelid), 0,
       case when p.oid is null then 'pg_catalog.pg_class'::pg_catalog.regclass::oid
            else 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid end,
       coalesce(p.oid, h.inhparent), 0
from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('i', 'I')
left join pg_catalog.pg_constraint k on k.conindid = h.inhrelid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_constraint p on p.conindid = h.inhparent and p.contype in ('p', 'u', 'x')
where h.inhrelid >= 16384
