//! The whole way of a plan into a database.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::{Duration, Instant},
};

use ordain_introspect::{connect::Target, read};
use ordain_model::{Catalog, Plan, fingerprint};
use postgres::Client;

use crate::{
    ApplyError, ApplyOptions, Event, Outcome, checks,
    error::Standing,
    group::{Attempt, Failure},
    locks,
    prechecks::{Renamed, ask},
    session,
    stop::Stop,
};

/// Waits between attempts double from the first to the longest, give or take a half.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

pub(crate) struct Run<'a> {
    target: &'a Target,
    plan: &'a Plan,
    options: &'a ApplyOptions,
    stop: &'a Stop,
    progress: &'a mut dyn FnMut(Event),
    client: Client,
    start: Instant,
}

impl<'a> Run<'a> {
    pub fn open(
        target: &'a Target,
        plan: &'a Plan,
        options: &'a ApplyOptions,
        stop: &'a Stop,
        progress: &'a mut dyn FnMut(Event),
    ) -> Result<Self, ApplyError> {
        let start = Instant::now();
        let client = session::open(target, options.wait, stop, progress)?;
        Ok(Self { target, plan, options, stop, progress, client, start })
    }

    pub fn finish(mut self) -> Result<Outcome, ApplyError> {
        let (done, before) = self.compare()?;
        let groups = &self.plan.groups[done..];
        let mut outcome =
            Outcome { already_done: done, dry_run: self.options.dry_run, ..Outcome::default() };
        locks::check(&mut self.client, groups, done)?;
        let renamed = if done > 0 { Renamed::Perhaps } else { Renamed::Never };
        let failed = ask(&mut self.client, groups, renamed, self.progress)?;
        if !failed.is_empty() {
            return Err(ApplyError::Prechecks(failed));
        }
        for (index, group) in (done..).zip(groups) {
            if self.options.dry_run && (index > done || !group.transactional) {
                outcome.untried = self.plan.groups.len() - index;
                break;
            }
            self.group(index, &before)?;
            outcome.groups += 1;
            outcome.steps += group.steps.len();
        }
        outcome.elapsed = self.start.elapsed();
        Ok(outcome)
    }

    /// How many groups are behind us, and the database as it is.
    fn compare(&mut self) -> Result<(usize, Catalog), ApplyError> {
        (self.progress)(Event::Comparing);
        let catalog = self.read()?;
        let of = self.plan.groups.len();
        match checks::standing(self.plan, &fingerprint(&catalog, &self.plan.scope)) {
            Some(0) => Ok((0, catalog)),
            Some(done) if self.options.resume => {
                (self.progress)(Event::Resuming { done });
                Ok((done, catalog))
            }
            Some(done) if done == of => Err(ApplyError::AlreadyApplied),
            Some(done) => Err(ApplyError::PartlyApplied { done, of }),
            None => Err(ApplyError::Drift {
                contradictions: checks::contradictions(self.plan, &catalog),
            }),
        }
    }

    fn read(&mut self) -> Result<Catalog, ApplyError> {
        let result = read(&mut self.client, &self.options.read);
        match result {
            Err(_) if self.stop.wanted() => Err(ApplyError::Cancelled(self.standing(0))),
            result => Ok(result?),
        }
    }

    fn standing(&self, done: usize) -> Standing {
        Standing { done, of: self.plan.groups.len() }
    }

    /// Brings one group to its COMMIT, over locks and lost answers.
    fn group(&mut self, index: usize, before: &Catalog) -> Result<(), ApplyError> {
        let standing = self.standing(index);
        let (number, of) = (index + 1, self.plan.groups.len());
        let steps = self.plan.groups[index].steps.len();
        (self.progress)(Event::Group { group: number, of, steps });
        let mut attempts = 0;
        loop {
            attempts += 1;
            let attempt = Attempt {
                plan: self.plan,
                index,
                lock_timeout: self.options.lock_timeout,
                read: &self.options.read,
                stop: self.stop,
                dry_run: self.options.dry_run,
            };
            let reason = match attempt.run(&mut self.client, self.progress) {
                Ok(()) if self.options.dry_run => {
                    (self.progress)(Event::RolledBack { group: number });
                    return Ok(());
                }
                Ok(()) => {
                    (self.progress)(Event::Committed { group: number });
                    return Ok(());
                }
                Err(Failure::Blocked(reason)) => reason,
                Err(Failure::CommitLost(message)) => {
                    if self.was_committed(index, &message)? {
                        (self.progress)(Event::Committed { group: number });
                        return Ok(());
                    }
                    message
                }
                Err(Failure::Lost(message)) => {
                    return Err(ApplyError::ConnectionLost { message, standing });
                }
                Err(Failure::Cancelled) => return Err(ApplyError::Cancelled(standing)),
                Err(Failure::Statement(error)) => {
                    return Err(ApplyError::Statement(error, standing));
                }
                Err(Failure::Mismatch(after)) => {
                    let expected = self.options.expected.as_ref().filter(|_| number == of);
                    // What commits by itself cannot be taken back any more.
                    let alone = !self.plan.groups[index].transactional;
                    let standing = self.standing(index + usize::from(alone));
                    let differences = checks::differences(self.plan, before, &after, expected);
                    return Err(ApplyError::Verification { group: number, differences, standing });
                }
                Err(Failure::Other(error)) => return Err(error),
            };
            if attempts > self.options.retries {
                return Err(ApplyError::LockTimeout { group: number, attempts, reason, standing });
            }
            let wait = backoff(attempts);
            (self.progress)(Event::Retry {
                group: number,
                attempt: attempts,
                of: self.options.retries,
                wait,
                reason,
            });
            self.stop.sleep(wait);
            if self.stop.wanted() {
                return Err(ApplyError::Cancelled(standing));
            }
        }
    }

    /// After a COMMIT without an answer: looks which side of it the database is on.
    ///
    /// The new session must get the advisory lock first. The old one holds it as long as it lives, so once we have
    /// it, nothing is still on its way.
    fn was_committed(&mut self, index: usize, message: &str) -> Result<bool, ApplyError> {
        let group = index + 1;
        (self.progress)(Event::Reconnecting { group });
        let unknown =
            |why: String| ApplyError::Unknown { group, message: format!("{message}; {why}") };
        let start = Instant::now();
        self.client = loop {
            match session::open(self.target, self.options.reconnect, self.stop, self.progress) {
                Ok(client) => break client,
                Err(error) if start.elapsed() > self.options.reconnect => {
                    return Err(unknown(error.to_string()));
                }
                Err(_) => thread::sleep(FIRST_WAIT),
            }
        };
        let catalog = read(&mut self.client, &self.options.read);
        let catalog = catalog.map_err(|error| unknown(error.to_string()))?;
        let found = fingerprint(&catalog, &self.plan.scope);
        let before = match index {
            0 => &self.plan.from_fingerprint,
            _ => &self.plan.groups[index - 1].fingerprint,
        };
        if found == self.plan.groups[index].fingerprint {
            Ok(true)
        } else if found == *before {
            Ok(false)
        } else {
            Err(unknown("the database is as neither before nor after it".into()))
        }
    }
}

/// Between half and one and a half of a time that doubles with every attempt, so that two don't meet again and again.
fn backoff(attempt: u32) -> Duration {
    let longest =
        FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST_WAIT);
    let random = RandomState::new().build_hasher().finish() % 1000;
    longest.mul_f64(0.5 + random as f64 / 1000.0)
}
