-- Extended statistics on columns and expressions.
CREATE TABLE t (id integer, e @E, n integer);
CREATE STATISTICS s_columns (ndistinct, dependencies, mcv) ON e, n FROM t;
CREATE STATISTICS s_expression ON (e = '%use'), n FROM t;
ALTER STATISTICS s_columns SET STATISTICS 33;
COMMENT ON STATISTICS s_columns IS 'statistics';
-- @rows
INSERT INTO t VALUES (1, '%new', 1), (2, '%open', 2);
-- @gone
INSERT INTO t VALUES (3, '%gone', 3);
