-- oid, 0, table, name, type bits, enabled, columns of UPDATE OF, function, old and new transition table,
-- constraint trigger, deferrable, initially deferred, FROM table, the whole statement where WHEN or arguments need it
select t.oid, 0, 'pg_class'::regclass::oid, t.tgrelid, 0, t.tgname::text, t.tgtype::int8, t.tgenabled::text,
       case when cardinality(t.tgattr::int2[]) > 0 then array(
         select a.attname::text
         from unnest(t.tgattr::int2[]) with ordinality u(attnum, i)
         join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = u.attnum
         order by u.i) end,
       pn.nspname::text, p.proname::text, t.tgoldtable::text, t.tgnewtable::text,
       t.tgconstraint <> 0, t.tgdeferrable, t.tginitdeferred, rn.nspname::text, r.relname::text,
       case when t.tgqual is not null or t.tgnargs > 0 then pg_get_triggerdef(t.oid) end
from pg_trigger t
join pg_proc p on p.oid = t.tgfoid
join pg_namespace pn on pn.oid = p.pronamespace
left join pg_class r on r.oid = t.tgconstrrelid
left join pg_namespace rn on rn.oid = r.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and t.oid >= 16384
