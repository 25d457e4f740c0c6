-- Aggregates over the type, with a state of it and an initial value.
CREATE FUNCTION more(a @E, b @E) RETURNS @E LANGUAGE sql IMMUTABLE AS $$ SELECT greatest(a, b) $$;
CREATE AGGREGATE most(@E) (SFUNC = more, STYPE = @E, INITCOND = '%new', PARALLEL = SAFE);
CREATE FUNCTION add(a integer, b @E) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT a + 1 $$;
CREATE AGGREGATE number(@E) (SFUNC = add, STYPE = integer, INITCOND = '0');
COMMENT ON AGGREGATE most(@E) IS 'most';
GRANT EXECUTE ON FUNCTION most(@E) TO app;
CREATE TABLE t (id integer, e @E);
CREATE VIEW v AS SELECT most(e) AS m, number(e) AS n FROM t;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone');
