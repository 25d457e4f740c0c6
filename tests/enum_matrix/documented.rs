//! The table in docs/enum-changes.md says what happens, and this what did.

use std::{collections::BTreeMap, fs};

use ordain_tests::case::root;

use crate::cell::Strategy;

/// Panics where the table and what was seen differ.
pub fn check(seen: &BTreeMap<(String, String), Strategy>, _major: u32) {
    let text = fs::read_to_string(root().join("docs/enum-changes.md")).unwrap_or_default();
    let mut written = BTreeMap::new();
    let mut columns: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells[0] == "dependent" {
            columns = cells[1..].iter().map(|c| c.trim_matches('`').to_owned()).collect();
        } else if !columns.is_empty() && !cells[0].starts_with('-') {
            for (transition, word) in columns.iter().zip(&cells[1..]) {
                let dependent = cells[0].trim_matches('`').to_owned();
                written.insert((transition.clone(), dependent), (*word).to_owned());
            }
        }
    }
    let mut wrong = Vec::new();
    for (key, strategy) in seen {
        if written.get(key).map(String::as_str) != Some(strategy.word()) {
            wrong.push(format!(
                "{}/{}: {} and not {:?}",
                key.0,
                key.1,
                strategy.word(),
                written.get(key)
            ));
        }
    }
    assert!(wrong.is_empty(), "docs/enum-changes.md is wrong:\n{}", wrong.join("\n"));
}
