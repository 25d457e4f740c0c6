-- oid, 0, schema, name, parser, token types with a mapping, their dictionaries in order
select c.oid, 0, n.nspname::text, c.cfgname::text, quote_ident(pn.nspname) || '.' || quote_ident(p.prsname),
       m.tokens, m.dictionaries
from pg_ts_config c
join pg_namespace n on n.oid = c.cfgnamespace
join pg_ts_parser p on p.oid = c.cfgparser
join pg_namespace pn on pn.oid = p.prsnamespace
cross join lateral (
    select array_agg(l.alias order by l.alias) as tokens, array_agg(l.dictionaries order by l.alias) as dictionaries
    from (
        select t.alias, string_agg(quote_ident(dn.nspname) || '.' || quote_ident(d.dictname), ', ' order by m.mapseqno) as dictionaries
        from pg_ts_config_map m
        join pg_ts_dict d on d.oid = m.mapdict
        join pg_namespace dn on dn.oid = d.dictnamespace
        join ts_token_type(c.cfgparser) t on t.tokid = m.maptokentype
        where m.mapcfg = c.oid
        group by t.alias
    ) l
) m
where c.oid >= 16384
