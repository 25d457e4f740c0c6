//! Contracts steps into statements while the graph stays acyclic.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ordain_model::{Fold, ObjectId, Strength, Verb};
use petgraph::{algo::tarjan_scc, graph::DiGraph};

use crate::graph::{Graph, Node};

/// How a node can be part of another statement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// Part of the statement of this node, by the fold of this index.
    Node { node: usize, fold: usize },
    /// One of the actions of an ALTER statement; `class` tells apart statements with the same head.
    Head { head: String, class: u8, fold: usize },
}

/// Nodes that make one statement, and the order between such statements.
#[derive(Debug)]
pub struct Folded {
    /// Nodes of each statement.
    pub clusters: Vec<Vec<usize>>,
    /// Statement → statements that must come after it.
    pub after: Vec<BTreeSet<usize>>,
    /// Per node: how it is folded now.
    pub taken: Vec<Option<Target>>,
}

/// Folds as much as an acyclic graph allows. The error lists the nodes of each cycle that is left when nothing is
/// folded and no soft edge is kept.
pub fn fold(graph: &mut Graph) -> Result<Folded, Vec<Vec<usize>>> {
    let options = options(graph);
    let bound = bound(graph, &options);
    for node in &mut graph.nodes {
        node.choice = 0;
    }
    loop {
        let folded = contract(graph, &options);
        let cycles = cycles(&folded);
        if cycles.is_empty() {
            return Ok(folded);
        }
        let mut progress = false;
        for cycle in &cycles {
            progress |= loosen(graph, &folded, cycle, &options, &bound);
        }
        if !progress {
            let members = |cycle: &Vec<usize>| {
                cycle.iter().flat_map(|&cluster| folded.clusters[cluster].clone()).collect()
            };
            return Err(cycles.iter().map(members).collect());
        }
    }
}

/// Undoes folds in a cycle, or else gives up its soft edges; false when there is nothing left to undo.
fn loosen(
    graph: &mut Graph,
    folded: &Folded,
    cycle: &[usize],
    options: &[Vec<Target>],
    bound: &[bool],
) -> bool {
    let inside: HashMap<usize, usize> = cycle
        .iter()
        .flat_map(|&cluster| folded.clusters[cluster].iter().map(move |&node| (node, cluster)))
        .collect();
    let (mut incoming, mut outgoing) = (BTreeSet::new(), BTreeSet::new());
    for (&node, cluster) in &inside {
        for other in graph.edges[node].keys() {
            if inside.get(other).is_some_and(|c| c != cluster) {
                outgoing.insert(node);
                incoming.insert(*other);
            }
        }
    }
    let can =
        |graph: &Graph, node: usize| !bound[node] && graph.nodes[node].choice < options[node].len();
    // What is created waits for something, what is dropped is waited for: such members hold a statement up.
    let held: Vec<usize> = inside
        .keys()
        .copied()
        .filter(|&node| can(graph, node))
        .filter(|node| match graph.nodes[*node].step.verb {
            Verb::Drop => outgoing.contains(node),
            _ => incoming.contains(node),
        })
        .collect();
    // One that itself stands between two others is no better off alone.
    let mut loose: Vec<usize> = held
        .iter()
        .copied()
        .filter(|node| incoming.contains(node) != outgoing.contains(node))
        .collect();
    // Drops by themselves cost nothing; what rewrites a table had better stay together.
    if loose.iter().any(|&node| graph.nodes[node].step.verb == Verb::Drop) {
        loose.retain(|&node| graph.nodes[node].step.verb == Verb::Drop);
    }
    if loose.is_empty() {
        loose = held;
    }
    if loose.is_empty() {
        loose = incoming.union(&outgoing).copied().filter(|&node| can(graph, node)).collect();
    }
    if !loose.is_empty() {
        // Two statements of a kind cost little; elements stand in an order that may count.
        let is_action = |node: &usize| {
            let option = &options[*node][graph.nodes[*node].choice];
            matches!(option, Target::Head { .. })
        };
        // What is done by another one's statement has none of its own: that one gives way to its neighbours.
        for node in &mut loose {
            let whole = done_with(graph, options, *node);
            if can(graph, whole) && is_action(&whole) {
                *node = whole;
            }
        }
        loose.sort_unstable();
        loose.dedup();
        if loose.iter().any(is_action) {
            loose.retain(is_action);
        }
        for node in loose {
            graph.nodes[node].choice += 1;
        }
        return true;
    }
    let mut gave_up = false;
    for &node in inside.keys() {
        let before = graph.edges[node].len();
        graph.edges[node]
            .retain(|other, strength| *strength == Strength::Hard || !inside.contains_key(other));
        gave_up |= graph.edges[node].len() < before;
    }
    if gave_up {
        for &node in inside.keys() {
            graph.nodes[node].choice = 0;
        }
    }
    gave_up
}

/// The node whose statement does what this one wants as well, by the folds as they are now; else the node itself.
fn done_with(graph: &Graph, options: &[Vec<Target>], mut node: usize) -> usize {
    let mut seen = BTreeSet::new();
    while seen.insert(node)
        && let Some(Target::Node { node: whole, fold }) =
            options[node].get(graph.nodes[node].choice)
        && matches!(graph.nodes[node].step.folds[*fold], Fold::With { .. })
    {
        node = *whole;
    }
    node
}

/// The folds of each node whose target is in the graph, preferred first.
fn options(graph: &Graph) -> Vec<Vec<Target>> {
    // What changes a column's type is not what changes its default.
    let mut first: HashMap<(Verb, bool, &ObjectId), usize> = HashMap::new();
    for (index, Node { step, .. }) in graph.nodes.iter().enumerate() {
        first.entry((step.verb, step.disturbs, &step.object)).or_insert(index);
    }
    let option = |index: usize, node: &Node, at: usize| -> Vec<Target> {
        let created = |of: &ObjectId| first.get(&(Verb::Create, false, of)).copied();
        let target = match &node.step.folds[at] {
            Fold::Element { of, .. } => {
                created(of).filter(|&target| graph.nodes[target].step.frame.is_some())
            }
            Fold::Suffix { of, .. } => created(of),
            Fold::With { of } => first.get(&(node.step.verb, node.step.disturbs, of)).copied(),
            Fold::Action { head, .. } => {
                // With all the others; else with those that also drop, or also don't; else with the same verb.
                let drops = u8::from(node.step.verb == Verb::Drop);
                let classes = [0, 1 + drops, 3 + node.step.verb as u8];
                let head = |class| Target::Head { head: head.clone(), class, fold: at };
                return classes.map(head).to_vec();
            }
        };
        let target = target.filter(|&target| target != index);
        target.map(|node| Target::Node { node, fold: at }).into_iter().collect()
    };
    let all = |(index, node): (usize, &Node)| {
        (0..node.step.folds.len()).flat_map(|at| option(index, node, at)).collect()
    };
    graph.nodes.iter().enumerate().map(all).collect()
}

/// What a statement provides whether or not it is asked for cannot be said apart from it.
fn bound(graph: &Graph, options: &[Vec<Target>]) -> Vec<bool> {
    let is = |(node, options): (&Node, &Vec<Target>)| match options.first() {
        Some(Target::Node { node: whole, .. }) => {
            graph.nodes[*whole].step.provides.contains(&node.step.object)
        }
        _ => false,
    };
    graph.nodes.iter().zip(options).map(is).collect()
}

fn contract(graph: &Graph, options: &[Vec<Target>]) -> Folded {
    let mut sets = Sets { parent: (0..graph.nodes.len()).collect() };
    let mut heads: HashMap<(&str, u8), usize> = HashMap::new();
    let mut taken = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let target = options[index].get(node.choice);
        match target {
            Some(Target::Node { node: other, .. }) => sets.join(index, *other),
            Some(Target::Head { head, class, .. }) => {
                let other = *heads.entry((head, *class)).or_insert(index);
                sets.join(index, other);
            }
            None => {}
        }
        taken.push(target.cloned());
    }
    let mut number: BTreeMap<usize, usize> = BTreeMap::new();
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut of = Vec::with_capacity(graph.nodes.len());
    for index in 0..graph.nodes.len() {
        let cluster = *number.entry(sets.find(index)).or_insert_with(|| {
            clusters.push(Vec::new());
            clusters.len() - 1
        });
        clusters[cluster].push(index);
        of.push(cluster);
    }
    let mut after = vec![BTreeSet::new(); clusters.len()];
    for (index, edges) in graph.edges.iter().enumerate() {
        for &other in edges.keys() {
            if of[index] != of[other] {
                after[of[index]].insert(of[other]);
            }
        }
    }
    Folded { clusters, after, taken }
}

/// Clusters that wait for each other.
fn cycles(folded: &Folded) -> Vec<Vec<usize>> {
    let mut digraph: DiGraph<(), ()> = DiGraph::new();
    let ids: Vec<_> = folded.clusters.iter().map(|_| digraph.add_node(())).collect();
    for (cluster, after) in folded.after.iter().enumerate() {
        for &other in after {
            digraph.add_edge(ids[cluster], ids[other], ());
        }
    }
    let mut found: Vec<Vec<usize>> = tarjan_scc(&digraph)
        .into_iter()
        .filter(|members| members.len() > 1)
        .map(|members| {
            let mut members: Vec<usize> = members.into_iter().map(|id| id.index()).collect();
            members.sort_unstable();
            members
        })
        .collect();
    found.sort();
    found
}

/// Disjoint sets with path halving.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn find(&mut self, mut x: usize) -> usize {
        while self.parent[x] != x {
            self.parent[x] = self.parent[self.parent[x]];
            x = self.parent[x];
        }
        x
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        // The smaller index leads, so that numbering does not depend on the order of joining.
        self.parent[a.max(b)] = a.min(b);
    }
}
