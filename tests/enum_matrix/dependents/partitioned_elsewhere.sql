-- A partitioned table whose key is something else.
CREATE TABLE p (id integer PRIMARY KEY, e @E DEFAULT '%use' NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (100) TO (200) PARTITION BY LIST (id);
CREATE TABLE p_2_1 PARTITION OF p_2 DEFAULT;
ALTER TABLE p_1 ALTER COLUMN e SET DEFAULT '%open';
CREATE INDEX p_e ON p (e);
ALTER TABLE p ADD CONSTRAINT p_check CHECK (e <> '%done' OR id > 0);
CREATE UNIQUE INDEX p_1_e ON p_1 (e, id);
-- @rows
INSERT INTO p VALUES (1, '%new'), (2, '%done'), (101, '%open');
-- @gone
INSERT INTO p VALUES (3, '%gone'), (102, '%gone');
-- @keys
