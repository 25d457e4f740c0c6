-- Rules on tables and views.
CREATE TABLE t (id integer, e @E);
CREATE TABLE log (id integer, old @E, new @E);
CREATE RULE logged AS ON UPDATE TO t WHERE old.e <> new.e DO ALSO INSERT INTO log VALUES (new.id, old.e, new.e);
CREATE RULE none AS ON DELETE TO t WHERE old.e = '%use' DO INSTEAD NOTHING;
CREATE VIEW v AS SELECT id, e FROM t;
CREATE RULE through AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (new.id, coalesce(new.e, '%new'::@E));
ALTER TABLE t DISABLE RULE none;
COMMENT ON RULE logged ON t IS 'rule';
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
INSERT INTO log VALUES (1, '%new', '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone');
