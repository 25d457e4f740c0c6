//! Rows that stand in the way: the plan says how many, and refuses.

use super::{Bad, KEEP};

pub fn cases() -> Vec<Bad> {
    let case = |name, live, sql: &str, says: &[&'static str]| {
        Bad::refused(name, live, &format!("{KEEP}{sql}"), says)
    };
    vec![
        case(
            "NULLs under a new NOT NULL",
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (NULL), (NULL)",
            "CREATE TABLE t (a integer NOT NULL);\n",
            &["2 rows", "public.t", "null"],
        ),
        case(
            "a new NOT NULL column without a default",
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (2), (3)",
            "CREATE TABLE t (a integer, b text NOT NULL);\n",
            &["3 rows", "-- ordain: fill"],
        ),
        case(
            "duplicates under a new unique constraint",
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (1), (2)",
            "CREATE TABLE t (a integer UNIQUE);\n",
            &["public.t"],
        ),
        case(
            "orphans under a new foreign key",
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (7)",
            "CREATE TABLE t (a integer REFERENCES keep);\n",
            &["1 row", "public.t"],
        ),
        case(
            "rows against a new check",
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (-7)",
            "CREATE TABLE t (a integer CHECK (a > 0));\n",
            &["1 row", "public.t"],
        ),
        case(
            "values too long for a narrower type",
            "CREATE TABLE t (a text); INSERT INTO t VALUES ('long enough'), ('ok')",
            "CREATE TABLE t (a varchar(4));\n",
            &["1 row", "public.t"],
        ),
        case(
            "rows that hold a removed label",
            "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e e); INSERT INTO t VALUES ('a'), ('c'), ('c')",
            "CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE t (e e);\n",
            &["2 rows", "--map-label"],
        ),
        case(
            "a type without a conversion",
            "CREATE TABLE t (a point); INSERT INTO t VALUES ('(1,2)')",
            "CREATE TABLE t (a integer[]);\n",
            &["-- ordain: using"],
        ),
    ]
}
