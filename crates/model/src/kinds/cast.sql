-- oid, 0, source type, target type, method, function, context; without those that come with range types
select c.oid, 0, format_type(c.castsource, null), format_type(c.casttarget, null), c.castmethod::text,
       case when c.castfunc <> 0 then c.castfunc::regprocedure::text end, c.castcontext::text
from pg_cast c
where c.oid >= 16384
  and not exists (
      select from pg_depend d
      where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i'
  )
