-- Hash partitions: where a row belongs follows from the label's OID.
CREATE TABLE p (id integer, e @E NOT NULL DEFAULT '%use', note text) PARTITION BY HASH (e);
CREATE TABLE p_0 PARTITION OF p FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE p_1 PARTITION OF p FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE p_2 PARTITION OF p FOR VALUES WITH (MODULUS 3, REMAINDER 2) PARTITION BY HASH (e, id);
CREATE TABLE p_2_0 PARTITION OF p_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p_2_1 PARTITION OF p_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX p_e ON p (e);
GRANT SELECT ON p_2_0 TO app;
COMMENT ON TABLE p_1 IS 'one';
-- @rows
INSERT INTO p SELECT n, (ARRAY['%new', '%open', '%done'])[1 + n % 3]::@E, n FROM generate_series(1, 60) n;
-- @gone
INSERT INTO p SELECT n, '%gone', n FROM generate_series(61, 90) n;
-- @keys
-- @any partition
