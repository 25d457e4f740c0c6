-- Exclusion constraints on the type.
CREATE TABLE t (id integer, e @E, CONSTRAINT t_one EXCLUDE USING btree (e WITH =) WHERE (e <> '%use'));
CREATE TABLE h (id integer, e @E, CONSTRAINT h_one EXCLUDE USING hash (e WITH =) DEFERRABLE);
COMMENT ON CONSTRAINT t_one ON t IS 'one';
-- @rows
INSERT INTO t VALUES (1, '%open');
INSERT INTO h VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (2, '%gone');
INSERT INTO h VALUES (3, '%gone');
