//! Files as people have them: what psql and pg_dump write, and what is wrong in them.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{error, folder, has, names, sql};

#[test]
fn a_dump_loads() {
    let loaded = sql("\\restrict abc
--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;
SET some_unknown_parameter = 1;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
COMMENT ON SCHEMA public IS 'standard public schema';
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.t (id integer NOT NULL, a text);
ALTER TABLE public.t OWNER TO app;
CREATE SEQUENCE public.t_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER TABLE public.t_id_seq OWNER TO app;
ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id;
ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass);
COPY public.t (id, a) FROM stdin;
1\tcreate table no ();
\\.

INSERT INTO public.t VALUES (2, 'x;y');
SELECT pg_catalog.setval('public.t_id_seq', 2, true);
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE public.t TO reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO reader;
\\unrestrict abc
")
    .unwrap();
    assert!(has(&loaded, "extension pgcrypto"), "{:?}", names(&loaded));
    let named: Vec<&str> = loaded.roles_named.iter().map(String::as_str).collect();
    assert_eq!(named, ["app", "pg_database_owner", "public", "reader"]);
    assert!(loaded.says_owners && loaded.says_privileges);
    let notices = loaded.notices.join("\n");
    for expected in [
        "\\restrict was skipped",
        "COPY was skipped",
        "INSERT was skipped",
        "some_unknown_parameter",
    ] {
        assert!(notices.contains(expected), "{notices}");
    }
}

#[test]
fn forms_that_a_live_database_needs_are_fine() {
    let loaded = sql("BEGIN;
        create table if not exists t (a int); create table if not exists t (a int);
        create schema if not exists s; create schema if not exists s;
        COMMIT;
        create index concurrently if not exists i on t (a);
        drop index concurrently if exists nothing;
        alter table t add column if not exists b text;
        vacuum t; analyze; reindex table t; refresh materialized view concurrently m;
        start transaction; savepoint x; release x; end;
        listen a; notify a; lock table t; truncate t; update t set a = 1; delete from t;
        create database other; alter database other set x.y = 1; alter system set work_mem = 1;")
    .unwrap();
    assert!(has(&loaded, "schema s"));
}

#[test]
fn other_files_are_included() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("main.sql"), "\\ir sub/a.sql\ncreate type c as enum ();\n").unwrap();
    fs::write(
        at("sub/a.sql"),
        format!("set search_path = s;\n\\i '{}'\n", at("sub/b.sql").display()),
    )
    .unwrap();
    fs::write(at("sub/b.sql"), "create schema s; create type b as enum ();").unwrap();
    let loaded = common::of(&at("main.sql"), None).unwrap();
    assert!(has(&loaded, "type s.b") && has(&loaded, "type s.c"), "{:?}", names(&loaded));

    fs::write(at("main.sql"), "select 1;\n\\i missing.sql\n").unwrap();
    let message = common::of(&at("main.sql"), None).unwrap_err().to_string();
    assert!(message.contains("main.sql:2:1: missing.sql: No such file"), "{message}");
    fs::write(at("main.sql"), "\\ir main.sql\n").unwrap();
    let message = common::of(&at("main.sql"), None).unwrap_err().to_string();
    assert!(message.contains("include each other without end"), "{message}");
}

#[test]
fn errors_point_into_the_file() {
    for (text, expected) in [
        (
            "create table t (\n  a int,\n  b nosuchtype\n);",
            "a.sql:3:5: type \"nosuchtype\" does not exist\n  |   b nosuchtype\n  |     ^\n",
        ),
        (
            "create table t (a int);\n\ncreate tabel u ();",
            "a.sql:3:8: syntax error at or near \"tabel\"\n  | create tabel u ();\n  |        ^\n",
        ),
        (
            "-- höhö\nselect 'ü', nosuch;",
            "a.sql:2:13: column \"nosuch\" does not exist\n  | select 'ü', nosuch;\n  |             ^\n",
        ),
        (
            "create type t as enum ('a');\ncreate type t as enum ('b');",
            "a.sql:2:1: type \"t\" already exists\n  | create type t as enum ('b');\n  | ^\n  a.sql:1 defines it first\n",
        ),
        (
            "select 'abc;\n",
            "a.sql:1:8: this string is never closed\n  | select 'abc;\n  |        ^\n",
        ),
        (
            "\\gexec\n",
            "a.sql:1:1: the psql command \\gexec cannot be run here\n  | \\gexec\n  | ^\n  only \\i, \\ir, \\connect and \\restrict are understood\n",
        ),
        (
            "rollback to x;",
            "a.sql:1:1: this transaction command cannot be followed: nothing is undone in a shadow database\n  | rollback to x;\n  | ^\n",
        ),
        (
            "do $$ begin perform 1/0; end $$;",
            "a.sql:1:1: division by zero\n  | do $$ begin perform 1/0; end $$;\n  | ^\n  in: SQL statement \"SELECT 1/0\"\n",
        ),
        (
            "set datestyle = nonsense; create type a as enum ();",
            "a.sql:1:1: invalid value for parameter \"DateStyle\": \"nonsense\"\n  | set datestyle = nonsense; create type a as enum ();\n  | ^\n  detail: Unrecognized key word: \"nonsense\".\n",
        ),
    ] {
        let message = error(sql(text));
        let message = message.replace(" /", "\n/");
        let tail = message.lines().map(|l| match l.find("a.sql:1 defines") {
            Some(at) => format!("  {}\n", &l[at..]),
            None => format!("{l}\n"),
        });
        assert_eq!(tail.collect::<String>(), expected, "{text}");
    }
}

#[test]
fn files_that_are_no_sql_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let message = common::of(folder.path(), None).unwrap_err().to_string();
    assert!(message.ends_with("holds no .sql file"), "{message}");
    let message = common::of(&folder.path().join("none.sql"), None).unwrap_err().to_string();
    assert!(message.contains("none.sql: No such file"), "{message}");
    fs::write(folder.path().join("latin.sql"), b"select 1;\nselect '\xe9';").unwrap();
    let message = common::of(folder.path(), None).unwrap_err().to_string();
    assert!(message.contains(":2:9: this byte belongs to no character"), "{message}");
    fs::write(folder.path().join("latin.sql"), b"\xef\xbb\xbfcreate type t as enum ();").unwrap();
    common::of(folder.path(), None).unwrap();
}

#[test]
fn odd_names_and_bodies_survive() {
    let loaded = sql("create schema \"My; Schema\";
        create type \"My; Schema\".\"T'y\" as enum ('a;b', 'ü');
        create function f() returns int language plpgsql as $x$ begin return 1; /* $$ */ end $x$;
        create function g(a int) returns int begin atomic; select case when a > 1 then 2 end; end;
        create procedure p() begin atomic; end;
        create function h() returns text language sql as 'select ''; --''';")
    .unwrap();
    assert!(has(&loaded, "type \"My; Schema\".\"T'y\""), "{:?}", names(&loaded));
    assert!(has(&loaded, "function public.g(integer)"));
}

#[test]
fn several_errors_are_told_at_once() {
    let message = error(folder(&[("a.sql", "create tabel t ();\nselect 1;\ncreate veiw v;")]));
    assert_eq!(message.matches("syntax error").count(), 2, "{message}");
}
