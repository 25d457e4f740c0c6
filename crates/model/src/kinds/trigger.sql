-- oid, 0, table, name, type bits, enabled, columns of UPDATE OF, function, old and new transition table,
-- constraint trigger, deferrable, initially deferred, FROM table, the whole statement where WHEN or arguments need it,
-- address of the trigger that it is a copy of
select t.oid, 0, 'pg_class'::regclass::oid, t.tgrelid, 0, t.tgname::text, t.tgtype::int8, t.tgenabled::text,
       case when cardinality(t.tgattr::int2[]) > 0 then array(
         select a.attname::text
         from unnest(t.tgattr::int2[]) with ordinality u(attnum, i)
         join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = u.attnum
         order by u.i) end,
       pn.nspname::text, p.proname::text, t.tgoldtable::text, t.tgnewtable::text,
       t.tgconstraint <> 0, t.tgdeferrable, t.tginitdeferred, rn.nspname::text, r.relname::text,
       case when t.tgqual is not null or t.tgnargs > 0 then pg_get_triggerdef(t.oid) end,
       'pg_trigger'::regclass::oid, source.oid, 0
from pg_trigger t
join pg_proc p on p.oid = t.tgfoid
join pg_namespace pn on pn.oid = p.pronamespace
left join pg_class r on r.oid = t.tgconstrrelid
left join pg_namespace rn on rn.oid = r.relnamespace
left join lateral (
  with recursive up (oid) as (
    select t.tgparentid where t.tgparentid <> 0
    union all
    select p.tgparentid from up join pg_trigger p on p.oid = up.oid where p.tgparentid <> 0
  )
  select s.oid, s.tgenabled, s.tgisinternal from up join pg_trigger s on s.oid = up.oid and s.tgparentid = 0
) source on true
where t.oid >= 16384
  and case when t.tgparentid = 0 then not t.tgisinternal
           else not source.tgisinternal and source.tgenabled <> t.tgenabled end
order by t.tgparentid <> 0
