-- A child that has the column from two tables that have nothing to do with each other.
CREATE TABLE one (id integer, e @E DEFAULT '%use');
CREATE TABLE two (e @E DEFAULT '%use', note text);
CREATE TABLE child (extra integer) INHERITS (one, two);
CREATE INDEX child_e ON child (e);
GRANT SELECT ON child TO app;
-- @rows
INSERT INTO one VALUES (1, '%new');
INSERT INTO two VALUES ('%open', 'x');
INSERT INTO child VALUES (2, '%done', 'y', 3);
-- @gone
INSERT INTO child VALUES (3, '%gone', 'y', 3);
