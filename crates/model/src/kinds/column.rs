//! Columns of tables. Manual: CREATE TABLE, ALTER TABLE, 5.3 Identity Columns, 5.4 Generated Columns.
//!
//! The default is an object of its own; identity and generation expressions are part of the column.
//! How a column changes is in `column_change.rs`.

// Long because a column has more properties than any other object, and each must be read, written and carried along.

use serde::{Deserialize, Serialize};

use super::{
    attribute,
    convert::{self, Conversion},
    default, family,
    identity::{Identity, object_name},
    persistence, spell, table_transfer,
};
use crate::{
    Alter, Context, Definition, Disturbance, Fold, HazardKind, How, Kind, Lock, Object, ObjectId,
    Only, ReadError, Refusal, Replace, Row, Side, Slot, Step, Survival, Verb, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Column {
    /// From left to right in the table; not compared, PostgreSQL cannot move columns.
    pub position: i64,
    /// With modifiers, as `format_type` spells it.
    pub type_name: String,
    /// Qualified, where it is not the type's own.
    pub collation: Option<String>,
    pub not_null: Option<NotNull>,
    pub generated: Option<Generated>,
    pub identity: Option<Box<Identity>>,
    /// Where it is not the type's own.
    pub storage: Option<Storage>,
    /// `pglz` or `lz4`.
    pub compression: Option<String>,
    pub statistics: Option<i64>,
    /// `n_distinct=…`; their order is not compared.
    pub options: Vec<String>,
    /// Whether the table itself defines it, rather than only a parent; not compared.
    pub local: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotNull {
    /// From 18 on NOT NULL is a constraint with a name.
    pub name: Option<String>,
    pub no_inherit: bool,
    pub validated: bool,
    /// Whether the table itself says it, rather than only a parent; not compared.
    pub local: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Generated {
    pub expression: String,
    /// Rather than VIRTUAL (18).
    pub stored: bool,
}

/// Manual: 73.2 TOAST.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    Plain,
    External,
    Extended,
    Main,
}

impl Storage {
    pub(super) fn read(code: &str) -> Result<Self, ReadError> {
        match code {
            "p" => Ok(Self::Plain),
            "e" => Ok(Self::External),
            "x" => Ok(Self::Extended),
            "m" => Ok(Self::Main),
            other => Err(ReadError::Value { what: "storage", value: other.to_owned() }),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::External => "EXTERNAL",
            Self::Extended => "EXTENDED",
            Self::Main => "MAIN",
        }
    }
}

impl Definition for Column {
    const QUERY: &'static str = include_str!("column.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::Column, &row.object()?, &row.text()?);
        let position = row.int()?;
        let type_name = row.text()?;
        let collation = row.opt_text()?;
        let is_not_null = row.flag()?;
        let not_null = NotNull {
            name: row.opt_text()?,
            no_inherit: row.flag()?,
            validated: row.flag()?,
            local: row.flag()?,
        };
        let generated = match (row.opt_text()?, row.opt_text()?) {
            (Some(code), Some(expression)) => Some(Generated { expression, stored: code == "s" }),
            _ => None,
        };
        let column = Self {
            position,
            type_name,
            collation,
            not_null: is_not_null.then_some(not_null),
            generated,
            identity: Identity::read(row)?.map(Box::new),
            storage: row.opt_text()?.map(|code| Storage::read(&code)).transpose()?,
            compression: row.opt_text()?.map(|c| if c == "l" { "lz4" } else { "pglz" }.to_owned()),
            statistics: row.opt_int()?,
            options: row.texts()?,
            local: row.flag()?,
        };
        Ok((id, column))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let table = id.root();
        let inherits =
            !family::inherited_from(cx, Side::To, Kind::Column, table, id.base()).is_empty();
        // what comes from a parent gets its values there
        let empty = self.is_empty_when_new(id, cx) && !inherits;
        let fill = cx.options.fill.get(id).filter(|_| empty);
        let text = self.clause(id, fill.is_none(), cx);
        let mut add =
            Step::action(Verb::Create, id, &family::head(table), &format!("ADD COLUMN {text}"))
                .lock(Lock::AccessExclusive, table)
                .undo(format!("{} DROP COLUMN {}", family::head(table), id.base_sql()))
                .fold_first(Fold::Element {
                    of: table.clone(),
                    text: self.element(id, cx),
                    rank: (0, self.position as i32),
                });
        add = add.needs(family::leaving(cx, table));
        if self.generated.as_ref().is_some_and(|g| g.stored) || self.identity.is_some() {
            add = add
                .hazard(HazardKind::RewritesTable, format!("{} is written anew", table.sql()))
                .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", table.sql()));
        }
        // what could stay is made anew with its table, into which the rows move
        let moves =
            |old: &Self| !matches!(old.change(id, self, cx), Alter::Replace(Replace::DropCreate));
        let has_values = || matches!(cx.from.get(id), Some(Object::Column(old)) if moves(old));
        if self.not_null.is_some() && empty && fill.is_none() && !has_values() {
            add = add
                .hazard(
                    HazardKind::MayFailOnData,
                    format!("rows of {} have no value for {}", table.sql(), id.base_sql()),
                )
                .precheck(
                    format!("SELECT count(*) FROM {}", table.sql()),
                    format!(
                        "rows of {} that have no value for the new column {}",
                        table.sql(),
                        id.base_sql()
                    ),
                    "give the column a default, or say beside it: -- ordain: fill <expression>",
                );
        }
        add = self.arrives_with(add, id, cx);
        let mut steps = vec![add];
        if let Some(expression) = fill {
            steps.push(self.filled(id, expression));
        }
        if let Some(action) =
            self.not_null.as_ref().filter(|n| !n.validated).and_then(|n| n.statement(id))
        {
            steps.push(Step::alter(id, format!("{} {action}", family::head(table))));
        }
        if let Some(identity) = &self.identity {
            steps.extend(persistence::of_identity(id, None, identity, cx));
        }
        steps.extend(self.settings(id, cx, &self.bare()));
        steps.extend(default::disowned(id, id, cx));
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let table = id.root();
        let heirs = heirs_that_keep_it(id, cx);
        let head = match heirs.is_empty() {
            true => family::head(table),
            false => family::head_only(cx, table),
        };
        let action = format!("DROP COLUMN {}", id.base_sql());
        let mut step = Step::action(Verb::Drop, id, &head, &action)
            .lock(Lock::AccessExclusive, table)
            .provides(heirs);
        if self.generated.is_none() && table.kind() == Kind::Table {
            step = step
                .hazard(HazardKind::DeletesData, format!("all values of {} are lost", id.path()))
                .irreversible("the values are gone");
        }
        let is_partition = cx.from.members(Kind::PartitionOf, table).next().is_some();
        if !self.local || is_partition {
            let parents = family::inherited_from(cx, Side::From, Kind::Column, table, id.base());
            for parent in &parents {
                // else it is the child's own from then on
                step = match heirs_that_keep_it(parent, cx).is_empty() {
                    true => step.with(parent),
                    false => step.needs([parent.clone()]),
                };
            }
        }
        vec![step.with(table)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        self.change(id, to, cx)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        let own = what.object == *id.root();
        match (&what.how, what.object.kind()) {
            (How::Altered, Kind::Column) if self.generated.is_some() => Survival::Replace,
            (How::Altered, _) => Survival::Keep,
            _ if own => Survival::Replace,
            _ if self.generated.is_some() && !self.is_of(&what.object) => Survival::Replace,
            (How::Aside(aside), _) => self.follow(id, aside, cx),
            (How::Replaced, _) => Survival::Refuse(Refusal {
                object: id.clone(),
                reason: format!(
                    "{} must be dropped and created again, and the column's values cannot outlive it",
                    what.object
                ),
                advice: "change the column's type first, in a plan of its own".into(),
            }),
        }
    }

    fn adopt(&mut self, current: &Self, _only: &Only) {
        self.statistics = self.statistics.or(current.statistics);
        if self.type_name == current.type_name {
            self.storage = self.storage.or(current.storage);
            self.compression = self.compression.take().or_else(|| current.compression.clone());
        }
        if self.options.is_empty() {
            self.options.clone_from(&current.options);
        }
    }

    fn canonical(&mut self) {
        self.position = 0;
        if let Some(not_null) = &mut self.not_null {
            not_null.local = true;
        }
        self.options.sort();
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let table = to.root();
        let sql = |old: &ObjectId, new: &ObjectId| {
            format!(
                "{} RENAME COLUMN {} TO {}",
                family::head(table),
                old.base_sql(),
                new.base_sql()
            )
        };
        vec![
            Step::new(Verb::Rename, to, sql(id, to))
                .hazard(
                    HazardKind::BreaksClients,
                    format!("{} is now {}", id.path(), to.base_sql()),
                )
                .lock(Lock::AccessExclusive, table)
                .undo(sql(to, id)),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let sequence = self.identity.iter().flat_map(|identity| {
            let name = format!("{}\0{}", id.schema().unwrap_or_default(), identity.sequence);
            ["pg_class", "pg_type"].map(|space| Slot { space, name: name.clone() })
        });
        sequence.chain([Slot::within("pg_attribute", id)]).collect()
    }

    /// The table's step aside renames the sequence.
    fn goes_along(&self, _id: &ObjectId) -> bool {
        true
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.type_name];
        texts.extend(&mut self.collation);
        texts.extend(self.generated.as_mut().map(|generated| &mut generated.expression));
        texts
    }
}

impl Column {
    /// The words of CREATE TABLE and ADD COLUMN, with NOT NULL or without.
    fn clause(&self, id: &ObjectId, with_not_null: bool, cx: &Context) -> String {
        let mut text = format!("{} {}", id.base_sql(), self.type_name);
        if let Some(method) = &self.compression {
            text += &format!(" COMPRESSION {method}");
        }
        if let Some(collation) = &self.collation {
            text += &format!(" COLLATE {collation}");
        }
        if let Some(Generated { expression, stored }) = &self.generated {
            let word = if *stored { "STORED" } else { "VIRTUAL" };
            text += &format!(" GENERATED ALWAYS AS {} {word}", spell::parens(expression));
        }
        if let (Some(not_null), true) = (&self.not_null, with_not_null)
            && not_null.validated
        {
            text += &not_null.clause(id, cx);
        }
        if let Some(identity) = &self.identity {
            text += &format!(" {}", identity.clause(id.root().base(), id.base()));
        }
        text
    }

    /// The words of CREATE TABLE. Before 16 a child that INHERITS may not say the parent's expression again.
    fn element(&self, id: &ObjectId, cx: &Context) -> String {
        let table = id.root();
        let is_brought = cx.major() < 16
            && family::inherits(cx, table)
            && family::parents(cx, Side::To, table).iter().any(|parent| {
                let theirs = cx.to.get(&ObjectId::member(Kind::Column, parent, id.base()));
                matches!(theirs, Some(Object::Column(theirs)) if theirs.generated.is_some())
            });
        match is_brought {
            true => Self { generated: None, ..self.clone() }.clause(id, true, cx),
            false => self.clause(id, true, cx),
        }
    }

    /// As a column is that was just created: everything that [`clause`](Self::clause) says.
    fn bare(&self) -> Self {
        Self { storage: None, statistics: None, options: Vec::new(), ..self.clone() }
    }

    /// Whether rows that exist have no value in the new column.
    fn is_empty_when_new(&self, id: &ObjectId, cx: &Context) -> bool {
        let default = ObjectId::member(Kind::Default, id, "");
        let by_domain = match cx.user_type(Side::To, &self.type_name) {
            Some((_, Object::Domain(domain))) => domain.default.is_some(),
            _ => false,
        };
        self.identity.is_none()
            && self.generated.is_none()
            && !cx.to.contains(&default)
            && !by_domain
    }

    /// A column of a child comes with its parent's, or with INHERITS in CREATE TABLE.
    fn arrives_with(&self, mut step: Step, id: &ObjectId, cx: &Context) -> Step {
        let table = id.root();
        for parent in family::inherited_from(cx, Side::To, Kind::Column, table, id.base()) {
            // behind the element of a table that is itself new
            step.folds.insert(1, Fold::With { of: parent });
        }
        if !self.local && family::inherits(cx, table) {
            step = step.with(table);
        }
        step
    }

    /// Values for the rows that exist: a rewrite of the table rather than UPDATE, which would leave trigger
    /// events and dead rows behind.
    fn filled(&self, id: &ObjectId, expression: &str) -> Step {
        let (table, name) = (id.root(), id.base_sql());
        let mut sql = format!(
            "{} ALTER COLUMN {name} TYPE {} USING ({expression})",
            family::head(table),
            self.type_name
        );
        if let Some(not_null) = &self.not_null {
            let action = not_null.statement(id);
            sql +=
                &action.map_or(format!(", ALTER COLUMN {name} SET NOT NULL"), |a| format!(", {a}"));
        }
        Step::new(Verb::Create, id, sql)
            .hazard(HazardKind::RewritesTable, format!("{} is written anew", table.sql()))
            .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", table.sql()))
            .hazard(
                HazardKind::MayFailOnData,
                format!("{expression} must not be null for any row of {}", table.sql()),
            )
            .lock(Lock::AccessExclusive, table)
            // nothing of this where the table is new as well: it has no rows
            .with(table)
    }

    /// Whether the column's type is this object, or an array of it.
    fn is_of(&self, object: &ObjectId) -> bool {
        self.type_name.trim_end_matches("[]") == object.sql()
    }

    /// The type was renamed aside and stands anew under its name: the values move over.
    fn follow(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Survival {
        let table = id.root();
        let wanted = match cx.to.get(id) {
            Some(Object::Column(to)) => to,
            _ => self,
        };
        // the server changes no type of a partition key, nor one that is part of other tables' values
        if matches!(cx.from.get(table), Some(Object::Table(table)) if table.is_key(id.base()))
            || table_transfer::scatters(cx, table).is_some()
            || attribute::is_stored(cx, table)
        {
            return Survival::ReplaceAside;
        }
        let origins = family::origins(cx, table, id.base());
        if origins.len() > 1 {
            let names: Vec<String> = origins.iter().map(ObjectId::sql).collect();
            return Survival::Refuse(Refusal {
                object: id.clone(),
                reason: format!(
                    "PostgreSQL changes no type of a column that is inherited from tables which do not inherit \
                     from each other: {}",
                    names.join(", ")
                ),
                advice: "take it out of one of them by hand first: ALTER TABLE … NO INHERIT".into(),
            });
        }
        if self.type_name != wanted.type_name {
            // its own change takes the values to the new type
            return Survival::Follow(Vec::new());
        }
        let (step, helpers) = self.retype(id, wanted, true, cx);
        let mut steps = helpers.created(id);
        steps.push(step.releases([aside.clone()]));
        steps.extend(helpers.dropped(id).map(|step| step.releases([aside.clone()])));
        // ALTER TYPE resets what the type says
        let now = Self { storage: None, compression: None, ..wanted.clone() };
        steps.extend(wanted.settings(id, cx, &now));
        Survival::Follow(steps)
    }

    /// The old value as a value of the new column, for INSERT … SELECT, and how it is converted where nobody said how.
    pub(super) fn converted(
        &self,
        id: &ObjectId,
        old: &Self,
        cx: &Context,
    ) -> (String, Option<Conversion>) {
        let name = id.base_sql();
        match cx.options.using.get(id) {
            Some(using) => (format!("({using})"), None),
            None if old.type_name == self.type_name && !convert::is_rebuilt(cx, &old.type_name) => {
                (name, None)
            }
            None => {
                let conversion =
                    convert::conversion(cx, id, &name, &old.type_name, &self.type_name);
                (conversion.using.clone().unwrap_or(name), Some(conversion))
            }
        }
    }

    /// The sequence behind an identity column makes way for the one of a table's successor.
    pub(super) fn sequence_aside(&self, id: &ObjectId, aside: &ObjectId) -> Option<Step> {
        let sequence = &self.identity.as_ref()?.sequence;
        let schema = id.schema().unwrap_or_default();
        let name = quote::ident(&aside_name(aside, id));
        let sql = format!("ALTER SEQUENCE {} RENAME TO {name}", quote::qualified(schema, sequence));
        Some(Step::new(Verb::Rename, aside, sql))
    }
}

/// The columns of children that come from this one, which goes, and shall be their own: ALTER TABLE ONLY leaves them
/// there.
fn heirs_that_keep_it(id: &ObjectId, cx: &Context) -> Vec<ObjectId> {
    let table = id.root();
    let children = family::children(cx, Side::From, table).into_iter();
    let children = children.filter(|child| family::kept_parents(cx, child).contains(table));
    let columns = children.map(|child| ObjectId::member(Kind::Column, &child, id.base()));
    let keeps = |column: &ObjectId| {
        let theirs = matches!(cx.from.get(column), Some(Object::Column(old)) if !old.local);
        theirs && cx.to.contains(column)
    };
    match cx.goes(id) {
        true => columns.filter(keeps).collect(),
        false => Vec::new(),
    }
}

/// The name under which the sequence of a column waits while its table is built anew.
pub(super) fn aside_name(aside: &ObjectId, column: &ObjectId) -> String {
    object_name(aside.base(), column.base(), "seq")
}

impl NotNull {
    /// ` NOT NULL`, with the constraint's name where the server would choose another one: such names are those of
    /// the schema, and a table that stands aside still has its own.
    fn clause(&self, column: &ObjectId, cx: &Context) -> String {
        if !self.local && family::inherits(cx, column.root()) {
            return String::new();
        }
        let usual = object_name(column.root().base(), column.base(), "not_null");
        let has = |object: Option<&Object>| {
            matches!(object, Some(Object::Column(other))
                if other.not_null.as_ref().is_some_and(|other| other.name == self.name))
        };
        // a table that becomes its partition may have that name already
        let heir_has = |heir: &ObjectId| {
            cx.from.contains(heir)
                && has(cx.to.get(&ObjectId::member(Kind::Column, heir, column.base())))
        };
        let taken = || {
            has(cx.from.get(column))
                || family::children(cx, Side::To, column.root()).iter().any(heir_has)
        };
        let name = match &self.name {
            Some(name) if *name != usual || taken() => {
                format!(" CONSTRAINT {}", quote::ident(name))
            }
            _ => String::new(),
        };
        let no_inherit = if self.no_inherit { " NO INHERIT" } else { "" };
        format!("{name} NOT NULL{no_inherit}")
    }
}
