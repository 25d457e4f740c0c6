-- Typed tables, and columns of a table's row type.
CREATE TYPE c AS (id integer, e @E);
CREATE TABLE t OF c (PRIMARY KEY (id), e DEFAULT '%use' NOT NULL);
CREATE TABLE t2 OF c (CHECK (e <> '%done'));
COMMENT ON TABLE t IS 'typed';
GRANT SELECT ON t2 TO app;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
INSERT INTO t2 VALUES (1, '%new');
-- @gone
INSERT INTO t VALUES (3, '%gone');
-- @keys
