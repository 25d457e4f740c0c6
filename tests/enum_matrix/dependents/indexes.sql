-- Plain, partial, expression and covering indexes, the clustered one, the replica identity.
CREATE TABLE t (id integer NOT NULL, e @E NOT NULL, n integer);
CREATE INDEX t_plain ON t (e DESC NULLS LAST, n) WITH (fillfactor = 70);
CREATE INDEX t_hash ON t USING hash (e);
CREATE INDEX t_partial ON t (n) WHERE e = '%use';
CREATE INDEX t_expression ON t ((e = '%new'), (CASE WHEN n > 1 THEN e ELSE '%use' END));
ALTER INDEX t_expression ALTER COLUMN 2 SET STATISTICS 77;
CREATE INDEX t_covering ON t (n) INCLUDE (e);
CREATE UNIQUE INDEX t_identity ON t (e, id);
COMMENT ON INDEX t_partial IS 'partial';
COMMENT ON INDEX t_plain IS 'plain';
ALTER TABLE t CLUSTER ON t_plain;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_identity;
CREATE TABLE s (e @E, n integer);
CREATE INDEX s_partial ON s (n) WHERE e IN ('%new', '%open');
-- @rows
INSERT INTO t VALUES (1, '%new', 1), (2, '%open', 2), (3, '%done', 3);
-- @gone
INSERT INTO t VALUES (4, '%gone', 4);
-- @keys
