-- Tables with settings: unlogged, fill factor, replica identity, several columns at once.
CREATE UNLOGGED TABLE t (id bigserial PRIMARY KEY, a @E DEFAULT '%use', b @E[], c @E NOT NULL, d @E) WITH (fillfactor = 60, autovacuum_enabled = false);
ALTER TABLE t ALTER COLUMN b SET STORAGE MAIN, ALTER COLUMN b SET STATISTICS 11, ALTER COLUMN c SET STATISTICS 12;
ALTER TABLE t REPLICA IDENTITY NOTHING;
ALTER TABLE t DROP COLUMN d;
ALTER TABLE t ADD COLUMN d @E DEFAULT '%open';
-- @rows
INSERT INTO t (a, b, c) VALUES ('%new', '{%open}', '%done'), (NULL, NULL, '%new');
-- @gone
INSERT INTO t (a, b, c) VALUES ('%gone', '{%gone,%gone}', '%done');
