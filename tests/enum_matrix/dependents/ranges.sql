-- A range over the type, its multirange, an exclusion constraint on it.
CREATE TYPE span AS RANGE (SUBTYPE = @E);
COMMENT ON TYPE span IS 'range';
CREATE TABLE t (id integer PRIMARY KEY, s span DEFAULT '[%new,%use]', m span_multirange, ss span[], EXCLUDE USING gist (s WITH &&) WHERE (id < 0));
CREATE FUNCTION low(span) RETURNS @E LANGUAGE sql AS 'SELECT lower($1)';
-- @rows
INSERT INTO t VALUES (1, '[%new,%new]', '{[%new,%new]}', ARRAY['[%open,%open]'::span]), (2, 'empty', NULL, NULL), (3, '[%done,)', '{}', '{}');
