//! Statements in any order: the server is the judge of what waits for what.
#![allow(clippy::unwrap_used)]

mod common;

use common::{error, folder, has, names, sql};

#[test]
fn a_file_may_be_written_backwards() {
    let forward = "create schema s;
        create type s.mood as enum ('sad', 'happy');
        create domain s.email as text check (value like '%@%');
        create table s.people (id int primary key, mood s.mood, mail s.email);
        create view s.happy as select * from s.people where mood = 'happy';
        create function s.f(s.people) returns setof s.happy language sql as 'select * from s.happy';
        create table s.pets (owner int references s.people (id));
        create index on s.pets (owner);
        comment on view s.happy is 'those';";
    let backward: Vec<&str> = forward.split_inclusive(';').rev().collect();
    let expected = sql(forward).unwrap();
    let found = sql(&backward.concat()).unwrap();
    assert_eq!(found.catalog.objects, expected.catalog.objects);
    assert!(has(&found, "view s.happy"), "{:?}", names(&found));
}

#[test]
fn files_of_a_folder_wait_for_each_other() {
    let loaded = folder(&[
        ("a/view.sql", "create view v as select t.c from t;"),
        ("b/type.sql", "create type mood as enum ('a');"),
        ("0/table.sql", "create table t (c mood);"),
        ("notes.txt", "this is not SQL"),
        (".hidden.sql", "nor is this"),
    ])
    .unwrap();
    assert!(has(&loaded, "view public.v"), "{:?}", names(&loaded));
}

#[test]
fn what_is_put_off_runs_under_its_own_settings() {
    let loaded = sql("create schema a; create schema b;
        set search_path = a;
        create view v as select * from t;
        set search_path = b;
        create table t (x int);
        create view w as select * from t;
        set search_path = a;
        create table t (y int);")
    .unwrap();
    assert!(has(&loaded, "view a.v") && has(&loaded, "view b.w"), "{:?}", names(&loaded));
    assert!(!has(&loaded, "view b.v"));
}

#[test]
fn each_file_begins_with_fresh_settings() {
    let loaded = folder(&[
        ("1.sql", "create schema s; set search_path = s; create type a as enum ();"),
        ("2.sql", "create type b as enum ();"),
    ])
    .unwrap();
    assert!(has(&loaded, "type s.a") && has(&loaded, "type public.b"), "{:?}", names(&loaded));
}

#[test]
fn a_barrier_waits_for_what_stands_before_it() {
    // The view waits for its table, the block for the view.
    let loaded = folder(&[
        (
            "1.sql",
            "create view v as select * from t;
             do $$ begin
               if not exists (select from pg_views where viewname = 'v') then raise 'too early'; end if;
             end $$;",
        ),
        ("2.sql", "create table t (a int);"),
    ])
    .unwrap();
    assert!(has(&loaded, "view public.v"));
}

#[test]
fn what_a_barrier_waits_for_may_stand_behind_it() {
    let loaded = sql("create view v as select * from t;
        create or replace function f() returns setof t language sql as 'select * from t';
        do $$ begin perform 1; end $$;
        create table t (a mood);
        create or replace function g() returns int language sql as 'select 1';
        create type mood as enum ('x');")
    .unwrap();
    assert!(has(&loaded, "view public.v") && has(&loaded, "function public.g()"));
}

#[test]
fn the_last_replacement_wins() {
    let loaded = sql("create or replace function f() returns int language sql return 1;
        create or replace view v as select f() as a;
        create or replace function f() returns int language sql return 2;
        create or replace view v as select f() as a, u.b from u;
        create table u (b int);")
    .unwrap();
    let text = serde_json::to_string(&loaded.catalog.objects.values().collect::<Vec<_>>()).unwrap();
    assert!(text.contains("RETURN 2") && !text.contains("RETURN 1"), "{text}");
    assert!(text.contains("FROM public.u"), "{text}");
}

#[test]
fn a_drop_never_takes_what_a_later_statement_makes() {
    // As pg_dump --clean begins.
    let loaded = sql("alter table only public.t alter column a drop default;
        alter table public.t drop constraint c;
        alter domain public.d drop not null;
        drop index public.i;
        drop view public.v;
        drop table public.t;
        drop type if exists public.mood;
        create type public.mood as enum ('a');
        create table public.t (a public.mood);
        create view public.v as select * from public.t;")
    .unwrap();
    assert!(has(&loaded, "view public.v"));
    let notice = loaded.notices.iter().find(|n| n.contains("nothing to drop")).unwrap();
    assert!(notice.ends_with("relation \"public.t\" does not exist; so 5 more"), "{notice}");
}

#[test]
fn drops_and_renames_take_effect() {
    let loaded = sql("create type a as enum ('x'); create type b as enum ('x');
        drop type a; alter type b rename to c; alter type c add value 'y'; create domain d as c default 'y';")
    .unwrap();
    assert!(
        has(&loaded, "domain public.d") && has(&loaded, "label public.c.y"),
        "{:?}",
        names(&loaded)
    );
    assert!(!has(&loaded, "type public.a") && !has(&loaded, "type public.b"));
}

#[test]
fn keys_may_come_after_what_refers_to_them() {
    sql("create table a (b int references b (id)); create table b (id int);
        create view v as select id, s from c group by id; create table c (id int, s text);
        alter table c add primary key (id); alter table b add primary key (id);")
    .unwrap();
}

#[test]
fn functions_may_be_used_before_they_are_there() {
    sql("create table t (a int default f(), check (g(a)));
        create function f() returns int language sql as 'select 1 from t';
        create function g(int) returns bool language plpgsql as 'begin return h(); end';")
    .unwrap();
}

#[test]
fn a_ring_that_the_server_could_not_make_is_told_statement_by_statement() {
    let message =
        error(sql("create view a as select * from b;\ncreate view b as select * from a;"));
    assert_eq!(
        message,
        "a.sql:1:34: relation \"b\" does not exist\n  | create view a as select * from b;\n  |                                ^\n\
         a.sql:2:34: relation \"a\" does not exist\n  | create view b as select * from a;\n  |                                ^\n"
            .replace(":34:", ":32:")
    );
}
