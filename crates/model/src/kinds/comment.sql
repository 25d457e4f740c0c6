-- no address, text, part of the target that is no object of its own, address of the target, whether the target
-- is made with that text
-- What initdb says of `public` is left out.
select null::oid, 0, d.description,
       case when c.relkind in ('v', 'm') then coalesce(a.attname::text, '')
            when t.contypid <> 0 or t.contype = 'n' then t.conname::text
            when i.oid is not null then 'index'
            when s.objid is not null then 'sequence'
            else '' end,
       case when t.contypid <> 0 then 'pg_type'::regclass::oid
            when t.contype = 'n' then 'pg_class'::regclass::oid
            when i.oid is not null then 'pg_constraint'::regclass::oid
            else d.classoid end,
       case when t.contypid <> 0 then t.contypid when t.contype = 'n' then t.conrelid
            when i.oid is not null then i.oid when s.objid is not null then s.refobjid else d.objoid end,
       case when c.relkind in ('v', 'm') then 0 when t.contypid = 0 and t.contype = 'n' then t.conkey[1]
            when s.objid is not null then s.refobjsubid else d.objsubid end,
       e.oid is not null and exists (
           select from pg_available_extensions() v where v.name = e.extname and v.comment = d.description
       )
from pg_description d
left join pg_class c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid
left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
left join pg_constraint t on d.classoid = 'pg_constraint'::regclass and t.oid = d.objoid
left join pg_constraint i on c.relkind in ('i', 'I') and i.conindid = c.oid and i.contype in ('p', 'u', 'x')
left join pg_depend s
    on c.relkind = 'S' and s.classid = 'pg_class'::regclass and s.objid = c.oid and s.objsubid = 0 and s.deptype = 'i'
left join pg_extension e on d.classoid = 'pg_extension'::regclass and e.oid = d.objoid
where (d.objoid >= 16384 or d.objoid = 'public'::regnamespace and d.description <> 'standard public schema')
