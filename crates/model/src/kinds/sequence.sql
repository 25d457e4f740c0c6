-- oid, 0, schema, name, type, start, increment, least, greatest, cache, cycle, unlogged
-- The sequence behind an identity column is that column's own.
select c.oid, 0, n.nspname::text, c.relname::text, format_type(s.seqtypid, null), s.seqstart, s.seqincrement,
       s.seqmin, s.seqmax, s.seqcache, s.seqcycle, c.relpersistence = 'u'
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
where c.oid >= 16384 and n.nspname !~ '^pg_temp_'
  and not exists (
      select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'i'
  )
