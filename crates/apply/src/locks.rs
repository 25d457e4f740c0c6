//! Every relation that a transaction touches holds a place in the server's lock table until the end.

use std::collections::BTreeSet;

use ordain_model::{Group, Verb};
use postgres::Client;

use crate::{ApplyError, session::failed};

/// The lock table is sized for the average transaction, and other sessions leave room: it may be filled to about
/// twice its nominal size before it is out of shared memory.
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

/// Relations that are created, altered or dropped; a table counts with its TOAST table and that one's index.
fn estimate(group: &Group) -> u64 {
    let mut seen = BTreeSet::new();
    let mut locks = 0;
    for step in group.steps.iter().filter(|step| step.verb != Verb::Transfer) {
        for name in std::iter::once(&step.object).chain(&step.also) {
            if !seen.insert(name) {
                continue;
            }
            locks += match name.split(' ').next().unwrap_or_default() {
                "table" | "materialized" => 3,
                "index" | "sequence" | "view" | "constraint" => 1,
                _ => 0,
            };
        }
        if let Some(lock) = &step.lock
            && seen.insert(&lock.on)
        {
            locks += 1;
        }
    }
    locks
}
