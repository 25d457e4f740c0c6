//! [`Plan`] → database, group by group, under lock.
//!
//! Knows how to run a plan so that the database is afterwards as the plan says, or as before, or at a boundary
//! between two groups that a later run continues from. Knows nothing of how plans are made or shown.

mod checks;
mod error;
mod group;
mod locks;
mod options;
mod prechecks;
mod run;
mod session;
mod stop;

pub use error::{ApplyError, FailedPrecheck, StatementError};
pub use options::{ApplyOptions, Event, Outcome};
pub use prechecks::check_prechecks;

use ordain_introspect::connect::Target;
use ordain_model::Plan;

use run::Run;

/// Applies exactly this plan to the database at `url` (as [`ordain_introspect::connect::connect`] reads it), or
/// refuses.
///
/// Everything that can be known beforehand is checked before the first change: hazards that need to be allowed,
/// that the database is the one that the plan was made for, the prechecks of all groups, the number of locks.
/// Then each group runs in a transaction of its own that is verified before it commits. No object is left behind.
pub fn apply(
    url: &str,
    plan: &Plan,
    options: &ApplyOptions,
    progress: &mut dyn FnMut(Event),
) -> Result<Outcome, ApplyError> {
    checks::format(plan)?;
    checks::hazards(plan, &options.allow)?;
    let target = Target::parse(url)?;
    stop::watched(&target, options.cancel, |stop| {
        Run::open(&target, plan, options, stop, progress)?.finish()
    })
}
