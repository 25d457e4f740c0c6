//! Catalog × Catalog → Plan: diff → expand → fold → order → group.
//!
//! Pure, and names no kind: what a kind can and cannot do it says itself ([`ordain_model::Definition`]).

mod answerable;
mod between;
mod diff;
mod expand;
mod fold;
mod graph;
mod group;
pub mod hints;
mod mapping;
mod names;
mod order;
mod overlay;
mod relabel;
mod rename;
mod render;
mod suggest;
mod untracked;

use std::borrow::Cow;

use ordain_model::{Catalog, Change, Context, Hint, Plan, Refusal, Scope, fingerprint, in_scope};

pub use diff::diff;

/// What a plan is made from.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The current state, whole: what lies outside the scope is looked at, never changed.
    pub from: &'a Catalog,
    pub to: &'a Catalog,
    pub scope: Scope,
    /// From flags and settings; those beside objects are in `to.hints`.
    pub hints: Vec<Hint>,
    /// One transaction even where that costs a rebuild.
    pub atomic: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// PostgreSQL or care for the data forbids it. Exit code 3.
    #[error("the plan is refused: {}", .0.iter().map(|r| format!("{}: {}", r.object, r.reason)).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Refusal>),
    #[error(transparent)]
    Hint(#[from] hints::HintError),
    /// No order of statements exists; the objects of one cycle, in order.
    #[error("these objects need each other and no order of statements creates them: {}", .0.join(", "))]
    Cycle(Vec<String>),
}

/// Makes the plan that takes `from` to `to`.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    Ok(stages(request)?.plan)
}

/// A plan and the states between its groups.
#[derive(Clone, Debug)]
pub struct Stages {
    pub plan: Plan,
    /// After each group but the last one, as the database then is; whoever plans the way back one transaction at a
    /// time starts from these.
    pub between: Vec<Catalog>,
}

/// Makes the plan, and tells what the database is like at each of its boundaries.
pub fn stages(request: &Request) -> Result<Stages, PlanError> {
    let Sides { from, to, resolved, renames } = sides(request)?;
    let changes = diff::diff(&from, &to);
    let mut notices = resolved.notices;
    let from_fingerprint = fingerprint(request.from, &request.scope);
    let (mut groups, mut between) = (Vec::new(), Vec::new());
    if !changes.is_empty() || !renames.steps.is_empty() {
        let cx = Context::new(&from, &to, &resolved.options);
        notices.extend(suggest::renames(&changes, &cx));
        let work = expand::expand(&changes, &cx, request)?;
        let ordered = order::arrange(&work, &cx)?;
        let untracked = untracked::hazards(&work, &renames, &cx);
        (groups, between) = group::group(ordered, &changes, &renames, untracked, request, &cx);
    }
    let to_fingerprint = groups.last().map_or(from_fingerprint.clone(), |g| g.fingerprint.clone());
    let plan = Plan {
        format: ordain_model::FORMAT,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        server_version: request.from.server_version,
        scope: request.scope.clone(),
        from_fingerprint,
        to_fingerprint,
        groups,
        notices,
    };
    Ok(Stages { plan, between })
}

/// What differs within a scope, as `diff` and `check` show it: renames are applied first and listed.
pub fn compare(request: &Request) -> Result<Vec<Change>, PlanError> {
    let Sides { from, to, renames, .. } = sides(request)?;
    let mut changes: Vec<Change> = renames
        .moves
        .iter()
        .map(|(from, to)| Change::Rename { from: from.clone(), to: to.clone() })
        .collect();
    changes.extend(diff::diff(&from, &to));
    Ok(changes)
}

/// Both catalogs cut down to the scope, the current one as the renames leave it.
struct Sides<'a> {
    from: Cow<'a, Catalog>,
    to: Cow<'a, Catalog>,
    resolved: hints::Resolved,
    renames: rename::Renames,
}

fn sides<'a>(request: &Request<'a>) -> Result<Sides<'a>, PlanError> {
    let (mut from, mut to) = (Cow::Borrowed(request.from), Cow::Borrowed(request.to));
    if !request.scope.is_whole() {
        from = in_scope(request.from, &request.scope);
        to = in_scope(request.to, &request.scope);
        // Borrowed is all of it: there is nothing to lay over.
        if let Cow::Owned(from) = &mut from {
            overlay::overlay(request, from, to.to_mut());
        }
    }
    let hints: Vec<Hint> = request.hints.iter().chain(&request.to.hints).cloned().collect();
    let mut resolved = hints::resolve(&hints, &from, &to)?;
    resolved.options.atomic = request.atomic;
    let asked = std::mem::take(&mut resolved.renames);
    let renames = rename::apply(&mut from, &to, asked, &resolved.options)?;
    Ok(Sides { from, to, resolved, renames })
}
