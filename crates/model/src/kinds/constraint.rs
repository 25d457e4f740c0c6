//! Constraints of tables. Manual: CREATE TABLE, ALTER TABLE, 5.5 Constraints.
//!
//! The pieces of a partitioned foreign key are part of it. The keys of partitions are objects of their own, which
//! `IndexPartitionOf` ties to the parent's. How they are spelled is in `constraint_sql.rs`.

use serde::{Deserialize, Serialize};

use super::{
    backing::Backing,
    constraint_ties, family,
    index_partition_of::{dropped, outlives, untied},
    persistence, spell,
};
use crate::{
    Alter, Context, Definition, Dependency, Disturbance, HazardKind, How, Kind, Lock, Object,
    ObjectId, Only, ReadError, Replace, Row, Side, Slot, Step, Survival, Verb, kinds::hard,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Constraint {
    pub body: Body,
    pub deferrable: bool,
    pub deferred: bool,
    pub validated: bool,
    /// False from 18 on where NOT ENFORCED.
    pub enforced: bool,
    /// Whether the table itself defines it, rather than only a parent; not compared.
    pub local: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Body {
    Check {
        expression: String,
        no_inherit: bool,
    },
    Key {
        primary: bool,
        columns: Vec<ObjectId>,
        include: Vec<ObjectId>,
        nulls_not_distinct: bool,
        without_overlaps: bool,
        backing: Backing,
    },
    Foreign {
        columns: Vec<ObjectId>,
        table: ObjectId,
        referenced: Vec<ObjectId>,
        period: bool,
        full: bool,
        on_update: Action,
        on_delete: Action,
        /// What SET NULL and SET DEFAULT of ON DELETE are limited to.
        set: Vec<ObjectId>,
    },
    Exclude {
        /// `USING gist (r WITH &&) INCLUDE (b) WHERE (b > 1)`.
        definition: String,
        backing: Backing,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    fn read(code: &str) -> Result<Self, ReadError> {
        match code {
            "a" => Ok(Self::NoAction),
            "r" => Ok(Self::Restrict),
            "c" => Ok(Self::Cascade),
            "n" => Ok(Self::SetNull),
            "d" => Ok(Self::SetDefault),
            other => Err(ReadError::Value { what: "foreign key action", value: other.to_owned() }),
        }
    }
}

impl Definition for Constraint {
    const QUERY: &'static str = include_str!("constraint.sql");
    const CATALOG: &'static str = "pg_constraint";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let table = row.object()?;
        let id = ObjectId::member(Kind::Constraint, &table, &row.text()?);
        let kind = row.text()?;
        let (deferrable, deferred, validated) = (row.flag()?, row.flag()?, row.flag()?);
        let (enforced, local, no_inherit) = (row.flag()?, row.flag()?, row.flag()?);
        let members = |of: &ObjectId, names: Vec<String>| -> Vec<ObjectId> {
            names.iter().map(|name| ObjectId::member(Kind::Column, of, name)).collect()
        };
        let columns = members(&table, row.columns()?);
        let include = members(&table, row.texts()?);
        let (nulls_not_distinct, temporal) = (row.flag()?, row.flag()?);
        let backing = Backing::read(row)?;
        let (schema, name) = (row.opt_text()?, row.opt_text()?);
        let target = schema.zip(name).map(|(s, n)| ObjectId::qualified(Kind::Table, &s, &n));
        // by number or by name
        let referenced = [row.columns()?, row.texts()?].concat();
        let (matching, on_update, on_delete) = (row.text()?, row.text()?, row.text()?);
        let set = members(&table, row.texts()?);
        let (expression, exclusion) = (row.opt_text()?, row.opt_text()?);
        let body = match (kind.as_str(), target, expression, exclusion) {
            ("p" | "u", ..) => Body::Key {
                primary: kind == "p",
                columns,
                include,
                nulls_not_distinct,
                without_overlaps: temporal,
                backing,
            },
            ("f", Some(target), ..) => Body::Foreign {
                columns,
                referenced: members(&target, referenced),
                table: target,
                period: temporal,
                full: matching == "f",
                on_update: Action::read(&on_update)?,
                on_delete: Action::read(&on_delete)?,
                set,
            },
            ("c", _, Some(expression), _) => Body::Check { expression, no_inherit },
            ("x", _, _, Some(text)) => {
                Body::Exclude { definition: super::constraint_sql::exclusion(&text), backing }
            }
            _ => return Err(ReadError::Value { what: "constraint", value: id.to_string() }),
        };
        Ok((id, Self { body, deferrable, deferred, validated, enforced, local }))
    }

    /// A foreign key finds its rows once they are there.
    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        match &self.body {
            Body::Foreign { table, .. } if Some(table) != id.parent() => vec![hard(id, table)],
            _ => Vec::new(),
        }
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let mut step = untied(self.add(Verb::Create, id, cx), id, cx);
        let foreign = matches!(self.body, Body::Foreign { .. });
        if foreign {
            step = constraint_ties::foreign_in_order(step, self, id, cx);
        }
        if let (Body::Check { .. }, Some(table)) = (&self.body, id.parent()) {
            let others = family::namesakes_below(cx, id);
            step = step.needs(family::leaving(cx, table)).excludes(others);
        }
        let first = persistence::changes_first(id, cx).filter(|_| foreign);
        if first.is_some() || self.has_elder_twin(id, cx) {
            step.folds.clear();
        }
        step = step.needs(first);
        let mut steps = vec![self.arrives_with(step, id, cx)];
        steps.extend(self.backing().map(|b| b.roles(id, cx)).unwrap_or_default());
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(table) = id.parent() else { return Vec::new() };
        let head = match &self.body {
            Body::Check { no_inherit: true, .. } => family::head_only(cx, table),
            _ => family::head(table),
        };
        let action = format!("DROP CONSTRAINT {}", id.base_sql());
        let mut step =
            Step::action(Verb::Drop, id, &head, &action).lock(Lock::AccessExclusive, table);
        match &self.body {
            Body::Check { .. } => {
                let parents =
                    family::inherited_from(cx, Side::From, Kind::Constraint, table, id.base());
                // its own as well, it stays when the parent's goes
                step = match self.local {
                    true => step.excludes(parents),
                    false => parents.iter().fold(step, |step, parent| step.with(parent)),
                };
                // what it has from a parent it drops when it is without that
                let from = |parent: &ObjectId| {
                    cx.from.contains(&ObjectId::member(Kind::Constraint, parent, id.base()))
                };
                step = step.excludes(family::ties(cx, table, from));
            }
            Body::Key { .. } | Body::Exclude { .. } => {
                step = dropped(step, id, cx);
            }
            // Its pieces also refer to the partitions, and keep them from being dropped and detached.
            Body::Foreign { table: target, .. } => {
                let pieces = family::descendants(cx, Side::From, target);
                let links =
                    pieces.iter().map(|piece| ObjectId::member(Kind::PartitionOf, piece, ""));
                step = step.releases(links.collect::<Vec<_>>()).releases(pieces);
            }
        }
        let mut steps = vec![step.with(table)];
        steps.extend(constraint_ties::kept_by_children(self, id, cx));
        steps
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { body, deferrable, deferred, validated, enforced, local: _ } = self;
        let foreign = matches!(body, Body::Foreign { .. });
        let timing = (*deferrable, *deferred) != (to.deferrable, to.deferred);
        let (settings, set_anew) = match (self.backing(), to.backing()) {
            (Some(old), Some(new)) => (new.changes(id, old, cx), new.is_set_anew(old)),
            _ => (Vec::new(), false),
        };
        if !body.is_like(&to.body)
            || (set_anew && family::is_partitioned(cx, Side::From, id.root()))
            || (timing && !foreign)
            || (*validated && !to.validated && to.enforced)
            || (*enforced != to.enforced && !foreign)
            || (foreign
                && constraint_ties::keys(cx, Side::From, id)
                    != constraint_ties::keys(cx, Side::To, id))
        {
            return Alter::Replace(Replace::DropCreate);
        }
        let Some(table) = id.parent() else { return Alter::InPlace(Vec::new()) };
        let head = family::head(table);
        let mut steps = settings;
        if timing || *enforced != to.enforced {
            let mut action = format!("ALTER CONSTRAINT {}{}", id.base_sql(), to.timing());
            if !to.deferrable {
                action += " NOT DEFERRABLE";
            }
            if *enforced != to.enforced {
                action += if to.enforced { " ENFORCED" } else { " NOT ENFORCED" };
            }
            let step = Step::action(Verb::Alter, id, &head, &action);
            steps.push(step.lock(Lock::AccessExclusive, table));
        }
        if !*validated && to.validated {
            let action = format!("VALIDATE CONSTRAINT {}", id.base_sql());
            let step = Step::action(Verb::Alter, id, &head, &action)
                .lock(Lock::ShareUpdateExclusive, table);
            let step = to.scanned(step, id, cx);
            let with = family::inherited_from(cx, Side::From, Kind::Constraint, table, id.base());
            let with = with.into_iter().filter(|parent| is_validated_too(parent, cx));
            steps.push(with.fold(step, |step, parent| step.with(&parent)));
        }
        Alter::InPlace(steps)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        match (&what.how, &self.body) {
            // Both ends must have types that go together at every moment.
            (How::Altered, Body::Foreign { columns, referenced, .. })
                if what.object.kind() == Kind::Column =>
            {
                let concerned = columns.iter().chain(referenced).any(|c| *c == what.object);
                match concerned && constraint_ties::is_rewritten(&what.object, cx) {
                    true => Survival::Replace,
                    false => Survival::Keep,
                }
            }
            (How::Altered, _) => Survival::Keep,
            _ if outlives(id, &what.object, cx) => Survival::Keep,
            _ => Survival::Replace,
        }
    }

    fn interchangeable(&self) -> bool {
        true
    }

    fn adopt(&mut self, current: &Self, _only: &Only) {
        if let (Some(own), Some(current)) = (self.body.backing_mut(), current.backing()) {
            own.adopt(current);
        }
    }

    fn canonical(&mut self) {
        self.local = true;
        if let Some(backing) = self.body.backing_mut() {
            backing.options.sort();
        }
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        let (Some(table), false) = (to.parent(), id.base() == to.base()) else { return Vec::new() };
        let sql = |old: &ObjectId, new: &ObjectId| {
            let (old, new) = (old.base_sql(), new.base_sql());
            format!("{} RENAME CONSTRAINT {old} TO {new}", family::head(table))
        };
        vec![
            Step::new(Verb::Rename, to, sql(id, to))
                .lock(Lock::AccessExclusive, table)
                .undo(sql(to, id)),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        match self.backing() {
            Some(_) => vec![Slot::new("pg_class", id)],
            None => Vec::new(),
        }
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        match &mut self.body {
            Body::Check { expression, .. } => vec![expression],
            Body::Exclude { definition, .. } => vec![definition],
            Body::Key { .. } | Body::Foreign { .. } => Vec::new(),
        }
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        match &mut self.body {
            Body::Key { columns, include, .. } => columns.iter_mut().chain(include).collect(),
            Body::Foreign { columns, table, referenced, set, .. } => {
                columns.iter_mut().chain([table]).chain(referenced).chain(set).collect()
            }
            Body::Check { .. } | Body::Exclude { .. } => Vec::new(),
        }
    }
}

impl Constraint {
    /// The settings of the index behind it.
    pub(super) fn backing(&self) -> Option<&Backing> {
        match &self.body {
            Body::Key { backing, .. } | Body::Exclude { backing, .. } => Some(backing),
            Body::Check { .. } | Body::Foreign { .. } => None,
        }
    }

    /// A check of a parent holds in its children without being said there, and is said there where it is theirs as well.
    fn arrives_with(&self, mut step: Step, id: &ObjectId, cx: &Context) -> Step {
        let (Some(table), Body::Check { .. }) = (id.parent(), &self.body) else { return step };
        let child = family::inherits(cx, table);
        if self.local && child {
            return step;
        }
        for parent in family::inherited_from(cx, Side::To, Kind::Constraint, table, id.base()) {
            if cx.to.get(&parent).is_some_and(Object::is_inherited) {
                step = step.with(&parent);
            }
        }
        if child { step.with(table) } else { step }
    }

    /// What reading all rows means: hazards, and a query for the rows in the way.
    pub(super) fn scanned(&self, step: Step, id: &ObjectId, cx: &Context) -> Step {
        let Some(table) = id.parent() else { return step };
        let step = step.hazard(HazardKind::ScansTable, format!("all of {} is read", table.sql()));
        self.precheck(step, table, cx)
    }
}

impl Body {
    fn backing_mut(&mut self) -> Option<&mut Backing> {
        match self {
            Body::Key { backing, .. } | Body::Exclude { backing, .. } => Some(backing),
            Body::Check { .. } | Body::Foreign { .. } => None,
        }
    }

    /// Equal but for what can be changed in place.
    fn is_like(&self, to: &Self) -> bool {
        let (mut a, mut b) = (self.clone(), to.clone());
        for body in [&mut a, &mut b] {
            if let Body::Key { backing, .. } | Body::Exclude { backing, .. } = body {
                *backing = Backing {
                    options: Vec::new(),
                    tablespace: None,
                    clustered: false,
                    replica_identity: false,
                };
            }
        }
        a == b
    }
}

fn is_validated_too(parent: &ObjectId, cx: &Context) -> bool {
    let validated = |side: Side| matches!(cx.catalog(side).get(parent), Some(Object::Constraint(c)) if c.validated);
    !validated(Side::From) && validated(Side::To)
}

/// `(a, b)`.
pub(super) fn list(ids: &[ObjectId]) -> String {
    format!("({})", spell::columns(ids))
}
