-- no address, column, options
select null::oid, 0, 'pg_class'::regclass::oid, a.attrelid, a.attnum::int4, a.attfdwoptions
from pg_attribute a
where a.attfdwoptions is not null and a.attrelid >= 16384 and not a.attisdropped
