-- oid, 0, table or view, name, event, enabled, what follows the table's name in the whole statement
select r.oid, 0, 'pg_class'::regclass::oid, r.ev_class, 0, r.rulename::text, e.event, r.ev_enabled::text,
       substr(pg_get_ruledef(r.oid),
              length(format(E'CREATE RULE %I AS\n    ON %s TO %I.%I', r.rulename, e.event, n.nspname, c.relname)) + 1)
from pg_rewrite r
join pg_class c on c.oid = r.ev_class
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
    select case r.ev_type when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end
) e(event)
where r.rulename <> '_RETURN' and r.oid >= 16384
