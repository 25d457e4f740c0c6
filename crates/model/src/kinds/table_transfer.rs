//! How rows get from a table that was renamed aside into its successor.

use super::{
    column::{Column, aside_name},
    family,
};
use crate::{Context, HazardKind, Kind, Lock, Object, ObjectId, Side, Step, Verb, quote};

/// INSERT … SELECT from the old table, or from its partitions: those that stay move with their rows, those that
/// go are read first. Then the positions of identity sequences.
pub(super) fn transfer(id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
    let sources = match family::is_partitioned(cx, Side::From, id) {
        true => leaves_that_go(cx, id),
        false => vec![aside.clone()],
    };
    let inserts = sources.iter().map(|source| insert(id, source, cx));
    inserts.chain(positions(id, aside, cx)).collect()
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
fn insert(id: &ObjectId, source: &ObjectId, cx: &Context) -> Step {
    let (mut names, mut values, mut overriding, mut missing) = (Vec::new(), Vec::new(), "", None);
    let mut columns: Vec<(&ObjectId, &Column)> = cx
        .to
        .members(Kind::Column, id)
        .filter_map(|(column_id, object)| match object {
            Object::Column(column) if column.generated.is_none() => Some((column_id, column)),
            _ => None,
        })
        .collect();
    columns.sort_by_key(|(_, column)| column.position);
    for (column_id, new) in columns {
        let value = match column(cx, Side::From, id, column_id.base()) {
            Some(old) => Some(new.converted(column_id, old, cx)),
            None => cx.options.fill.get(column_id).map(|fill| format!("({fill})")),
        };
        match value {
            Some(value) => {
                names.push(column_id.base_sql());
                values.push(value);
                if new.identity.as_ref().is_some_and(|identity| identity.always) {
                    overriding = " OVERRIDING SYSTEM VALUE";
                }
            }
            None if new.not_null.is_some() && new.is_empty_when_new(column_id, cx) => {
                missing = Some(column_id);
            }
            None => {}
        }
    }
    let into = match names.is_empty() {
        true => id.sql(),
        false => format!("{} ({}){overriding}", id.sql(), names.join(", ")),
    };
    let values = if values.is_empty() { String::new() } else { format!(" {}", values.join(", ")) };
    let only = if family::is_partitioned(cx, Side::From, source) { "" } else { "ONLY " };
    let sql = format!("INSERT INTO {into} SELECT{values} FROM {only}{}", source.sql());
    let mut step = Step::new(Verb::Transfer, id, sql)
        .hazard(HazardKind::RewritesTable, format!("all rows of {} are copied", id.sql()))
        .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", id.sql()))
        .lock(Lock::AccessExclusive, id)
        .needs(family::links(cx, id))
        .releases(cx.goes(source).then(|| source.clone()))
        .releases(cx.from.members(Kind::Column, source).map(|(id, _)| id.clone()));
    if let Some(missing) = missing {
        step = step.precheck(
            format!("SELECT count(*) FROM {}", id.sql()),
            format!("rows of {} that have no value for {}", id.sql(), missing.base_sql()),
            "give the column a default, or say beside it: -- ordain: fill <expression>",
        );
    }
    step
}

fn positions<'a>(
    id: &'a ObjectId,
    aside: &'a ObjectId,
    cx: &'a Context,
) -> impl Iterator<Item = Step> + 'a {
    cx.to.members(Kind::Column, id).filter_map(move |(column_id, object)| {
        let Object::Column(Column { identity: Some(identity), .. }) = object else { return None };
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
