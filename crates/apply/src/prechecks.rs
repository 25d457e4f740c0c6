//! Questions about the data that must be answered 0 before anything is changed.

use ordain_introspect::describe;
use ordain_model::{Group, Plan, PlanStep, Precheck};
use postgres::{Client, IsolationLevel, error::SqlState};

use crate::{ApplyError, Event, FailedPrecheck, session::failed};

/// Asks all questions of a plan, for plan time. Reads only.
///
/// With row security off a role that policies restrict gets an error, not a count that is too small.
pub fn check_prechecks(
    client: &mut Client,
    plan: &Plan,
) -> Result<Vec<FailedPrecheck>, ApplyError> {
    ask(client, &plan.groups, Renamed::Never, &mut |_| {})
}

/// Whether objects may have been renamed since the questions were written: groups before these ones ran.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renamed {
    Never,
    Perhaps,
}

pub(crate) fn ask(
    client: &mut Client,
    groups: &[Group],
    renamed: Renamed,
    progress: &mut dyn FnMut(Event),
) -> Result<Vec<FailedPrecheck>, ApplyError> {
    let steps = groups.iter().flat_map(|group| &group.steps);
    let checks: Vec<(&PlanStep, &Precheck)> =
        steps.flat_map(|step| step.prechecks.iter().map(move |check| (step, check))).collect();
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    progress(Event::Prechecks { count: checks.len() });
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut tx = begin.read_only(true).start().map_err(failed("a transaction"))?;
    tx.batch_execute("set local row_security = off; set local statement_timeout = 0")
        .map_err(failed("row_security = off"))?;
    let mut bad = Vec::new();
    for (step, check) in checks {
        progress(Event::Precheck { counts: &check.counts });
        let mut nested = tx.transaction().map_err(failed("a savepoint"))?;
        let mut counts = check.counts.clone();
        let found = match nested.query_typed_one(&check.query, &[]) {
            Ok(row) => row.try_get::<_, i64>(0),
            Err(error) if renamed == Renamed::Perhaps && is_undefined(&error) => continue,
            // A value that cannot become what it must is an answer too: at least this one.
            Err(error) if is_about_data(&error) => {
                counts = format!("{counts}: {}", describe(&error));
                Ok(1)
            }
            Err(error) => Err(error),
        };
        drop(nested);
        let found = found.map_err(|source| ApplyError::Unanswered {
            step: step.id,
            counts: check.counts.clone(),
            source,
        })?;
        if found != 0 {
            bad.push(FailedPrecheck {
                step: step.id,
                object: step.object.clone(),
                counts,
                found,
                advice: check.advice.clone(),
                query: check.query.clone(),
            });
        }
    }
    tx.rollback().map_err(failed("the end of the prechecks"))?;
    Ok(bad)
}

/// Data exceptions and violated constraints (classes 22 and 23; manual: appendix A).
fn is_about_data(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("22") || code.code().starts_with("23"))
}

fn is_undefined(error: &postgres::Error) -> bool {
    let names = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::UNDEFINED_OBJECT];
    error.code().is_some_and(|code| names.contains(code))
}
