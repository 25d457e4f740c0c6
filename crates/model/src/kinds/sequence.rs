//! Sequences, those behind serial columns included. Manual: CREATE SEQUENCE, ALTER SEQUENCE.
//!
//! An identity column has its sequence to itself (`column.rs`); which column owns a sequence says `owned_by.rs`.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, HazardKind, Kind, Lock, Object, ObjectId, ReadError, Row, Slot, Step,
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
    /// Least and greatest value that the server takes when none is said.
    fn bounds(&self) -> (i64, i64) {
        let (low, high) = match self.type_name.as_str() {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        if self.increment > 0 { (1, high) } else { (low, -1) }
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
            (self.cycle != *cycle, if *cycle { " CYCLE".to_owned() } else { " NO CYCLE".to_owned() }),
        ];
        parts.into_iter().filter(|(said, _)| *said).map(|(_, text)| text).collect()
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

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let mut steps = Vec::new();
        let changes = self.changes(to);
        if !changes.is_empty() {
            let sql = format!("ALTER SEQUENCE {}{changes}", id.sql());
            let mut step = Step::alter(id, sql)
                .lock(Lock::ShareRowExclusive, id)
                .undo(format!("ALTER SEQUENCE {}{}", id.sql(), to.changes(self)));
            if to.min > self.min || to.max < self.max {
                step = step.hazard(HazardKind::MayFailOnData, "the sequence's position may lie outside").precheck(
                    format!(
                        "SELECT count(*) FROM {} WHERE last_value NOT BETWEEN {} AND {}",
                        id.sql(),
                        to.min,
                        to.max
                    ),
                    format!("positions of {id} outside of {} to {}", to.min, to.max),
                    "set the sequence to a value within its new bounds first",
                );
            }
            steps.push(step);
        }
        if self.unlogged != to.unlogged {
            let sql = |unlogged: bool| {
                format!("ALTER SEQUENCE {} SET {}", id.sql(), if unlogged { "UNLOGGED" } else { "LOGGED" })
            };
            steps.push(
                Step::alter(id, sql(to.unlogged)).lock(Lock::AccessExclusive, id).undo(sql(self.unlogged)),
            );
        }
        Alter::InPlace(steps)
    }

    fn interchangeable(&self) -> bool {
        true
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("SEQUENCE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id)]
    }
}
