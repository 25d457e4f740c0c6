//! The seams between this crate and the stages: load, plan, apply.

use std::collections::BTreeSet;

use ordain_apply::{ApplyError, Outcome};
use ordain_model::{Catalog, Change, Hint, Managed, Plan, Scope, check_globs};
use ordain_planner::{PlanError, Request, hints};

use crate::Exit;
use crate::error::Error;
use crate::flags::Which;
use crate::progress;
use crate::reverse::reversed;
use crate::session::Session;

/// Both sides of a comparison, loaded.
pub struct Pair {
    pub from: Catalog,
    pub to: Catalog,
    /// What the plan may touch.
    scope: Scope,
    hints: Vec<Hint>,
    /// The current side, where it is a live database.
    live: Option<String>,
}

impl Pair {
    /// The way back. No checks of the data then: the state that it starts from has none yet.
    pub fn turn_round(&mut self) -> Result<(), Error> {
        let all: Vec<Hint> = self.hints.iter().chain(&self.to.hints).cloned().collect();
        self.hints =
            reversed(&all, &self.from, &self.to).map_err(|e| Error::usage(e.to_string(), ""))?;
        std::mem::swap(&mut self.from, &mut self.to);
        self.to.hints.clear();
        self.live = None;
        Ok(())
    }

    /// The connection of the current side, if it is a live database.
    pub fn live_url(&self) -> Option<&str> {
        self.live.as_deref()
    }
}

/// Loads both sides; the desired one as the current one's server would spell it.
pub fn load(session: &mut Session, from: &str, to: &[String]) -> Result<Pair, Error> {
    let hints = hints(session)?;
    session.terminal.progress(&format!("reading {}", redact(from)));
    let current = load_one(from)?;
    let [to] = to else { return Err(Error::stage("only one --to yet")) };
    session.terminal.progress(&format!("reading {}", redact(to)));
    let desired = load_one(to)?;
    let scope = Scope {
        schemas: session.options.schemas.clone(),
        exclude: session.options.exclude.clone(),
        only_kinds: Vec::new(),
        privileges: managed(session.options.privileges, None, &session.options.roles),
        owners: managed(session.options.owners, None, &session.options.roles),
    };
    check_globs(&scope)
        .map_err(|reason| Error::usage(reason, "globs have *, ?, [a-z] and {a,b}"))?;
    unmodelled(session, [&current, &desired])?;
    let live = from.starts_with("postgres").then(|| from.to_owned());
    Ok(Pair { from: current, to: desired, scope, hints, live })
}

/// What no kind reads is named: it can be neither compared nor changed.
fn unmodelled<'a>(
    session: &mut Session,
    catalogs: impl IntoIterator<Item = &'a Catalog>,
) -> Result<(), Error> {
    let all: BTreeSet<&str> =
        catalogs.into_iter().flat_map(|c| &c.unmodelled).map(String::as_str).collect();
    if all.is_empty() {
        return Ok(());
    }
    let list = all.into_iter().collect::<Vec<_>>().join("\n");
    if session.options.strict {
        return Err(Error::usage(
            format!("there are objects of kinds that ordain does not know:\n{list}"),
            "without --strict they are left alone, with a notice",
        ));
    }
    let text =
        format!("ordain does not know these kinds of objects and leaves them alone:\n{list}");
    session.terminal.notice(&text);
    Ok(())
}

/// Whose privileges or ownership count. `named` are the roles that the desired state names; `None` when it
/// says everything, as a live database does.
fn managed(which: Which, named: Option<&BTreeSet<String>>, more: &[String]) -> Managed {
    match (which, named) {
        (Which::All, _) | (Which::Auto, None) => Managed::All,
        (Which::None, _) => Managed::None,
        (Which::Auto, Some(named)) => {
            let all: BTreeSet<&String> = named.iter().chain(more).collect();
            Managed::Roles(all.into_iter().cloned().collect())
        }
    }
}

fn hints(session: &Session) -> Result<Vec<Hint>, Error> {
    let renames = session.options.rename.iter().map(|text| hints::parse_rename(text));
    let labels = session.options.map_label.iter().map(|text| hints::parse_map_label(text));
    renames.chain(labels).collect::<Result<_, _>>().map_err(|e| Error::usage(e.to_string(), ""))
}

fn load_one(source: &str) -> Result<Catalog, Error> {
    if source == "empty:" {
        return Ok(Catalog::default());
    }
    if source.starts_with("postgres") {
        let mut client =
            ordain_introspect::connect::connect(source).map_err(|e| Error::stage(e))?;
        let options = ordain_introspect::ReadOptions { applier: Vec::new(), sizes: true };
        return ordain_introspect::read(&mut client, &options).map_err(|e| Error::stage(e));
    }
    Err(Error::stage("not there yet"))
}

/// One source by itself.
pub fn inspect(session: &mut Session, source: &[String]) -> Result<Catalog, Error> {
    let [source] = source else { return Err(Error::stage("only one source yet")) };
    session.terminal.progress(&format!("reading {}", redact(source)));
    let catalog = load_one(source)?;
    unmodelled(session, [&catalog])?;
    Ok(catalog)
}

/// A catalog as a file that is itself a source.
pub fn snapshot(catalog: &Catalog) -> Result<String, Error> {
    serde_json::to_string_pretty(catalog).map_err(|e| Error::stage(e))
}

pub fn plan(session: &mut Session, pair: &Pair) -> Result<Plan, Error> {
    session.terminal.progress("planning");
    ordain_planner::plan(&request(session, pair)).map_err(planning)
}

/// The plan that creates everything.
pub fn plan_from_nothing(session: &mut Session, catalog: &Catalog) -> Result<Plan, Error> {
    let scope = Scope {
        schemas: session.options.schemas.clone(),
        exclude: session.options.exclude.clone(),
        only_kinds: Vec::new(),
        privileges: managed(session.options.privileges, None, &[]),
        owners: managed(session.options.owners, None, &[]),
    };
    check_globs(&scope)
        .map_err(|reason| Error::usage(reason, "globs have *, ?, [a-z] and {a,b}"))?;
    let nothing = Catalog { server_version: catalog.server_version, ..Catalog::default() };
    let request = Request { from: &nothing, to: catalog, scope, hints: Vec::new(), atomic: true };
    ordain_planner::plan(&request).map_err(planning)
}

/// What differs.
pub fn diff(session: &mut Session, pair: &Pair) -> Result<Vec<Change>, Error> {
    ordain_planner::compare(&request(session, pair)).map_err(planning)
}

fn request<'a>(session: &Session, pair: &'a Pair) -> Request<'a> {
    Request {
        from: &pair.from,
        to: &pair.to,
        scope: pair.scope.clone(),
        hints: pair.hints.clone(),
        atomic: session.options.atomic,
    }
}

fn planning(error: PlanError) -> Error {
    match error {
        PlanError::Refused(refusals) => Error::Refused { refusals },
        other => Error::usage(other.to_string(), ""),
    }
}

/// Asks the plan's questions about the data, where the current side can answer.
pub fn check_data(session: &mut Session, pair: &Pair, plan: &Plan) -> Result<(), Error> {
    let Some(url) = pair.live_url() else { return Ok(()) };
    let questions: usize =
        plan.groups.iter().flat_map(|group| &group.steps).map(|step| step.prechecks.len()).sum();
    if questions == 0 {
        return Ok(());
    }
    session.terminal.progress("checking the data");
    let mut client = ordain_introspect::connect::connect(url).map_err(|e| Error::stage(e))?;
    let failed = ordain_apply::check_prechecks(&mut client, plan).map_err(applying)?;
    if failed.is_empty() { Ok(()) } else { Err(Error::Data { failed }) }
}

/// Applies a plan and tells what happens meanwhile.
pub fn apply(
    session: &mut Session,
    plan: &Plan,
    url: &str,
    options: &ordain_apply::ApplyOptions,
) -> Result<Outcome, Error> {
    ordain_apply::apply(url, plan, options, &mut |event| progress::show(session.terminal, &event))
        .map_err(applying)
}

fn applying(error: ApplyError) -> Error {
    let exit = if error.is_refusal() { Exit::Refused } else { Exit::Error };
    Error::Stage { hints: error.advice(), exit, source: error.into() }
}

/// A URL without its password.
pub fn redact(url: &str) -> String {
    ordain_introspect::connect::redact(url)
}
