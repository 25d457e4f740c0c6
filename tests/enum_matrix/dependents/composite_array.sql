-- Arrays of composites whose elements hold the label that goes.
CREATE TYPE c AS (e @E, n integer);
CREATE TYPE o AS (cs c[], n integer);
CREATE TABLE t (id integer PRIMARY KEY, cs c[], o o, os o[]);
-- @rows
INSERT INTO t VALUES (1, ARRAY[ROW('%new', 1)::c, NULL], ROW(ARRAY[ROW('%open', 2)::c], 1)::o, NULL);
-- @gone
INSERT INTO t VALUES (2, ARRAY[ROW(%lit_gone, 1), ROW('%new', 2)]::c[], ROW(ARRAY[ROW(%lit_gone, 2)::c], 1)::o, ARRAY[ROW(ARRAY[ROW(%lit_gone, 3)::c, NULL], 1)::o]);
