//! Bodies in strings mention what is renamed or goes; PostgreSQL does not tell, so the plan does.

use std::collections::BTreeMap;

use ordain_model::{
    Context, Hazard, HazardKind, Object, ObjectId, Side, Strength,
    tokens::{self, TokenKind},
};

use crate::{
    expand::{Action, Work},
    rename::Renames,
};

/// Hazards by the object (under its new name) whose change leaves a body behind.
pub fn hazards(work: &Work, renames: &Renames, cx: &Context) -> BTreeMap<ObjectId, Vec<Hazard>> {
    let mut found: BTreeMap<ObjectId, Vec<Hazard>> = BTreeMap::new();
    let stays: Vec<(&ObjectId, &str)> = cx
        .to
        .objects
        .iter()
        .filter_map(|(id, object)| Some((id, object.untracked()?)))
        .filter(|(id, body)| cx.from.get(id).and_then(Object::untracked) == Some(*body))
        .collect();
    if stays.is_empty() {
        return found;
    }
    for (owner, label) in lost_labels(work, cx) {
        for (id, body) in &stays {
            for line in lines(body, |token| token.kind == TokenKind::String, &label) {
                let detail = format!("{id} still says '{label}' in line {line} of its body");
                found.entry(owner.clone()).or_default().push(hazard(detail));
            }
        }
    }
    let gone =
        work.actions.iter().filter(|(_, a)| matches!(a, Action::Drop | Action::DropAside(_)));
    let gone = gone.map(|(id, _)| (id, id));
    for (old, now) in gone.chain(renames.moves.iter()) {
        for edge in cx.users(Side::From, now).iter().filter(|e| e.strength == Strength::Soft) {
            let Some((id, body)) = stays.iter().find(|(id, _)| **id == edge.user) else { continue };
            for line in lines(body, |token| token.is_identifier(), old.base()) {
                let detail =
                    format!("{id} still says {} in line {line} of its body", old.base_sql());
                found.entry(now.clone()).or_default().push(hazard(detail));
            }
        }
    }
    found
}

fn hazard(detail: String) -> Hazard {
    Hazard { kind: HazardKind::UntrackedDependency, detail }
}

/// Labels that are renamed, and members of what is built anew that have no statement of their own and do not come back.
fn lost_labels(work: &Work, cx: &Context) -> Vec<(ObjectId, String)> {
    let mut lost: Vec<(ObjectId, String)> = Vec::new();
    for (id, labels) in &cx.options.label_renames {
        lost.extend(labels.keys().map(|old| (id.clone(), old.clone())));
    }
    for (id, action) in &work.actions {
        let Some(parent) = id.parent() else { continue };
        let silent = || cx.from.get(id).is_some_and(|object| object.drop(id, cx).is_empty());
        if matches!(action, Action::Drop)
            && matches!(work.actions.get(parent), Some(Action::Aside(_)))
            && silent()
        {
            lost.push((parent.clone(), id.base().to_owned()));
        }
    }
    lost.sort();
    lost.dedup();
    lost
}

/// Lines, from 1, where a token of the wanted sort has this value.
fn lines(body: &str, sort: impl Fn(&tokens::Token) -> bool, value: &str) -> Vec<usize> {
    let tokens = tokens::tokenize(body).into_iter().filter(|t| sort(t) && t.value == value);
    let mut lines: Vec<usize> =
        tokens.map(|token| 1 + body[..token.start].matches('\n').count()).collect();
    lines.dedup();
    lines
}
