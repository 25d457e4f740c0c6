//! `-- ordain:` comments become hints about the objects that they stand beside.
#![allow(clippy::unwrap_used)]

mod common;

use common::{error, sql};
use ordain_model::Hint;

fn hints(text: &str) -> Vec<String> {
    let show = |hint: &Hint| match hint {
        Hint::RenamedFrom { object, old } => format!("{object} was {old}"),
        Hint::MapLabel { r#type, old, new } => format!("{type}: {old} -> {new:?}"),
        Hint::Using { object, expression } => format!("{object} using {expression}"),
        Hint::Fill { object, expression } => format!("{object} fill {expression}"),
        Hint::Rename { .. } => "?".into(),
    };
    sql(text).unwrap().catalog.hints.iter().map(show).collect()
}

#[test]
fn a_statement_is_meant_before_and_behind_it() {
    assert_eq!(
        hints(
            "create schema app; -- ordain: renamed from old_app
             -- ordain: renamed from feeling
             create type mood as enum ('a');
             set search_path = app;

             -- ordain: renamed from public.f
             create function f(a int, out b int) language sql as 'select 1';
             create function f(a int, b int) returns int language sql as 'select 1';
             create domain d as text; -- ordain: renamed from \"Old D\""
        ),
        [
            "schema app was old_app",
            "type public.mood was feeling",
            "function app.f(integer) was public.f",
            "domain app.d was \"Old D\"",
        ]
    );
}

#[test]
fn labels_are_meant_where_they_stand() {
    assert_eq!(
        hints(
            "create type mood as enum (
               'sad',       -- ordain: renamed from Very Sad
               -- ordain: renamed from 'it''s fine'
               'fine',
               -- ordain: label angry becomes sad
               'it''s'      -- ordain: label 'gone' becomes NULL
             );"
        ),
        [
            "label public.mood.sad was \"Very Sad\"",
            "label public.mood.fine was \"it's fine\"",
            "public.mood: angry -> Some(\"sad\")",
            "public.mood: gone -> None",
        ]
    );
}

#[test]
fn columns_and_constraints_are_meant_where_they_stand() {
    assert_eq!(
        hints(
            "create table t ( -- ordain: renamed from old_t
               a int default (1 +
                 1),        -- ordain: renamed from x
               -- ordain: fill now()
               b timestamptz not null,
               c int, d int -- ordain: using d::int
             );
             alter table t add column e int not null; -- ordain: fill 0
             alter table t
               -- ordain: using f(c)
               alter column c type text;
             -- ordain: renamed from j
             create index i on t (a);"
        ),
        [
            "table public.t was old_t",
            "column public.t.a was x",
            "column public.t.b fill now()",
            "column public.t.d using d::int",
            "column public.t.e fill 0",
            "column public.t.c using f(c)",
            "index public.t.i was j",
        ]
    );
}

#[test]
fn what_is_not_understood_is_an_error_at_its_place() {
    for (text, expected) in [
        (
            "create type t as enum (); -- ordain: renamed",
            "a.sql:1:27: not understood: -- ordain: renamed",
        ),
        (
            "create type t as enum (); -- ordain: fill 1",
            "a.sql:1:27: this comment must stand beside a column",
        ),
        ("select 1;\n-- ordain: renamed from x\n", "a.sql:2:1: nothing follows"),
        ("-- ordain: renamed from x\nselect 1;", "a.sql:1:1: there is nothing here"),
        (
            "-- ordain: renamed from x\ncreate type t as enum (); drop type t;",
            "a.sql:1:1: what this comment is about does not exist",
        ),
    ] {
        let message = error(sql(text));
        assert!(message.starts_with(expected), "{text}: {message}");
    }
}
