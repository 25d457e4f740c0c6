//! SQL files.

use super::{Bad, KEEP};

/// Writes where `judge` looks, when a file of the desired schema gets a program to run.
const RUN: &str = "COPY (SELECT 1) TO PROGRAM 'touch {dir}/ran /tmp/ordain-bad-input-ran'";

pub fn cases() -> Vec<Bad> {
    let plan = "plan --from {url} --to {dir}/schema.sql";
    let mut all = vec![
        Bad::schema(
            "syntax error",
            "CREATE TABLE a (id integer);\nCREATE TABEL b (id integer);\n",
            &["schema.sql:2:8", "syntax error", "CREATE TABEL b"],
        ),
        Bad::schema(
            "syntax error at the end",
            "CREATE TABLE a (id integer,",
            &["schema.sql:1:", "syntax error"],
        ),
        Bad::schema(
            "string without an end",
            "CREATE TABLE a (id integer);\nCOMMENT ON TABLE a IS 'never closed;\n",
            &["schema.sql:2:23", "never closed"],
        ),
        Bad::schema(
            "body without an end",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1;\n",
            &["schema.sql:1:49", "never closed"],
        ),
        Bad::schema(
            "unknown type",
            "CREATE TABLE a (\n  id integer,\n  state statuss\n);\n",
            &["schema.sql:3:", "type \"statuss\" does not exist"],
        ),
        Bad::schema(
            "unknown table in a view",
            "CREATE VIEW v AS\nSELECT * FROM nowhere;\n",
            &["schema.sql:2:", "\"nowhere\" does not exist"],
        ),
        Bad::schema(
            "unknown column in an index",
            "CREATE TABLE a (id integer);\nCREATE INDEX i ON a (idd);\n",
            &["schema.sql:2:", "\"idd\" does not exist"],
        ),
        Bad::schema(
            "unknown schema",
            "CREATE TABLE nowhere.a (id integer);\n",
            &["schema.sql:1:", "schema \"nowhere\" does not exist"],
        ),
        Bad::schema(
            "unknown extension",
            "CREATE EXTENSION no_such_thing;\n",
            &["extension no_such_thing is not installed", "--shadow"],
        ),
        Bad::schema(
            "unknown function in a default",
            "CREATE TABLE a (id integer DEFAULT next_one());\n",
            &["schema.sql:1:", "next_one() does not exist"],
        ),
        Bad::schema(
            "the same table twice",
            "CREATE TABLE a (id integer);\n\nCREATE TABLE a (id integer);\n",
            &["schema.sql:3:", "\"a\" already exists"],
        ),
        Bad::schema(
            "a default of the wrong type",
            "CREATE TABLE a (id integer DEFAULT 'x');\n",
            &["schema.sql:1:", "invalid input syntax for type integer"],
        ),
        Bad::schema(
            "a label that is none",
            "CREATE TYPE e AS ENUM ('a');\nCREATE TABLE t (e e DEFAULT 'b');\n",
            &["schema.sql:2:", "invalid input value for enum e: \"b\""],
        ),
        Bad::schema(
            "tables that hold each other",
            "CREATE TABLE a (b b);\nCREATE TABLE b (a a);\n",
            &["schema.sql:1:", "does not exist"],
        ),
        Bad::schema(
            "views of each other",
            "CREATE VIEW v AS SELECT * FROM w;\nCREATE VIEW w AS SELECT * FROM v;\n",
            &["schema.sql:1:", "does not exist"],
        ),
        Bad::schema(
            "psql command",
            "CREATE TABLE a (id integer);\n\\gexec\n",
            &["schema.sql:2:", "\\gexec"],
        ),
        Bad::schema(
            "include that is missing",
            "\\i parts/tables.sql\n",
            &["schema.sql:1:", "parts/tables.sql"],
        ),
        Bad::schema("include of itself", "\\ir schema.sql\n", &["schema.sql:1:", "include"]),
        Bad::new(
            "no such file",
            "plan --from {url} --to {dir}/nothing.sql",
            1,
            &["nothing.sql", "no file or folder"],
        ),
        Bad::new(
            "no such folder",
            "plan --from {url} --to {dir}/nothing/",
            1,
            &["nothing", "no file or folder"],
        ),
        Bad::new(
            "a folder with no SQL",
            "plan --from {url} --to {dir}/empty",
            1,
            &["{dir}/empty", ".sql"],
        )
        .file("empty/readme.txt", "nothing here"),
        Bad::new("not UTF-8", plan, 1, &["schema.sql:2:", "UTF-8"])
            .file("schema.sql", b"-- fine\nCREATE TABLE caf\xe9 (id integer);\n"),
        Bad::new("a NUL byte", plan, 1, &["schema.sql:2:"])
            .file("schema.sql", b"SELECT 1;\nCREATE TABLE a\0 (id integer);\n"),
        Bad::new(
            "two files disagree",
            "plan --from {url} --to {dir}/one.sql --to {dir}/two.sql",
            1,
            &["one.sql:1", "two.sql:1", "table public.a is made by another source too"],
        )
        .file("one.sql", "CREATE TABLE a (id integer);\n")
        .file("two.sql", "CREATE TABLE a (id bigint);\n"),
        Bad::new(
            "an error in the second file of a folder",
            "plan --from {url} --to {dir}/all",
            1,
            &["20_b.sql:1:", "\"nobody\" does not exist"],
        )
        .file("all/10_a.sql", KEEP)
        .file("all/20_b.sql", "CREATE INDEX i ON nobody (id);\n"),
    ];
    // Whoever can change the files must not be able to run programs on the machine of who plans.
    let attacks = [
        ("attack: COPY TO PROGRAM", format!("{RUN};\n")),
        ("attack: RESET ROLE in a DO", format!("DO $$ BEGIN RESET ROLE; {RUN}; END $$;\n")),
        (
            "attack: SET SESSION AUTHORIZATION",
            format!("SET SESSION AUTHORIZATION DEFAULT;\n{RUN};\n"),
        ),
        (
            "attack: a program for oneself",
            format!(
                "GRANT pg_execute_server_program TO CURRENT_USER;\nDO $$ BEGIN {RUN}; END $$;\n"
            ),
        ),
        (
            "attack: a new superuser",
            format!("DO $$ BEGIN CREATE ROLE mighty SUPERUSER; SET ROLE mighty; {RUN}; END $$;\n"),
        ),
        (
            "attack: an event trigger",
            format!(
                "CREATE FUNCTION boo() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN {RUN}; END $$;\n\
                 CREATE EVENT TRIGGER boo ON ddl_command_end EXECUTE FUNCTION boo();\nCREATE TABLE bang (id integer);\nDO $$ BEGIN {RUN}; END $$;\n"
            ),
        ),
        (
            "attack: reading the server's files",
            "DO $$ BEGIN PERFORM pg_read_file('/etc/passwd'); END $$;\n".to_owned(),
        ),
        (
            "attack: a C function from a file",
            "CREATE FUNCTION c() RETURNS integer LANGUAGE c AS '{dir}/evil.so', 'c';\n".to_owned(),
        ),
    ];
    for (name, sql) in attacks {
        all.push(Bad::schema(name, &sql, &["schema.sql:"]));
    }
    all
}
