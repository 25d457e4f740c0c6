//! Every relation that a transaction touches holds a place in the server's lock table until the end.

use std::collections::BTreeSet;

use ordain_model::{Group, PlanStep, Verb};
use postgres::Client;

use crate::{ApplyError, session::failed};

/// Measured: with the default settings (nominally 6,400 locks) PostgreSQL 15 is out of shared memory after 12,450.
const SLACK: u64 = 2;

/// Refuses a group that would run out of lock space half-way.
pub(crate) fn check(client: &mut Client, groups: &[Group], first: usize) -> Result<(), ApplyError> {
    let query = "select current_setting('max_locks_per_transaction')::int8
        * (current_setting('max_connections')::int8 + current_setting('max_prepared_transactions')::int8)";
    let row = client.query_typed_one(query, &[]).map_err(failed("the question for its limits"))?;
    let room = row.get::<_, i64>(0).unsigned_abs() * SLACK;
    for (number, group) in (first + 1..).zip(groups) {
        let needed = estimate(group);
        if needed > room {
            return Err(ApplyError::TooManyLocks { group: number, needed, room });
        }
    }
    Ok(())
}

/// Relations that are created, altered or dropped, each once.
fn estimate(group: &Group) -> u64 {
    let mut seen = BTreeSet::new();
    let mut locks = 0;
    for step in group.steps.iter().filter(|step| step.verb != Verb::Transfer) {
        for name in std::iter::once(&step.object).chain(&step.also) {
            if !seen.insert(name) {
                continue;
            }
            locks += match name.split(' ').next().unwrap_or_default() {
                "table" | "materialized" => 1 + toast(step),
                "index" | "sequence" | "view" => 1,
                // The index behind it; checks and foreign keys have none.
                "constraint" if step.sql.contains("PRIMARY KEY") || step.sql.contains("UNIQUE") => {
                    1
                }
                _ => 0,
            };
        }
        locks += hidden(step);
        if let Some(lock) = &step.lock
            && seen.insert(&lock.on)
        {
            locks += 1;
        }
    }
    locks
}

/// Indexes behind keys and sequences behind identities, which no object of the plan stands for.
fn hidden(step: &PlanStep) -> u64 {
    const WORDS: [&str; 3] = [" PRIMARY KEY", " UNIQUE", " AS IDENTITY"];
    WORDS.iter().map(|word| step.sql.matches(word).count() as u64).sum()
}

/// A new table with a column of variable length comes with a TOAST table and that one's index.
fn toast(step: &PlanStep) -> u64 {
    const LONG: [&str; 7] = [" text", " char", " json", " bytea", " numeric", " xml", "[]"];
    if step.verb == Verb::Create && LONG.iter().any(|name| step.sql.contains(name)) { 2 } else { 0 }
}
