-- Checks of tables: lists, ranges, not validated, not inherited.
CREATE TABLE t (id integer, e @E, f @E,
    CONSTRAINT t_in CHECK (e IN ('%new', '%open', '%done', '%use') OR e IS NULL OR f IS NULL),
    CONSTRAINT t_same CHECK (e IS DISTINCT FROM f) NO INHERIT,
    CONSTRAINT t_text CHECK (e::text <> 'impossible'));
ALTER TABLE t ADD CONSTRAINT t_later CHECK (f <> '%open') NOT VALID;
COMMENT ON CONSTRAINT t_in ON t IS 'check';
-- @rows
INSERT INTO t VALUES (1, '%new', '%done'), (2, '%done', NULL);
-- @gone
INSERT INTO t VALUES (3, '%new', '%gone');
