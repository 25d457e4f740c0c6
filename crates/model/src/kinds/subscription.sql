-- oid, 0, name, connection (only a superuser sees it), publications, slot, binary, streaming, commit, two phases,
-- disabled on error, password required, runs as owner, origin, failover
select s.oid, 0, s.subname::text,
--superuser
       s.subconninfo,
--/superuser
--<superuser
       null::text,
--/<superuser
       s.subpublications, s.subslotname::text, s.subbinary,
--<16
       case when s.substream then 'on' else 'off' end,
--/<16
--16
       case s.substream when 't' then 'on' when 'p' then 'parallel' else 'off' end,
--/16
       s.subsynccommit,
--15
       s.subtwophasestate <> 'd', s.subdisableonerr,
--/15
--<15
       false, false,
--/<15
--16
       s.subpasswordrequired, s.subrunasowner, s.suborigin,
--/16
--<16
       true, false, 'any',
--/<16
--17
       s.subfailover
--/17
--<17
       false
--/<17
from pg_subscription s
where s.subdbid = (select oid from pg_database where datname = current_database())
