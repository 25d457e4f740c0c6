-- Primary and unique keys, foreign keys between columns of the type.
CREATE TABLE k (e @E PRIMARY KEY, note text);
CREATE TABLE u (id integer, e @E, CONSTRAINT u_e UNIQUE (e, id) INCLUDE (id));
CREATE TABLE f (id integer PRIMARY KEY, e @E DEFAULT '%use' REFERENCES k ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, up @E);
ALTER TABLE f ADD CONSTRAINT f_up FOREIGN KEY (up) REFERENCES k (e) NOT VALID;
CREATE TABLE tree (e @E UNIQUE, above @E REFERENCES tree (e));
COMMENT ON CONSTRAINT f_up ON f IS 'foreign';
COMMENT ON INDEX k_pkey IS 'index';
ALTER TABLE k CLUSTER ON k_pkey;
-- @rows
INSERT INTO k VALUES ('%new', 'n'), ('%open', 'o');
INSERT INTO u VALUES (1, '%new'), (2, '%new');
INSERT INTO f VALUES (1, '%new', '%new'), (2, '%open', NULL);
INSERT INTO tree VALUES ('%new', NULL), ('%open', '%new');
-- @gone
INSERT INTO k VALUES ('%gone', 'd');
INSERT INTO u VALUES (3, '%gone');
INSERT INTO f VALUES (3, '%gone', '%gone');
INSERT INTO tree VALUES ('%gone', '%gone');
-- @keys
