-- Columns of another table's row type.
CREATE TABLE inner_t (id integer, e @E);
CREATE TABLE t (id integer PRIMARY KEY, r inner_t, rs inner_t[]);
CREATE FUNCTION f(inner_t) RETURNS @E LANGUAGE sql AS 'SELECT $1.e';
-- @rows
INSERT INTO inner_t VALUES (1, '%new');
INSERT INTO t VALUES (1, ROW(1, '%new'), ARRAY[ROW(2, '%open')::inner_t]), (2, NULL, NULL);
