-- A domain over an array of the type, and an array of a domain.
CREATE DOMAIN ds AS @E[] DEFAULT '{%use}' CHECK (cardinality(VALUE) < 5 AND NOT '%open' = ALL (VALUE));
CREATE TABLE t (id integer PRIMARY KEY, es ds NOT NULL, more ds[] DEFAULT '{}');
CREATE INDEX t_es ON t USING gin (es);
-- @rows
INSERT INTO t VALUES (1, '{%new,%open}', '{"{%new}"}'), (2, '{%done,NULL}', NULL);
-- @gone
INSERT INTO t VALUES (3, '{%new,%gone}', '{"{%gone,%new}","{%done}"}');
