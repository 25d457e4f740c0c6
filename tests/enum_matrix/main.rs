//! Every change to an enum type, through everything that depends on it.
//!
//! `dependents/*.sql` are templates of what can use an enum, with rows; [`transitions`] are the changes to the type.
//! Their cross product runs on a real server, there and back: `pg_dump` equality, the rows' values, an empty second
//! plan, nothing written anew that need not be. In every run each transition has all dependents in one database, a
//! schema and a type for each; what fails there runs alone, to tell which it was. `ORDAIN_MATRIX=alone` runs each cell
//! alone, `ORDAIN_MATRIX=shared` all dependents of one type, `ORDAIN_MATRIX=together` skips the search for the culprit; `ORDAIN_CASE=transition/dependent` narrows it down.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod cell;
mod conversions;
mod dependents;
mod documented;
mod judge;
mod names;
mod refusals;
mod transitions;
mod uses;

use std::{collections::BTreeMap, sync::Mutex};

use cell::{Cell, Strategy};
use dependents::Dependent;
use ordain_tests::{
    Ordain, Server,
    case::{for_each, report, threads},
    server::shared,
};

fn ordain() -> Ordain {
    Ordain::new(env!("CARGO_BIN_EXE_ordain"))
}

/// Roles that the templates name.
fn server() -> &'static Server {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| shared().admin("CREATE ROLE app; CREATE ROLE app2"));
    shared()
}

/// `ORDAIN_CASE`, of which each half may be missing.
fn wanted(transition: &str, dependent: &str) -> bool {
    let only = std::env::var("ORDAIN_CASE").unwrap_or_default();
    match only.split_once('/') {
        Some((t, d)) => transition.contains(t) && dependent.contains(d),
        None => transition.contains(&only),
    }
}

#[test]
fn every_transition_through_every_dependent() {
    let (ordain, server) = (ordain(), server());
    let dependents = dependents::all(server.major());
    let mode = std::env::var("ORDAIN_MATRIX").unwrap_or_default();
    let mut cells = Vec::new();
    for transition in transitions::all() {
        let of = |d: &&Dependent| wanted(&transition.name, &d.name);
        let fitting: Vec<&Dependent> = dependents.iter().filter(of).collect();
        match mode.as_str() {
            "alone" => cells.extend(fitting.iter().map(|d| Cell::new(&transition, &[d], false))),
            "shared" => cells.push(Cell::new(&transition, &fitting, true)),
            _ => cells.push(Cell::new(&transition, &fitting, false)),
        }
    }
    cells.retain(|cell| !cell.dependents.is_empty());
    let seen = Mutex::new(BTreeMap::new());
    let failures = for_each(
        &cells,
        threads(),
        |cell| cell.name.clone(),
        |cell| {
            let began = std::time::Instant::now();
            let outcome = cell.judge(&ordain, server);
            println!("{}: {:?}", cell.name, began.elapsed());
            match outcome {
                Ok(strategies) => {
                    let of = |(d, s)| ((cell.transition.name.clone(), d), s);
                    seen.lock().unwrap().extend(strategies.into_iter().map(of));
                    Ok(())
                }
                Err(message) if cell.dependents.len() == 1 || mode == "together" => Err(message),
                Err(message) => Err(attributed(cell, &message, &ordain, server)),
            }
        },
    );
    report("the enum matrix", cells.len(), &failures);
    let seen: BTreeMap<(String, String), Strategy> = seen.into_inner().unwrap();
    // The table is about all dependents in one database; alone, some have no use for the new label.
    if std::env::var_os("ORDAIN_CASE").is_none() && matches!(mode.as_str(), "" | "together") {
        documented::check(&seen, server.major());
    }
}

/// Which of the dependents it was that failed among the others.
fn attributed(cell: &Cell, message: &str, ordain: &Ordain, server: &Server) -> String {
    let mut out = String::new();
    for dependent in &cell.dependents {
        let alone = Cell::new(&cell.transition, &[dependent], cell.shared);
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| alone.judge(ordain, server)));
        if let Ok(Err(message)) = outcome {
            out.push_str(&format!("--- {}\n{message}\n", alone.name));
        }
    }
    if out.is_empty() { format!("only all together:\n{message}") } else { out }
}
