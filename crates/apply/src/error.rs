//! Why a plan was not applied, or not to its end.

use std::{collections::BTreeSet, fmt};

use ordain_introspect::{ReadError, connect::ConnectError, describe};
use ordain_model::HazardKind;
use postgres::error::ErrorPosition;

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("the plan has format {found}; this version of ordain reads {}", ordain_model::FORMAT)]
    Format { found: u32 },
    #[error("the plan has hazards that are not allowed: {}", names(.0))]
    NotAllowed(BTreeSet<HazardKind>),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{target} is a standby: it takes no changes")]
    Standby { target: String },
    #[error("another apply is at work on this database: {holder}")]
    Busy { holder: String },
    #[error(
        "the database is not as it was when the plan was made (its fingerprint differs){}",
        if contradictions.is_empty() { String::new() } else { format!(": {}", contradictions.join("; ")) }
    )]
    Drift { contradictions: Vec<String> },
    #[error("the plan has been applied already")]
    AlreadyApplied,
    #[error("{done} of the plan's {of} groups have been applied already")]
    PartlyApplied { done: usize, of: usize },
    #[error("the data stand in the way: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Prechecks(Vec<FailedPrecheck>),
    #[error(
        "the question how many {counts} there are (step {step}) has no answer: {}",
        describe(source)
    )]
    Unanswered { step: usize, counts: String, source: postgres::Error },
    #[error(
        "group {group} needs about {needed} locks and the server has room for {room} in one transaction"
    )]
    TooManyLocks { group: usize, needed: u64, room: u64 },
    #[error("{0}; {1}")]
    Statement(Box<StatementError>, Standing),
    #[error("group {group} did not get its locks in {attempts} attempts: {reason}; {standing}")]
    LockTimeout { group: usize, attempts: u32, reason: String, standing: Standing },
    #[error(
        "after group {group} the database would not be as planned{}; {standing}",
        if differences.is_empty() { String::new() } else { format!(": {}", differences.join("; ")) }
    )]
    Verification { group: usize, differences: Vec<String>, standing: Standing },
    #[error("the connection was lost: {message}; {standing}")]
    ConnectionLost { message: String, standing: Standing },
    #[error(
        "the connection was lost while group {group} was being committed, and whether it was is not known: {message}"
    )]
    Unknown { group: usize, message: String },
    #[error("interrupted; {0}")]
    Cancelled(Standing),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the server refused {what}: {}", describe(source))]
    Server { what: &'static str, source: postgres::Error },
}

/// Where the database is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Groups that are committed, by this run or an earlier one.
    pub done: usize,
    pub of: usize,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.done {
            0 => f.write_str("nothing was changed"),
            done => write!(
                f,
                "groups 1 to {done} of {} are committed, nothing else was changed",
                self.of
            ),
        }
    }
}

impl ApplyError {
    /// Whether this is a refusal (exit code 3): the plan must not run as things stand, and nothing was tried.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Format { .. }
                | Self::NotAllowed(_)
                | Self::Standby { .. }
                | Self::Drift { .. }
                | Self::AlreadyApplied
                | Self::PartlyApplied { .. }
                | Self::Prechecks(_)
                | Self::Unanswered { .. }
                | Self::TooManyLocks { .. }
        )
    }

    /// 3 for a refusal, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        if self.is_refusal() { 3 } else { 1 }
    }

    /// What the user can do about it.
    pub fn advice(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Format { .. } => one("make the plan again with this version"),
            Self::NotAllowed(hazards) => {
                vec![format!("read the plan; then allow them with --allow {}", names(hazards))]
            }
            Self::Busy { .. } => one("wait until it has ended"),
            Self::Drift { .. } => one("make a new plan, and review that one"),
            Self::AlreadyApplied => one("nothing is left to do; --resume takes that for success"),
            Self::PartlyApplied { .. } => one("--resume goes on from there"),
            Self::Prechecks(failed) => failed.iter().map(|check| check.advice.clone()).collect(),
            Self::Unanswered { source, .. }
                if source.code() == Some(&postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) =>
            {
                one("apply as a role that may read all rows: the owner, or one with BYPASSRLS")
            }
            Self::TooManyLocks { needed, .. } => vec![format!(
                "raise max_locks_per_transaction on the server (about {needed} locks / max_connections) and restart it"
            )],
            Self::LockTimeout { .. } => one(
                "try at a quieter time, find who holds the lock in pg_locks, or give a longer --lock-timeout",
            ),
            Self::Verification { .. } => one(
                "an event trigger or a default of this database may have a hand in it; if not, this is a bug in ordain",
            ),
            Self::Unknown { .. } => {
                one("once the server answers, run the same command with --resume")
            }
            Self::Statement(_, standing)
            | Self::Cancelled(standing)
            | Self::ConnectionLost { standing, .. }
                if standing.done > 0 =>
            {
                one("run the same command with --resume to go on from there")
            }
            _ => Vec::new(),
        }
    }
}

/// A precheck whose answer is not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedPrecheck {
    /// The plan's number of the step that would fail or lose data.
    pub step: usize,
    pub object: String,
    /// What was counted.
    pub counts: String,
    pub found: i64,
    pub advice: String,
    pub query: String,
}

impl fmt::Display for FailedPrecheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.object, self.found, self.counts)
    }
}

/// A statement that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementError {
    /// The plan's number of the step; 0 for a COMMIT.
    pub step: usize,
    pub object: String,
    pub sql: String,
    pub message: String,
    pub code: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    pub context: Option<String>,
    /// From 1, in characters of `sql`.
    pub position: Option<usize>,
}

impl StatementError {
    pub(crate) fn new(step: usize, object: &str, sql: &str, error: &postgres::Error) -> Self {
        let db = error.as_db_error();
        let text = |part: Option<&str>| part.map(str::to_owned);
        Self {
            step,
            object: object.to_owned(),
            sql: sql.to_owned(),
            message: db.map_or_else(|| describe(error), |db| db.message().to_owned()),
            code: db.map_or_else(String::new, |db| db.code().code().to_owned()),
            detail: text(db.and_then(|db| db.detail())),
            hint: text(db.and_then(|db| db.hint())),
            context: text(db.and_then(|db| db.where_())),
            position: match db.and_then(|db| db.position()) {
                Some(ErrorPosition::Original(at)) => Some(*at as usize),
                _ => None,
            },
        }
    }

    /// The line of the statement that the server points at, and a caret below the place.
    fn pointer(&self) -> Option<(usize, String, String)> {
        let before: String = self.sql.chars().take(self.position?.checked_sub(1)?).collect();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        Some((line + 1, self.sql.lines().nth(line)?.to_owned(), " ".repeat(column) + "^"))
    }
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            0 => write!(f, "the COMMIT failed: {}", self.message)?,
            step => write!(f, "step {step} ({}) failed: {}", self.object, self.message)?,
        }
        if !self.code.is_empty() {
            write!(f, " ({})", self.code)?;
        }
        let parts = [("detail", &self.detail), ("hint", &self.hint), ("context", &self.context)];
        for (label, part) in parts {
            if let Some(part) = part {
                write!(f, "\n  {label}: {part}")?;
            }
        }
        match self.pointer() {
            Some((line, text, caret)) => {
                let label = format!("  line {line}: ");
                write!(f, "\n{label}{text}\n{}{caret}\n", " ".repeat(label.len()))
            }
            None if self.step > 0 => write!(f, "\n  statement: {}\n", self.sql),
            None => Ok(()),
        }
    }
}

/// `DELETES_DATA,LOOSENS_ACCESS`, as `--allow` takes them.
fn names(hazards: &BTreeSet<HazardKind>) -> String {
    hazards.iter().map(|hazard| name(*hazard)).collect::<Vec<_>>().join(",")
}

fn name(hazard: HazardKind) -> String {
    let mut out = String::new();
    for c in format!("{hazard:?}").chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_are_named_as_published() {
        assert_eq!(name(HazardKind::MayFailOnData), "MAY_FAIL_ON_DATA");
    }

    #[test]
    fn the_caret_stands_below_the_place() {
        let error = StatementError {
            step: 2,
            object: "view public.v".into(),
            sql: "CREATE VIEW v AS\n  SELECT ä, nope".into(),
            message: "column \"nope\" does not exist".into(),
            code: "42703".into(),
            detail: None,
            hint: None,
            context: None,
            position: Some(30),
        };
        let text = error.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "  line 2:   SELECT ä, nope");
        assert_eq!(lines[2].chars().count(), lines[1].find("nope").unwrap());
    }
}
