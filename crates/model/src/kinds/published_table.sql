-- oid, 0, table, name of the publication, columns (NULL: all), row filter
select r.oid, 0, 'pg_class'::regclass::oid, r.prrelid, 0, p.pubname::text,
--15
       case when r.prattrs is not null then array(
         select a.attname::text from unnest(r.prattrs::int2[]) k(attnum)
         join pg_attribute a on a.attrelid = r.prrelid and a.attnum = k.attnum
         order by a.attnum) end,
       pg_get_expr(r.prqual, r.prrelid)
--/15
--<15
       null::text[], null::text
--/<15
from pg_publication_rel r
join pg_publication p on p.oid = r.prpubid
where r.oid >= 16384
