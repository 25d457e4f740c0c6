//! What an index and the index behind a constraint have in common: storage, and what the table does by it.

use serde::{Deserialize, Serialize};

use super::future_rows::FutureRows;
use super::{family, index_partition_of, options};
use crate::{
    Context, HazardKind, Kind, Lock, Object, ObjectId, ReadError, Row, Side, Step, Verb, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Backing {
    /// Storage parameters; their order is not compared.
    pub options: Vec<String>,
    /// `None` for the database's own.
    pub tablespace: Option<String>,
    /// Which index CLUSTER goes by.
    pub clustered: bool,
    /// Which index names a row to logical replication.
    pub replica_identity: bool,
}

impl Backing {
    /// What models have no words for stays as it is.
    pub(super) fn adopt(&mut self, current: &Self) {
        self.clustered |= current.clustered;
        self.replica_identity |= current.replica_identity;
    }

    /// Four columns: reloptions, tablespace, clustered, replica identity.
    pub(super) fn read(row: &mut dyn Row) -> Result<Self, ReadError> {
        Ok(Self {
            options: row.texts()?,
            tablespace: row.opt_text()?,
            clustered: row.flag()?,
            replica_identity: row.flag()?,
        })
    }

    /// ` WITH (…)` or nothing.
    pub(super) fn with(&self) -> String {
        match self.options.is_empty() {
            true => String::new(),
            false => format!(" WITH ({})", options::sql(&self.options)),
        }
    }

    /// ` TABLESPACE x` behind a key word, or nothing.
    pub(super) fn tablespace(&self, before: &str) -> String {
        let clause = |name: &String| format!(" {before}TABLESPACE {}", quote::ident(name));
        self.tablespace.as_ref().map(clause).unwrap_or_default()
    }

    /// Whether ALTER INDEX … SET or RESET has something to do, which it does on pieces alone: a partitioned index is made
    /// anew instead.
    pub(super) fn is_set_anew(&self, old: &Self) -> bool {
        let (set, reset) = options::change(&old.options, &self.options);
        !set.is_empty() || !reset.is_empty()
    }

    /// What follows the creation of the index. `id` is the index or the constraint.
    pub(super) fn roles(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        self.role_changes(
            id,
            &Self { clustered: false, replica_identity: false, ..self.clone() },
            cx,
        )
    }

    /// In-place changes from `old` to this.
    pub(super) fn changes(&self, id: &ObjectId, old: &Self, cx: &Context) -> Vec<Step> {
        let Self { options, tablespace, clustered: _, replica_identity: _ } = old;
        let name = index_partition_of::name(id);
        let mut steps = Vec::new();
        let (set, reset) = options::change(options, &self.options);
        for (word, list) in [("SET", set), ("RESET", reset)] {
            if !list.is_empty() {
                let step = Step::alter(id, format!("ALTER INDEX {name} {word} ({list})"));
                steps.push(step.lock(Lock::ShareUpdateExclusive, table(id)));
            }
        }
        if *tablespace != self.tablespace {
            let to = quote::ident(self.tablespace.as_deref().unwrap_or("pg_default"));
            steps.push(
                Step::alter(id, format!("ALTER INDEX {name} SET TABLESPACE {to}"))
                    .hazard(HazardKind::BlocksReads, format!("{name} is copied meanwhile"))
                    .lock(Lock::AccessExclusive, table(id)),
            );
        }
        steps.extend(self.role_changes(id, old, cx));
        steps
    }

    fn role_changes(&self, id: &ObjectId, old: &Self, cx: &Context) -> Vec<Step> {
        let table = table(id);
        let head = format!("ALTER {} {}", table.kind().keyword(), table.sql());
        let mut steps = Vec::new();
        if self.clustered && !old.clustered {
            let step = Step::alter(id, format!("{head} CLUSTER ON {}", id.base_sql()))
                .provides(others(id, Side::From, cx, |backing| backing.clustered));
            steps.push(step.lock(Lock::ShareUpdateExclusive, table));
        }
        if old.clustered && !self.clustered && others(id, Side::To, cx, |b| b.clustered).is_empty()
        {
            let step = Step::alter(id, format!("{head} SET WITHOUT CLUSTER"));
            steps.push(step.lock(Lock::ShareUpdateExclusive, table));
        }
        if self.replica_identity && !old.replica_identity {
            let action = format!("REPLICA IDENTITY USING INDEX {}", id.base_sql());
            let step = Step::action(Verb::Alter, id, &family::head_only(cx, table), &action)
                .provides(others(id, Side::From, cx, |backing| backing.replica_identity));
            let step = step.provides(replica_identity_changes(table, cx).then(|| table.clone()));
            steps.push(step.lock(Lock::AccessExclusive, table));
        }
        // no longer the replica identity: the table, or another index, says what is instead
        steps
    }
}

fn table(id: &ObjectId) -> &ObjectId {
    id.parent().unwrap_or(id)
}

/// Other indexes of the table, with those behind constraints, of which something holds.
fn others(
    id: &ObjectId,
    side: Side,
    cx: &Context,
    holds: impl Fn(&Backing) -> bool,
) -> Vec<ObjectId> {
    [Kind::Constraint, Kind::Index]
        .into_iter()
        .flat_map(|kind| cx.catalog(side).members(kind, table(id)))
        .filter(|(other, object)| {
            let backing = match object {
                Object::Index(index) => Some(&index.backing),
                Object::Constraint(constraint) => constraint.backing(),
                _ => None,
            };
            *other != id && backing.is_some_and(&holds)
        })
        .map(|(other, _)| other.clone())
        .collect()
}

/// Whether REPLICA IDENTITY USING INDEX is also what makes the table as desired.
fn replica_identity_changes(table: &ObjectId, cx: &Context) -> bool {
    let identity = |side: Side| match cx.catalog(side).get(table) {
        Some(Object::Table(table)) => Some(table.replica_identity),
        _ => None,
    };
    cx.from.contains(table) && identity(Side::From) != identity(Side::To)
}

/// Counts groups of rows that agree in all `keys`, which are SQL expressions over these columns of the table. No
/// question where it cannot be asked before the plan has run.
pub(super) fn duplicates<'a>(
    step: Step,
    table: &ObjectId,
    columns: impl IntoIterator<Item = &'a ObjectId>,
    keys: &[String],
    predicate: Option<&str>,
    nulls_not_distinct: bool,
    cx: &Context,
) -> Step {
    let Some(rows) = FutureRows::of(cx, table, columns, false) else { return step };
    let mut conditions: Vec<String> = predicate.iter().map(|p| (*p).to_owned()).collect();
    if !nulls_not_distinct {
        conditions.extend(keys.iter().map(|key| format!("{key} IS NOT NULL")));
    }
    let filter = match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    };
    let (table, keys) = (table.sql(), keys.join(", "));
    let step =
        step.hazard(HazardKind::MayFailOnData, format!("rows of {table} may agree in {keys}"));
    let Some(rest) = rows.expression(&format!("{filter} GROUP BY {keys}")) else { return step };
    step.precheck(
        format!(
            "SELECT count(*) FROM (SELECT 1 FROM {}{rest} HAVING count(*) > 1) AS duplicates",
            rows.source()
        ),
        format!("values of {keys} that occur more than once in {table}"),
        "remove or change the duplicates first",
    )
}
