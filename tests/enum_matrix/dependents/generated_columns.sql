-- Generated columns of the type, and computed from it.
CREATE TABLE t (id integer PRIMARY KEY, e @E,
    g @E GENERATED ALWAYS AS (CASE WHEN id > 100 THEN '%use' ELSE e END) STORED,
    b boolean GENERATED ALWAYS AS (e = '%new') STORED NOT NULL);
CREATE INDEX t_g ON t (g) WHERE b;
COMMENT ON COLUMN t.g IS 'generated';
GRANT SELECT (g) ON t TO app;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone');
-- @keys
