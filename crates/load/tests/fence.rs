//! Files cannot do more than a role without rights may, and what needs a superuser but is harmless works.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{error, has, names, sql};

/// A file that exists once something of the SQL ran as a program.
fn canary() -> String {
    std::env::temp_dir().join(format!("ordain-canary-{}", std::process::id())).display().to_string()
}

#[test]
fn programs_are_never_run() {
    let canary = canary();
    for (what, text) in [
        ("copy to", format!("copy (select 1) to program 'touch {canary}';")),
        ("copy from", format!("create table t (a text); copy t from program 'touch {canary}';")),
        ("block", format!("do $$ begin execute 'copy (select 1) to program ''touch {canary}'''; end $$;")),
        ("reset role", format!("do $$ begin reset role; reset session authorization; copy (select 1) to program 'touch {canary}'; end $$;")),
        ("self grant", format!("grant pg_execute_server_program to current_user; do $$ begin copy (select 1) to program 'touch {canary}'; end $$;")),
        ("granted in a block", format!("do $$ begin execute 'grant pg_execute_server_program to ' || current_user; end $$; do $$ begin copy (select 1) to program 'touch {canary}'; end $$;")),
        (
            "definer",
            format!(
                "create function f() returns void language plpgsql security definer as $$ begin copy (select 1) to program 'touch {canary}'; end $$;
                 alter function f() owner to pg_execute_server_program; select f();"
            ),
        ),
        ("large object", format!("select lo_export(lo_from_bytea(0, 'x'), '{canary}');")),
        ("set role", format!("set role pg_execute_server_program; do $$ begin copy (select 1) to program 'touch {canary}'; end $$;")),
        ("a superuser by name", format!("do $$ declare s text; begin select rolname into s from pg_roles where rolsuper; execute format('set role %I', s); copy (select 1) to program 'touch {canary}'; end $$;")),
        ("untrusted language", format!("create extension plperlu; create function f() returns void language plperlu as 'system(\"touch {canary}\")'; select f();")),
    ] {
        let outcome = sql(&text);
        assert!(outcome.is_err(), "{what} was let through");
        assert!(!Path::new(&canary).exists(), "{what} ran a program");
    }
}

#[test]
fn event_triggers_come_last_and_never_run_as_a_superuser() {
    let canary = canary();
    let loaded = sql(&format!(
        "create function f() returns event_trigger language plpgsql as $$
           begin copy (select 1) to program 'touch {canary}'; end $$;
         create event trigger e on ddl_command_end execute function f();
         alter event trigger e enable always;
         create event trigger e2 on ddl_command_start execute function f();
         comment on event trigger e is 'x';
         create type t as enum ('a');
         alter type t owner to somebody;
         create publication p for all tables;
         create table u (a int); alter table u owner to somebody; drop table u;"
    ))
    .unwrap();
    assert!(!Path::new(&canary).exists());
    assert!(has(&loaded, "type public.t"), "{:?}", names(&loaded));
    let all = names(&loaded).join("\n") + &format!("{:?}", loaded.catalog.unmodelled);
    assert!(all.contains("event trigger e"), "{all}");
}

#[test]
fn harmless_superuser_statements_work() {
    let loaded = sql("create publication everything for all tables;
        create type complex as (r float8, i float8);
        create function less(complex, complex) returns bool language sql immutable as 'select true';
        create function cmp(complex, complex) returns int language sql immutable as 'select 1';
        create operator < (leftarg = complex, rightarg = complex, function = less);
        create operator class complex_ops default for type complex using btree as operator 1 <, function 1 cmp(complex, complex);
        create function secret(int) returns bool leakproof language sql immutable as 'select true';
        alter function less(complex, complex) leakproof;
        create function lower2(text) returns text language internal as 'lower';
        create cast (varchar as bytea) without function;
        create foreign data wrapper w; create server srv foreign data wrapper w options (host 'x');
        create user mapping for public server srv; create foreign table ft (a int) server srv;
        create text search parser tp (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
        create access method am type table handler heap_tableam_handler;
        create type little; create function little_in(cstring) returns little language internal strict immutable as 'textin';
        create function little_out(little) returns cstring language internal strict immutable as 'textout';
        create type little (input = little_in, output = little_out);
        create function with_setting() returns int language sql set search_path = 'a b', c set myapp.x = 'y' set log_statement = 'none' as 'select 1';
        grant usage on foreign data wrapper w to somebody; grant usage on language plpgsql to somebody;
        comment on publication everything is 'x';")
    .unwrap();
    for name in [
        "function public.secret(integer)",
        "function public.lower2(text)",
        "base type public.little",
        "function public.with_setting()",
        "privileges on foreign data wrapper w",
    ] {
        assert!(has(&loaded, name), "{name} is not among {:?}", names(&loaded));
    }
}

#[test]
fn what_could_reach_out_is_made_and_never_run() {
    let canary = canary();
    // A language is trusted or not by the word of who makes it.
    let text = format!(
        "create language unsafe handler plpgsql_call_handler inline plpgsql_inline_handler validator plpgsql_validator;
         create function f() returns int language unsafe strict as $$ begin copy (select 1) to program 'touch {canary}'; return 1; end $$;
         create function read(text) returns text language internal as 'pg_read_file_all';
         alter function f() rename to g;
         create view v as select g();"
    );
    let loaded = sql(&text).unwrap();
    let body = format!("{:?}", loaded.catalog.objects);
    assert!(body.contains("to program 'touch") && body.contains("pg_read_file_all"), "{body}");
    assert!(has(&loaded, "function public.g()") && has(&loaded, "view public.v"));
    for call in ["select g()", "select read('PG_VERSION')"] {
        let message = error(sql(&format!("{text} {call};")));
        assert!(message.contains("cannot accept a value of type trigger"), "{call}: {message}");
    }
    assert!(!Path::new(&canary).exists());
}

#[test]
fn publications_of_whole_schemas_work_where_they_exist() {
    let outcome = sql(
        "create schema s; create table s.t (a int); create publication p for tables in schema s;",
    );
    if let Err(error) = outcome {
        // PostgreSQL 14 has none.
        assert!(error.to_string().contains("syntax error at or near \"tables\""), "{error}");
    }
}

#[test]
fn a_c_function_comes_from_the_library_folder_alone() {
    sql("create function f(text) returns text language c as '$libdir/citext', 'citext_eq';")
        .unwrap();
    for library in ["/tmp/evil", "$libdir/../evil", "$libdir/a/../../evil"] {
        let message =
            error(sql(&format!("create function f() returns int language c as '{library}', 'f';")));
        assert!(message.contains("permission denied for language c"), "{message}");
    }
}

#[test]
fn roles_are_stood_in_for() {
    let loaded = sql("create role app login password 'x' superuser; alter role app set search_path = x; grant app to other;
        create schema authorization app;
        create table t (a int); alter table t enable row level security;
        create policy p on t to reader, current_user using (true);
        grant select on t to \"Odd Role\" with grant option;
        do $$ begin
          if not exists (select from pg_roles where rolname = 'late') then create role late; end if;
        end $$;
        do $$ begin create role dup nologin; create user \"Dup 2\"; create type made_beside as enum ('a');
          exception when duplicate_object then raise notice 'there'; end $$;
        do $$ begin execute 'grant select on t to from_a_block'; end $$;
        alter default privileges for role app grant select on tables to reader;
        set role app; create table app.u (a int); reset role;
        set session authorization app; create table app.w (a int); set session authorization default;
        reassign owned by app to reader; drop owned by other; drop role other;")
    .unwrap();
    assert!(
        has(&loaded, "schema app") && has(&loaded, "type public.made_beside"),
        "{:?}",
        names(&loaded)
    );
    assert!(loaded.roles_named.contains("Odd Role"));
}

#[test]
fn ownership_follows_what_the_file_says() {
    let loaded = sql("create schema s; alter schema s owner to boss;
        create type s.t as enum ('a'); alter type s.t owner to clerk;
        create table s.a (id serial primary key); alter sequence s.a_id_seq owner to clerk; alter table s.a owner to clerk;
        alter table s.a rename to b; create index i on s.b (id);
        create function s.f() returns int language sql as 'select 1'; alter function s.f() owner to clerk;
        alter type s.t owner to current_user;")
    .unwrap();
    let all = names(&loaded);
    let owners: Vec<&String> = all.iter().filter(|n| n.starts_with("owner ")).collect();
    assert!(owners.iter().any(|n| n.contains("s.f()")), "{all:?}");
    assert!(!owners.iter().any(|n| *n == "owner of table s.t"), "{all:?}");
}

#[test]
fn extensions_come_first_and_are_named_when_missing() {
    let loaded = sql("create table t (a ext.citext, b public.hstore default 'a=>1');
        create schema ext; create extension citext schema ext; create extension if not exists hstore;
        drop extension if exists pg_trgm; create extension pg_trgm; drop extension pg_trgm;")
    .unwrap();
    assert!(
        has(&loaded, "extension citext") && has(&loaded, "extension hstore"),
        "{:?}",
        names(&loaded)
    );
    assert!(!has(&loaded, "extension pg_trgm"));
    let loaded = sql("set search_path = ext; create extension citext; create schema ext;").unwrap();
    assert!(has(&loaded, "schema ext") && has(&loaded, "extension citext"), "{:?}", names(&loaded));
    let message = error(sql("create extension nosuchthing;"));
    assert!(message.contains("extension nosuchthing is not installed"), "{message}");
    assert!(message.contains("--shadow"), "{message}");
}
