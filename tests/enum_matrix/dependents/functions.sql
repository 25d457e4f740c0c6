-- Functions and procedures: arguments, results, defaults, bodies of all sorts.
CREATE TABLE t (id integer, e @E);
CREATE FUNCTION args(a @E, b @E[] DEFAULT '{%use}', c @E DEFAULT '%new') RETURNS @E LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION only_default(a text DEFAULT '%use'::@E::text) RETURNS text LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION outs(OUT a @E, OUT b integer) LANGUAGE sql AS $$ SELECT '%new'::@E, 1 $$;
CREATE FUNCTION rows() RETURNS TABLE (a @E, n bigint) LANGUAGE sql AS $$ SELECT e, count(*) FROM @S.t GROUP BY e $$;
CREATE FUNCTION whole() RETURNS SETOF t LANGUAGE sql STABLE ROWS 7 AS $$ SELECT * FROM @S.t $$;
CREATE FUNCTION many(VARIADIC a @E[]) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT cardinality(a) $$;
CREATE FUNCTION plp(a @E) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE x @E := '%use'; BEGIN RETURN a = x; END $$;
CREATE FUNCTION string_body() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM @S.t WHERE e = '%new' $$;
CREATE FUNCTION atomic(a @E) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT a = '%use'; END;
CREATE FUNCTION atomic_body() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE e = '%use'; END;
CREATE FUNCTION row_arg(a t) RETURNS @E LANGUAGE sql AS $$ SELECT a.e $$;
CREATE PROCEDURE proc(a @E DEFAULT '%use', INOUT b @E DEFAULT '%new') LANGUAGE plpgsql AS $$ BEGIN b := a; END $$;
CREATE FUNCTION overload(a @E) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION overload(a text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE VIEW calls AS SELECT overload(e) AS o, plp(e) AS p, args(e) AS a FROM t;
COMMENT ON FUNCTION args IS 'args';
COMMENT ON PROCEDURE proc IS 'proc';
REVOKE EXECUTE ON FUNCTION args FROM PUBLIC;
GRANT EXECUTE ON FUNCTION args TO app;
ALTER FUNCTION plp(@E) SET work_mem = '1MB';
ALTER FUNCTION many(@E[]) OWNER TO app;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone');
