//! What a plan amounts to.

use std::collections::{BTreeMap, BTreeSet};

use ordain_model::{HazardKind, Plan, PlanStep, Verb};

/// Hazards that `apply` refuses unless `--allow` names them; the others are only shown.
pub const MUST_BE_ALLOWED: [HazardKind; 2] = [HazardKind::DeletesData, HazardKind::LoosensAccess];

/// Counted over all groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub steps: usize,
    pub groups: usize,
    pub verbs: BTreeMap<Verb, usize>,
    /// Hazard → ids of the steps that have it.
    pub hazards: BTreeMap<HazardKind, Vec<usize>>,
    pub prechecks: usize,
}

impl Summary {
    pub fn of(plan: &Plan) -> Self {
        let mut summary = Self { groups: plan.groups.len(), ..Self::default() };
        for step in steps(plan) {
            summary.steps += 1;
            *summary.verbs.entry(step.verb).or_default() += 1;
            summary.prechecks += step.prechecks.len();
            for kind in step.hazards.iter().map(|h| h.kind).collect::<BTreeSet<_>>() {
                summary.hazards.entry(kind).or_default().push(step.id);
            }
        }
        summary
    }
}

/// The hazards of this plan that `--allow` must name, in order.
pub fn must_be_allowed(plan: &Plan) -> BTreeSet<HazardKind> {
    let all = steps(plan).flat_map(|step| step.hazards.iter().map(|h| h.kind));
    all.filter(|kind| MUST_BE_ALLOWED.contains(kind)).collect()
}

pub(crate) fn steps(plan: &Plan) -> impl Iterator<Item = &PlanStep> {
    plan.groups.iter().flat_map(|group| &group.steps)
}

/// The name of the contract: `DELETES_DATA`.
pub(crate) fn hazard_name(kind: HazardKind) -> String {
    serialized(&kind)
}

/// The past participle that totals use.
pub(crate) fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Rename => "renamed",
        Verb::Drop => "dropped",
        Verb::Create => "created",
        Verb::Alter => "altered",
        Verb::Transfer => "moved",
    }
}

/// What serde calls a unit variant.
pub(crate) fn serialized(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// `ACCESS EXCLUSIVE`.
pub(crate) fn lock_name(lock: ordain_model::Lock) -> String {
    serialized(&lock).replace('_', " ")
}
