-- Arrays of any dimension, with defaults, a check and GIN indexes; storage and compression.
CREATE TABLE t (
    id integer PRIMARY KEY,
    es @E[] DEFAULT '{%use,%open}' NOT NULL,
    grid @E[] DEFAULT ARRAY[ARRAY['%new', '%use'], ARRAY['%open', '%done']]::@E[],
    CHECK ('%done' = ANY (es) OR cardinality(es) < 100)
);
ALTER TABLE t ALTER COLUMN es SET STORAGE EXTERNAL, ALTER COLUMN grid SET COMPRESSION pglz;
CREATE INDEX t_es ON t USING gin (es);
CREATE INDEX t_some ON t (id) WHERE es @> '{%use}';
-- @rows
INSERT INTO t VALUES (1, '{%new,%open}', NULL), (2, '{}', '{{%new,%done},{%done,NULL}}'), (3, '{%done,NULL}', '[0:1]={%open,%new}');
-- @gone
INSERT INTO t VALUES (4, '{%new,%gone}', '{{%gone,%done},{%done,%gone}}'), (5, '{%gone}', '{{{%gone}},{{%new}}}');
