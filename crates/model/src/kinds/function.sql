select 0::oid, 0::int4 where false
