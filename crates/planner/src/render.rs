//! One SQL statement from the steps that were folded into it.

use std::collections::BTreeSet;

use ordain_model::{Fold, Frame, ObjectId, Verb};

use crate::{
    fold::{Folded, Target},
    graph::Graph,
};

/// The statement of a cluster, without its semicolon, and the node that leads it.
pub fn statement(graph: &Graph, folded: &Folded, cluster: usize) -> (String, usize) {
    let nodes = &folded.clusters[cluster];
    let renderer = Renderer { graph, folded, nodes };
    // Of the steps that stand by themselves there is at most one: every other joined something.
    match nodes.iter().find(|&&node| folded.taken[node].is_none()) {
        Some(&lead) => (renderer.alone(lead), lead),
        None => renderer.actions(),
    }
}

/// The object whose members several actions of one statement change; none where only one thing changes.
pub fn changed_as_a_whole(graph: &Graph, folded: &Folded, cluster: usize) -> Option<ObjectId> {
    let actions = folded.clusters[cluster]
        .iter()
        .filter(|&&node| matches!(folded.taken[node], Some(Target::Head { .. })))
        .map(|&node| &graph.nodes[node].step.object);
    let objects: BTreeSet<&ObjectId> = actions.collect();
    let root = objects.first()?.root();
    (objects.len() > 1 && objects.iter().all(|id| id.root() == root)).then(|| root.clone())
}

/// Nodes of a statement that have nothing to run since what they are a part of is dropped or created, or since the
/// same happens to what they are inherited from.
pub fn implied(graph: &Graph, folded: &Folded, cluster: usize) -> Vec<usize> {
    let is_implied = |node: &usize| match &folded.taken[*node] {
        Some(Target::Node { fold, .. }) => {
            let step = &graph.nodes[*node].step;
            let alike = |of: &ObjectId| of.kind() == step.object.kind();
            matches!(&step.folds[*fold], Fold::With { of } if step.object.is_within(of) || alike(of))
        }
        _ => false,
    };
    folded.clusters[cluster].iter().copied().filter(is_implied).collect()
}

struct Renderer<'a> {
    graph: &'a Graph,
    folded: &'a Folded,
    nodes: &'a [usize],
}

impl Renderer<'_> {
    fn alone(&self, lead: usize) -> String {
        let step = &self.graph.nodes[lead].step;
        match &step.frame {
            Some(frame) => format!("{}{}", step.sql, self.elements(lead, frame)),
            None => format!("{}{}", step.sql, self.suffixes(lead)),
        }
    }

    fn elements(&self, lead: usize, frame: &Frame) -> String {
        let mut elements: Vec<_> = self
            .folded_into(lead)
            .filter_map(|(node, fold)| match fold {
                Fold::Element { text, rank, .. } => {
                    let object = &self.graph.nodes[node].step.object;
                    Some((*rank, object, format!("    {text}{}", self.suffixes(node))))
                }
                _ => None,
            })
            .collect();
        elements.sort();
        let texts: Vec<String> = elements.into_iter().map(|(_, _, text)| text).collect();
        match (texts.is_empty(), frame.empty_parens) {
            (true, true) => format!(" (){}", frame.tail),
            (true, false) => frame.tail.clone(),
            (false, _) => format!(" (\n{}\n){}", texts.join(",\n"), frame.tail),
        }
    }

    /// Words that others hang behind what a node creates.
    fn suffixes(&self, node: usize) -> String {
        self.folded_into(node)
            .filter_map(|(_, fold)| match fold {
                Fold::Suffix { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    fn folded_into(&self, target: usize) -> impl Iterator<Item = (usize, &Fold)> {
        self.nodes.iter().filter_map(move |&node| match &self.folded.taken[node] {
            Some(Target::Node { node: into, fold }) if *into == target => {
                Some((node, &self.graph.nodes[node].step.folds[*fold]))
            }
            _ => None,
        })
    }

    fn actions(&self) -> (String, usize) {
        let mut statement = String::new();
        let mut actions = Vec::new();
        for &node in self.nodes {
            if let Some(Target::Head { fold, .. }) = &self.folded.taken[node]
                && let Fold::Action { head, text } = &self.graph.nodes[node].step.folds[*fold]
            {
                statement.clone_from(head);
                actions.push((self.rank(node), node, format!("{text}{}", self.suffixes(node))));
            }
        }
        actions.sort();
        let actions = self.settled(actions.into_iter().map(|(_, node, text)| (node, text)));
        let lead = actions.first().map_or(self.nodes[0], |(node, _)| *node);
        let separator = if actions.len() > 1 { "\n    " } else { " " };
        let texts: Vec<String> = actions.into_iter().map(|(_, text)| text).collect();
        statement.push_str(separator);
        statement.push_str(&texts.join(",\n    "));
        (statement, lead)
    }

    /// Within a pass the server runs actions as they stand, so those that must come first stand first: a constraint
    /// is dropped before its column takes it along.
    fn settled(&self, actions: impl Iterator<Item = (usize, String)>) -> Vec<(usize, String)> {
        let mut left: Vec<(usize, String)> = actions.collect();
        let mut settled = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let waits = |node: usize| {
                left.iter().any(|(other, _)| {
                    *other != node && self.graph.edges[*other].contains_key(&node)
                })
            };
            let next = left.iter().position(|(node, _)| !waits(*node)).unwrap_or(0);
            settled.push(left.remove(next));
        }
        settled
    }

    /// As ALTER TABLE itself orders its work: drops, changes, additions; columns before constraints.
    fn rank(&self, node: usize) -> (u8, (u8, i32)) {
        let step = &self.graph.nodes[node].step;
        let verb = match step.verb {
            Verb::Rename => 0,
            Verb::Drop => 1,
            Verb::Alter => 2,
            Verb::Create => 3,
            Verb::Transfer => 4,
        };
        let element = step.folds.iter().find_map(|fold| match fold {
            Fold::Element { rank, .. } => Some(*rank),
            _ => None,
        });
        (verb, element.unwrap_or_default())
    }
}
