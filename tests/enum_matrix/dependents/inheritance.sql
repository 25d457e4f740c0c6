-- Children of a table, one with a default of its own, one that has the column by two ways.
CREATE TABLE parent (id integer, e @E DEFAULT '%use', CONSTRAINT e_check CHECK (e <> '%done' OR id > 0));
CREATE TABLE second (note text) INHERITS (parent);
CREATE TABLE child (extra @E DEFAULT '%new') INHERITS (parent);
ALTER TABLE child ALTER COLUMN e SET DEFAULT '%open';
CREATE TABLE grandchild () INHERITS (child);
CREATE TABLE both_ways (e @E DEFAULT '%new') INHERITS (child, second);
CREATE INDEX child_e ON child (e);
-- @rows
INSERT INTO parent VALUES (1, '%new');
INSERT INTO child VALUES (2, '%open', '%done');
INSERT INTO grandchild VALUES (3, '%done', '%new');
INSERT INTO both_ways (id, e, note) VALUES (4, '%new', 'x');
-- @gone
INSERT INTO child VALUES (5, '%gone', '%gone');
INSERT INTO both_ways (id, e, note) VALUES (6, '%gone', 'x');
