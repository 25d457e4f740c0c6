//! Catalog × Catalog → Plan: diff → expand → fold → order → group.
//!
//! Pure, and names no kind: what a kind can and cannot do it says itself ([`ordain_model::Definition`]).

mod diff;
mod expand;
mod fold;
mod graph;
mod group;
pub mod hints;
mod names;
mod order;
mod overlay;
mod rename;
mod render;
mod suggest;
mod untracked;

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
    let mut from = in_scope(request.from, &request.scope);
    let mut to = in_scope(request.to, &request.scope);
    overlay::overlay(request, &mut from, &mut to);
    let current = from.clone();

    let hints: Vec<Hint> = request.hints.iter().chain(&request.to.hints).cloned().collect();
    let mut resolved = hints::resolve(&hints, &from, &to)?;
    resolved.options.atomic = request.atomic;
    let renames = rename::apply(&mut from, &to, resolved.renames, &resolved.options)?;

    let cx = Context::new(&from, &to, &resolved.options);
    let changes = diff::diff(&from, &to);
    let mut notices = resolved.notices;
    notices.extend(suggest::renames(&changes, &cx));

    let work = expand::expand(&changes, &cx, request)?;
    let ordered = order::arrange(&work, &cx)?;
    let untracked = untracked::hazards(&work, &renames, &cx);
    let groups = group::group(ordered, &renames, untracked, &current, request, &cx);
    let from_fingerprint = fingerprint(request.from, &request.scope);
    let to_fingerprint = groups.last().map_or(from_fingerprint.clone(), |g| g.fingerprint.clone());
    Ok(Plan {
        format: ordain_model::FORMAT,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        server_version: request.from.server_version,
        scope: request.scope.clone(),
        from_fingerprint,
        to_fingerprint,
        groups,
        notices,
    })
}

/// What differs within a scope, as `diff` and `check` show it: renames are applied first and listed.
pub fn compare(request: &Request) -> Result<Vec<Change>, PlanError> {
    let mut from = in_scope(request.from, &request.scope);
    let to = in_scope(request.to, &request.scope);
    let hints: Vec<Hint> = request.hints.iter().chain(&request.to.hints).cloned().collect();
    let resolved = hints::resolve(&hints, &from, &to)?;
    let renames = rename::apply(&mut from, &to, resolved.renames, &resolved.options)?;
    let mut changes: Vec<Change> = renames
        .moves
        .iter()
        .map(|(from, to)| Change::Rename { from: from.clone(), to: to.clone() })
        .collect();
    changes.extend(diff::diff(&from, &to));
    Ok(changes)
}
