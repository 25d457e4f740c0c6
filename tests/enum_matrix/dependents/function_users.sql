-- Functions of the type that checks, defaults, indexes and columns call.
CREATE FUNCTION is_new(a @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a::text = '%new' $$;
CREATE FUNCTION first() RETURNS @E LANGUAGE sql IMMUTABLE AS $$ SELECT '%new'::@E $$;
CREATE TABLE t (id integer, e @E DEFAULT first(), n boolean GENERATED ALWAYS AS (is_new(e)) STORED, CHECK (is_new(e) OR id > 0));
CREATE INDEX t_new ON t (is_new(e));
CREATE DOMAIN d AS text DEFAULT first()::text CHECK (VALUE <> first()::text OR VALUE IS NOT NULL);
CREATE TABLE u (d d, id integer);
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
INSERT INTO u VALUES ('x', 1);
-- @gone
INSERT INTO t VALUES (3, '%gone');
