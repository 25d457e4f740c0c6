-- oid, estimated rows, bytes with indexes and TOAST, by the pages that the statistics know: asking the files takes
-- longer than reading the whole schema. Only tables with rows that were never analysed are asked.
with pages as (
    select i.indrelid, sum(r.relpages)::int8 as pages
    from pg_index i join pg_class r on r.oid = i.indexrelid
    group by i.indrelid
)
select c.oid, c.reltuples::int8,
       case when c.reltuples < 0 and pg_stat_get_live_tuples(c.oid) > 0
            then pg_total_relation_size(c.oid)
            else (c.relpages + coalesce(x.pages, 0) + coalesce(t.relpages, 0) + coalesce(tx.pages, 0))
                 * current_setting('block_size')::int8 end
from pg_class c
left join pg_class t on t.oid = c.reltoastrelid
left join pages x on x.indrelid = c.oid
left join pages tx on tx.indrelid = t.oid
where c.relkind in ('r', 'm') and c.oid >= 16384
