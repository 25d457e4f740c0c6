//! Whether a plan may run at all: what can be said before anything is changed.

use std::collections::{BTreeMap, BTreeSet};

use ordain_model::{Catalog, FORMAT, HazardKind, Kind, ObjectId, Plan, PlanStep, Verb, in_scope};

use crate::ApplyError;

pub(crate) fn format(plan: &Plan) -> Result<(), ApplyError> {
    if plan.format == FORMAT { Ok(()) } else { Err(ApplyError::Format { found: plan.format }) }
}

/// What is lost or opened needs the user's word.
pub(crate) fn hazards(plan: &Plan, allowed: &BTreeSet<HazardKind>) -> Result<(), ApplyError> {
    let kinds = steps(plan).flat_map(|step| step.hazards.iter().map(|hazard| hazard.kind));
    let grave = [HazardKind::DeletesData, HazardKind::LoosensAccess];
    let missing: BTreeSet<HazardKind> =
        kinds.filter(|kind| grave.contains(kind) && !allowed.contains(kind)).collect();
    if missing.is_empty() { Ok(()) } else { Err(ApplyError::NotAllowed(missing)) }
}

/// How many groups the database has behind it, by its fingerprint.
pub(crate) fn standing(plan: &Plan, found: &str) -> Option<usize> {
    let ends = plan.groups.iter().map(|group| &group.fingerprint);
    std::iter::once(&plan.from_fingerprint).chain(ends).position(|fingerprint| fingerprint == found)
}

/// What of a drifted database contradicts the plan in plain sight.
pub(crate) fn contradictions(plan: &Plan, catalog: &Catalog) -> Vec<String> {
    const ENOUGH: usize = 5;
    let present: BTreeSet<String> = catalog.objects.keys().map(ToString::to_string).collect();
    let (mut made, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for step in steps(plan) {
        let name = &step.object;
        let is_there = present.contains(name);
        match step.verb {
            Verb::Create if is_there && !gone.contains(name) && !made.contains(name) => {
                found.push(format!("{name} exists already"));
            }
            Verb::Drop | Verb::Alter if !is_there && !made.contains(name) => {
                found.push(format!("{name} does not exist"));
            }
            _ => {}
        }
        match step.verb {
            Verb::Drop => gone.extend(std::iter::once(name).chain(&step.also)),
            _ => made.extend(std::iter::once(name).chain(&step.also)),
        }
    }
    // A rename makes names that the steps before and after it speak of: nothing is plain there.
    if steps(plan).any(|step| step.verb == Verb::Rename) {
        return Vec::new();
    }
    found.truncate(ENOUGH);
    found
}

/// What is not as it should be: against the desired state if it is known, else against what the plan says it changes.
pub(crate) fn differences(
    plan: &Plan,
    before: &Catalog,
    after: &Catalog,
    expected: Option<&Catalog>,
) -> Vec<String> {
    const ENOUGH: usize = 10;
    let after = in_scope(after, &plan.scope);
    let mut found = Vec::new();
    let other = in_scope(expected.unwrap_or(before), &plan.scope);
    let ids: BTreeSet<_> = other.objects.keys().chain(after.objects.keys()).collect();
    let named: BTreeSet<&String> =
        steps(plan).flat_map(|step| std::iter::once(&step.object).chain(&step.also)).collect();
    // defaults, links and labels go unnamed with what they are part of
    let is_part = |id: &ObjectId| id.base().is_empty() || id.kind() == Kind::Label;
    let is_named = |id: &ObjectId| {
        std::iter::successors(Some(id), |id| id.parent().filter(|_| is_part(id)))
            .any(|id| named.contains(&id.to_string()))
    };
    for id in ids {
        let (was, is) = (canonical(&other, id), canonical(&after, id));
        if was == is || expected.is_none() && is_named(id) {
            continue;
        }
        found.push(match (was, is, expected.is_some()) {
            (None, _, true) => format!("{id} should not exist"),
            (_, None, true) => format!("{id} is missing"),
            (_, _, true) => format!("{id} differs from what was planned"),
            (None, _, false) => format!("{id} appeared, and the plan does not create it"),
            (_, None, false) => format!("{id} went, and the plan does not drop it"),
            (_, _, false) => format!("{id} changed, and the plan does not change it"),
        });
    }
    if expected.is_none() {
        found.extend(undone(plan, &after));
    }
    if found.len() > ENOUGH {
        let more = found.len() - ENOUGH;
        found.truncate(ENOUGH);
        found.push(format!("and {more} more"));
    }
    found
}

/// What the plan creates and is not there at its end, or drops and still is.
fn undone(plan: &Plan, after: &Catalog) -> Vec<String> {
    let present: BTreeSet<String> = after.objects.keys().map(ToString::to_string).collect();
    let mut last: BTreeMap<&String, Verb> = BTreeMap::new();
    for step in steps(plan) {
        last.insert(&step.object, step.verb);
    }
    let told = last.into_iter().filter_map(|(name, verb)| match verb {
        Verb::Create if !present.contains(name) => Some(format!("{name} is missing")),
        Verb::Drop if present.contains(name) => Some(format!("{name} is still there")),
        _ => None,
    });
    told.collect()
}

fn canonical(catalog: &Catalog, id: &ordain_model::ObjectId) -> Option<ordain_model::Object> {
    let mut object = catalog.get(id)?.clone();
    object.canonical();
    Some(object)
}

fn steps(plan: &Plan) -> impl Iterator<Item = &PlanStep> {
    plan.groups.iter().flat_map(|group| &group.steps)
}
