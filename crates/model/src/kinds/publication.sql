-- oid, 0, name, all tables, insert, update, delete, truncate, via root, generated columns (NULL: not published)
select oid, 0, pubname::text, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
--18
       case pubgencols when 's' then 'stored' end
--/18
--<18
       null::text
--/<18
from pg_publication
where oid >= 16384
