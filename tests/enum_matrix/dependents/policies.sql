-- Policies that use the column, forced on the owner too.
CREATE TABLE t (id integer PRIMARY KEY, e @E);
ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON t FOR SELECT TO app USING (e = '%use');
CREATE POLICY written ON t AS RESTRICTIVE FOR INSERT WITH CHECK (e IN ('%new', '%open'));
CREATE TABLE allowed (role name, e @E);
CREATE POLICY looked_up ON t USING (EXISTS (SELECT FROM allowed a WHERE a.e = t.e));
COMMENT ON POLICY seen ON t IS 'policy';
GRANT SELECT, INSERT ON t TO app;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
INSERT INTO allowed VALUES ('app', '%new');
-- @gone
INSERT INTO t VALUES (3, '%gone');
