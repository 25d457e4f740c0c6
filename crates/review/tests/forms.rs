//! The forms of a plan, word for word.

mod sample;

use ordain_model::{Kind, ObjectId, Refusal};
use ordain_review::{Palette, SqlOptions, json, read, refusals, sql, text};
use sample::{plan, typical};

#[test]
fn what_a_person_reads() {
    let shown = text(&typical(), &Palette::plain());
    let wanted = "\
Transaction 1 of 2, ends here because a new label can be used only once it is committed

  1. create label public.status.archived
     ALTER TYPE public.status ADD VALUE 'archived';
     ! COMMITS_EARLY: the label stays even if the rest fails
     cannot be undone: PostgreSQL has no way to remove a label

Transaction 2 of 2

  2. alter column public.orders.total
     ALTER TABLE public.orders
         ALTER COLUMN total TYPE numeric(10,2);
     ! REWRITES_TABLE: all rows are written anew
     lock: ACCESS EXCLUSIVE on table public.orders (about 1,200,000 rows, 350 MB)
     checked first, must be 0: rows of public.orders whose total does not fit
       SELECT count(*) FROM public.orders
       WHERE abs(total) >= 100000000

  3. alter function public.f(integer)
       CREATE OR REPLACE FUNCTION public.f(a integer) RETURNS integer
           LANGUAGE sql
           AS $$
     - select 1
     + select 2
       $$;
     undo: CREATE OR REPLACE FUNCTION public.f(a integer) …;

  4. drop table public.old
     DROP TABLE public.old;
     ! DELETES_DATA: the rows of public.old are gone

Rewritten while locked
  table public.orders (about 1,200,000 rows, 350 MB)

Notices
  - role reporting is left alone

4 steps in 2 transactions: 1 dropped, 1 created, 2 altered
1 check of the data before anything changes
  DELETES_DATA: step 4 — apply needs --allow DELETES_DATA
  REWRITES_TABLE: step 2
  COMMITS_EARLY: step 1
";
    assert!(shown == wanted, "{shown}");
}

#[test]
fn what_psql_runs() {
    let shown = sql(&typical(), &SqlOptions { lock_timeout: Some("5s".into()) });
    let wanted = "\
-- notice: role reporting is left alone

\\set ON_ERROR_STOP on

-- Group 1 of 2
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL check_function_bodies = off;

-- COMMITS_EARLY: the label stays even if the rest fails
-- cannot be undone: PostgreSQL has no way to remove a label
ALTER TYPE public.status ADD VALUE 'archived';

COMMIT;
-- ends here because a new label can be used only once it is committed

-- Group 2 of 2
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL check_function_bodies = off;

-- REWRITES_TABLE: all rows are written anew
-- lock: ACCESS EXCLUSIVE on table public.orders
-- must be 0: rows of public.orders whose total does not fit
--   SELECT count(*) FROM public.orders
--   WHERE abs(total) >= 100000000
ALTER TABLE public.orders
    ALTER COLUMN total TYPE numeric(10,2);

CREATE OR REPLACE FUNCTION public.f(a integer) RETURNS integer
    LANGUAGE sql
    AS $$
select 2
$$;

-- DELETES_DATA: the rows of public.old are gone
DROP TABLE public.old;

COMMIT;
";
    assert!(shown == wanted, "{shown}");
}

#[test]
fn nothing_to_do() {
    let empty = plan(Vec::new());
    assert_eq!(text(&empty, &Palette::plain()), "Nothing to do: the two sides are equal.\n");
    assert_eq!(sql(&empty, &SqlOptions::default()), "-- Nothing to do: the two sides are equal.\n");
}

#[test]
fn colours_only_add_escapes() {
    let coloured = text(&typical(), &Palette::coloured());
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    assert_ne!(plain, coloured);
    assert_eq!(plain, text(&typical(), &Palette::plain()));
}

#[test]
fn refusals_say_what_and_why_and_what_then() {
    let column =
        ObjectId::member(Kind::Column, &ObjectId::qualified(Kind::Table, "public", "t"), "a");
    let refusal = Refusal {
        object: column,
        reason: "no cast from point to integer".into(),
        advice: "say how beside the column: -- ordain: using <expression>".into(),
    };
    assert_eq!(
        refusals(&[refusal], &Palette::plain()),
        "refused column public.t.a: no cast from point to integer\n  hint: say how beside the column: -- ordain: using <expression>\n"
    );
}

#[test]
fn foreign_files_are_told_apart() {
    let why = |text: &str| read(text).expect_err("no plan").to_string();
    assert!(why("CREATE TABLE").starts_with("it is not JSON"));
    assert_eq!(why("{\"objects\": []}"), "it is JSON, but not a plan: it has no \"format\"");
    assert_eq!(why("{\"format\": 7}"), "its format is 7, this version of ordain reads format 1");
    let cut = json(&typical()).replace("\"verb\"", "\"herb\"");
    assert!(why(&cut).starts_with("it is damaged"), "{}", why(&cut));
}

/// Names and bodies come from databases and files that the reviewer may not trust.
#[test]
fn no_name_can_act() {
    let evil = "table public.\"a\rDROP TABLE b; --\x1b[2K\"";
    let mut step = sample::step(1, ordain_model::Verb::Alter, evil, "SELECT 1");
    step.hazards = vec![sample::hazard(ordain_model::HazardKind::BreaksClients, evil)];
    let plan = plan(vec![sample::group(vec![step], Some(evil))]);
    let shown = text(&plan, &Palette::plain());
    assert!(!shown.contains(['\r', '\x1b']) && shown.contains("<U+000D>DROP TABLE b"), "{shown}");
    let script = sql(&plan, &SqlOptions::default());
    let code = script.split(['\n', '\r']).filter(|line| !line.starts_with("--"));
    assert!(code.clone().all(|line| !line.contains("DROP")), "{script}");
}
