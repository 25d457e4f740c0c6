//! LOGGED and UNLOGGED, of tables that refer to each other and of the sequences that columns own. Manual: ALTER TABLE,
//! SET LOGGED; ALTER SEQUENCE.

use std::collections::BTreeSet;

use super::{constraint_ties, identity::Identity};
use crate::{Context, Kind, Lock, Object, ObjectId, Side, Step};

/// A table that outlives a crash must not refer to one that does not. So a table waits for those at the other end of
/// its foreign keys; and keys between tables that would wait for each other are not there meanwhile.
pub(super) fn change(step: Step, table: &ObjectId, unlogged: bool, cx: &Context) -> Step {
    let keys: Vec<&ObjectId> = match unlogged {
        true => cx.users(Side::From, table).iter().map(|edge| &edge.user).collect(),
        false => cx.from.members(Kind::Constraint, table).map(|(key, _)| key).collect(),
    };
    let (mut first, mut excluded) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        let Some((child, parent)) = ends(key, cx) else { continue };
        let other = if unlogged { child } else { parent };
        if other == table {
            continue;
        }
        if cx.goes(key) || leads_to(parent, child, cx, &mut BTreeSet::new()) {
            excluded.insert(key.clone());
        } else {
            first.insert(other.clone());
        }
    }
    let step = step.needs(first).excludes(excluded).provides(owned(table, cx).map(|own| own.id));
    let has_keys = [cx.from, cx.to].into_iter().any(|catalog| {
        catalog.members(Kind::Constraint, table).any(|(_, object)| match object {
            Object::Constraint(key) => constraint_ties::referenced(key).is_some(),
            _ => false,
        })
    });
    // the server looks at keys before it runs any action of a statement
    if has_keys { Step { folds: Vec::new(), ..step } } else { step }
}

/// The table that a new foreign key waits for: the server makes none between tables that are not alike.
pub(super) fn changes_first(key: &ObjectId, cx: &Context) -> Option<ObjectId> {
    key.parent().filter(|table| changes(cx, table)).cloned()
}

/// The table that a foreign key is of, and the one that it refers to.
fn ends<'a>(key: &'a ObjectId, cx: &'a Context) -> Option<(&'a ObjectId, &'a ObjectId)> {
    match cx.from.get(key) {
        Some(Object::Constraint(foreign)) => {
            Some((key.parent()?, constraint_ties::referenced(foreign)?))
        }
        _ => None,
    }
}

/// Whether foreign keys that stay lead from one table to another, through tables that change.
fn leads_to(from: &ObjectId, to: &ObjectId, cx: &Context, seen: &mut BTreeSet<ObjectId>) -> bool {
    if from == to {
        return true;
    }
    if !changes(cx, from) || !seen.insert(from.clone()) {
        return false;
    }
    let keys = cx.from.members(Kind::Constraint, from).map(|(key, _)| key);
    let mut ends = keys.filter(|key| !cx.goes(key)).filter_map(|key| ends(key, cx));
    ends.any(|(_, next)| leads_to(next, to, cx, seen))
}

fn changes(cx: &Context, table: &ObjectId) -> bool {
    match (cx.from.get(table), cx.to.get(table)) {
        (Some(Object::Table(from)), Some(Object::Table(to))) => from.unlogged != to.unlogged,
        _ => false,
    }
}

/// Changes the sequence `sql`, as a step of `id`.
pub(super) fn set(id: &ObjectId, sql: &str, unlogged: bool) -> Step {
    let to = |unlogged: bool| {
        format!("ALTER SEQUENCE {sql} SET {}", if unlogged { "UNLOGGED" } else { "LOGGED" })
    };
    Step::alter(id, to(unlogged)).lock(Lock::AccessExclusive, id.root()).undo(to(!unlogged))
}

/// Whether a table takes the sequences that its columns own along: from 15 on, where they may also be changed alone.
pub(super) fn takes_along(cx: &Context, table: &ObjectId) -> bool {
    cx.major() >= 15 && changes(cx, table)
}

/// A sequence that changes with its table: as an object of its own, or as a part of its identity column.
struct Owned {
    id: ObjectId,
    name: String,
    unlogged: bool,
}

fn owned<'a>(table: &'a ObjectId, cx: &'a Context) -> impl Iterator<Item = Owned> + 'a {
    let like = matches!(cx.to.get(table), Some(Object::Table(t)) if t.unlogged);
    let columns = cx.to.members(Kind::Column, table).filter(|(id, _)| cx.from.contains(id));
    let columns = columns.filter(|_| takes_along(cx, table));
    columns.flat_map(move |(column, object)| {
        let identity = match object {
            Object::Column(to) => to.identity.as_ref(),
            _ => None,
        };
        let behind = identity.map(|identity| Owned {
            id: column.clone(),
            name: identity.sequence_sql(column),
            unlogged: identity.unlogged.unwrap_or(like),
        });
        let owners = cx.users(Side::To, column).iter().map(|edge| &edge.user);
        let sequences = owners.filter(|id| id.kind() == Kind::OwnedBy && cx.from.contains(id));
        let sequences = sequences.filter_map(|id| match cx.to.get(id.root()) {
            Some(Object::Sequence(to)) => {
                let id = id.root().clone();
                Some(Owned { name: id.sql(), id, unlogged: to.unlogged })
            }
            _ => None,
        });
        behind.into_iter().chain(sequences)
    })
}

/// What brings back the sequences that are not to be as their table, which has taken them along.
pub(super) fn brought_back(table: &ObjectId, unlogged: bool, cx: &Context) -> Vec<Step> {
    let back = owned(table, cx).filter(|own| own.unlogged != unlogged);
    back.map(|own| set(table, &own.name, own.unlogged).provides([own.id])).collect()
}

/// The step for the sequence behind an identity column.
pub(super) fn of_identity(
    column: &ObjectId,
    old: Option<&Identity>,
    new: &Identity,
    cx: &Context,
) -> Option<Step> {
    let table = column.root();
    let like = matches!(cx.to.get(table), Some(Object::Table(t)) if t.unlogged);
    let wanted = new.unlogged.unwrap_or(like);
    let now = old.and_then(|old| old.unlogged).unwrap_or(like);
    (now != wanted && !takes_along(cx, table))
        .then(|| set(column, &new.sequence_sql(column), wanted))
}
