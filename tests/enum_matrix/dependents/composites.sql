-- Attributes of composites, nested, in arrays, used by columns.
CREATE TYPE c AS (e @E, n integer);
CREATE TYPE o AS (c c, es @E[], more c[]);
COMMENT ON TYPE c IS 'composite';
COMMENT ON COLUMN c.e IS 'attribute';
GRANT USAGE ON TYPE o TO app;
CREATE TABLE t (id integer PRIMARY KEY, c c DEFAULT ROW('%use', 1), cs c[], o o, CHECK ((c).e <> '%open'));
CREATE INDEX t_ce ON t (((c).e));
-- @rows
INSERT INTO t VALUES (1, ROW('%new', 1), ARRAY[ROW('%open', 2)::c], ROW(ROW('%done', 3)::c, '{%new}', NULL)::o), (2, NULL, NULL, NULL), (3, ROW(NULL, NULL), '{}', ROW(NULL, NULL, ARRAY[ROW('%new', 2)::c])::o);
-- @gone
INSERT INTO t VALUES (4, ROW(%lit_gone, 1), NULL, ROW(ROW(%lit_gone, 3)::c, '{%gone,%new}', NULL)::o);
