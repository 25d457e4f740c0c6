-- Range partitions by the type and an expression of it.
CREATE TABLE p (id integer, e @E NOT NULL, n integer) PARTITION BY RANGE (e);
CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('%first');
CREATE TABLE p_high PARTITION OF p FOR VALUES FROM ('%first') TO (MAXVALUE);
CREATE TABLE x (id integer, e @E) PARTITION BY LIST ((e = '%new'));
CREATE TABLE x_yes PARTITION OF x FOR VALUES IN (true);
CREATE TABLE x_no PARTITION OF x FOR VALUES IN (false, NULL);
-- @rows
INSERT INTO p VALUES (1, '%new', 1), (2, '%open', 1), (3, '%done', 1);
INSERT INTO x VALUES (1, '%new'), (2, '%open'), (3, '%done');
-- @gone
INSERT INTO p VALUES (4, '%gone', 1);
INSERT INTO x VALUES (4, '%gone');
-- @keys
-- @any partition
