//! Every fixture, there and back, and what its plan says.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;

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
    let failures = for_each(
        &cases,
        threads(),
        |case| case.name.clone(),
        |case| {
            let outcome = case.judge(&ordain, server)?;
            golden(case, &outcome.sql, server.major())
        },
    );
    report("fixtures", cases.len(), &failures);
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
