//! Runs statements in the shadow database until all have run or nothing moves any more.
//!
//! The server is the judge of what a statement needs: one that fails for want of something is put off and tried
//! again when others have run, under the settings in force where it stood.

mod admit;
mod copies;
mod engine;
mod extensions;
mod failure;
mod functions;
mod grants;
mod last;
mod owners;
mod passes;
mod stuck;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::Ordering,
};

use ordain_model::ObjectId;
use postgres::error::{DbError, SqlState};

use engine::ByEngine;
use failure::Failure;
use last::Late;

use crate::{
    LoadError, ShadowError,
    elsewhere::Elsewhere,
    error::describe,
    shadow::{
        Ground, Stage,
        stage::{may_stub, stub, tablespace},
    },
    sql::script::Script,
};

/// One transaction for more statements than this costs more than it saves: the server walks its list of locks
/// and pending relations again and again.
pub(crate) const CHUNK: usize = 100;

/// What the run left besides the database.
pub(crate) struct Outcome {
    pub notices: Vec<String>,
    /// The search path under the settings that remarks stand under.
    pub search_paths: HashMap<usize, String>,
    /// What was copied from the current side: whole objects.
    pub copied: BTreeSet<ObjectId>,
}

/// Runs everything. Every error is about a place in a file.
pub(crate) fn replay(
    stage: &mut Stage,
    script: &Script,
    elsewhere: Option<&Elsewhere>,
) -> Result<Outcome, LoadError> {
    let mut replay = Replay {
        done: vec![false; script.statements.len()],
        failures: BTreeMap::new(),
        hopeless: BTreeMap::new(),
        definers: script.definers(),
        asleep: BTreeSet::new(),
        waiters: HashMap::new(),
        woken: BTreeSet::new(),
        owners: Vec::new(),
        late: Vec::new(),
        settings: None,
        unknown_settings: BTreeSet::new(),
        search_paths: HashMap::new(),
        passed_drops: None,
        notices: Vec::new(),
        elsewhere,
        copied: BTreeSet::new(),
        copies: Vec::new(),
        missing_extensions: Vec::new(),
        stage,
        script,
    };
    replay.extensions()?;
    replay.statements()?;
    replay.flush_owners()?;
    replay.late()?;
    replay.event_triggers()?;
    replay.verdict()?;
    if let Some(((line, message), count)) = replay.passed_drops.take() {
        let more = match count {
            1 => String::new(),
            _ => format!("; so {} more", count - 1),
        };
        replay.notices.push(format!("{line}: nothing to drop: {message}{more}"));
    }
    for site in &script.sites {
        replay.search_path(site.settings)?;
    }
    // Temporary objects are no part of a schema.
    let _ = replay.send("reset role; discard temp")?;
    Ok(Outcome {
        notices: replay.notices,
        search_paths: replay.search_paths,
        copied: replay.copied,
    })
}

struct Replay<'a> {
    stage: &'a mut Stage,
    script: &'a Script,
    done: Vec<bool>,
    /// Statements that were put off, with the last error.
    failures: BTreeMap<usize, Failure>,
    /// Statements that will never run.
    hopeless: BTreeMap<usize, Failure>,
    /// Who makes what: last name → indexes of statements.
    definers: HashMap<&'a str, Vec<usize>>,
    /// Statements that need not be tried before what they miss is made.
    asleep: BTreeSet<usize>,
    /// Missing name → who sleeps until it is there.
    waiters: HashMap<String, Vec<usize>>,
    /// Statements whose missing thing has just been made.
    woken: BTreeSet<usize>,
    /// OWNER TO statements that wait for the engine.
    owners: Vec<usize>,
    /// What the engine does when the files are done.
    late: Vec<Late>,
    /// What the files' connection has now; None when that is not known.
    settings: Option<usize>,
    /// Settings that this server does not know.
    unknown_settings: BTreeSet<String>,
    search_paths: HashMap<usize, String>,
    /// DROPs of what was never there: line and message of the first, and how many.
    passed_drops: Option<((String, String), usize)>,
    notices: Vec<String>,
    elsewhere: Option<&'a Elsewhere<'a>>,
    /// Whole objects that were copied from there.
    copied: BTreeSet<ObjectId>,
    /// Statements that make copies and could not run yet.
    copies: Vec<String>,
    /// Extensions of the current side that are not to be had here, with the reason.
    missing_extensions: Vec<(String, String)>,
}

impl Replay<'_> {
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
            let implied = |schema: &str| schema == "public" || script.implied.contains(schema);
            if failure.code == SqlState::DUPLICATE_SCHEMA
                && statement.judged.schema.as_deref().is_some_and(implied)
            {
                break;
            }
            let mut failure = failure;
            // An aggregate whose state has no spelling is a superuser's, though the message is another.
            let superusers =
                [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_FUNCTION_DEFINITION];
            if superusers.contains(&failure.code) {
                match self.by_engine(index)? {
                    ByEngine::Done => break,
                    ByEngine::Failed(other) => failure = other,
                    ByEngine::NotAdmitted => {}
                }
            }
            let put_off = failure.may_pass();
            if put_off {
                self.put_off(index, failure);
            } else {
                self.failures.remove(&index);
                self.hopeless.insert(index, failure);
            }
            return Ok(false);
        }
        self.grants_that_had_no_effect(&[index])?;
        self.finish(index);
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
