-- oid, 0, schema, name, functions: input, output, receive, send, typmod in and out, analyze, subscript; length, by
-- value, alignment, storage, category, preferred, default, element, delimiter, collatable
select t.oid, 0, n.nspname::text, t.typname::text,
       t.typinput::text, t.typoutput::text, nullif(t.typreceive::text, '-'), nullif(t.typsend::text, '-'),
       nullif(t.typmodin::text, '-'), nullif(t.typmodout::text, '-'), nullif(t.typanalyze::text, '-'),
       nullif(t.typsubscript::text, '-'),
       t.typlen::int8, t.typbyval, t.typalign::text, t.typstorage::text, t.typcategory::text, t.typispreferred,
       t.typdefault, case when t.typelem <> 0 then format_type(t.typelem, null) end, t.typdelim::text,
       t.typcollation <> 0
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'b' and t.typisdefined and t.oid >= 16384
  and not exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid)
