-- Column lists of publications; PostgreSQL lets no row filter mention a type of one's own.
-- @min 15
CREATE TABLE t (id integer PRIMARY KEY, e @E NOT NULL, note text);
ALTER TABLE t REPLICA IDENTITY FULL;
CREATE TABLE u (id integer PRIMARY KEY, e @E);
CREATE PUBLICATION "@S_filter" FOR TABLE t WHERE (id > 0);
CREATE PUBLICATION "@S_columns" FOR TABLE u (id, e) WITH (publish = 'insert');
COMMENT ON PUBLICATION "@S_columns" IS 'publication';
-- @rows
INSERT INTO t VALUES (1, '%new', 'a'), (2, '%open', 'b');
INSERT INTO u VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone', 'c');
INSERT INTO u VALUES (3, '%gone');
-- @keys
