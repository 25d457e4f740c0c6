-- oid, 0, schema, name, provider, deterministic, LC_COLLATE, LC_CTYPE, locale, rules
-- The version is that of the machine's libraries and no part of the schema.
select c.oid, 0, n.nspname::text, c.collname::text, c.collprovider::text, c.collisdeterministic,
       c.collcollate::text, c.collctype::text,
--<15
       case when c.collprovider = 'i' then c.collcollate::text end,
--/<15
--15
--<17
       c.colliculocale::text,
--/<17
--/15
--17
       c.colllocale::text,
--/17
--16
       c.collicurules
--/16
--<16
       null
--/<16
from pg_collation c
join pg_namespace n on n.oid = c.collnamespace
where c.oid >= 16384 and n.nspname <> 'pg_catalog'
