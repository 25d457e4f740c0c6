//! What the constraints of a table mean for other objects: its columns, its children, and tables that refer to it.

use std::collections::BTreeSet;

use super::{
    constraint::{Body, Constraint},
    convert, family, partition_of,
};
use crate::{Context, Kind, Object, ObjectId, Side, Step, Verb};

/// The table that a foreign key refers to.
pub(super) fn referenced(key: &Constraint) -> Option<&ObjectId> {
    match &key.body {
        Body::Foreign { table, .. } => Some(table),
        _ => None,
    }
}

/// A check that goes for good and that children had from here and keep: the server takes it from them as well.
pub(super) fn kept_by_children(check: &Constraint, id: &ObjectId, cx: &Context) -> Vec<Step> {
    let (Some(table), Body::Check { no_inherit: false, .. }, true) =
        (id.parent(), &check.body, cx.goes(id))
    else {
        return Vec::new();
    };
    let again = family::children(cx, Side::From, table).into_iter().filter_map(|child| {
        let own = ObjectId::member(Kind::Constraint, &child, id.base());
        let inherited = matches!(cx.from.get(&own), Some(Object::Constraint(c)) if !c.local);
        let linked = family::kept_parents(cx, &child).contains(table);
        match cx.to.get(&own) {
            Some(Object::Constraint(kept)) if inherited && linked && kept.body == check.body => {
                let step = kept.add(Verb::Alter, &own, cx);
                Some(Step { object: id.clone(), folds: Vec::new(), ..step }.without_edges())
            }
            _ => None,
        }
    });
    again.collect()
}

/// The keys by which a foreign key finds its rows.
pub(super) fn keys<'a>(cx: &'a Context, side: Side, id: &ObjectId) -> BTreeSet<&'a ObjectId> {
    let used = cx.uses(side, id).iter().map(|edge| &edge.used);
    used.filter(|used| matches!(used.kind(), Kind::Constraint | Kind::Index)).collect()
}

/// Keys that go and that a new foreign key would take: the server looks for one by its columns, the oldest first.
fn keys_that_go(cx: &Context, key: &Constraint) -> Vec<ObjectId> {
    let Body::Foreign { table, referenced, .. } = &key.body else { return Vec::new() };
    let is_unique = |object: &Object| match object {
        Object::Index(index) => index.unique,
        Object::Constraint(other) => matches!(other.body, Body::Key { .. }),
        _ => false,
    };
    let on_its_columns = |id: &ObjectId| {
        let used = cx.uses(Side::From, id);
        referenced.iter().all(|column| used.iter().any(|edge| edge.used == *column))
    };
    let kinds = [Kind::Index, Kind::Constraint];
    let all = kinds.into_iter().flat_map(|kind| cx.from.members(kind, table));
    all.filter(|(id, object)| is_unique(object) && cx.goes(id) && on_its_columns(id))
        .map(|(id, _)| id.clone())
        .collect()
}

/// The primary keys that a column is in now.
pub(super) fn primary_keys(cx: &Context, column: &ObjectId) -> Vec<ObjectId> {
    let of = |(id, object): (&ObjectId, &Object)| match object {
        Object::Constraint(key) => match &key.body {
            Body::Key { primary: true, columns, .. } => {
                columns.contains(column).then(|| id.clone())
            }
            _ => None,
        },
        _ => None,
    };
    cx.from.members(Kind::Constraint, column.root()).filter_map(of).collect()
}

pub(super) fn is_check(object: &Object) -> bool {
    matches!(object, Object::Constraint(check) if matches!(check.body, Body::Check { .. }))
}

/// When a foreign key may be made: its key is whole, no other is in its place, partitions that leave its table have
/// left, and the rows of those that return to the table that it refers to are back.
pub(super) fn foreign_in_order(step: Step, key: &Constraint, id: &ObjectId, cx: &Context) -> Step {
    let (Some(table), Some(target)) = (id.parent(), referenced(key)) else { return step };
    let returns = |link: &ObjectId| cx.to.contains(link) && link.root() != table;
    let returning = partition_of::links_that_end(cx, target).into_iter().filter(returns);
    step.needs(links_of_keys(cx, id))
        .needs(returning)
        .excludes(keys_that_go(cx, key))
        .excludes(partition_of::links_that_end(cx, table))
}

/// What makes the keys behind a foreign key whole: the links to the keys of all partitions of the table.
fn links_of_keys(cx: &Context, id: &ObjectId) -> Vec<ObjectId> {
    fn below(cx: &Context, key: &ObjectId, links: &mut Vec<ObjectId>) {
        for edge in cx.users(Side::To, key) {
            if edge.user.kind() == Kind::IndexPartitionOf && edge.user.parent() != Some(key) {
                links.push(edge.user.clone());
                edge.user.parent().into_iter().for_each(|piece| below(cx, piece, links));
            }
        }
    }
    let mut links = Vec::new();
    for key in keys(cx, Side::To, id) {
        below(cx, key, &mut links);
    }
    links
}

/// Whether the values of a column are converted, and stand in the way of foreign keys meanwhile.
pub(super) fn is_rewritten(column: &ObjectId, cx: &Context) -> bool {
    match (cx.from.get(column), cx.to.get(column)) {
        (Some(Object::Column(old)), Some(Object::Column(new))) => {
            old.type_name == new.type_name
                || cx.options.using.contains_key(column)
                || convert::rewrites(cx, &old.type_name, &new.type_name)
        }
        _ => true,
    }
}
