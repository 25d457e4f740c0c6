//! Applying: the checks before, the transaction, the verification, the standing afterwards.
#![allow(clippy::unwrap_used)]

mod support;

use std::{sync::mpsc, thread, time::Duration};

use ordain_apply::{ApplyError, ApplyOptions, check_prechecks};
use ordain_model::{HazardKind, Verb};
use ordain_tests::server::shared;
use support::*;

#[test]
fn a_plan_is_applied_group_by_group() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f(), g()], &[h()]]);
    let (result, heard) = run(&database.url(), &plan, &quick());
    let outcome = result.unwrap();
    assert_eq!((outcome.groups, outcome.steps, outcome.already_done), (2, 3, 0));
    assert_eq!(
        heard.join(" "),
        "Comparing Group Step StepDone Step StepDone Verifying Committed Group Step StepDone Verifying Committed"
    );
    assert_eq!(functions(&database), "f,g,h");
    nobody_is_left(&database);
}

#[test]
fn a_plan_with_nothing_to_do_does_nothing() {
    let database = shared().database();
    let (result, _) = run(&database.url(), &plan(shared(), "", &[]), &quick());
    assert_eq!(result.unwrap().groups, 0);
}

#[test]
fn a_statement_that_fails_last_takes_all_back() {
    let database = shared().database();
    let bad = create(
        "view public.v",
        "/* only in the test */\nCREATE VIEW public.v AS\n  SELECT nope FROM pg_class",
    );
    let plan = plan(shared(), "", &[&[f(), g(), bad]]);
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("step 3 (view public.v) failed: column \"nope\" does not exist (42703)"),
        "{text}"
    );
    assert!(text.contains("  line 3:   SELECT nope FROM pg_class\n                   ^"), "{text}");
    assert!(text.ends_with("; nothing was changed"), "{text}");
    assert_eq!(error.exit_code(), 1);
    assert_eq!(functions(&database), "");
    nobody_is_left(&database);
}

#[test]
fn a_later_group_that_fails_leaves_a_boundary_to_resume_from() {
    let database = shared().database();
    let plan = plan(shared(), "create table t(a int)", &[&[f()], &[g(), h()]]);
    database.execute("create table t(a int)");
    // The second group fails for a reason that goes away.
    let mut broken = plan.clone();
    broken.groups[1].steps[1].sql = "CREATE FUNCTION public.h() RETURNS nonsense".into();
    let error = run(&database.url(), &broken, &quick()).0.unwrap_err();
    assert!(
        error.to_string().ends_with("groups 1 to 1 of 2 are committed, nothing else was changed")
    );
    assert!(error.advice()[0].contains("--resume"), "{:?}", error.advice());
    assert_eq!(functions(&database), "f");

    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert!(matches!(error, ApplyError::PartlyApplied { done: 1, of: 2 }), "{error}");
    assert_eq!(error.exit_code(), 3);
    let resume = ApplyOptions { resume: true, ..quick() };
    let outcome = run(&database.url(), &plan, &resume).0.unwrap();
    assert_eq!((outcome.groups, outcome.already_done), (1, 1));
    assert_eq!(functions(&database), "f,g,h");

    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert!(matches!(error, ApplyError::AlreadyApplied), "{error}");
    let outcome = run(&database.url(), &plan, &resume).0.unwrap();
    assert_eq!((outcome.groups, outcome.already_done), (0, 2));
}

#[test]
fn a_database_that_has_changed_is_refused() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f()]]);
    database.execute("create function f() returns int return 0; create schema other");
    for resume in [false, true] {
        let error = run(&database.url(), &plan, &ApplyOptions { resume, ..quick() }).0.unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("differs): function public.f() exists already"), "{text}");
        assert_eq!(error.exit_code(), 3);
    }
    nobody_is_left(&database);
}

#[test]
fn what_is_lost_or_opened_must_be_allowed() {
    let database = shared().database();
    let drop = step(Verb::Drop, "function public.f()", "DROP FUNCTION public.f()");
    let plan = plan(shared(), F, &[&[with_hazard(drop, HazardKind::DeletesData)]]);
    database.execute(F);
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert_eq!(error.to_string(), "the plan has hazards that are not allowed: DELETES_DATA");
    assert_eq!(error.exit_code(), 3);
    let allow = [HazardKind::DeletesData].into();
    run(&database.url(), &plan, &ApplyOptions { allow, ..quick() }).0.unwrap();
    assert_eq!(functions(&database), "");
}

#[test]
fn prechecks_of_all_groups_come_before_the_first_commit() {
    let database = shared().database();
    let table = "create table t(a int); insert into t values (1), (null)";
    database.execute(table);
    let checked = with_precheck(g(), "SELECT count(*) FROM public.t WHERE a IS NULL");
    let plan = plan(shared(), table, &[&[f()], &[checked]]);
    let failed = check_prechecks(&mut database.connect(), &plan).unwrap();
    assert_eq!((failed.len(), failed[0].step, failed[0].found), (1, 2, 1));
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert!(
        error.to_string().ends_with("function public.g(): 1 rows that stand in the way"),
        "{error}"
    );
    assert_eq!((error.exit_code(), error.advice()), (3, vec!["delete them".to_owned()]));
    assert_eq!(functions(&database), "");
    database.execute("delete from t where a is null");
    run(&database.url(), &plan, &quick()).0.unwrap();
}

#[test]
fn rows_that_a_policy_hides_are_an_error_and_not_a_count_of_none() {
    let server = shared();
    let database = server.database();
    let role = format!("owner_{}", database.name());
    server.admin(&format!("create role {role} login"));
    let table = format!(
        "create table t(a int); insert into t values (null); alter table t owner to {role};
         alter table t enable row level security; alter table t force row level security;
         grant create on schema public to {role}"
    );
    database.execute(&table);
    let checked = with_precheck(f(), "SELECT count(*) FROM public.t WHERE a IS NULL");
    let mut plan = plan(server, &table, &[&[checked]]);
    let url = server.url_as(&role, database.name());
    let mut client = ordain_tests::database::connect(&url);
    // The owner of things is another role here than the one that made the plan.
    plan.from_fingerprint = ordain_model::fingerprint(
        &ordain_introspect::read(&mut client, &Default::default()).unwrap(),
        &plan.scope,
    );
    drop(client);
    let error = run(&url, &plan, &quick()).0.unwrap_err();
    assert!(matches!(error, ApplyError::Unanswered { step: 1, .. }), "{error}");
    assert!(error.to_string().contains("row-level security"), "{error}");
    assert!(error.advice()[0].contains("BYPASSRLS"));
    assert_eq!(error.exit_code(), 3);
    drop(database);
    server.admin(&format!("drop role {role}"));
}

#[test]
fn an_end_that_is_not_the_planned_one_is_rolled_back() {
    let database = shared().database();
    let meddler = "create function meddle() returns event_trigger language plpgsql as $$ begin
            if to_regproc('public.extra') is null and to_regproc('public.f') is not null then
                execute 'create function public.extra() returns int return 0';
            end if; end $$;
        create event trigger meddle on ddl_command_end execute function meddle()";
    let mut plan = plan(shared(), "", &[&[f()]]);
    database.execute(meddler);
    plan.from_fingerprint = ordain_model::fingerprint(
        &ordain_introspect::read(&mut database.connect(), &Default::default()).unwrap(),
        &plan.scope,
    );
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("function public.extra() appeared, and the plan does not create it"),
        "{text}"
    );
    assert!(text.ends_with("; nothing was changed"), "{text}");
    assert_eq!(functions(&database), "meddle");
}

#[test]
fn a_plan_that_does_not_do_what_it_says_is_rolled_back() {
    let database = shared().database();
    let mut plan = plan(shared(), "", &[&[f(), g()]]);
    plan.groups[0].steps[1].sql = "SELECT 1".into();
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert!(error.to_string().contains("as planned: function public.g() is missing;"), "{error}");
    assert_eq!((error.exit_code(), functions(&database).as_str()), (1, ""));
}

#[test]
fn a_dry_run_tries_and_takes_back() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f()], &[g()]]);
    let dry = ApplyOptions { dry_run: true, ..quick() };
    let (result, heard) = run(&database.url(), &plan, &dry);
    let outcome = result.unwrap();
    assert_eq!((outcome.groups, outcome.untried, outcome.dry_run), (1, 1, true));
    assert_eq!(heard.last().unwrap(), "RolledBack");
    assert_eq!(functions(&database), "");
    nobody_is_left(&database);
}

#[test]
fn a_lock_is_waited_for_with_patience_and_then_not() {
    let database = shared().database();
    let table = "create table t(a int)";
    database.execute(table);
    let alter = step(Verb::Alter, "table public.t", "LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
    let plan = plan(
        shared(),
        table,
        &[&[f(), {
            let mut alter = alter.clone();
            alter.sql = format!("{} /* only in the test */", alter.sql);
            alter
        }]],
    );
    let mut holder = database.connect();
    holder.batch_execute("begin; lock table t in access share mode").unwrap();
    let impatient = ApplyOptions { retries: 1, ..quick() };
    let (result, heard) = run(&database.url(), &plan, &impatient);
    let error = result.unwrap_err();
    assert!(matches!(error, ApplyError::LockTimeout { attempts: 2, .. }), "{error}");
    assert!(error.to_string().contains("canceling statement due to lock timeout"), "{error}");
    assert_eq!(heard.iter().filter(|event| *event == "Retry").count(), 1);
    assert_eq!(functions(&database), "");

    let release = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        holder.batch_execute("rollback").unwrap();
    });
    let (result, heard) = run(&database.url(), &plan, &ApplyOptions { retries: 8, ..quick() });
    result.unwrap();
    assert!(heard.contains(&"Retry".to_owned()));
    release.join().unwrap();
    assert_eq!(functions(&database), "f");
}

#[test]
fn of_two_applies_at_once_one_waits_or_gives_up() {
    let database = shared().database();
    let slow = create("function public.f()", &format!("{F}; SELECT pg_sleep(1)"));
    let plan = plan(shared(), "", &[&[slow]]);
    let (started, start) = mpsc::channel();
    thread::scope(|scope| {
        let (url, first) = (database.url(), plan.clone());
        let first = scope.spawn(move || {
            ordain_apply::apply(&url, &first, &quick(), &mut |event| {
                let _ = started.send(format!("{event:?}"));
            })
        });
        while !start.recv().unwrap().starts_with("Step ") {}
        let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
        assert!(error.to_string().contains("of role postgres (ordain) since"), "{error}");
        assert_eq!(error.exit_code(), 1);
        let patient = ApplyOptions { wait: Duration::from_secs(20), ..quick() };
        let (result, heard) = run(&database.url(), &plan, &patient);
        assert_eq!(heard[0], "Waiting");
        assert!(matches!(result, Err(ApplyError::AlreadyApplied)));
        first.join().unwrap().unwrap();
    });
    nobody_is_left(&database);
}

#[test]
fn a_transaction_that_would_fill_the_lock_table_is_refused_first() {
    let database = shared().database();
    let mut plan = plan(shared(), "", &[&[f()]]);
    let steps = &mut plan.groups[0].steps;
    for i in 0..30_000 {
        let mut more = create(&format!("table public.t{i}"), "SELECT nonsense");
        more.id = i + 2;
        steps.push(more);
    }
    let error = run(&database.url(), &plan, &quick()).0.unwrap_err();
    assert!(matches!(error, ApplyError::TooManyLocks { group: 1, needed: 30_000, .. }), "{error}");
    assert_eq!(error.exit_code(), 3);
}

#[test]
fn a_statement_that_commits_by_itself_is_a_group_of_its_own() {
    let database = shared().database();
    let table = "create table t(a int)";
    database.execute(table);
    let alone = create("index public.t.i", "CREATE INDEX CONCURRENTLY i ON public.t (a)");
    let mut plan = plan(shared(), table, &[&[f()], &[alone], &[g()]]);
    plan.groups[1].transactional = false;
    let outcome = run(&database.url(), &plan, &quick()).0.unwrap();
    assert_eq!((outcome.groups, functions(&database).as_str()), (3, "f,g"));
    assert_eq!(database.value("select count(*) from pg_class where relname = 'i'"), "1");
    nobody_is_left(&database);
}

#[test]
fn a_plan_of_another_format_is_refused() {
    let mut plan = plan(shared(), "", &[]);
    plan.format = 99;
    let error = run("postgres://nobody@127.0.0.1:1/x", &plan, &quick()).0.unwrap_err();
    assert!(error.to_string().starts_with("the plan has format 99"), "{error}");
    assert_eq!(error.exit_code(), 3);
}
