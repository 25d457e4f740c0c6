-- A domain over the type, with a default and a check, and columns of it.
CREATE DOMAIN d AS @E DEFAULT '%use' NOT NULL CONSTRAINT d_known CHECK (VALUE <> '%open' OR VALUE IS NULL);
CREATE DOMAIN dd AS d CHECK (VALUE::@E >= '%new' OR VALUE::@E < '%new');
CREATE DOMAIN plain AS @E;
COMMENT ON DOMAIN d IS 'domain';
COMMENT ON CONSTRAINT d_known ON DOMAIN d IS 'check';
GRANT USAGE ON TYPE dd TO app;
CREATE TABLE t (id integer PRIMARY KEY, d d, dd dd DEFAULT '%new', p plain DEFAULT '%use', ps plain[]);
CREATE INDEX t_d ON t (d, p);
-- @rows
INSERT INTO t VALUES (1, '%new', '%done', '%open', '{%new,%open}'), (2, '%done', '%new', NULL, '{{%done},{NULL}}');
-- @gone
INSERT INTO t VALUES (3, '%new', '%done', '%gone', '{%gone,%done}');
