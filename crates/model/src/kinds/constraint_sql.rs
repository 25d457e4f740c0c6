//! How constraints are spelled and added, and what data must be like for it.

use super::{
    backing::duplicates,
    constraint::{Action, Body, Constraint, list},
    family,
    future_rows::FutureRows,
    spell,
};
use crate::{Context, Fold, HazardKind, Kind, Lock, Object, ObjectId, Side, Step, Verb};

impl Constraint {
    /// What follows the name in ADD CONSTRAINT.
    fn definition(&self) -> String {
        let mut sql = match &self.body {
            Body::Check { expression, no_inherit } => {
                let no_inherit = if *no_inherit { " NO INHERIT" } else { "" };
                format!("CHECK {}{no_inherit}", spell::parens(expression))
            }
            Body::Key {
                primary,
                columns,
                include,
                nulls_not_distinct,
                without_overlaps,
                backing,
            } => {
                let word = if *primary { "PRIMARY KEY" } else { "UNIQUE" };
                let nulls = if *nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
                let overlaps = if *without_overlaps { " WITHOUT OVERLAPS" } else { "" };
                let columns = spell::columns(columns);
                let mut sql = format!("{word}{nulls} ({columns}{overlaps})");
                if !include.is_empty() {
                    sql += &format!(" INCLUDE {}", list(include));
                }
                sql + &backing.with() + &backing.tablespace("USING INDEX ")
            }
            Body::Foreign {
                columns,
                table,
                referenced,
                period,
                full,
                on_update,
                on_delete,
                set,
            } => {
                let mut sql = format!(
                    "FOREIGN KEY {} REFERENCES {} {}",
                    with_period(columns, *period),
                    table.sql(),
                    with_period(referenced, *period)
                );
                if *full {
                    sql += " MATCH FULL";
                }
                if let Some(words) = on_update.words() {
                    sql += &format!(" ON UPDATE {words}");
                }
                if let Some(words) = on_delete.words() {
                    sql += &format!(" ON DELETE {words}");
                    if !set.is_empty() {
                        sql += &format!(" {}", list(set));
                    }
                }
                sql
            }
            Body::Exclude { definition, backing } => {
                let (head, predicate) = match spell::clause(definition, "where") {
                    Some((at, _)) => definition.split_at(at),
                    None => (definition.as_str(), ""),
                };
                let storage = backing.with() + &backing.tablespace("USING INDEX ");
                let space = if predicate.is_empty() { "" } else { " " };
                format!("EXCLUDE {}{storage}{space}{predicate}", head.trim_end())
            }
        };
        sql += self.timing();
        if !self.enforced {
            sql += " NOT ENFORCED";
        } else if !self.validated {
            sql += " NOT VALID";
        }
        sql
    }

    pub(super) fn timing(&self) -> &'static str {
        match (self.deferrable, self.deferred) {
            (false, _) => "",
            (true, false) => " DEFERRABLE",
            (true, true) => " DEFERRABLE INITIALLY DEFERRED",
        }
    }

    pub(super) fn add(&self, verb: Verb, id: &ObjectId, cx: &Context) -> Step {
        let Some(table) = id.parent() else { return Step::new(verb, id, "") };
        let element = format!("CONSTRAINT {} {}", id.base_sql(), self.definition());
        let head = match &self.body {
            // The partitions' keys are objects of their own; checks and foreign keys reach the children.
            Body::Key { .. } | Body::Exclude { .. } => family::head_only(cx, table),
            Body::Check { no_inherit: true, .. } => family::head_only(cx, table),
            Body::Check { .. } | Body::Foreign { .. } => family::head(table),
        };
        let mut step = Step::action(verb, id, &head, &format!("ADD {element}"))
            .undo(format!("{} DROP CONSTRAINT {}", family::head(table), id.base_sql()))
            .lock(self.lock(), table);
        // In CREATE TABLE, NOT VALID is taken for VALID.
        if self.validated || !self.enforced {
            step = step.fold_first(Fold::Element {
                of: table.clone(),
                text: element,
                rank: self.rank(),
            });
        }
        match &self.body {
            // what is partitioned holds nothing itself
            Body::Key { .. } | Body::Exclude { .. }
                if family::is_partitioned(cx, Side::To, table) =>
            {
                step
            }
            Body::Key { .. } | Body::Exclude { .. } => {
                let step = step
                    .hazard(HazardKind::BuildsIndex, format!("{} is indexed", table.sql()))
                    .hazard(
                        HazardKind::BlocksReads,
                        format!("{} is locked meanwhile", table.sql()),
                    );
                self.precheck(step, table, cx)
            }
            _ if self.validated && self.enforced => self.scanned(step, id, cx),
            _ => step,
        }
    }

    /// Whether a key of the same table that comes first is served by the same index: within one statement the server
    /// makes one constraint of both and forgets the other's name (transformIndexConstraints).
    pub(super) fn has_elder_twin(&self, id: &ObjectId, cx: &Context) -> bool {
        let likeness = |constraint: &Self| match &constraint.body {
            Body::Key { columns, include, nulls_not_distinct, .. } => Some((
                columns.clone(),
                include.clone(),
                *nulls_not_distinct,
                constraint.deferrable,
                constraint.deferred,
            )),
            _ => None,
        };
        let (Some(own), Some(table)) = (likeness(self), id.parent()) else { return false };
        let rank = |id, constraint: &Self| {
            (!matches!(constraint.body, Body::Key { primary: true, .. }), id)
        };
        cx.to.members(Kind::Constraint, table).any(|(other, object)| match object {
            Object::Constraint(constraint) => {
                likeness(constraint).as_ref() == Some(&own)
                    && rank(other, constraint) < rank(id, self)
            }
            _ => false,
        })
    }

    fn lock(&self) -> Lock {
        match self.body {
            Body::Foreign { .. } => Lock::ShareRowExclusive,
            _ => Lock::AccessExclusive,
        }
    }

    fn rank(&self) -> (u8, i32) {
        match &self.body {
            Body::Key { primary: true, .. } => (1, 0),
            Body::Key { .. } | Body::Exclude { .. } => (2, 0),
            Body::Check { .. } => (3, 0),
            Body::Foreign { .. } => (4, 0),
        }
    }

    pub(super) fn precheck(&self, step: Step, table: &ObjectId, cx: &Context) -> Step {
        if !cx.from.contains(table) {
            return step;
        }
        match &self.body {
            Body::Key { columns, nulls_not_distinct, without_overlaps: false, primary, .. } => {
                let keys: Vec<String> = columns.iter().map(ObjectId::base_sql).collect();
                duplicates(step, table, columns, &keys, None, *nulls_not_distinct || *primary, cx)
            }
            Body::Check { expression, no_inherit } => {
                self.precheck_condition(step, table, expression, *no_inherit, cx)
            }
            Body::Foreign { columns, table: target, referenced, period: false, full, .. } => {
                let step = step.hazard(
                    HazardKind::MayFailOnData,
                    format!("rows of {} may refer to no row of {}", table.sql(), target.sql()),
                );
                match orphans(cx, (table, columns), (target, referenced), *full) {
                    Some((query, as_now)) if !(as_now && self.holds_now(&step.object, cx)) => step
                        .precheck(
                            query,
                            format!(
                                "rows of {} that refer to no row of {}",
                                table.sql(),
                                target.sql()
                            ),
                            "correct these rows first, or add the constraint NOT VALID",
                        ),
                    _ => step,
                }
            }
            _ => step.hazard(
                HazardKind::MayFailOnData,
                format!("rows of {} may violate it", table.sql()),
            ),
        }
    }

    /// Whether the rows satisfy it already, because it is there.
    fn holds_now(&self, id: &ObjectId, cx: &Context) -> bool {
        matches!(cx.from.get(id), Some(Object::Constraint(now)) if now.validated && now.enforced && now.body == self.body)
    }

    fn precheck_condition(
        &self,
        step: Step,
        table: &ObjectId,
        expression: &str,
        no_inherit: bool,
        cx: &Context,
    ) -> Step {
        if table.kind() == Kind::ForeignTable {
            // the server takes its word for it
            return step;
        }
        let step = step
            .hazard(HazardKind::MayFailOnData, format!("rows of {} may violate it", table.sql()));
        let used = cx.uses(Side::To, &step.object).iter().map(|edge| &edge.used);
        let (columns, others): (Vec<_>, Vec<_>) =
            used.partition(|used| used.kind() == Kind::Column);
        // types that come are dealt with by the rows; a function that changes may answer otherwise
        let known = others
            .iter()
            .all(|used| used.kind() == Kind::Enum || cx.from.get(used) == cx.to.get(used));
        let rows = FutureRows::of(cx, table, columns, no_inherit).filter(|_| known);
        let Some(rows) = rows else { return step };
        if rows.are_as_now() && self.holds_now(&step.object, cx) {
            return step;
        }
        let Some(condition) = rows.expression(&spell::parens(expression)) else { return step };
        step.precheck(
            format!("SELECT count(*) FROM {} WHERE NOT {condition}", rows.source()),
            format!("rows of {} that violate the check {expression}", table.sql()),
            "correct these rows first, or add the constraint NOT VALID",
        )
    }
}

/// Counts rows of the first table that refer to no row of the second; and whether all of these columns keep their
/// values. `None` where that cannot be asked.
fn orphans(
    cx: &Context,
    (table, columns): (&ObjectId, &[ObjectId]),
    (target, referenced): (&ObjectId, &[ObjectId]),
    full: bool,
) -> Option<(String, bool)> {
    let children = FutureRows::of(cx, table, columns, false)?;
    let child = children.named("child");
    let set: Vec<String> =
        columns.iter().map(|c| format!("child.{} IS NOT NULL", c.base_sql())).collect();
    let joined = if full { " OR " } else { " AND " };
    let refers = format!("SELECT count(*) FROM {child} WHERE ({})", set.join(joined));
    if !cx.from.contains(target) {
        // a table that comes has no rows
        return Some((refers, false));
    }
    let parents = FutureRows::of(cx, target, referenced, false)?;
    let parent = parents.named("parent");
    let equal: Vec<String> = columns
        .iter()
        .zip(referenced)
        .map(|(a, b)| format!("parent.{} = child.{}", b.base_sql(), a.base_sql()))
        .collect();
    let equal = equal.join(" AND ");
    let query = format!("{refers} AND NOT EXISTS (SELECT FROM {parent} WHERE {equal})");
    Some((query, children.are_as_now() && parents.are_as_now()))
}

fn with_period(columns: &[ObjectId], period: bool) -> String {
    match columns.split_last() {
        Some((last, [])) if period => format!("(PERIOD {})", last.base_sql()),
        Some((last, others)) if period => {
            format!("({}, PERIOD {})", spell::columns(others), last.base_sql())
        }
        _ => list(columns),
    }
}

impl Action {
    fn words(self) -> Option<&'static str> {
        match self {
            Self::NoAction => None,
            Self::Restrict => Some("RESTRICT"),
            Self::Cascade => Some("CASCADE"),
            Self::SetNull => Some("SET NULL"),
            Self::SetDefault => Some("SET DEFAULT"),
        }
    }
}

/// What `pg_get_constraintdef` says of an exclusion constraint, without key word, storage parameters and timing.
pub(super) fn exclusion(text: &str) -> String {
    let mut text = text.strip_prefix("EXCLUDE ").unwrap_or(text);
    for tail in [" NOT VALID", " INITIALLY DEFERRED", " DEFERRABLE"] {
        text = text.strip_suffix(tail).unwrap_or(text);
    }
    // the WITH of storage parameters follows the list of elements, whose own WITH stand in parentheses
    match spell::clause(text, "with") {
        Some((at, range)) => format!("{}{}", text[..at].trim_end(), &text[range.end..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::exclusion;

    #[test]
    fn exclusions_lose_what_is_kept_elsewhere() {
        assert_eq!(
            exclusion(
                "EXCLUDE USING gist (r WITH &&) INCLUDE (b) WITH (fillfactor='60') WHERE ((b > 1)) DEFERRABLE"
            ),
            "USING gist (r WITH &&) INCLUDE (b) WHERE ((b > 1))"
        );
    }
}
