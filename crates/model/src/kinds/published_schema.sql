-- oid, 0, schema, name of the publication
--15
select r.oid, 0, 'pg_namespace'::regclass::oid, r.pnnspid, 0, p.pubname::text
from pg_publication_namespace r
join pg_publication p on p.oid = r.pnpubid
where r.oid >= 16384
--/15
--<15
select null::oid, 0, null::oid, null::oid, 0, null::text
where false
--/<15
