//! Plans made by hand: a database as it is, one as it should be, and the statements that lead from one to the other.
#![allow(dead_code, clippy::unwrap_used)]

use std::time::Duration;

use ordain_apply::{ApplyError, ApplyOptions, Event, Outcome, apply};
use ordain_introspect::{ReadOptions, read};
use ordain_model::{
    Boundary, FORMAT, Group, Hazard, HazardKind, Plan, PlanStep, Precheck, Scope, Undo, Verb,
    fingerprint,
};
use ordain_tests::{Database, Server};

pub fn step(verb: Verb, object: &str, sql: &str) -> PlanStep {
    PlanStep {
        id: 0,
        verb,
        object: object.into(),
        also: Vec::new(),
        sql: sql.into(),
        hazards: Vec::new(),
        lock: None,
        depends_on: Vec::new(),
        prechecks: Vec::new(),
        undo: Undo::Reverse,
        boundary: Boundary::Transactional,
        diff: None,
    }
}

pub fn create(object: &str, sql: &str) -> PlanStep {
    step(Verb::Create, object, sql)
}

pub fn with_hazard(mut step: PlanStep, kind: HazardKind) -> PlanStep {
    step.hazards.push(Hazard { kind, detail: "for the test".into() });
    step
}

pub fn with_precheck(mut step: PlanStep, query: &str) -> PlanStep {
    step.prechecks.push(Precheck {
        query: query.into(),
        counts: "rows that stand in the way".into(),
        advice: "delete them".into(),
    });
    step
}

/// The plan for a database that looks as one of `server` after `before`. The fingerprints are read from a database
/// where the steps were run, group by group.
pub fn plan(server: &Server, before: &str, parts: &[&[PlanStep]]) -> Plan {
    let model = server.database();
    model.execute(before);
    let scope = Scope::default();
    let look = || {
        fingerprint(
            &read(&mut model.connect(), &ReadOptions::default()).unwrap(),
            &Scope::default(),
        )
    };
    let from_fingerprint = look();
    let mut groups = Vec::new();
    let mut id = 0;
    for steps in parts {
        let mut numbered = steps.to_vec();
        for step in &mut numbered {
            id += 1;
            step.id = id;
            // Some steps fail or wait in the test and not here.
            if !step.sql.contains("/* only in the test */") {
                model.execute(&step.sql);
            }
        }
        groups.push(Group {
            steps: numbered,
            fingerprint: look(),
            reason: None,
            transactional: true,
        });
    }
    Plan {
        format: FORMAT,
        tool_version: "test".into(),
        server_version: 150_000,
        scope,
        from_fingerprint,
        to_fingerprint: groups.last().map(|g| g.fingerprint.clone()).unwrap_or_default(),
        groups,
        notices: Vec::new(),
    }
}

pub fn quick() -> ApplyOptions {
    ApplyOptions {
        lock_timeout: Duration::from_millis(200),
        retries: 2,
        wait: Duration::from_millis(300),
        ..ApplyOptions::default()
    }
}

/// Applies, and returns what was heard, one word an event.
pub fn run(
    url: &str,
    plan: &Plan,
    options: &ApplyOptions,
) -> (Result<Outcome, ApplyError>, Vec<String>) {
    let mut heard = Vec::new();
    let result = apply(url, plan, options, &mut |event: Event| {
        let text = format!("{event:?}");
        heard.push(text.split([' ', '{']).next().unwrap().to_owned());
    });
    (result, heard)
}

pub fn functions(database: &Database) -> String {
    database.value(
        "select coalesce(string_agg(proname, ',' order by proname), '') from pg_proc
         where pronamespace = 'public'::regnamespace",
    )
}

/// No lock and no transaction of an apply is left.
pub fn nobody_is_left(database: &Database) {
    let left = database.value(
        "select count(*) from pg_stat_activity where application_name = 'ordain' and datname = current_database()",
    );
    assert_eq!(left, "0");
    let locks = "select count(*) from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(database.value(locks), "0");
}

pub const F: &str = "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql RETURN 1";
pub const G: &str = "CREATE FUNCTION public.g() RETURNS integer LANGUAGE sql RETURN 2";
pub const H: &str = "CREATE FUNCTION public.h() RETURNS integer LANGUAGE sql RETURN 3";

pub fn f() -> PlanStep {
    create("function public.f()", F)
}

pub fn g() -> PlanStep {
    create("function public.g()", G)
}

pub fn h() -> PlanStep {
    create("function public.h()", H)
}
