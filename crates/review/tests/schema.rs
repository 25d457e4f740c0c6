//! docs/plan.schema.json says what plans are, and plans are what it says.

mod sample;

use ordain_model::{
    BodyDiff, Boundary, HazardKind, Lock, Managed, Precheck, Size, StepLock, Undo, Verb,
};
use sample::{group, hazard, plan, step, typical};
use serde_json::{Value, json};

const HAZARDS: [HazardKind; 12] = [
    HazardKind::DeletesData,
    HazardKind::RewritesTable,
    HazardKind::ScansTable,
    HazardKind::BlocksReads,
    HazardKind::BlocksWrites,
    HazardKind::BuildsIndex,
    HazardKind::MayFailOnData,
    HazardKind::BreaksClients,
    HazardKind::Irreversible,
    HazardKind::CommitsEarly,
    HazardKind::LoosensAccess,
    HazardKind::UntrackedDependency,
];

const LOCKS: [Lock; 8] = [
    Lock::AccessShare,
    Lock::RowShare,
    Lock::RowExclusive,
    Lock::ShareUpdateExclusive,
    Lock::Share,
    Lock::ShareRowExclusive,
    Lock::Exclusive,
    Lock::AccessExclusive,
];

/// Every variant of every enum of the format.
fn everything() -> Vec<ordain_model::Plan> {
    let mut steps = Vec::new();
    for verb in [Verb::Rename, Verb::Drop, Verb::Create, Verb::Alter, Verb::Transfer] {
        steps.push(step(steps.len() + 1, verb, "table public.t", "SELECT 1"));
    }
    for lock in LOCKS {
        let mut step = step(steps.len() + 1, Verb::Alter, "table public.t", "SELECT 1");
        step.lock = Some(StepLock { mode: lock, on: "table public.t".into(), size: None });
        steps.push(step);
    }
    for boundary in [Boundary::Transactional, Boundary::CommitAfter, Boundary::Standalone] {
        let mut step = step(steps.len() + 1, Verb::Alter, "table public.t", "SELECT 1");
        step.boundary = boundary;
        steps.push(step);
    }
    for undo in [Undo::Reverse, Undo::Sql("x".into()), Undo::Irreversible("y".into())] {
        let mut step = step(steps.len() + 1, Verb::Alter, "table public.t", "SELECT 1");
        step.undo = undo;
        steps.push(step);
    }
    steps[0].hazards = HAZARDS.iter().map(|kind| hazard(*kind, "so it is")).collect();
    steps[0].also = vec!["column public.t.a".into()];
    steps[0].prechecks = vec![Precheck {
        query: "SELECT 0::bigint".into(),
        counts: "rows".into(),
        advice: "wait".into(),
    }];
    steps[0].diff = Some(BodyDiff { old: "a".into(), new: "b".into() });
    steps[0].lock = Some(StepLock {
        mode: LOCKS[0],
        on: "table public.t".into(),
        size: Some(Size { rows: -1, bytes: 0 }),
    });
    let full = plan(vec![group(steps, Some("of a reason"))]);
    let managed = [Managed::All, Managed::None, Managed::Roles(Vec::new())];
    let plans = managed.map(|privileges| {
        let mut plan = full.clone();
        plan.scope.privileges = privileges;
        plan
    });
    plans.into_iter().chain([plan(Vec::new()), typical()]).collect()
}

#[test]
fn plans_are_what_the_schema_says() {
    let schema = schema();
    for plan in everything() {
        let text = ordain_review::json(&plan);
        let value: Value = serde_json::from_str(&text).expect("a plan is JSON");
        if let Err(error) = check(&value, &schema, &schema, "plan") {
            panic!("{error}\n{text}");
        }
        assert_eq!(ordain_review::read(&text).expect("it is read back"), plan);
    }
}

#[test]
fn the_schema_allows_nothing_else() {
    let schema = schema();
    let plan: Value = serde_json::from_str(&ordain_review::json(&typical())).expect("JSON");
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut plan = plan.clone();
        change(&mut plan);
        check(&plan, &schema, &schema, "plan").expect_err("the schema should not allow this")
    };
    bad(&|plan| plan["format"] = json!(2));
    bad(&|plan| plan["password"] = json!("secret"));
    bad(&|plan| plan["groups"][0]["steps"][0]["verb"] = json!("explode"));
    bad(&|plan| plan["groups"][0]["steps"][0]["hazards"][0]["kind"] = json!("UNKNOWN"));
    bad(&|plan| plan["from_fingerprint"] = json!("short"));
    bad(&|plan| {
        plan["groups"][0].as_object_mut().expect("a group").remove("steps");
    });
}

/// All alternatives of the schema's enums are reached by [`everything`], so none is out of date.
#[test]
fn the_schema_holds_no_words_that_plans_never_use() {
    let all: String = everything().iter().map(ordain_review::json).collect();
    fn words(schema: &Value, into: &mut Vec<String>) {
        match schema {
            Value::Object(map) => {
                let listed = map.get("enum").and_then(Value::as_array).into_iter().flatten();
                into.extend(listed.filter_map(Value::as_str).map(str::to_owned));
                map.values().for_each(|inner| words(inner, into));
            }
            Value::Array(list) => list.iter().for_each(|inner| words(inner, into)),
            _ => {}
        }
    }
    let mut listed = Vec::new();
    words(&schema(), &mut listed);
    assert!(listed.len() > 25, "{listed:?}");
    for word in listed {
        assert!(all.contains(&format!("\"{word}\"")), "no plan says {word}");
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/plan.schema.json"))
        .expect("the schema is JSON")
}

/// The part of JSON Schema that the published file uses; any other keyword is an error, so that nothing in
/// the file goes unchecked. (A whole validator would be forty crates for one test.)
fn check(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let rules = schema.as_object().ok_or_else(|| format!("{at}: the schema is no object"))?;
    for (rule, wanted) in rules {
        let fail = |what: &str| Err(format!("{at}: {what}: {rule} {wanted}"));
        match rule.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name =
                    wanted.as_str().and_then(|r| r.strip_prefix("#/$defs/")).unwrap_or_default();
                check(value, &root["$defs"][name], root, at)?;
            }
            "type" => {
                let names = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                if !names.iter().any(|name| is_a(value, name)) {
                    return fail("wrong type");
                }
            }
            "const" if value != wanted => return fail("another value"),
            "enum" if !wanted.as_array().is_some_and(|all| all.contains(value)) => {
                return fail("no such value");
            }
            "const" | "enum" => {}
            "minimum" if value.as_i64() < wanted.as_i64() => return fail("too small"),
            "minimum" => {}
            "minItems" if value.as_array().map(Vec::len) < wanted.as_u64().map(|n| n as usize) => {
                return fail("too few");
            }
            "minItems" => {}
            "pattern" => {
                assert_eq!(wanted, "^[0-9a-f]{64}$", "this check knows one pattern");
                let text = value.as_str().unwrap_or_default();
                let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if text.len() != 64 || !text.bytes().all(hex) {
                    return fail("does not match");
                }
            }
            "required" => {
                for name in wanted.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        return Err(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(name) {
                        check(inner, schema, root, &format!("{at}.{name}"))?;
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(wanted, &json!(false));
                for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
                    if schema["properties"].get(name).is_none() {
                        return Err(format!("{at}: {name} is not in the schema"));
                    }
                }
            }
            "items" => {
                for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(inner, wanted, root, &format!("{at}[{i}]"))?;
                }
            }
            "oneOf" => {
                let all = wanted.as_array().into_iter().flatten();
                let fits: Vec<_> = all.map(|one| check(value, one, root, at)).collect();
                if fits.iter().filter(|fit| fit.is_ok()).count() != 1 {
                    return Err(format!("{at}: fits not exactly one of: {fits:?}"));
                }
            }
            other => return Err(format!("{at}: this check does not know {other}")),
        }
    }
    Ok(())
}

fn is_a(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    }
}
