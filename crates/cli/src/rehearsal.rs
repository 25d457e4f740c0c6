//! Tries out a plan's ways back: on a throw-away server that holds what the current state has, everything is done,
//! and then taken back.

use std::error::Error;

use ordain_load::Rehearsal;
use ordain_model::{Catalog, Plan};

use crate::legs::Leg;
use crate::loading::load_request;
use crate::session::Session;
use crate::stages::{self, Pair};

/// A way back that fails, or leads elsewhere, is none: its leg then says why. What cannot be tried here (no server of
/// that version, an extension that is not installed) is left as planned, with a notice.
pub fn rehearse(session: &mut Session, pair: &Pair, legs: &mut [Leg]) {
    session.terminal.progress("trying the way back");
    if let Err(why) = tried(session, pair, legs) {
        let why = why.trim_end().replace('\n', "\n  ");
        session.terminal.notice(&format!("the way back is planned, but was not tried: {why}"));
    }
}

fn tried(session: &mut Session, pair: &Pair, legs: &mut [Leg]) -> Result<(), String> {
    let created = stages::plan_from_nothing(session, &pair.from).map_err(|e| with_causes(&e))?;
    let request = load_request(session, &[], pair.side.as_ref(), None);
    let request = request.map_err(|e| with_causes(&e))?;
    let there = legs.iter().flat_map(|leg| &leg.group.steps);
    let back = legs.iter().filter_map(|leg| leg.back.as_ref().ok()).flat_map(steps);
    let all = steps(&created).chain(there).chain(back).map(|step| step.sql.as_str());
    let mut rehearsal = Rehearsal::open(&request, all).map_err(|e| with_causes(&e))?;
    rehearsal.build(&steps(&created).map(|step| step.sql.as_str()).collect::<Vec<_>>())?;

    let mut states = Vec::new();
    for leg in &*legs {
        states.push(rehearsal.read().map_err(|e| with_causes(&e))?);
        let sql: Vec<&str> = leg.group.steps.iter().map(|step| step.sql.as_str()).collect();
        rehearsal.transaction(&sql)?;
    }
    for (leg, before) in legs.iter_mut().zip(states).rev() {
        // what lies behind a leg without a way back cannot be reached
        let Ok(plan) = &leg.back else { return Ok(()) };
        let sql: Vec<&str> = steps(plan).map(|step| step.sql.as_str()).collect();
        let outcome = match rehearsal.transaction(&sql) {
            Ok(()) => same(pair, &before, &rehearsal.read().map_err(|e| with_causes(&e))?),
            Err(said) => Err(said),
        };
        if let Err(why) = outcome {
            leg.back = Err(format!("it was tried on a throw-away server, and did not work: {why}"));
            return Ok(());
        }
    }
    Ok(())
}

fn with_causes(error: &dyn Error) -> String {
    let causes = error.source().map(|cause| format!(": {}", with_causes(cause)));
    format!("{error}{}", causes.unwrap_or_default())
}

fn steps(plan: &Plan) -> impl Iterator<Item = &ordain_model::PlanStep> {
    plan.groups.iter().flat_map(|group| &group.steps)
}

/// Whether the way back led to where the way there began.
fn same(pair: &Pair, before: &Catalog, after: &Catalog) -> Result<(), String> {
    let changes = pair.compare(after, before).map_err(|e| e.to_string())?;
    match changes.first() {
        None => Ok(()),
        Some(change) => Err(format!("{} is not as it was before", change.id())),
    }
}
