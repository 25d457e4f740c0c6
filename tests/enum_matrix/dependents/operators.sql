-- Operators on the type, a class of them, and what uses them.
CREATE FUNCTION same(a @E, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a::text = b $$;
CREATE FUNCTION same(b text, a @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a::text = b $$;
CREATE OPERATOR === (LEFTARG = @E, RIGHTARG = text, FUNCTION = same, COMMUTATOR = ===);
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = @E, FUNCTION = same, COMMUTATOR = ===);
COMMENT ON OPERATOR === (@E, text) IS 'operator';
CREATE FUNCTION cmp(a @E, b @E) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT enum_cmp(a, b) $$;
CREATE FUNCTION lt(a @E, b @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a < b $$;
CREATE OPERATOR <# (LEFTARG = @E, RIGHTARG = @E, FUNCTION = lt);
CREATE FUNCTION le(a @E, b @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a <= b $$;
CREATE OPERATOR <=# (LEFTARG = @E, RIGHTARG = @E, FUNCTION = le);
CREATE FUNCTION eq(a @E, b @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a = b $$;
CREATE OPERATOR =# (LEFTARG = @E, RIGHTARG = @E, FUNCTION = eq);
CREATE FUNCTION ge(a @E, b @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a >= b $$;
CREATE OPERATOR >=# (LEFTARG = @E, RIGHTARG = @E, FUNCTION = ge);
CREATE FUNCTION gt(a @E, b @E) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a > b $$;
CREATE OPERATOR ># (LEFTARG = @E, RIGHTARG = @E, FUNCTION = gt);
CREATE OPERATOR CLASS own FOR TYPE @E USING btree AS OPERATOR 1 <#, OPERATOR 2 <=#, OPERATOR 3 =#, OPERATOR 4 >=#, OPERATOR 5 >#, FUNCTION 1 (@E, @E) cmp(@E, @E);
CREATE TABLE t (id integer, e @E, CHECK (e OPERATOR(@S.===) 'x' OR id > 0));
CREATE INDEX t_own ON t (e own);
CREATE VIEW v AS SELECT e OPERATOR(@S.===) '%new' AS s FROM t;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open');
-- @gone
INSERT INTO t VALUES (3, '%gone');
