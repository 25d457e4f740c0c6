//! Fixtures whose difficulty is the order: mutual references, chains, names that change their kind. Statements of
//! the files may stand in any order, so these test the loader too.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use ordain_tests::{
    Ordain,
    case::{all, for_each, report, root, threads},
    server::shared,
};

#[test]
fn what_needs_each_other_is_ordered() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = shared();
    let mut cases = all(&root().join("fixtures"));
    cases.retain(|case| case.min_version <= server.major() && case.name.starts_with("order/"));
    let failures = for_each(
        &cases,
        threads(),
        |case| case.name.clone(),
        |case| case.judge(&ordain, server).map(|_| ()),
    );
    report("order", cases.len(), &failures);
}
