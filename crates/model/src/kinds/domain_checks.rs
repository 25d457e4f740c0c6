//! What a domain's constraints mean for the values that are stored.

use super::{Object, domain::DomainCheck};
use crate::{Context, HazardKind, Lock, ObjectId, Side, Step, quote, spelled::Spelled, tokens};

/// Columns of this domain, or of a domain over it.
fn columns<'a>(cx: &Context<'a>, domain: &ObjectId) -> Vec<&'a ObjectId> {
    let mut found = Vec::new();
    for edge in cx.users(Side::From, domain) {
        match cx.from.get(&edge.user) {
            Some(Object::Column(column)) if column.type_name == domain.sql() => {
                found.push(&edge.user)
            }
            Some(Object::Domain(over)) if over.base == domain.sql() => {
                found.extend(columns(cx, &edge.user));
            }
            _ => {}
        }
    }
    found
}

/// Whether values of the domain are stored as parts of others: elements of arrays, attributes of composite
/// values, perhaps through another domain. The server then refuses to check them.
pub fn is_nested(cx: &Context, domain: &ObjectId) -> bool {
    cx.users(Side::From, domain).iter().any(|edge| match cx.from.get(&edge.user) {
        Some(Object::Column(column)) => Spelled::parse(&column.type_name).array,
        Some(Object::Attribute(_)) => {
            edge.user.parent().is_some_and(|of| super::attribute::is_stored(cx, of))
        }
        Some(Object::Domain(over)) if Spelled::parse(&over.base).array => {
            super::attribute::is_stored(cx, &edge.user)
        }
        Some(Object::Domain(_)) => is_nested(cx, &edge.user),
        _ => false,
    })
}

/// A step that fails when a stored value breaks a check.
pub fn validated(step: Step, id: &ObjectId, check: &DomainCheck, cx: &Context) -> Step {
    let what = format!("breaks {} of {id}", quote::ident(&check.name));
    scanned(step, id, cx, &what, |column| {
        let expression = check.definition.strip_prefix("CHECK ").unwrap_or(&check.definition);
        let value = tokens::replace_identifiers(expression, &|chain| {
            let value = chain.parts.len() == 1 && !chain.field && chain.parts[0] == "value";
            value.then(|| column.to_owned())
        });
        format!("NOT {value}")
    })
}

/// A step that fails when a NULL is stored.
pub fn not_null(step: Step, id: &ObjectId, cx: &Context) -> Step {
    scanned(step, id, cx, "is null", |column| format!("{column} IS NULL"))
}

fn scanned(
    step: Step,
    id: &ObjectId,
    cx: &Context,
    what: &str,
    bad: impl Fn(&str) -> String,
) -> Step {
    let columns = columns(cx, id);
    let Some(first) = columns.first() else {
        return if is_nested(cx, id) {
            step.hazard(HazardKind::MayFailOnData, "stored values are checked")
        } else {
            step
        };
    };
    let mut step = step.lock(Lock::Share, first.root());
    for column in &columns {
        let (table, name) = (column.root().sql(), column.base_sql());
        step = step
            .hazard(HazardKind::ScansTable, format!("all rows of {table} are checked"))
            .precheck(
                format!("SELECT count(*) FROM {table} WHERE {}", bad(&name)),
                format!("rows of {table} where {name} {what}"),
                "correct these rows first",
            );
    }
    step.hazard(HazardKind::MayFailOnData, "stored values are checked")
}
