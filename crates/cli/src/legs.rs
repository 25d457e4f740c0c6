//! A plan transaction by transaction, each with its way back.

use ordain_model::{Catalog, Group, ObjectId, Plan, in_scope};
use ordain_planner::{PlanError, Stages};

use crate::error::Error;
use crate::stages::Pair;

/// One transaction of a plan.
pub struct Leg {
    pub group: Group,
    /// A plan of one transaction, or why there is none.
    pub back: Result<Plan, String>,
}

/// The legs of a plan in order.
///
/// # Errors
/// A statement that PostgreSQL refuses in a transaction: a revision is one.
pub fn legs(pair: &Pair, stages: Stages) -> Result<Vec<Leg>, Error> {
    let Stages { plan, between } = stages;
    if let Some(group) = plan.groups.iter().find(|group| !group.transactional) {
        let step = group.steps.first().map(|step| step.object.clone()).unwrap_or_default();
        return Err(Error::usage(
            format!(
                "{step} changes by a statement that PostgreSQL refuses in a transaction, and a revision is one"
            ),
            "leave it out with --exclude, and use `ordain apply` for it",
        ));
    }
    let desired = reached(pair);
    let mut states = vec![&pair.from];
    states.extend(&between);
    states.push(&desired);
    let ends = states.windows(2).zip(plan.groups);
    Ok(ends.map(|(ends, group)| Leg { group, back: back(pair, ends[0], ends[1]) }).collect())
}

/// The database as it is after the plan: the desired state, and what the scope leaves as it is.
fn reached(pair: &Pair) -> Catalog {
    let scope = pair.scope();
    let mut reached = pair.to.clone();
    if scope.is_whole() {
        return reached;
    }
    let (covered, wanted) = (in_scope(&pair.from, scope), in_scope(&pair.to, scope));
    reached.objects.retain(|id, _| wanted.contains(id));
    for (id, object) in &pair.from.objects {
        // What is left alone, but not a grant on a table that is dropped.
        let parent = id.parent();
        let stands = parent.is_none_or(|p| reached.contains(p) || !covered.contains(p));
        if !covered.contains(id) && !reached.contains(id) && stands {
            reached.objects.insert(id.clone(), object.clone());
        }
    }
    let there = |id: &ObjectId| reached.contains(id);
    let edges = pair.to.edges.iter().chain(&pair.from.edges);
    let edges = edges.filter(|edge| there(&edge.user) && there(&edge.used)).cloned().collect();
    reached.edges = edges;
    reached
}

/// From `after` back to `before`, in one transaction even where that costs a rebuild.
fn back(pair: &Pair, before: &Catalog, after: &Catalog) -> Result<Plan, String> {
    let plan = match pair.back(before, after) {
        Ok(plan) => plan,
        Err(PlanError::Refused(refusals)) => {
            let all = refusals.iter().map(|r| format!("{}: {}", r.object, r.reason));
            return Err(all.collect::<Vec<_>>().join("; "));
        }
        Err(other) => return Err(other.to_string()),
    };
    match &plan.groups[..] {
        [] | [Group { transactional: true, .. }] => Ok(plan),
        _ => Err("the way back takes more than one transaction".to_owned()),
    }
}
