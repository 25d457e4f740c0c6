//! Identity columns and the sequence behind each. Manual: CREATE TABLE, GENERATED … AS IDENTITY.

use serde::{Deserialize, Serialize};

use crate::{Context, Kind, Object, ObjectId, ReadError, Row, quote};

/// The name of what a comment or privileges are on, where that is not the column but the sequence behind it.
pub(super) const SEQUENCE: &str = "sequence";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// GENERATED ALWAYS rather than BY DEFAULT.
    pub always: bool,
    /// The last name of the sequence, which lives in the table's schema.
    pub sequence: String,
    /// `None` where it is what the server takes for the column's type and the direction.
    pub start: Option<i64>,
    pub increment: Option<i64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub cache: Option<i64>,
    pub cycle: bool,
    /// UNLOGGED; `None` where it is as its table.
    pub unlogged: Option<bool>,
}

impl Identity {
    /// Nine columns: `a` or `d` or NULL, sequence, start, increment, minimum, maximum, cache, cycle, unlogged.
    pub(super) fn read(row: &mut dyn Row) -> Result<Option<Self>, ReadError> {
        let code = row.opt_text()?;
        let sequence = row.opt_text()?.unwrap_or_default();
        let identity = Self {
            always: code.as_deref() == Some("a"),
            sequence,
            start: row.opt_int()?,
            increment: row.opt_int()?,
            min: row.opt_int()?,
            max: row.opt_int()?,
            cache: row.opt_int()?,
            cycle: row.flag()?,
            unlogged: row.opt_text()?.map(|code| code == "u"),
        };
        Ok(code.map(|_| identity))
    }

    /// The sequence behind a column, qualified.
    pub(super) fn sequence_sql(&self, column: &ObjectId) -> String {
        quote::qualified(column.schema().unwrap_or_default(), &self.sequence)
    }

    fn kind(&self) -> &'static str {
        if self.always { "ALWAYS" } else { "BY DEFAULT" }
    }

    /// `GENERATED ALWAYS AS IDENTITY (…)`; the sequence is only named where the server would name it otherwise.
    pub(super) fn clause(&self, table: &str, column: &str) -> String {
        let mut options = Vec::new();
        if self.sequence != default_name(table, column) {
            options.push(format!("SEQUENCE NAME {}", quote::ident(&self.sequence)));
        }
        let mut number = |word: &str, value: Option<i64>| {
            options.extend(value.map(|value| format!("{word} {value}")));
        };
        number("START WITH", self.start);
        number("INCREMENT BY", self.increment);
        number("MINVALUE", self.min);
        number("MAXVALUE", self.max);
        number("CACHE", self.cache);
        if self.cycle {
            options.push("CYCLE".into());
        }
        let options = match options.is_empty() {
            true => String::new(),
            false => format!(" ({})", options.join(" ")),
        };
        format!("GENERATED {} AS IDENTITY{options}", self.kind())
    }

    /// The value that the sequence starts with.
    fn first(&self) -> i64 {
        let down = self.increment.is_some_and(|n| n < 0);
        let bound = if down { self.max.unwrap_or(-1) } else { self.min.unwrap_or(1) };
        self.start.unwrap_or(bound)
    }

    /// The actions behind `ALTER COLUMN c` that make it like `to`; the sequence's name apart.
    pub(super) fn changes(&self, to: &Self) -> String {
        let Self { always, sequence: _, start: _, increment, min, max, cache, cycle, unlogged: _ } =
            self;
        let mut actions = Vec::new();
        if *always != to.always {
            actions.push(format!("SET GENERATED {}", to.kind()));
        }
        let mut number = |old: Option<i64>, new: Option<i64>, word: &str, otherwise: &str| {
            if old != new {
                let value = new.map_or(otherwise.to_owned(), |n| format!("{word} {n}"));
                actions.push(format!("SET {value}"));
            }
        };
        number(*increment, to.increment, "INCREMENT BY", "INCREMENT BY 1");
        number(*min, to.min, "MINVALUE", "NO MINVALUE");
        number(*max, to.max, "MAXVALUE", "NO MAXVALUE");
        // where it is the default for the bounds, it does not follow them by itself
        number(Some(self.first()), Some(to.first()), "START WITH", "");
        number(*cache, to.cache, "CACHE", "CACHE 1");
        if *cycle != to.cycle {
            actions.push(if to.cycle { "SET CYCLE" } else { "SET NO CYCLE" }.into());
        }
        actions.join(" ")
    }
}

/// The sequence that a comment or privileges are on, when they are on that behind an identity column: by its name in
/// the desired state, else in the current one.
pub(super) fn sequence_of(satellite: &ObjectId, cx: &Context) -> Option<ObjectId> {
    let column = of_sequence(satellite)?;
    let identity = [cx.to, cx.from].into_iter().find_map(|catalog| match catalog.get(column) {
        Some(Object::Column(column)) => column.identity.as_ref(),
        _ => None,
    })?;
    Some(ObjectId::qualified(Kind::Sequence, column.schema()?, &identity.sequence))
}

/// The column, when a comment or privileges are on the sequence behind it.
pub(super) fn of_sequence(satellite: &ObjectId) -> Option<&ObjectId> {
    satellite.parent().filter(|of| of.kind() == Kind::Column && satellite.base() == SEQUENCE)
}

/// Whether what is said about the sequence behind a column goes with it, because the column stays without one.
pub(super) fn loses_sequence(satellite: &ObjectId, cx: &Context) -> bool {
    of_sequence(satellite).is_some_and(|column| {
        matches!(cx.to.get(column), Some(Object::Column(column)) if column.identity.is_none())
    })
}

/// The name that the server chooses for a column's sequence where it is free (`makeObjectName` in `indexcmds.c`):
/// the longer part gives way first.
pub(super) fn default_name(table: &str, column: &str) -> String {
    object_name(table, column, "seq")
}

pub(super) fn object_name(first: &str, second: &str, label: &str) -> String {
    let room = 63 - label.len() - 2;
    let (mut a, mut b) = (first.len(), second.len());
    while a + b > room {
        if a > b { a -= 1 } else { b -= 1 }
    }
    format!("{}_{}_{label}", cut(first, a), cut(second, b))
}

/// At most `limit` bytes, whole characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_named_as_the_server_names_them() {
        assert_eq!(default_name("t", "id"), "t_id_seq");
        let long = "a".repeat(63);
        assert_eq!(default_name(&long, "id"), format!("{}_id_seq", "a".repeat(56)));
        assert_eq!(default_name(&long, &long).len(), 63);
    }
}
