-- Foreign tables.
CREATE FOREIGN DATA WRAPPER "@S_wrapper";
CREATE SERVER "@S_server" FOREIGN DATA WRAPPER "@S_wrapper";
CREATE FOREIGN TABLE t (id integer, e @E OPTIONS (a 'b') DEFAULT '%use' NOT NULL, es @E[], CHECK (e <> '%open')) SERVER "@S_server" OPTIONS (x 'y');
COMMENT ON COLUMN t.e IS 'foreign';
GRANT SELECT ON t TO app;
CREATE VIEW v AS SELECT e FROM t WHERE e = '%new';
-- @rows
