//! How rows get from a table that was renamed aside into its successor.

use super::{
    column::{Column, aside_name},
    column_change::{GIVE_OR_FILL, checked, without_nulls},
    convert, family, partition_bounds,
};
use crate::{Context, HazardKind, Kind, Lock, Object, ObjectId, Side, Step, Verb, quote};

/// INSERT … SELECT from the old table, or from its partitions: those that stay move with their rows, those that
/// go are read first. Then the positions of identity sequences.
pub(super) fn transfer(id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
    let sources = match family::is_partitioned(cx, Side::From, id) {
        true => leaves_that_go(cx, id),
        false => vec![aside.clone()],
    };
    let into = scatters(cx, id).unwrap_or_else(|| id.clone());
    let mut steps: Vec<Step> =
        sources.iter().flat_map(|source| insert(id, source, &into, cx)).collect();
    let misfits = match sources.as_slice() {
        [source] if source == aside && family::is_partitioned(cx, Side::To, &into) => {
            partition_bounds::nowhere(id, &into, cx)
        }
        _ => None,
    };
    if let (Some(misfits), Some(first)) = (misfits, steps.first_mut()) {
        *first = first.clone().precheck(
            misfits.query,
            misfits.counts,
            "add a partition for them, or a DEFAULT one",
        );
    }
    steps.extend(positions(id, aside, cx));
    steps
}

/// The whole whose rows may belong to other partitions once the types of its key are built anew, where the table is
/// a part of one or is one itself: rows are then put into the whole, not into the partition that they came from.
pub(super) fn scatters(cx: &Context, table: &ObjectId) -> Option<ObjectId> {
    let above = family::parents(cx, Side::From, table)
        .into_iter()
        .filter(|parent| family::is_partitioned(cx, Side::From, parent) && cx.to.contains(parent))
        .find_map(|parent| scatters(cx, &parent));
    above.or_else(|| is_scattered(cx, table).then(|| table.clone()))
}

fn is_scattered(cx: &Context, table: &ObjectId) -> bool {
    let (Some(Object::Table(old)), Some(Object::Table(_))) = (cx.from.get(table), cx.to.get(table))
    else {
        return false;
    };
    let Some(key) = &old.partition_key else { return false };
    let keys = cx.from.members(Kind::Column, table).filter_map(|(id, object)| match object {
        Object::Column(column) if old.is_key(id.base()) => Some(column),
        _ => None,
    });
    // A list names its labels, which stay what they are unless the user maps them.
    let by_name = key.starts_with("LIST") && !old.partition_columns.is_empty();
    keys.filter(|column| convert::is_rebuilt(cx, &column.type_name))
        .any(|column| !by_name || convert::maps(cx, &column.type_name))
}

/// All partitions of a table at any depth, in the desired state, and what attaching them needs. Their keys are tied to
/// those of the whole, which are there with it; the whole's other indexes come when the rows are there.
fn tree(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    if !family::is_partitioned(cx, Side::To, table) {
        return Vec::new();
    }
    let mut all = family::links(cx, table);
    for piece in family::children(cx, Side::To, table) {
        for kind in [Kind::Column, Kind::Constraint, Kind::Index] {
            all.extend(cx.to.members(kind, &piece).map(|(id, _)| id.clone()));
        }
        let keys = cx.to.members(Kind::Constraint, &piece);
        all.extend(keys.map(|(id, _)| ObjectId::member(Kind::IndexPartitionOf, id, "")));
        all.extend(tree(cx, &piece));
    }
    all
}

/// Whether the rows of a table that is dropped live on in another one.
pub(super) fn is_moved(cx: &Context, id: &ObjectId) -> bool {
    // a name that the current catalog does not have: the table stands aside
    !cx.from.contains(id)
        || family::parents(cx, Side::From, id).iter().any(|parent| {
            match (cx.from.get(parent), cx.to.get(parent)) {
                (Some(Object::Table(old)), Some(Object::Table(new))) => {
                    old.partition_key.is_some() && old.is_keyed_unlike(new)
                }
                (Some(_), None) => is_moved(cx, parent),
                _ => false,
            }
        })
}

fn leaves_that_go(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let pieces = family::children(cx, Side::From, table).into_iter().filter(|piece| cx.goes(piece));
    pieces
        .flat_map(|piece| match family::is_partitioned(cx, Side::From, &piece) {
            true => leaves_that_go(cx, &piece),
            false => vec![piece],
        })
        .collect()
}

fn column<'a>(cx: &Context<'a>, side: Side, table: &ObjectId, name: &str) -> Option<&'a Column> {
    match cx.catalog(side).get(&ObjectId::member(Kind::Column, table, name))? {
        Object::Column(column) => Some(column),
        _ => None,
    }
}

/// All columns that both have and that are not generated, and those for which there is a value.
fn insert(id: &ObjectId, source: &ObjectId, into: &ObjectId, cx: &Context) -> Vec<Step> {
    let (mut steps, mut moved) = (Vec::new(), Vec::new());
    let (mut names, mut values, mut overriding) = (Vec::new(), Vec::new(), "");
    let mut columns: Vec<(&ObjectId, &Column)> = cx
        .to
        .members(Kind::Column, into)
        .filter_map(|(column_id, object)| match object {
            Object::Column(column) if column.generated.is_none() => Some((column_id, &**column)),
            _ => None,
        })
        .collect();
    columns.sort_by_key(|(_, column)| column.position);
    for (column_id, new) in columns {
        let fill = cx.options.fill.get(column_id);
        let value = match column(cx, Side::From, into, column_id.base()) {
            Some(old) => {
                let (value, conversion) = new.converted(column_id, old, cx);
                let helpers = conversion.iter().flat_map(|c| c.helpers.created(id));
                steps.extend(helpers);
                let may_be_null = old.not_null.is_none() && new.not_null.is_some();
                let value = match fill.filter(|_| may_be_null) {
                    Some(fill) => format!("coalesce({value}, {fill})"),
                    None => value,
                };
                moved.push((column_id, new, conversion, may_be_null && fill.is_none()));
                Some(value)
            }
            None => fill.map(|fill| format!("({fill})")),
        };
        if let Some(value) = value {
            names.push(column_id.base_sql());
            values.push(value);
            if new.identity.as_ref().is_some_and(|identity| identity.always) {
                overriding = " OVERRIDING SYSTEM VALUE";
            }
        }
    }
    let columns = match names.is_empty() {
        true => into.sql(),
        false => format!("{} ({}){overriding}", into.sql(), names.join(", ")),
    };
    let values = if values.is_empty() { String::new() } else { format!(" {}", values.join(", ")) };
    let only = if family::is_partitioned(cx, Side::From, source) { "" } else { "ONLY " };
    let sql = format!("INSERT INTO {columns} SELECT{values} FROM {only}{}", source.sql());
    let mut step = Step::new(Verb::Transfer, id, sql)
        .hazard(HazardKind::RewritesTable, format!("all rows of {} are copied", id.sql()))
        .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", id.sql()))
        .lock(Lock::AccessExclusive, id)
        .needs(tree(cx, into))
        .needs(cx.to.members(Kind::Column, into).map(|(id, _)| id.clone()))
        .releases(cx.goes(source).then(|| source.clone()))
        .releases(cx.from.members(Kind::Column, source).map(|(id, _)| id.clone()));
    for (column, new, conversion, may_be_null) in &moved {
        step = checked(step, column, &new.type_name, false, conversion.as_ref());
        if *may_be_null {
            step = without_nulls(step, column, "", GIVE_OR_FILL);
        }
    }
    let is_lost = |(column, object): &(&ObjectId, &Object)| {
        cx.goes(column) && matches!(object, Object::Column(old) if old.generated.is_none())
    };
    for (column, _) in cx.from.members(Kind::Column, into).filter(is_lost) {
        step = step
            .hazard(HazardKind::DeletesData, format!("all values of {} are lost", column.path()))
            .irreversible("the values are gone");
    }
    steps.push(step);
    let conversions = moved.iter().filter_map(|(_, _, conversion, _)| conversion.as_ref());
    steps.extend(conversions.flat_map(|conversion| conversion.helpers.dropped(id)));
    for step in &mut steps {
        step.verb = Verb::Transfer;
    }
    steps
}

fn positions<'a>(
    id: &'a ObjectId,
    aside: &'a ObjectId,
    cx: &'a Context,
) -> impl Iterator<Item = Step> + 'a {
    cx.to.members(Kind::Column, id).filter_map(move |(column_id, object)| {
        let Object::Column(to) = object else { return None };
        let identity = to.identity.as_ref()?;
        column(cx, Side::From, id, column_id.base())?.identity.as_ref()?;
        let schema = id.schema().unwrap_or_default();
        let sql = format!(
            "SELECT pg_catalog.setval({}, last_value, is_called) FROM {}",
            quote::literal(&quote::qualified(schema, &identity.sequence)),
            quote::qualified(schema, &aside_name(aside, column_id))
        );
        Some(Step::new(Verb::Transfer, id, sql).needs(family::links(cx, id)))
    })
}
