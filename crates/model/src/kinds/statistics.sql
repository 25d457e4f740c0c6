-- oid, 0, schema, name, relation, kinds (d, f, m; e stands for expressions), columns, expressions, columns and
-- expressions as CREATE STATISTICS lists them, statistics target
select s.oid, 0, n.nspname::text, s.stxname::text,
       'pg_class'::regclass::oid, s.stxrelid, 0,
       s.stxkind::text[],
       array(select a.attname::text
             from unnest(s.stxkeys::int2[]) with ordinality k(attnum, i)
             join pg_attribute a on a.attrelid = s.stxrelid and a.attnum = k.attnum
             order by k.i),
       pg_get_statisticsobjdef_expressions(s.oid), pg_get_statisticsobjdef_columns(s.oid),
       s.stxstattarget::int8
from pg_statistic_ext s
join pg_namespace n on n.oid = s.stxnamespace
where s.oid >= 16384
