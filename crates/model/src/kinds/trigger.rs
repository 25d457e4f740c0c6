//! Triggers on tables and views. Manual: CREATE TRIGGER, ALTER TABLE … ENABLE TRIGGER; 39 Triggers.
//!
//! The copies that partitions have of a partitioned table's row triggers come and go with it and are no objects,
//! except where one fires otherwise than its source.

use serde::{Deserialize, Serialize};

use super::hard;
use crate::{
    Alter, Context, Definition, Dependency, Kind, Lock, Object, ObjectId, ReadError, Replace, Row,
    Side, Slot, Step, Verb, quote,
    tokens::{self, TokenKind},
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Trigger {
    pub timing: Timing,
    pub events: Events,
    pub level: Level,
    pub enabled: Enabled,
    /// Of UPDATE OF, as SQL, in the order given; empty for all.
    pub columns: Vec<String>,
    /// The condition.
    pub when: Option<String>,
    pub old_table: Option<String>,
    pub new_table: Option<String>,
    /// Qualified name as SQL.
    pub function: String,
    pub arguments: Vec<String>,
    /// Set for constraint triggers.
    pub constraint: Option<Timeliness>,
    /// The trigger of a partitioned table that this is a partition's copy of: all but `enabled` follows it.
    pub copy_of: Option<ObjectId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    Before,
    After,
    InsteadOf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Events {
    pub insert: bool,
    pub delete: bool,
    pub update: bool,
    pub truncate: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Row,
    Statement,
}

/// When it fires, by `session_replication_role`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabled {
    Origin,
    Disabled,
    Replica,
    Always,
}

/// What makes a constraint trigger one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Timeliness {
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// Qualified name as SQL of the other table of the constraint.
    pub from_table: Option<String>,
}

impl Definition for Trigger {
    const QUERY: &'static str = include_str!("trigger.sql");
    const CATALOG: &'static str = "pg_trigger";
    const ANY: Option<&'static str> = Some("pg_trigger where oid >= 16384 and not tgisinternal");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let table = row.object()?;
        let id = ObjectId::member(Kind::Trigger, &table, &row.text()?);
        let bits = row.int()?;
        let enabled = Enabled::parse(&row.text()?)?;
        let columns = row.texts()?.iter().map(|name| quote::ident(name)).collect();
        let function = quote::qualified(&row.text()?, &row.text()?);
        let (old_table, new_table) = (row.opt_text()?, row.opt_text()?);
        let (constraint, deferrable, initially_deferred) = (row.flag()?, row.flag()?, row.flag()?);
        let from_table = row.opt_text()?.zip(row.opt_text()?);
        let from_table = from_table.map(|(schema, name)| quote::qualified(&schema, &name));
        let (when, arguments) = row.opt_text()?.map_or((None, Vec::new()), |text| parts(&text));
        let copy_of = row.opt_object()?;
        let timeliness = Timeliness { deferrable, initially_deferred, from_table };
        Ok((
            id,
            Self {
                timing: Timing::from_bits(bits),
                events: Events::from_bits(bits),
                level: if bits & 1 != 0 { Level::Row } else { Level::Statement },
                enabled,
                columns,
                when,
                old_table,
                new_table,
                function,
                arguments,
                constraint: constraint.then_some(timeliness),
                copy_of,
            },
        ))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        // A copy is there once the partition is attached.
        let attached = ObjectId::member(Kind::PartitionOf, table(id), "");
        self.copy_of.iter().map(|_| hard(id, &attached)).collect()
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        if self.copy_of.is_some() {
            return vec![self.enable(Verb::Create, id)];
        }
        let table = table(id);
        let undo = format!("DROP TRIGGER {} ON {}", id.sql(), table.sql());
        let step = Step::create(id, self.sql("CREATE", id)).undo(undo);
        let mut steps = vec![step.lock(Lock::ShareRowExclusive, table)];
        if self.enabled != Enabled::Origin {
            steps.push(self.enable(Verb::Create, id));
        }
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let table = table(id);
        if let Some(source) = &self.copy_of {
            let attached = ObjectId::member(Kind::PartitionOf, table, "");
            let as_source = match cx.to.get(source).or_else(|| cx.from.get(source)) {
                Some(Object::Trigger(source)) => source.enable(Verb::Drop, id),
                _ => return Vec::new(),
            };
            return vec![as_source.with(&attached).with(source).with(table)];
        }
        vec![
            Step::drop(id, format!("DROP TRIGGER {} ON {}", id.sql(), table.sql()))
                .lock(Lock::AccessExclusive, table)
                .with(table),
        ]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        if self.copy_of.is_some() != to.copy_of.is_some() {
            return Alter::Replace(Replace::DropCreate);
        }
        if to.copy_of.is_some() {
            return Alter::InPlace(vec![to.enable(Verb::Alter, id)]);
        }
        if (Self { enabled: to.enabled, ..self.clone() }) == *to {
            let mut steps = vec![to.enable(Verb::Alter, id)];
            steps.extend(copies_again(id, cx));
            return Alter::InPlace(steps);
        }
        // OR REPLACE takes no constraint triggers.
        if self.constraint.is_some() || to.constraint.is_some() {
            return Alter::Replace(Replace::DropCreate);
        }
        let replace = Step::alter(id, to.sql("CREATE OR REPLACE", id));
        let mut steps = vec![replace.lock(Lock::ShareRowExclusive, table(id))];
        // A replaced trigger is enabled again.
        if to.enabled != Enabled::Origin {
            steps.push(to.enable(Verb::Alter, id));
        }
        steps.extend(copies_again(id, cx));
        Alter::InPlace(steps)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let (old, new, table) = (id.base_sql(), to.base_sql(), table(to).sql());
        vec![
            Step::new(Verb::Rename, to, format!("ALTER TRIGGER {old} ON {table} RENAME TO {new}"))
                .undo(format!("ALTER TRIGGER {new} ON {table} RENAME TO {old}")),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let name = format!("{}\0{}", table(id).path(), id.base());
        let mut slots = vec![Slot { space: "pg_trigger", name: name.clone() }];
        if self.constraint.is_some() {
            slots.push(Slot { space: "pg_constraint", name });
        }
        slots
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        self.copy_of.iter_mut().collect()
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self {
            timing: _,
            events: _,
            level: _,
            enabled: _,
            columns,
            when,
            old_table: _,
            new_table: _,
            function,
            arguments: _,
            constraint,
            copy_of: _,
        } = self;
        let other = constraint.iter_mut().flat_map(|constraint| &mut constraint.from_table);
        columns.iter_mut().chain(when).chain(std::iter::once(function)).chain(other).collect()
    }
}

/// What fires otherwise in a partition, said again after the server has made all copies like their source.
fn copies_again<'a>(source: &'a ObjectId, cx: &Context<'a>) -> impl Iterator<Item = Step> {
    cx.users(Side::To, source).iter().filter_map(|edge| match cx.to.get(&edge.user) {
        Some(Object::Trigger(copy)) if cx.from.get(&edge.user) == cx.to.get(&edge.user) => {
            Some(copy.enable(Verb::Alter, &edge.user))
        }
        _ => None,
    })
}

/// The table or view that it is on.
fn table(id: &ObjectId) -> &ObjectId {
    id.root()
}

impl Trigger {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let kind = if self.constraint.is_some() { "CONSTRAINT TRIGGER" } else { "TRIGGER" };
        let (timing, events) = (self.timing.sql(), self.events.sql(&self.columns));
        let mut lines = vec![
            format!("{verb} {kind} {}", id.sql()),
            format!("{timing} {events} ON {}", table(id).sql()),
        ];
        if let Some(constraint) = &self.constraint {
            lines.extend(constraint.sql());
        }
        let transition = |word: &str, name: &Option<String>| {
            name.as_ref().map(|name| format!("{word} TABLE AS {}", quote::ident(name)))
        };
        let tables: Vec<String> = transition("OLD", &self.old_table)
            .into_iter()
            .chain(transition("NEW", &self.new_table))
            .collect();
        if !tables.is_empty() {
            lines.push(format!("REFERENCING {}", tables.join(" ")));
        }
        let each = match self.level {
            Level::Row => "FOR EACH ROW",
            Level::Statement => "FOR EACH STATEMENT",
        };
        let when: String =
            self.when.iter().map(|when| format!(" WHEN {}", tokens::parenthesised(when))).collect();
        lines.push(format!("{each}{when}"));
        let arguments: Vec<String> = self.arguments.iter().map(|a| quote::literal(a)).collect();
        lines.push(format!("EXECUTE FUNCTION {}({})", self.function, arguments.join(", ")));
        lines.join("\n    ")
    }

    /// ALTER TABLE … {ENABLE | DISABLE} TRIGGER.
    fn enable(&self, verb: Verb, id: &ObjectId) -> Step {
        let words = self.enabled.sql();
        let table = table(id);
        let sql = format!("ALTER TABLE {} {words} TRIGGER {}", table.sql(), id.sql());
        Step::new(verb, id, sql).lock(Lock::ShareRowExclusive, table)
    }
}

impl Timeliness {
    fn sql(&self) -> impl Iterator<Item = String> {
        let from = self.from_table.as_ref().map(|table| format!("FROM {table}"));
        let when = match (self.deferrable, self.initially_deferred) {
            (false, _) => None,
            (true, false) => Some("DEFERRABLE".to_owned()),
            (true, true) => Some("DEFERRABLE INITIALLY DEFERRED".to_owned()),
        };
        from.into_iter().chain(when)
    }
}

/// Bits of `tgtype` (pg_trigger.h).
impl Timing {
    fn from_bits(bits: i64) -> Self {
        match bits {
            bits if bits & 64 != 0 => Self::InsteadOf,
            bits if bits & 2 != 0 => Self::Before,
            _ => Self::After,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Before => "BEFORE",
            Self::After => "AFTER",
            Self::InsteadOf => "INSTEAD OF",
        }
    }
}

impl Events {
    fn from_bits(bits: i64) -> Self {
        Self {
            insert: bits & 4 != 0,
            delete: bits & 8 != 0,
            update: bits & 16 != 0,
            truncate: bits & 32 != 0,
        }
    }

    fn sql(self, columns: &[String]) -> String {
        let update = match columns {
            [] => "UPDATE".to_owned(),
            some => format!("UPDATE OF {}", some.join(", ")),
        };
        let words = [
            (self.insert, "INSERT".to_owned()),
            (self.delete, "DELETE".to_owned()),
            (self.update, update),
            (self.truncate, "TRUNCATE".to_owned()),
        ];
        let said: Vec<String> =
            words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        said.join(" OR ")
    }
}

impl Enabled {
    /// The words of ALTER … TRIGGER and ALTER TABLE … RULE.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Origin => "ENABLE",
            Self::Disabled => "DISABLE",
            Self::Replica => "ENABLE REPLICA",
            Self::Always => "ENABLE ALWAYS",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "O" => Ok(Self::Origin),
            "D" => Ok(Self::Disabled),
            "R" => Ok(Self::Replica),
            "A" => Ok(Self::Always),
            other => Err(ReadError::Value { what: "tgenabled", value: other.to_owned() }),
        }
    }
}

/// The condition and the arguments in the text of `pg_get_triggerdef`. Only there does the server spell a
/// condition: `pg_get_expr` cannot deparse two row variables.
fn parts(statement: &str) -> (Option<String>, Vec<String>) {
    let tokens = tokens::tokenize(statement);
    let mut when = None;
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is_word("when")
            && tokens.get(at + 1).is_some_and(|token| token.is_symbol('('))
        {
            let end = tokens::closing(&tokens, at + 1).unwrap_or(tokens.len() - 1);
            let inside = &statement[tokens[at + 1].end..tokens[end].start];
            when = Some(inside.to_owned());
            at = end;
        } else if tokens[at].is_word("execute") {
            let arguments = tokens[at..].iter().filter(|token| token.kind == TokenKind::String);
            return (when, arguments.map(|token| token.value.clone().into_owned()).collect());
        }
        at += 1;
    }
    (when, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn condition_and_arguments_are_found_in_the_statement() {
        let (when, arguments) = parts(
            "CREATE TRIGGER \"when\" BEFORE UPDATE OF \"execute\" ON s.\"when(\" FOR EACH ROW \
             WHEN ((old.x IS DISTINCT FROM 'a)')) EXECUTE FUNCTION s.f('a\\b', 'c''d', '')",
        );
        assert_eq!(when.as_deref(), Some("(old.x IS DISTINCT FROM 'a)')"));
        assert_eq!(arguments, ["a\\b", "c'd", ""]);
        let (when, arguments) =
            parts("CREATE TRIGGER t AFTER INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION f()");
        assert_eq!((when, arguments), (None, Vec::new()));
    }
}
