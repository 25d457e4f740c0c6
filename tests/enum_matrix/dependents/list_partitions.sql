-- List partitions at several levels, with what hangs on them.
CREATE TABLE p (id integer GENERATED ALWAYS AS IDENTITY, e @E NOT NULL DEFAULT '%use', f @E, note text, UNIQUE (id, e, f)) PARTITION BY LIST (e);
CREATE TABLE p_new PARTITION OF p FOR VALUES IN ('%new');
CREATE TABLE p_rest PARTITION OF p FOR VALUES IN ('%open', '%done') PARTITION BY LIST (f);
CREATE TABLE p_rest_new PARTITION OF p_rest FOR VALUES IN ('%new', NULL);
CREATE TABLE p_rest_other PARTITION OF p_rest DEFAULT;
CREATE TABLE p_default PARTITION OF p DEFAULT;
CREATE INDEX p_note ON p (note) WHERE e = '%new';
CREATE INDEX p_f ON p (f);
CREATE TABLE q (id integer, e @E, f @E, FOREIGN KEY (id, e, f) REFERENCES p (id, e, f));
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF e ON p FOR EACH ROW WHEN (new.e = '%new') EXECUTE FUNCTION tg();
ALTER TABLE p ENABLE ROW LEVEL SECURITY;
CREATE POLICY pol ON p USING (e <> '%new');
CREATE VIEW v AS SELECT id, e FROM p WHERE e <> '%open';
COMMENT ON TABLE p_new IS 'partition';
COMMENT ON COLUMN p_rest.f IS 'sub';
GRANT SELECT ON p TO app;
GRANT INSERT ON p_new TO app;
ALTER TABLE p_new ADD CHECK (note <> '');
-- @rows
INSERT INTO p (e, f, note) VALUES ('%new', '%done', 'a'), ('%open', '%new', 'b'), ('%open', NULL, 'b'), ('%done', '%done', 'c');
INSERT INTO q VALUES (1, '%new', '%done'), (2, '%open', '%new');
-- @gone
INSERT INTO p (e, f, note) VALUES ('%gone', '%new', 'x'), ('%gone', NULL, 'y');
INSERT INTO q VALUES (5, '%gone', '%new');
-- @keys
