-- Whether a function of the server is called $1 in C, takes arguments of types called $2, and may be called by
-- everybody under all its names. A type of the files' own may stand for any.
select exists (
    select from pg_catalog.pg_proc p
    where p.prosrc = $1 and p.prolang = 12 and p.oid < 16384 and p.pronargs = cardinality($2::text[])
      and not exists (
          select from unnest(p.proargtypes::oid[], $2::text[]) as a(type, said)
          join pg_catalog.pg_type t on t.oid = a.type
          where t.typname <> a.said and exists (
              select from pg_catalog.pg_type b
              where b.typnamespace = 'pg_catalog'::regnamespace and b.typname = a.said
          )
      )
) and not exists (
    select from pg_catalog.pg_proc p
    where p.prosrc = $1 and p.prolang = 12 and p.proacl is not null and not exists (
        select from pg_catalog.aclexplode(p.proacl) g where g.grantee = 0 and g.privilege_type = 'EXECUTE'
    )
)
