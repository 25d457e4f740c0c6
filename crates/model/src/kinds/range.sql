-- oid, 0, schema, name, subtype, operator class where it is not the default one, collation where it is not the
-- subtype's, canonical function, difference function, schema and name of the multirange type
select t.oid, 0, n.nspname::text, t.typname::text, format_type(r.rngsubtype, null),
       case when not o.opcdefault then quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) end,
       case when r.rngcollation <> s.typcollation then quote_ident(cn.nspname) || '.' || quote_ident(c.collname) end,
       quote_ident(kn.nspname) || '.' || quote_ident(k.proname),
       quote_ident(dn.nspname) || '.' || quote_ident(d.proname),
       mn.nspname::text, m.typname::text
from pg_range r
join pg_type t on t.oid = r.rngtypid
join pg_namespace n on n.oid = t.typnamespace
join pg_type s on s.oid = r.rngsubtype
join pg_opclass o on o.oid = r.rngsubopc
join pg_namespace opn on opn.oid = o.opcnamespace
join pg_type m on m.oid = r.rngmultitypid
join pg_namespace mn on mn.oid = m.typnamespace
left join pg_collation c on c.oid = r.rngcollation
left join pg_namespace cn on cn.oid = c.collnamespace
left join pg_proc k on k.oid = r.rngcanonical
left join pg_namespace kn on kn.oid = k.pronamespace
left join pg_proc d on d.oid = r.rngsubdiff
left join pg_namespace dn on dn.oid = d.pronamespace
where t.oid >= 16384
