//! Puts statements in order: what must come first by the graph, and else by verb and id, the same every time.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

use ordain_model::{Context, ObjectId, Pace, Verb};

use crate::{
    PlanError,
    expand::Work,
    fold::{Folded, fold},
    graph::{Graph, Part, StandIns, build},
    render,
};

/// One statement of the plan.
#[derive(Debug)]
pub struct Statement {
    pub sql: String,
    /// The node that gives it its verb and object.
    pub lead: usize,
    pub nodes: Vec<usize>,
    /// Where it changes several members of one object at once: that object.
    pub of: Option<ObjectId>,
    /// Nodes whose object goes or comes with what it is a part of: nothing more is to be said of them.
    pub implied: Vec<usize>,
    /// Positions in the order of statements that must have run before.
    pub after: Vec<usize>,
}

#[derive(Debug)]
pub struct Ordered {
    pub graph: Graph,
    pub statements: Vec<Statement>,
}

/// Builds the graph, folds and orders it; objects in cycles that nothing else breaks get a stand-in.
pub fn arrange(work: &Work, cx: &Context) -> Result<Ordered, PlanError> {
    let mut stand_ins = StandIns::default();
    loop {
        let mut graph = build(work, &stand_ins, cx);
        match fold(&mut graph) {
            Ok(folded) => {
                let statements = sort(&graph, &folded);
                return Ok(Ordered { graph, statements });
            }
            Err(cycles) => {
                for cycle in cycles {
                    let broken = break_up(&graph, &cycle, &mut stand_ins, cx);
                    broken.then_some(()).ok_or_else(|| names(&graph, &cycle))?;
                }
            }
        }
    }
}

/// Finds a stand-in for the first member of a cycle that can have one: before it is created, else altered, else dropped.
fn break_up(graph: &Graph, cycle: &[usize], stand_ins: &mut StandIns, cx: &Context) -> bool {
    let origins = |part: Part, verb: Verb| -> BTreeSet<&ObjectId> {
        let nodes = cycle.iter().map(|&node| &graph.nodes[node]);
        let nodes = nodes.filter(|node| node.part == part && node.step.verb == verb);
        nodes.map(|node| &node.origin).collect()
    };
    let created = origins(Part::Arrive, Verb::Create).into_iter().find(|id| {
        !stand_ins.before.contains_key(*id)
            && cx.to.get(id).is_some_and(|object| object.placeholder(id, cx).is_some())
    });
    let emptied = |id: &ObjectId| {
        let object = cx.to.get(id).filter(|_| cx.from.contains(id))?;
        object.dismantle(id, cx).filter(|_| !stand_ins.before.contains_key(id))
    };
    let altered = origins(Part::Arrive, Verb::Alter);
    // What its users may have as it is costs nothing.
    let as_it_is = altered.iter().find(|id| emptied(id).is_some_and(|steps| steps.is_empty()));
    let altered = altered.iter().find(|id| emptied(id).is_some());
    if let Some(id) = as_it_is.copied().or(created).or(altered.copied()) {
        let members = cycle.iter().map(|&node| graph.nodes[node].origin.clone());
        stand_ins.before.insert(id.clone(), members.collect());
        return true;
    }
    let dropped = origins(Part::Leave, Verb::Drop).into_iter().find(|id| {
        !stand_ins.after.contains(*id)
            && cx.from.get(id).is_some_and(|object| object.dismantle(id, cx).is_some())
    });
    dropped.is_some_and(|id| stand_ins.after.insert(id.clone()))
}

fn names(graph: &Graph, cycle: &[usize]) -> PlanError {
    let members: BTreeSet<&ObjectId> =
        cycle.iter().map(|&node| &graph.nodes[node].origin).collect();
    PlanError::Cycle(members.into_iter().map(ToString::to_string).collect())
}

/// Where a statement goes when the graph leaves a choice: drops first, then what is created or altered, a table's
/// satellites right behind it.
type Key = (u8, ObjectId, Verb, ObjectId, usize);

fn key(graph: &Graph, lead: usize) -> Key {
    let node = &graph.nodes[lead];
    let step = &node.step;
    let phase = match (node.part, step.verb) {
        _ if step.pace == Pace::First => 0,
        _ if step.pace == Pace::Last => 3,
        (Part::Aside, _) | (_, Verb::Rename) => 0,
        (Part::Leave, _) => 1,
        _ => 2,
    };
    let anchor = step.lock.as_ref().map_or(&step.object, |(_, on)| on).root().clone();
    (phase, anchor, step.verb, step.object.clone(), lead)
}

fn sort(graph: &Graph, folded: &Folded) -> Vec<Statement> {
    let rendered: Vec<(String, usize)> =
        (0..folded.clusters.len()).map(|c| render::statement(graph, folded, c)).collect();
    let mut waits = vec![Vec::new(); folded.clusters.len()];
    for (cluster, after) in folded.after.iter().enumerate() {
        for &other in after {
            waits[other].push(cluster);
        }
    }
    let mut left: Vec<usize> = waits.iter().map(Vec::len).collect();
    let entry = |cluster: usize| Reverse((key(graph, rendered[cluster].1), cluster));
    let mut ready: BinaryHeap<_> =
        (0..left.len()).filter(|&cluster| left[cluster] == 0).map(entry).collect();
    let mut position = vec![usize::MAX; left.len()];
    let mut order = Vec::with_capacity(left.len());
    while let Some(Reverse((_, cluster))) = ready.pop() {
        position[cluster] = order.len();
        order.push(cluster);
        for &other in &folded.after[cluster] {
            left[other] -= 1;
            if left[other] == 0 {
                ready.push(entry(other));
            }
        }
    }
    let mut rendered: Vec<Option<(String, usize)>> = rendered.into_iter().map(Some).collect();
    let statement = |cluster: usize| {
        let (sql, lead) = rendered[cluster].take()?;
        let mut after: Vec<usize> = waits[cluster].iter().map(|&c| position[c]).collect();
        after.sort_unstable();
        Some(Statement {
            sql,
            lead,
            nodes: folded.clusters[cluster].clone(),
            of: render::changed_as_a_whole(graph, folded, cluster),
            implied: render::implied(graph, folded, cluster),
            after,
        })
    };
    order.into_iter().filter_map(statement).collect()
}
