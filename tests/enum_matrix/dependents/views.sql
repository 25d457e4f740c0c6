-- Views in chains, with comments on columns, grants, options, defaults and triggers.
CREATE TABLE t (id integer PRIMARY KEY, e @E);
CREATE VIEW v1 WITH (security_barrier) AS SELECT id, e, e = '%use' AS is_use FROM t WHERE e <> '%open';
CREATE VIEW v2 AS SELECT e, count(*) AS n FROM v1 GROUP BY e HAVING e >= '%new' OR true;
CREATE VIEW v3 AS SELECT v2.e, t.id, enum_range(NULL::@E) AS all_of_them FROM v2 JOIN t USING (e) ORDER BY v2.e;
CREATE VIEW whole AS SELECT t, t.* FROM t;
CREATE VIEW no_table AS SELECT '%use'::@E AS e, ARRAY['%new', '%open']::@E[] AS es;
CREATE VIEW checked AS SELECT * FROM t WHERE e IN ('%new', '%open') WITH LOCAL CHECK OPTION;
CREATE VIEW recursive AS WITH RECURSIVE r AS (SELECT id, e FROM t UNION ALL SELECT id + 1, e FROM r WHERE id < 3) SELECT * FROM r;
ALTER VIEW checked ALTER COLUMN e SET DEFAULT '%use';
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER tr INSTEAD OF INSERT ON v3 FOR EACH ROW EXECUTE FUNCTION tg();
COMMENT ON VIEW v1 IS 'one';
COMMENT ON COLUMN v2.e IS 'two.e';
COMMENT ON TRIGGER tr ON v3 IS 'trigger';
GRANT SELECT ON v1 TO app;
GRANT SELECT (e) ON v3 TO app WITH GRANT OPTION;
GRANT SELECT ON v2 TO PUBLIC;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open'), (3, '%done');
-- @gone
INSERT INTO t VALUES (4, '%gone');
