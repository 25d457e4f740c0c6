//! What the caller decides, and what it hears.

use std::{collections::BTreeSet, sync::atomic::AtomicBool, time::Duration};

use ordain_introspect::ReadOptions;
use ordain_model::{Catalog, HazardKind, PlanStep};

#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Hazards that the user accepts.
    pub allow: BTreeSet<HazardKind>,
    /// How long a statement may wait for a lock before the group is rolled back and tried again. Zero: forever.
    pub lock_timeout: Duration,
    /// How often a group is tried again after a lock time-out, a deadlock or a lost connection.
    pub retries: u32,
    /// How long to wait for another apply on the same database.
    pub wait: Duration,
    /// How long to look for a server that went away during a COMMIT.
    pub reconnect: Duration,
    /// Go on where an earlier run of the same plan ended.
    pub resume: bool,
    /// Check everything, run the first group, verify it, and roll it back.
    pub dry_run: bool,
    /// As the plan's own catalogs were read.
    pub read: ReadOptions,
    /// Becomes true when the user wants to stop: what runs is cancelled and rolled back.
    pub cancel: Option<&'static AtomicBool>,
    /// The desired state, where the caller has it: names what differs should the verification fail.
    pub expected: Option<Catalog>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            allow: BTreeSet::new(),
            lock_timeout: Duration::from_secs(3),
            retries: 5,
            wait: Duration::from_secs(10),
            reconnect: Duration::from_secs(30),
            resume: false,
            dry_run: false,
            read: ReadOptions::default(),
            cancel: None,
            expected: None,
        }
    }
}

/// What happens, as it happens. Groups count from 1.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another apply is at work on this database; its process and application.
    Waiting {
        holder: String,
    },
    /// The database is read and compared with the plan.
    Comparing,
    /// This many questions about the data are asked.
    Prechecks {
        count: usize,
    },
    Precheck {
        counts: &'a str,
    },
    /// Groups up to here are done already.
    Resuming {
        done: usize,
    },
    Group {
        group: usize,
        of: usize,
        steps: usize,
    },
    Step {
        step: &'a PlanStep,
        of: usize,
    },
    StepDone {
        step: &'a PlanStep,
        elapsed: Duration,
    },
    /// The group was rolled back and is tried again after `wait`.
    Retry {
        group: usize,
        attempt: u32,
        of: u32,
        wait: Duration,
        reason: String,
    },
    /// The database is read inside the transaction and compared with the prediction.
    Verifying {
        group: usize,
    },
    Committed {
        group: usize,
    },
    /// A dry run took the group back.
    RolledBack {
        group: usize,
    },
    /// The connection was lost when it mattered; the database is asked what became of the COMMIT.
    Reconnecting {
        group: usize,
    },
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Groups committed by this run.
    pub groups: usize,
    /// Steps in them.
    pub steps: usize,
    /// Groups that an earlier run had committed.
    pub already_done: usize,
    pub dry_run: bool,
    /// Groups that a dry run could not try, because earlier ones must be committed first.
    pub untried: usize,
    pub elapsed: Duration,
}
