-- oid, 0, address of the sequence, address of the column
select c.oid, 0, d.classid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid
from pg_class c
join pg_depend d
    on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
    and d.refclassid = 'pg_class'::regclass and d.refobjsubid <> 0 and d.deptype = 'a'
where c.relkind = 'S' and c.oid >= 16384
