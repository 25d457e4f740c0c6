-- A partial index that is the clustered one cannot be; an expression index can, and a partial unique one no identity.
CREATE TABLE t (id integer NOT NULL, e @E NOT NULL);
CREATE INDEX t_expression ON t ((CASE WHEN e = '%use' THEN 1 ELSE 2 END), id);
ALTER TABLE t CLUSTER ON t_expression;
ALTER TABLE t REPLICA IDENTITY FULL;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
