//! Runs statements in the shadow database until all have run or nothing moves any more.
//!
//! The server is the judge of what a statement needs: one that fails for want of something is put off and tried
//! again when others have run, under the settings in force where it stood.

mod admit;
mod engine;
mod extensions;
mod failure;
mod stuck;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::Ordering,
};

use postgres::error::{DbError, SqlState};

use engine::ByEngine;
use failure::Failure;

use crate::{
    LoadError, ShadowError,
    error::describe,
    shadow::{
        Ground, Stage,
        stage::{may_stub, stub, tablespace},
    },
    sql::{class::Class, script::Script},
};

/// One transaction for more statements than this costs more than it saves: the server walks its list of locks
/// and pending relations again and again.
const CHUNK: usize = 100;

/// What the run left besides the database.
pub(crate) struct Outcome {
    pub notices: Vec<String>,
    /// The search path under the settings that remarks stand under.
    pub search_paths: HashMap<usize, String>,
}

/// Runs everything. Every error is about a place in a file.
pub(crate) fn replay(stage: &mut Stage, script: &Script) -> Result<Outcome, LoadError> {
    let mut replay = Replay {
        done: vec![false; script.statements.len()],
        failures: BTreeMap::new(),
        hopeless: BTreeMap::new(),
        owners: Vec::new(),
        settings: None,
        unknown_settings: BTreeSet::new(),
        search_paths: HashMap::new(),
        notices: Vec::new(),
        stage,
        script,
    };
    replay.extensions()?;
    replay.statements()?;
    replay.flush_owners()?;
    replay.event_triggers()?;
    replay.verdict()?;
    for site in &script.sites {
        replay.search_path(site.settings)?;
    }
    // Temporary objects are no part of a schema.
    let _ = replay.send("reset role; discard temp")?;
    Ok(Outcome { notices: replay.notices, search_paths: replay.search_paths })
}

struct Replay<'a> {
    stage: &'a mut Stage,
    script: &'a Script,
    done: Vec<bool>,
    /// Statements that were put off, with the last error.
    failures: BTreeMap<usize, Failure>,
    /// Statements that will never run.
    hopeless: BTreeMap<usize, Failure>,
    /// OWNER TO statements that wait for the engine.
    owners: Vec<usize>,
    /// What the files' connection has now; None when that is not known.
    settings: Option<usize>,
    /// Settings that this server does not know.
    unknown_settings: BTreeSet<String>,
    search_paths: HashMap<usize, String>,
    notices: Vec<String>,
}

impl Replay<'_> {
    /// Runs everything that is neither an extension nor an event trigger.
    fn statements(&mut self) -> Result<(), LoadError> {
        loop {
            let moved = self.pass()?;
            let left = self.left().next().is_some();
            if !left {
                return Ok(());
            }
            if !moved && !self.let_drops_pass() && !self.fetch_what_is_missing()? {
                return Ok(());
            }
        }
    }

    /// Statements that still have to run, in order.
    fn left(&self) -> impl Iterator<Item = usize> {
        let open = |i: &usize| !self.done[*i] && !self.hopeless.contains_key(i);
        let later = |i: &usize| self.script.statements[*i].judged.class == Class::EventTrigger;
        (0..self.done.len()).filter(move |i| open(i) && !later(i))
    }

    /// Tries all that is left, once and in order. Returns whether anything ran.
    fn pass(&mut self) -> Result<bool, LoadError> {
        let script = self.script;
        let left: Vec<usize> = self.left().collect();
        let mut moved = false;
        // Units in which something waits: a barrier there waits as well, and all behind it.
        let mut waiting: BTreeSet<usize> = BTreeSet::new();
        let mut closed: BTreeSet<usize> = BTreeSet::new();
        let mut chunk: Vec<usize> = Vec::new();
        for index in left {
            let statement = &script.statements[index];
            let alone = statement.judged.class == Class::Alone || statement.judged.barrier;
            let breaks = chunk.last().is_some_and(|&last| {
                script.statements[last].settings != statement.settings
                    || script.statements[last].unit != statement.unit
            });
            let moves = statement.judged.moves && !self.owners.is_empty();
            if breaks || alone || moves || chunk.len() >= CHUNK {
                moved |= self.chunk(&std::mem::take(&mut chunk), &mut waiting)?;
            }
            if closed.contains(&statement.unit) {
                continue;
            }
            let held_up = waiting.contains(&statement.unit)
                || statement.judged.everywhere && !waiting.is_empty();
            if statement.judged.barrier && held_up {
                closed.insert(statement.unit);
                continue;
            }
            match statement.judged.class {
                Class::Owner => {
                    // Together, when all is there; to the next statements it is as if it had run.
                    self.owners.push(index);
                    self.done[index] = true;
                    moved = true;
                }
                _ if alone => {
                    if statement.judged.moves {
                        self.flush_owners()?;
                    }
                    if self.single(index)? {
                        moved = true;
                    } else {
                        waiting.insert(statement.unit);
                        if statement.judged.barrier {
                            closed.insert(statement.unit);
                        }
                    }
                }
                _ => {
                    if statement.judged.moves {
                        self.flush_owners()?;
                    }
                    chunk.push(index);
                }
            }
        }
        moved |= self.chunk(&chunk, &mut waiting)?;
        Ok(moved)
    }

    /// Runs neighbours in one transaction, or one by one where that fails.
    fn chunk(&mut self, chunk: &[usize], waiting: &mut BTreeSet<usize>) -> Result<bool, LoadError> {
        let Some(&first) = chunk.first() else { return Ok(false) };
        let script = self.script;
        if chunk.len() > 1 {
            self.settings(script.statements[first].settings)?;
            let mut sql = String::new();
            for &index in chunk {
                sql.push_str(&script.statements[index].sql());
                sql.push_str(";\n");
            }
            if self.send(&sql)?.is_ok() {
                for &index in chunk {
                    self.done[index] = true;
                    self.failures.remove(&index);
                }
                return Ok(true);
            }
        }
        let mut moved = false;
        for &index in chunk {
            if self.single(index)? {
                moved = true;
            } else {
                waiting.insert(script.statements[index].unit);
            }
        }
        Ok(moved)
    }

    /// Runs one statement by itself. False when it was put off.
    fn single(&mut self, index: usize) -> Result<bool, LoadError> {
        let script = self.script;
        let statement = &script.statements[index];
        self.settings(statement.settings)?;
        let sql = statement.sql();
        loop {
            let failure = match self.send(&sql)? {
                Ok(()) => break,
                Err(error) => Failure::new(&error, &sql),
            };
            if self.supply(&failure)? {
                continue;
            }
            if failure.code == SqlState::DUPLICATE_SCHEMA
                && statement.judged.schema.as_deref() == Some("public")
            {
                break;
            }
            let mut failure = failure;
            // An aggregate whose state has no spelling is a superuser's, though the message is another.
            let superusers =
                [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_FUNCTION_DEFINITION];
            if superusers.contains(&failure.code) {
                match self.by_engine(index, &failure)? {
                    ByEngine::Done => break,
                    ByEngine::Failed(other) => failure = other,
                    ByEngine::NotAdmitted => {}
                }
            }
            let put_off = failure.may_pass();
            if put_off {
                self.failures.insert(index, failure);
            } else {
                self.failures.remove(&index);
                self.hopeless.insert(index, failure);
            }
            return Ok(false);
        }
        self.done[index] = true;
        self.failures.remove(&index);
        Ok(true)
    }

    /// Sends SQL over the files' connection. The outer error is the end of the connection.
    fn send(&mut self, sql: &str) -> Result<Result<(), DbError>, LoadError> {
        if self.stage.stop.is_some_and(|stop| stop.load(Ordering::SeqCst)) {
            return Err(LoadError::Interrupted);
        }
        match self.stage.runner.batch_execute(sql) {
            Ok(()) => Ok(Ok(())),
            Err(error) => match error.as_db_error() {
                Some(db) if !self.stage.runner.is_closed() => Ok(Err(db.clone())),
                _ => {
                    let log = match &self.stage.ground {
                        Ground::Private(cluster) => cluster.log(),
                        Ground::Scratch(_) => String::new(),
                    };
                    let message = format!("{} {log}", describe(&error));
                    Err(ShadowError::Server { what: "the connection broke".into(), message }.into())
                }
            },
        }
    }

    /// Makes roles and tablespaces that turn out to be mentioned. True when there is reason to try again.
    fn supply(&mut self, failure: &Failure) -> Result<bool, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else { return Ok(false) };
        if failure.code != SqlState::UNDEFINED_OBJECT {
            return Ok(false);
        }
        let quoted = |what: &str| {
            let name = failure.message.strip_prefix(what)?.strip_suffix("\" does not exist")?;
            Some(name.to_owned())
        };
        if let Some(role) = quoted("role \"").filter(|r| may_stub(r)) {
            let made = engine.batch_execute(&stub(&role, &self.stage.runner_role));
            return Ok(made.is_ok());
        }
        if let (Some(space), Ground::Private(cluster)) =
            (quoted("tablespace \""), &self.stage.ground)
        {
            let owner = ordain_model::quote::ident(&self.stage.runner_role);
            return Ok(tablespace(cluster, &space, &owner, engine).is_ok());
        }
        Ok(false)
    }

    /// Brings the files' connection to the settings of a statement.
    fn settings(&mut self, wanted: usize) -> Result<(), LoadError> {
        if self.settings == Some(wanted) {
            return Ok(());
        }
        let script = self.script;
        let fresh = self.settings.is_none() && wanted == 0;
        self.settings = Some(wanted);
        if fresh {
            return Ok(());
        }
        let settings = &script.settings[wanted];
        let mut sql = String::from("reset role; reset all;\n");
        for (name, set) in settings {
            if !self.unknown_settings.contains(name) {
                sql.push_str(&set.sql);
                sql.push_str(";\n");
            }
        }
        if self.send(&sql)?.is_ok() {
            return Ok(());
        }
        let _ = self.send("reset role; reset all")?;
        for (name, set) in settings {
            if self.unknown_settings.contains(name) {
                continue;
            }
            let Err(error) = self.send(&set.sql)? else { continue };
            let failure = Failure::new(&error, &set.sql);
            if self.supply(&failure)? && self.send(&set.sql)?.is_ok() {
                continue;
            }
            match failure.code {
                // A parameter of another version or of an extension that is not loaded, or a superuser's.
                SqlState::UNDEFINED_OBJECT
                | SqlState::INSUFFICIENT_PRIVILEGE
                | SqlState::CANT_CHANGE_RUNTIME_PARAM => {
                    self.notices.push(format!(
                        "{}: setting {name} was skipped: {}",
                        set.span.line(),
                        failure.message
                    ));
                    self.unknown_settings.insert(name.clone());
                }
                _ => {
                    let mut error = set.span.error(failure.message);
                    error.notes = failure.notes;
                    return Err(LoadError::Sql(vec![error]));
                }
            }
        }
        Ok(())
    }
}
