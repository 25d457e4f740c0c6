-- Materialised views with indexes, filled and not, one upon the other.
CREATE TABLE t (id integer PRIMARY KEY, e @E);
CREATE MATERIALIZED VIEW m AS SELECT id, e FROM t WHERE e <> '%use' OR id > 0;
CREATE UNIQUE INDEX m_id ON m (id);
CREATE INDEX m_e ON m (e) WHERE e = '%new';
CREATE MATERIALIZED VIEW m2 WITH (fillfactor = 80) AS SELECT e, count(*) AS n FROM m GROUP BY e;
CREATE MATERIALIZED VIEW empty AS SELECT e FROM t WITH NO DATA;
CREATE INDEX empty_e ON empty (e);
CREATE VIEW over AS SELECT * FROM m2;
ALTER MATERIALIZED VIEW m CLUSTER ON m_id;
ALTER MATERIALIZED VIEW m ALTER COLUMN e SET STATISTICS 44;
COMMENT ON MATERIALIZED VIEW m IS 'filled';
COMMENT ON COLUMN m2.e IS 'm2.e';
COMMENT ON INDEX m_id IS 'index';
GRANT SELECT ON m TO app;
-- @rows
INSERT INTO t VALUES (1, '%new'), (2, '%open'), (3, '%done');
-- @gone
INSERT INTO t VALUES (4, '%gone');
