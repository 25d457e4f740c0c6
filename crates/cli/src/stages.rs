//! The seams between this crate and the stages: load, plan, apply.

use std::collections::BTreeSet;
use std::time::Instant;

use ordain_apply::{ApplyError, Outcome};
use ordain_load::{LiveSide, Loaded, Source};
use ordain_model::{Catalog, Change, Hint, Managed, Only, Plan, Refusal, Scope, check_globs};
use ordain_planner::{PlanError, Request, Stages, hints};

use crate::Exit;
use crate::cancel::orderly;
use crate::error::Error;
use crate::flags::Which;
use crate::left_alone;
use crate::loading::{load_beside, load_live, source};
use crate::progress;
use crate::reverse::{reversed, reversed_between};
use crate::session::Session;
use crate::traps;
use crate::versions;

/// Both sides of a comparison, loaded.
pub struct Pair {
    pub from: Catalog,
    pub to: Catalog,
    /// What the plan may touch.
    scope: Scope,
    hints: Vec<Hint>,
    /// What is left alone.
    notices: Vec<String>,
    /// Enums whose labels nobody can mean.
    traps: Vec<Refusal>,
    /// The current side, where it is a live database.
    live: Option<String>,
    /// What a server must be like to be like the live side, whichever that is.
    pub side: Option<LiveSide>,
}

impl Pair {
    /// The way back. No checks of the data then: the state that it starts from has none yet.
    pub fn turn_round(&mut self) -> Result<(), Error> {
        let all: Vec<Hint> = self.hints.iter().chain(&self.to.hints).cloned().collect();
        self.hints =
            reversed(&all, &self.from, &self.to).map_err(|e| Error::usage(e.to_string(), ""))?;
        std::mem::swap(&mut self.from, &mut self.to);
        self.to.hints.clear();
        self.traps.clear();
        self.live = None;
        Ok(())
    }

    /// Leaves this table alone, under whatever name.
    pub fn leave_alone(&mut self, schema: Option<&str>, table: &str) {
        let name = schema.map_or(table.to_owned(), |schema| format!("{schema}.{table}"));
        self.scope.exclude.push(name);
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The plan from `after`, a state on the way to the desired one, back to `before`.
    pub fn back(&self, before: &Catalog, after: &Catalog) -> Result<Plan, PlanError> {
        let all: Vec<Hint> = self.hints.iter().chain(&self.to.hints).cloned().collect();
        let hints = reversed_between(&all, (&self.from, &self.to), (before, after))?;
        let mut before = before.clone();
        before.hints.clear();
        let scope = self.scope.clone();
        let request = Request { from: after, to: &before, scope, hints, atomic: true };
        ordain_planner::plan(&request)
    }

    /// What differs between two states in the scope, without any hint.
    pub fn compare(&self, from: &Catalog, to: &Catalog) -> Result<Vec<Change>, PlanError> {
        let scope = self.scope.clone();
        ordain_planner::compare(&Request { from, to, scope, hints: Vec::new(), atomic: false })
    }

    /// The connection of the current side, if it is a live database.
    pub fn live_url(&self) -> Option<&str> {
        self.live.as_deref()
    }
}

/// Keeps what a command needs until the process ends: to take a catalog apart object by object before that would
/// only keep the user waiting.
pub fn for_the_rest<T>(loaded: T) -> std::mem::ManuallyDrop<T> {
    std::mem::ManuallyDrop::new(loaded)
}

/// Loads both sides; files as the live side's server would spell them.
pub fn load(session: &mut Session, from: &str, to: &[String]) -> Result<Pair, Error> {
    let hints = hints(session)?;
    let (from, to) = (source(from), to.iter().map(|text| source(text)).collect::<Vec<_>>());
    let mut side = None;
    let (current, desired) = match (from.connection(), &to[..]) {
        (Some(url), _) => {
            let (current, live, ahead) = load_live(session, url, &from, &to)?;
            let (live, other) = (side.insert(live), Some(&current.catalog));
            let desired = load_beside(session, &to, Some(live), other, ahead.as_ref())?;
            (current, desired)
        }
        (None, [one]) if one.connection().is_some() => {
            let url = one.connection().unwrap_or_default();
            let from = std::slice::from_ref(&from);
            let (desired, live, ahead) = load_live(session, url, one, from)?;
            let (live, other) = (side.insert(live), Some(&desired.catalog));
            (load_beside(session, from, Some(live), other, ahead.as_ref())?, desired)
        }
        (None, _) => {
            let current = load_beside(session, std::slice::from_ref(&from), None, None, None)?;
            let desired = load_beside(session, &to, None, Some(&current.catalog), None)?;
            (current, desired)
        }
    };
    let mut desired = desired;
    // Whichever side has models says what can be compared.
    let speaker =
        if desired.only.is_none() && current.only.is_some() { &current } else { &desired };
    let mut scope = scope(session, speaker)?;
    if let Some(only) = &scope.only {
        desired.catalog.adopt(&current.catalog, only);
    }
    let ours = scope.only.is_some();
    scope.exclude.extend(versions::left_alone(&current.catalog, &desired.catalog, ours));
    let unmodelled = unmodelled(session, [&current.catalog, &desired.catalog])?;
    let roles = left_alone::roles(&current.catalog, &scope);
    let notices = unmodelled.into_iter().chain(roles).collect();
    let traps =
        traps::names_and_values(&desired.enums, &current.catalog, &desired.default_schema, &hints);
    let live = from.connection().map(str::to_owned);
    Ok(Pair {
        from: current.catalog,
        to: desired.catalog,
        scope,
        hints,
        notices,
        traps,
        live,
        side,
    })
}

/// What a plan towards this desired state may touch.
fn scope(session: &Session, speaker: &Loaded) -> Result<Scope, Error> {
    let named = |says: bool| match (speaker.says_all_access, says) {
        (true, _) => None,
        (false, true) => Some(speaker.roles_named.clone()),
        (false, false) => Some(BTreeSet::new()),
    };
    let (privileges, owners) = (named(speaker.says_privileges), named(speaker.says_owners));
    scope_of(session, speaker.only.clone(), privileges, owners)
}

/// The roles that count, where the source itself does not say everything.
pub type Named = Option<BTreeSet<String>>;

/// What flags say of the scope, and the source of what it can speak.
pub fn scope_of(
    session: &Session,
    only: Option<Only>,
    privileges: Named,
    owners: Named,
) -> Result<Scope, Error> {
    let options = &session.options;
    let scope = Scope {
        schemas: options.schemas.clone(),
        exclude: options.exclude.clone(),
        only,
        privileges: managed(options.privileges, privileges, &options.roles),
        owners: managed(options.owners, owners, &options.roles),
    };
    match check_globs(&scope) {
        Ok(()) => Ok(scope),
        Err(reason) => Err(Error::usage(reason, "globs have *, ?, [a-z] and {a,b}")),
    }
}

/// What no kind reads can be neither compared nor changed: a notice, or with `--strict` an error.
fn unmodelled<'a>(
    session: &Session,
    catalogs: impl IntoIterator<Item = &'a Catalog>,
) -> Result<Option<String>, Error> {
    let Some(list) = left_alone::unmodelled(catalogs) else { return Ok(None) };
    if session.options.strict {
        return Err(Error::usage(
            format!("there are objects of kinds that ordain does not know:\n{list}"),
            "without --strict they are left alone, with a notice",
        ));
    }
    Ok(Some(format!("left alone, because ordain does not know these kinds of objects:\n{list}")))
}

/// Whose privileges or ownership count. `named` are the roles that the desired state names; `None` when it
/// says everything, as a live database does.
fn managed(which: Which, named: Named, more: &[String]) -> Managed {
    match (which, named) {
        (Which::All, _) | (Which::Auto, None) => Managed::All,
        (Which::None, _) => Managed::None,
        (Which::Auto, Some(mut named)) => {
            named.extend(more.iter().cloned());
            Managed::Roles(named.into_iter().collect())
        }
    }
}

fn hints(session: &Session) -> Result<Vec<Hint>, Error> {
    let renames = session.options.rename.iter().map(|text| hints::parse_rename(text));
    let labels = session.options.map_label.iter().map(|text| hints::parse_map_label(text));
    renames.chain(labels).collect::<Result<_, _>>().map_err(|e| Error::usage(e.to_string(), ""))
}

/// Sources by themselves.
pub fn inspect(session: &mut Session, sources: &[String]) -> Result<Loaded, Error> {
    let sources: Vec<Source> = sources.iter().map(|text| source(text)).collect();
    let loaded = match &sources[..] {
        [one] if one.connection().is_some() => {
            load_live(session, one.connection().unwrap_or_default(), one, &[])?.0
        }
        _ => load_beside(session, &sources, None, None, None)?,
    };
    if let Some(notice) = unmodelled(session, [&loaded.catalog])? {
        session.terminal.notice(&notice);
    }
    Ok(loaded)
}

/// A catalog as a file that is itself a source.
pub fn snapshot(catalog: &Catalog) -> Result<String, Error> {
    ordain_load::snapshot::to_json(catalog).map_err(Error::stage)
}

pub fn plan(session: &mut Session, pair: &Pair) -> Result<Plan, Error> {
    Ok(stages(session, pair)?.plan)
}

/// The plan, and the states between its transactions.
pub fn stages(session: &mut Session, pair: &Pair) -> Result<Stages, Error> {
    if !pair.traps.is_empty() {
        return Err(Error::Refused { refusals: pair.traps.clone() });
    }
    session.terminal.progress("planning");
    let began = Instant::now();
    let mut stages = ordain_planner::stages(&request(session, pair)).map_err(planning)?;
    session.terminal.detail(&format!("planned: {:.2} s", began.elapsed().as_secs_f64()));
    stages.plan.notices.extend(pair.notices.iter().cloned());
    Ok(stages)
}

/// The plan that creates everything a source has.
pub fn plan_from_nothing(session: &mut Session, catalog: &Catalog) -> Result<Plan, Error> {
    let mut nothing = Loaded::empty().catalog;
    nothing.server_version = catalog.server_version;
    let request = Request {
        from: &nothing,
        to: catalog,
        scope: scope_of(session, None, None, None)?,
        hints: Vec::new(),
        atomic: false,
    };
    ordain_planner::plan(&request).map_err(planning)
}

/// What differs.
pub fn diff(session: &mut Session, pair: &Pair) -> Result<Vec<Change>, Error> {
    for trap in &pair.traps {
        session.terminal.notice(&format!("{}: {}\n{}", trap.object, trap.reason, trap.advice));
    }
    for notice in &pair.notices {
        session.terminal.notice(notice);
    }
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
    let mut client = ordain_introspect::connect::connect(url).map_err(Error::stage)?;
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
    let mut show = |event: ordain_apply::Event| progress::show(session.terminal, &event);
    orderly(|| ordain_apply::apply(url, plan, options, &mut show)).map_err(applying)
}

fn applying(error: ApplyError) -> Error {
    let exit = if error.is_refusal() { Exit::Refused } else { Exit::Error };
    Error::Stage { hints: error.advice(), exit, source: error.into() }
}

/// A URL without its password.
pub fn redact(url: &str) -> String {
    ordain_introspect::connect::redact(url)
}
