-- Plain columns, NOT NULL, with a default, a statistics target and options.
CREATE TABLE t (id integer PRIMARY KEY, e @E DEFAULT '%use' NOT NULL, f @E);
ALTER TABLE t ALTER COLUMN e SET STATISTICS 55, ALTER COLUMN f SET (n_distinct = 4);
COMMENT ON COLUMN t.e IS 'the state';
-- @rows
INSERT INTO t VALUES (1, '%new', NULL), (2, '%open', '%done'), (3, '%done', '%new');
-- @gone
INSERT INTO t VALUES (4, '%new', '%gone'), (5, '%open', '%gone');
