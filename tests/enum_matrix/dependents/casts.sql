-- Casts from and to the type, one of them from text and to text, which conversions must not use.
CREATE FUNCTION to_int(a @E) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 7 $$;
CREATE FUNCTION of_int(a integer) RETURNS @E LANGUAGE sql IMMUTABLE AS $$ SELECT '%new'::@E $$;
CREATE CAST (@E AS integer) WITH FUNCTION to_int(@E) AS ASSIGNMENT;
CREATE CAST (integer AS @E) WITH FUNCTION of_int(integer);
CREATE CAST (@E AS varchar) WITH INOUT AS IMPLICIT;
CREATE FUNCTION shout(a @E) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'x'; END $$;
CREATE CAST (@E AS text) WITH FUNCTION shout(@E) AS ASSIGNMENT;
CREATE FUNCTION read(a text) RETURNS @E LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE CAST (text AS @E) WITH FUNCTION read(text) AS ASSIGNMENT;
COMMENT ON CAST (@E AS integer) IS 'cast';
CREATE TABLE t (id integer, e @E, es @E[], i integer);
CREATE VIEW v AS SELECT e::integer AS i, i::@E AS e FROM t;
-- @rows
INSERT INTO t VALUES (1, '%new', '{%new,%open}'), (2, '%open', NULL);
-- @gone
INSERT INTO t VALUES (3, '%gone', '{%gone}');
