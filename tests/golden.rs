//! Every fixture, there and back, and what its plan says.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{collections::BTreeSet, fs, sync::Mutex};

use ordain_model::Kind;
use ordain_tests::{
    Case, Ordain,
    case::{all, for_each, report, root, threads},
    server::shared,
};
use similar::TextDiff;

/// The major whose spelling the golden files have.
const GOLDEN_MAJOR: u32 = 15;

#[test]
fn fixtures_converge_both_ways() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = shared();
    let mut cases = all(&root().join("fixtures"));
    cases.retain(|case| case.min_version <= server.major() && !case.name.starts_with("order/"));
    let seen = Mutex::new(BTreeSet::new());
    let failures = for_each(
        &cases,
        threads(),
        |case| case.name.clone(),
        |case| {
            let outcome = case.judge(&ordain, server)?;
            seen.lock().unwrap().extend(changes(&outcome.changes));
            golden(case, &outcome.sql, server.major())
        },
    );
    report("fixtures", cases.len(), &failures);
    if std::env::var_os("ORDAIN_CASE").is_none() {
        every_kind_was_seen(&seen.into_inner().unwrap());
    }
}

/// (`+` or `~`, kind) of each line of `diff`. What one way creates, the other drops.
fn changes(diff: &str) -> BTreeSet<(char, Kind)> {
    let line = |line: &str| {
        let (mark, rest) = (line.chars().next()?, line.get(2..)?);
        let mark = if mark == '-' { '+' } else { mark };
        let kinds = Kind::ALL.iter().filter(|kind| rest.starts_with(&format!("{} ", kind.word())));
        let kind = kinds.max_by_key(|kind| kind.word().len())?;
        "+~".contains(mark).then_some((mark, *kind))
    };
    diff.lines().filter_map(line).collect()
}

/// Kinds without a property that could differ, besides the name.
const NEVER_ALTERED: [&str; 0] = [];

fn every_kind_was_seen(seen: &BTreeSet<(char, Kind)>) {
    let mut missing = Vec::new();
    for kind in Kind::ALL {
        // Two kinds may share a word ("type"); the first of them stands for both.
        let kind = Kind::ALL.iter().find(|k| k.word() == kind.word()).unwrap();
        for (mark, verb) in [('+', "create and drop"), ('~', "alter")] {
            let exempt = mark == '~' && NEVER_ALTERED.contains(&kind.word());
            if !exempt && !seen.iter().any(|(m, k)| *m == mark && k.word() == kind.word()) {
                missing.push(format!("{} ({verb})", kind.word()));
            }
        }
    }
    missing.dedup();
    assert!(missing.is_empty(), "no fixture has: {}", missing.join(", "));
}

fn golden(case: &Case, sql: &str, major: u32) -> Result<(), String> {
    if major != GOLDEN_MAJOR {
        return Ok(());
    }
    let path = case.dir.join("plan.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, sql).unwrap();
        return Ok(());
    }
    let wanted = fs::read_to_string(&path)
        .map_err(|_| "there is no plan.sql; `just golden` writes it, and you read it".to_owned())?;
    if wanted == sql {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&wanted, sql).unified_diff().context_radius(2).to_string();
    Err(format!("the plan is not what plan.sql says (UPDATE_GOLDEN=1 rewrites it)\n{diff}"))
}
