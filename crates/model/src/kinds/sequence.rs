//! Sequences, those behind serial columns included. Manual: CREATE SEQUENCE, ALTER SEQUENCE.
//!
//! An identity column has its sequence to itself (`column.rs`); which column owns a sequence says `owned_by.rs`.

use serde::{Deserialize, Serialize};

use super::{identity::Identity, persistence};
use crate::{
    Alter, Context, Definition, HazardKind, Kind, Lock, Object, ObjectId, ReadError, Row, Slot,
    Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sequence {
    /// `smallint`, `integer` or `bigint`.
    pub type_name: String,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cache: i64,
    pub cycle: bool,
    pub unlogged: bool,
}

impl Sequence {
    /// Least and greatest value of its type.
    fn range(&self) -> (i64, i64) {
        match self.type_name.as_str() {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Least and greatest value that the server takes when none is said.
    fn bounds(&self) -> (i64, i64) {
        let (low, high) = self.range();
        if self.increment > 0 { (1, high) } else { (low, -1) }
    }

    /// The sequence behind an identity column of a type.
    pub(super) fn behind(identity: &Identity, type_name: &str) -> Self {
        let sequence = Self {
            type_name: type_name.to_owned(),
            start: 0,
            increment: identity.increment.unwrap_or(1),
            min: 0,
            max: 0,
            cache: identity.cache.unwrap_or(1),
            cycle: identity.cycle,
            unlogged: false,
        };
        let (low, high) = sequence.bounds();
        let (min, max) = (identity.min.unwrap_or(low), identity.max.unwrap_or(high));
        let first = if sequence.increment > 0 { min } else { max };
        Self { min, max, start: identity.start.unwrap_or(first), ..sequence }
    }

    /// The options that differ from what the server would choose, each with its leading space.
    fn options(&self) -> String {
        let (min, max) = self.bounds();
        let start = if self.increment > 0 { self.min } else { self.max };
        let parts = [
            (self.type_name != "bigint", format!(" AS {}", self.type_name)),
            (self.increment != 1, format!(" INCREMENT BY {}", self.increment)),
            (self.min != min, format!(" MINVALUE {}", self.min)),
            (self.max != max, format!(" MAXVALUE {}", self.max)),
            (self.start != start, format!(" START WITH {}", self.start)),
            (self.cache != 1, format!(" CACHE {}", self.cache)),
            (self.cycle, " CYCLE".to_owned()),
        ];
        parts.into_iter().filter(|(said, _)| *said).map(|(_, text)| text).collect()
    }

    /// What turns one into the other, all in one statement; empty when nothing differs.
    fn changes(&self, to: &Self) -> String {
        let Self { type_name, start, increment, min, max, cache, cycle, unlogged: _ } = to;
        let retyped = self.type_name != *type_name;
        let parts = [
            (retyped, format!(" AS {type_name}")),
            (self.increment != *increment, format!(" INCREMENT BY {increment}")),
            // a new type or direction may move the bounds by itself
            (retyped || self.min != *min, format!(" MINVALUE {min}")),
            (retyped || self.max != *max, format!(" MAXVALUE {max}")),
            (self.start != *start, format!(" START WITH {start}")),
            (self.cache != *cache, format!(" CACHE {cache}")),
            (
                self.cycle != *cycle,
                if *cycle { " CYCLE".to_owned() } else { " NO CYCLE".to_owned() },
            ),
        ];
        parts.into_iter().filter(|(said, _)| *said).map(|(_, text)| text).collect()
    }

    /// Whether a sequence that nobody has used yet would lie outside of the new bounds.
    fn is_stranded(&self, to: &Self) -> bool {
        self.start < to.min || self.start > to.max
    }

    /// A sequence that nobody has used yet stands where it starts, and goes along where new bounds leave that out.
    pub(super) fn make_room(&self, to: &Self, id: &ObjectId, name: &str) -> Vec<Step> {
        if !self.is_stranded(to) {
            return Vec::new();
        }
        let (low, high) = self.range();
        let (min, max) = (self.min.min(to.min).max(low), self.max.max(to.max).min(high));
        let mut steps = Vec::new();
        if (min, max) != (self.min, self.max) {
            steps.push(Step::alter(
                id,
                format!("ALTER SEQUENCE {name} MINVALUE {min} MAXVALUE {max}"),
            ));
        }
        let sql = format!(
            "SELECT pg_catalog.setval({}, {}, false) FROM {name} WHERE NOT is_called AND last_value = {}",
            quote::literal(name),
            to.start.clamp(min, max),
            self.start
        );
        steps.push(Step::alter(id, sql));
        steps
    }

    /// New bounds must have the position of the sequence in them.
    pub(super) fn stays_within(&self, to: &Self, step: Step, name: &str) -> Step {
        if to.min <= self.min && to.max >= self.max {
            return step;
        }
        let used = match self.is_stranded(to) {
            true => format!("(is_called OR last_value <> {}) AND ", self.start),
            false => String::new(),
        };
        step.hazard(HazardKind::MayFailOnData, "the sequence's position may lie outside").precheck(
            format!(
                "SELECT count(*) FROM {name} WHERE {used}last_value NOT BETWEEN {} AND {}",
                to.min, to.max
            ),
            format!("positions of sequence {name} outside of {} to {}", to.min, to.max),
            "set the sequence to a value within its new bounds first",
        )
    }
}

impl Definition for Sequence {
    const QUERY: &'static str = include_str!("sequence.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        Ok((
            ObjectId::qualified(Kind::Sequence, &schema, &name),
            Self {
                type_name: row.text()?,
                start: row.int()?,
                increment: row.int()?,
                min: row.int()?,
                max: row.int()?,
                cache: row.int()?,
                cycle: row.flag()?,
                unlogged: row.flag()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let kind = if self.unlogged { "UNLOGGED SEQUENCE" } else { "SEQUENCE" };
        let sql = format!("CREATE {kind} {}{}", id.sql(), self.options());
        vec![Step::create(id, sql).undo(format!("DROP SEQUENCE {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step = Step::drop(id, format!("DROP SEQUENCE {}", id.sql()))
            .hazard(HazardKind::BreaksClients, format!("nextval on {} fails", id.sql()))
            .irreversible("the position of the sequence is lost");
        // a column takes the sequences that it owns along
        vec![match cx.from.get(&ObjectId::member(Kind::OwnedBy, id, "")) {
            Some(Object::OwnedBy(owned)) => step.with(&owned.column),
            _ => step,
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let mut steps = Vec::new();
        let changes = self.changes(to);
        if !changes.is_empty() {
            let sql = format!("ALTER SEQUENCE {}{changes}", id.sql());
            let step = Step::alter(id, sql).lock(Lock::ShareRowExclusive, id).undo(format!(
                "ALTER SEQUENCE {}{}",
                id.sql(),
                to.changes(self)
            ));
            let step = self.stays_within(to, step, &id.sql());
            steps.extend(self.make_room(to, id, &id.sql()));
            steps.push(step);
        }
        let owner = match cx.to.get(&ObjectId::member(Kind::OwnedBy, id, "")) {
            Some(Object::OwnedBy(owned)) => Some(owned.column.root()),
            _ => None,
        };
        if self.unlogged != to.unlogged && !owner.is_some_and(|t| persistence::takes_along(cx, t)) {
            steps.push(persistence::set(id, &id.sql(), to.unlogged));
        }
        Alter::InPlace(steps)
    }

    fn interchangeable(&self) -> bool {
        true
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("SEQUENCE", id, to)
    }

    /// No type may have the name when the sequence is made, though it has none itself.
    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id), Slot::new("pg_type", id)]
    }
}
