//! A plan with something of everything.

use ordain_model::{
    BodyDiff, Boundary, FORMAT, Group, Hazard, HazardKind, Lock, Managed, Plan, PlanStep, Precheck,
    Scope, Size, StepLock, Undo, Verb,
};

pub fn step(id: usize, verb: Verb, object: &str, sql: &str) -> PlanStep {
    PlanStep {
        id,
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

pub fn hazard(kind: HazardKind, detail: &str) -> Hazard {
    Hazard { kind, detail: detail.into() }
}

pub fn plan(groups: Vec<Group>) -> Plan {
    Plan {
        format: FORMAT,
        tool_version: "0.1.0".into(),
        server_version: 150_018,
        scope: Scope {
            schemas: vec!["public".into()],
            exclude: vec!["public.tmp_*".into()],
            only: None,
            privileges: Managed::Roles(vec!["app".into()]),
            owners: Managed::All,
        },
        from_fingerprint: "0".repeat(64),
        to_fingerprint: "f".repeat(64),
        groups,
        notices: Vec::new(),
    }
}

pub fn group(steps: Vec<PlanStep>, reason: Option<&str>) -> Group {
    Group {
        steps,
        fingerprint: "a".repeat(64),
        reason: reason.map(str::to_owned),
        transactional: true,
    }
}

/// Two groups that a person could meet.
pub fn typical() -> Plan {
    let mut add = step(
        1,
        Verb::Create,
        "label public.status.archived",
        "ALTER TYPE public.status ADD VALUE 'archived'",
    );
    add.boundary = Boundary::CommitAfter;
    add.hazards = vec![hazard(HazardKind::CommitsEarly, "the label stays even if the rest fails")];
    add.undo = Undo::Irreversible("PostgreSQL has no way to remove a label".into());

    let mut retype = step(
        2,
        Verb::Alter,
        "column public.orders.total",
        "ALTER TABLE public.orders\n    ALTER COLUMN total TYPE numeric(10,2)",
    );
    retype.depends_on = vec![1];
    retype.hazards = vec![hazard(HazardKind::RewritesTable, "all rows are written anew")];
    retype.lock = Some(StepLock {
        mode: Lock::AccessExclusive,
        on: "table public.orders".into(),
        size: Some(Size { rows: 1_200_000, bytes: 350 * 1024 * 1024 }),
    });
    retype.prechecks = vec![Precheck {
        query: "SELECT count(*) FROM public.orders\nWHERE abs(total) >= 100000000".into(),
        counts: "rows of public.orders whose total does not fit".into(),
        advice: "correct those rows first".into(),
    }];

    let mut body = step(
        3,
        Verb::Alter,
        "function public.f(integer)",
        "CREATE OR REPLACE FUNCTION public.f(a integer) RETURNS integer\n    LANGUAGE sql\n    AS $$\nselect 2\n$$",
    );
    body.diff =
        Some(BodyDiff { old: body.sql.replace("select 2", "select 1"), new: body.sql.clone() });
    body.undo = Undo::Sql("CREATE OR REPLACE FUNCTION public.f(a integer) …".into());

    let mut gone = step(4, Verb::Drop, "table public.old", "DROP TABLE public.old");
    gone.also = vec!["column public.old.a".into()];
    gone.hazards = vec![hazard(HazardKind::DeletesData, "the rows of public.old are gone")];

    let first = group(vec![add], Some("a new label can be used only once it is committed"));
    let mut plan = plan(vec![first, group(vec![retype, body, gone], None)]);
    plan.notices = vec!["role reporting is left alone".into()];
    plan
}
