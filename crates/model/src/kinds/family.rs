//! Who inherits from whom: partitions and the children of plain tables, seen from either side.
//!
//! `ALTER TABLE parent …` without ONLY does the same to all children; what a child has from its parent it cannot
//! change or drop itself (manual: 5.10 Inheritance, 5.11 Table Partitioning).

use std::collections::BTreeSet;

use super::constraint::Body;
use crate::{Context, Kind, Object, ObjectId, Side};

/// What a table inherits from, on one side.
pub(super) fn parents(cx: &Context, side: Side, table: &ObjectId) -> Vec<ObjectId> {
    links_up(cx, side, table).map(|(_, parent)| parent.clone()).collect()
}

/// The tables that a table inherits from, at any height.
pub(super) fn ancestors(cx: &Context, side: Side, table: &ObjectId) -> Vec<ObjectId> {
    let mut all = parents(cx, side, table);
    let higher: Vec<ObjectId> = all.iter().flat_map(|parent| ancestors(cx, side, parent)).collect();
    all.extend(higher);
    all
}

/// What ties a table to its parents, each with that parent.
fn links_up<'a>(
    cx: &'a Context,
    side: Side,
    table: &'a ObjectId,
) -> impl Iterator<Item = (&'a ObjectId, &'a ObjectId)> {
    [Kind::PartitionOf, Kind::Inheritance]
        .into_iter()
        .flat_map(move |kind| cx.catalog(side).members(kind, table))
        .filter_map(|(link, object)| Some((link, object.inherits_from()?)))
}

/// What ties children to a table.
fn links_down<'a>(
    cx: &'a Context,
    side: Side,
    table: &'a ObjectId,
) -> impl Iterator<Item = &'a ObjectId> {
    cx.users(side, table).iter().map(|edge| &edge.user).filter(move |link| {
        cx.catalog(side).get(link).and_then(Object::inherits_from) == Some(table)
    })
}

impl Object {
    /// The parent, of what ties a table to one.
    pub fn inherits_from(&self) -> Option<&ObjectId> {
        match self {
            Object::PartitionOf(link) => Some(&link.parent),
            Object::Inheritance(link) => Some(&link.parent),
            _ => None,
        }
    }

    /// Whether children of the table have it under the same name, and cannot rename it themselves.
    pub fn is_inherited(&self) -> bool {
        match self {
            Object::Column(_) => true,
            Object::Constraint(check) => {
                matches!(check.body, Body::Check { no_inherit: false, .. })
            }
            _ => false,
        }
    }
}

/// The tables that inherit from a table, on one side.
pub(super) fn children(cx: &Context, side: Side, table: &ObjectId) -> Vec<ObjectId> {
    links_down(cx, side, table).filter_map(|link| link.parent().cloned()).collect()
}

/// The tables that inherit from a table, at any depth.
pub(super) fn descendants(cx: &Context, side: Side, table: &ObjectId) -> Vec<ObjectId> {
    let mut all = children(cx, side, table);
    let deeper: Vec<ObjectId> = all.iter().flat_map(|child| descendants(cx, side, child)).collect();
    all.extend(deeper);
    all
}

/// What the tables below have of this kind under this name now.
pub(super) fn namesakes_below(cx: &Context, id: &ObjectId) -> Vec<ObjectId> {
    let below = id.parent().map(|table| descendants(cx, Side::From, table)).unwrap_or_default();
    let own = below.iter().map(|table| ObjectId::member(id.kind(), table, id.base()));
    own.filter(|own| cx.from.contains(own)).collect()
}

/// The tables from which, in the end, a table has a column; itself, where that is its own.
pub(super) fn origins(cx: &Context, table: &ObjectId, column: &str) -> BTreeSet<ObjectId> {
    let mut parents = parents(cx, Side::From, table);
    parents.retain(|parent| cx.from.contains(&ObjectId::member(Kind::Column, parent, column)));
    match parents.is_empty() {
        true => BTreeSet::from([table.clone()]),
        false => parents.iter().flat_map(|parent| origins(cx, parent, column)).collect(),
    }
}

/// What attaches the partitions of a table, in the desired state.
pub(super) fn links(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let pieces = children(cx, Side::To, table).into_iter();
    pieces.map(|piece| ObjectId::member(Kind::PartitionOf, &piece, "")).collect()
}

/// Whether the table has children on either side.
pub(super) fn has_children(cx: &Context, table: &ObjectId) -> bool {
    [Side::From, Side::To].into_iter().any(|side| !children(cx, side, table).is_empty())
}

/// What ties a table to those of its parents now that are such.
pub(super) fn ties(
    cx: &Context,
    table: &ObjectId,
    is_such: impl Fn(&ObjectId) -> bool,
) -> Vec<ObjectId> {
    let links = links_up(cx, Side::From, table).filter(|(_, parent)| is_such(parent));
    links.map(|(link, _)| link.clone()).collect()
}

/// What ties children to a table that leave it: whatever comes to the table comes when they are gone.
pub(super) fn leaving(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    links_down(cx, Side::From, table).filter(|link| cx.goes(link)).cloned().collect()
}

/// What a table inherits from now and will go on to inherit from.
pub(super) fn kept_parents(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let links = links_up(cx, Side::From, table).filter(|(link, _)| cx.unchanged(link));
    links.map(|(_, parent)| parent.clone()).collect()
}

/// Whether the table is not a partition and has parents in the desired state: CREATE TABLE then says INHERITS.
pub(super) fn inherits(cx: &Context, table: &ObjectId) -> bool {
    cx.to.members(Kind::Inheritance, table).next().is_some()
}

/// Whether the table is partitioned, on one side.
pub(super) fn is_partitioned(cx: &Context, side: Side, table: &ObjectId) -> bool {
    matches!(cx.catalog(side).get(table), Some(Object::Table(t)) if t.partition_key.is_some())
}

/// `ALTER TABLE t`, which also changes the children.
pub(super) fn head(table: &ObjectId) -> String {
    format!("ALTER TABLE {}", table.sql())
}

/// The head for what must not reach the children: each of them says itself what it wants. `ONLY` is left out
/// where there are none, so that the action joins others.
pub(super) fn head_only(cx: &Context, table: &ObjectId) -> String {
    match has_children(cx, table) {
        true => format!("ALTER TABLE ONLY {}", table.sql()),
        false => head(table),
    }
}

/// What the members `name` of the kept parents are called, as far as they exist on one side.
pub(super) fn inherited_from(
    cx: &Context,
    side: Side,
    kind: Kind,
    table: &ObjectId,
    name: &str,
) -> Vec<ObjectId> {
    kept_parents(cx, table)
        .iter()
        .map(|parent| ObjectId::member(kind, parent, name))
        .filter(|id| cx.catalog(side).contains(id))
        .collect()
}
