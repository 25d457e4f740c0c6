//! One attempt at one group.

use std::time::{Duration, Instant};

use ordain_introspect::{ReadOptions, describe, read, read_within};
use ordain_model::{Catalog, Group, Plan, PlanStep, Verb, fingerprint};
use postgres::{
    Client, IsolationLevel, Transaction,
    error::{Severity, SqlState},
};

use crate::{ApplyError, Event, StatementError, session::failed, stop::Stop};

/// How an attempt ended without success.
pub(crate) enum Failure {
    /// Rolled back because of a lock or a deadlock: trying again may help.
    Blocked(String),
    /// COMMIT (or a statement that commits by itself) was sent and its answer never came.
    CommitLost(String),
    /// The connection went before COMMIT was sent: nothing of the group is there.
    Lost(String),
    Cancelled,
    Statement(Box<StatementError>),
    /// The database would not be as predicted; what it would be.
    Mismatch(Box<Catalog>),
    Other(ApplyError),
}

/// What an attempt needs besides the connection.
pub(crate) struct Attempt<'a> {
    pub plan: &'a Plan,
    /// From 0.
    pub index: usize,
    pub lock_timeout: Duration,
    pub read: &'a ReadOptions,
    pub stop: &'a Stop,
    /// Roll back where the COMMIT would be.
    pub dry_run: bool,
}

impl Attempt<'_> {
    fn group(&self) -> &Group {
        &self.plan.groups[self.index]
    }

    pub fn run(&self, client: &mut Client, progress: &mut dyn FnMut(Event)) -> Result<(), Failure> {
        if self.group().transactional {
            self.in_transaction(client, progress)
        } else {
            self.standalone(client, progress)
        }
    }

    fn in_transaction(
        &self,
        client: &mut Client,
        progress: &mut dyn FnMut(Event),
    ) -> Result<(), Failure> {
        let begin = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
        let mut tx = begin.read_only(false).start().map_err(|error| self.other("BEGIN", error))?;
        let settings = settings(self.lock_timeout);
        tx.batch_execute(&settings).map_err(|error| self.other("the settings", error))?;
        for step in &self.group().steps {
            self.step(&mut tx, step, progress)?;
        }
        progress(Event::Verifying { group: self.index + 1 });
        let catalog = read_within(&mut tx, self.read).map_err(|error| self.unread(error))?;
        self.verify(catalog)?;
        if self.stop.wanted() {
            return Err(Failure::Cancelled);
        }
        if self.dry_run {
            return tx.rollback().map_err(|error| self.other("ROLLBACK", error));
        }
        tx.commit().map_err(|error| match is_answer(&error) {
            true if is_blocked(&error) => Failure::Blocked(describe(&error)),
            true => Failure::Statement(Box::new(StatementError::new(0, "", "COMMIT", &error))),
            false => Failure::CommitLost(describe(&error)),
        })
    }

    fn step(
        &self,
        tx: &mut Transaction,
        step: &PlanStep,
        progress: &mut dyn FnMut(Event),
    ) -> Result<(), Failure> {
        if self.stop.wanted() {
            return Err(Failure::Cancelled);
        }
        progress(Event::Step { step, of: self.group().steps.len() });
        let start = Instant::now();
        // Rows that a policy hides would be lost on the way; better an error.
        let moves = step.verb == Verb::Transfer;
        if moves {
            tx.batch_execute("set local row_security = off")
                .map_err(|error| self.other("row_security = off", error))?;
        }
        tx.batch_execute(&step.sql).map_err(|error| self.failed(step, error))?;
        if moves {
            tx.batch_execute("set local row_security = on")
                .map_err(|error| self.other("row_security = on", error))?;
        }
        progress(Event::StepDone { step, elapsed: start.elapsed() });
        Ok(())
    }

    /// Statements that commit by themselves; each is a group of its own.
    fn standalone(
        &self,
        client: &mut Client,
        progress: &mut dyn FnMut(Event),
    ) -> Result<(), Failure> {
        let limit = self.lock_timeout.as_millis();
        client
            .batch_execute(&format!("set lock_timeout = {limit}"))
            .map_err(|error| self.other("lock_timeout", error))?;
        for step in &self.group().steps {
            if self.stop.wanted() {
                return Err(Failure::Cancelled);
            }
            progress(Event::Step { step, of: self.group().steps.len() });
            let start = Instant::now();
            client.batch_execute(&step.sql).map_err(|error| match is_answer(&error) {
                true => self.failed(step, error),
                false => Failure::CommitLost(describe(&error)),
            })?;
            progress(Event::StepDone { step, elapsed: start.elapsed() });
        }
        progress(Event::Verifying { group: self.index + 1 });
        let reset = client.batch_execute("reset lock_timeout");
        let result = reset
            .map_err(|error| self.other("lock_timeout", error))
            .and_then(|()| read(client, self.read).map_err(|error| self.unread(error)));
        match result {
            Ok(catalog) => self.verify(catalog),
            Err(Failure::Lost(message)) => Err(Failure::CommitLost(message)),
            Err(failure) => Err(failure),
        }
    }

    fn verify(&self, catalog: Catalog) -> Result<(), Failure> {
        let plan = self.plan;
        let last = self.index + 1 == plan.groups.len();
        let wanted = if last { &plan.to_fingerprint } else { &self.group().fingerprint };
        match fingerprint(&catalog, &plan.scope) == *wanted {
            true => Ok(()),
            false => Err(Failure::Mismatch(Box::new(catalog))),
        }
    }

    fn failed(&self, step: &PlanStep, error: postgres::Error) -> Failure {
        if !is_answer(&error) {
            return Failure::Lost(describe(&error));
        }
        if self.stop.wanted() && error.code() == Some(&SqlState::QUERY_CANCELED) {
            return Failure::Cancelled;
        }
        let failure = StatementError::new(step.id, &step.object, &step.sql, &error);
        match is_blocked(&error) {
            true => {
                Failure::Blocked(format!("step {} ({}): {}", step.id, step.object, failure.message))
            }
            false => Failure::Statement(Box::new(failure)),
        }
    }

    /// A failure of what is not the plan's own.
    fn other(&self, what: &'static str, error: postgres::Error) -> Failure {
        match is_answer(&error) {
            false => Failure::Lost(describe(&error)),
            true if self.stop.wanted() => Failure::Cancelled,
            true => Failure::Other(failed(what)(error)),
        }
    }

    fn unread(&self, error: ordain_introspect::ReadError) -> Failure {
        match error.server_error() {
            Some(source) if !is_answer(source) => Failure::Lost(describe(source)),
            _ if self.stop.wanted() => Failure::Cancelled,
            _ => Failure::Other(error.into()),
        }
    }
}

/// For the transaction alone. The role's own search_path and TimeZone stay; how literals read must not depend on it.
fn settings(lock_timeout: Duration) -> String {
    format!(
        "set local lock_timeout = {};
         set local check_function_bodies = off;
         set local datestyle = iso;
         set local intervalstyle = postgres;
         set local standard_conforming_strings = on;
         set local row_security = on",
        lock_timeout.as_millis()
    )
}

/// Whether the server answered, and the session goes on: after anything else, what became of the transaction is open.
fn is_answer(error: &postgres::Error) -> bool {
    let Some(db) = error.as_db_error() else { return false };
    !matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

fn is_blocked(error: &postgres::Error) -> bool {
    let codes = [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}
