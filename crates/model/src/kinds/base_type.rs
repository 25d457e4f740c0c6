//! Base types, made of functions that read and write them. Manual: CREATE TYPE, ALTER TYPE; 38.13 User-Defined
//! Types.
//!
//! Those functions take the type itself: it is first made as a shell, and it goes together with them.

use serde::{Deserialize, Serialize};

use super::{attribute::is_embedded, column::Storage, family};
use crate::{
    Alter, Catalog, Context, Definition, Disturbance, Kind, Lock, Object, ObjectId, ReadError,
    Refusal, Replace, Row, Side, Slot, Step, Survival, quote,
};

/// Names of functions are qualified where they are not of the system.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BaseType {
    pub input: String,
    pub output: String,
    pub receive: Option<String>,
    pub send: Option<String>,
    pub typmod_in: Option<String>,
    pub typmod_out: Option<String>,
    pub analyze: Option<String>,
    pub subscript: Option<String>,
    /// In bytes; -1 where it varies.
    pub length: i64,
    pub by_value: bool,
    /// `char`, `int2`, `int4` or `double`.
    pub alignment: String,
    pub storage: Storage,
    pub category: String,
    pub preferred: bool,
    pub default: Option<String>,
    pub element: Option<String>,
    pub delimiter: String,
    pub collatable: bool,
}

impl Definition for BaseType {
    const QUERY: &'static str = include_str!("base_type.sql");
    const CATALOG: &'static str = "pg_type";
    const ANY: Option<&'static str> =
        Some("pg_type where oid >= 16384 and typtype = 'b' and typcategory <> 'A'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::BaseType, &row.text()?, &row.text()?);
        Ok((
            id,
            Self {
                input: row.text()?,
                output: row.text()?,
                receive: row.opt_text()?,
                send: row.opt_text()?,
                typmod_in: row.opt_text()?,
                typmod_out: row.opt_text()?,
                analyze: row.opt_text()?,
                subscript: row.opt_text()?,
                length: row.int()?,
                by_value: row.flag()?,
                alignment: alignment(&row.text()?)?,
                storage: Storage::read(&row.text()?)?,
                category: row.text()?,
                preferred: row.flag()?,
                default: row.opt_text()?,
                element: row.opt_text()?,
                delimiter: row.text()?,
                collatable: row.flag()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let sql =
            format!("CREATE TYPE {} (\n    {}\n)", id.sql(), self.attributes().join(",\n    "));
        vec![Step::create(id, sql).undo(drop_sql(id))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, drop_sql(id))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let as_wanted = Self {
            receive: to.receive.clone(),
            send: to.send.clone(),
            typmod_in: to.typmod_in.clone(),
            typmod_out: to.typmod_out.clone(),
            analyze: to.analyze.clone(),
            subscript: to.subscript.clone(),
            storage: to.storage,
            ..self.clone()
        };
        // Values that have been stored out of line cannot become plain ones.
        let plain = to.storage == Storage::Plain && self.storage != Storage::Plain;
        if as_wanted != *to || plain {
            return match rebuild(id, cx) {
                Survival::Refuse(refusal) => Alter::Refuse(refusal),
                _ => Alter::Replace(Replace::DropCreate),
            };
        }
        let sql = |from: &Self, to: &Self| {
            format!("ALTER TYPE {} SET ({})", id.sql(), changes(from, to).join(", "))
        };
        let mut steps = vec![Step::alter(id, sql(self, to)).undo(sql(to, self))];
        if self.storage != to.storage {
            steps.extend(columns_follow(id, to.storage, cx));
        }
        Alter::InPlace(steps)
    }

    fn survive(&self, id: &ObjectId, _what: &Disturbance, cx: &Context) -> Survival {
        rebuild(id, cx)
    }

    fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let schema = id.schema().map(|schema| ObjectId::global(Kind::Schema, schema));
        let shell = Step::create(id, format!("CREATE TYPE {}", id.sql())).without_edges();
        Some(std::iter::once(shell.needs(schema)).chain(self.create(id, cx)).collect())
    }

    /// While it is altered its functions can have it as it is: what is new in it may be a function.
    fn dismantle(&self, _id: &ObjectId, _cx: &Context) -> Option<Vec<Step>> {
        Some(Vec::new())
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TYPE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self {
            input,
            output,
            receive,
            send,
            typmod_in,
            typmod_out,
            analyze,
            subscript,
            length: _,
            by_value: _,
            alignment: _,
            storage: _,
            category: _,
            preferred: _,
            default: _,
            element,
            delimiter: _,
            collatable: _,
        } = self;
        let optional = [receive, send, typmod_in, typmod_out, analyze, subscript, element];
        [input, output].into_iter().chain(optional.into_iter().flatten()).collect()
    }
}

impl BaseType {
    /// Of CREATE TYPE, without what is the default.
    fn attributes(&self) -> Vec<String> {
        let mut said = vec![format!("INPUT = {}", self.input), format!("OUTPUT = {}", self.output)];
        let functions = [
            ("RECEIVE", &self.receive),
            ("SEND", &self.send),
            ("TYPMOD_IN", &self.typmod_in),
            ("TYPMOD_OUT", &self.typmod_out),
            ("ANALYZE", &self.analyze),
            ("SUBSCRIPT", &self.subscript),
        ];
        for (word, function) in functions {
            said.extend(function.iter().map(|function| format!("{word} = {function}")));
        }
        if self.length != -1 {
            said.push(format!("INTERNALLENGTH = {}", self.length));
        }
        if self.by_value {
            said.push("PASSEDBYVALUE".to_owned());
        }
        if self.alignment != "int4" {
            said.push(format!("ALIGNMENT = {}", self.alignment));
        }
        if self.storage != Storage::Plain {
            said.push(format!("STORAGE = {}", self.storage.word()));
        }
        if self.category != "U" {
            said.push(format!("CATEGORY = {}", quote::literal(&self.category)));
        }
        if self.preferred {
            said.push("PREFERRED = true".to_owned());
        }
        said.extend(self.default.iter().map(|text| format!("DEFAULT = {}", quote::literal(text))));
        said.extend(self.element.iter().map(|element| format!("ELEMENT = {element}")));
        if self.delimiter != "," {
            said.push(format!("DELIMITER = {}", quote::literal(&self.delimiter)));
        }
        if self.collatable {
            said.push("COLLATABLE = true".to_owned());
        }
        said
    }
}

/// What ALTER TYPE … SET says.
fn changes(from: &BaseType, to: &BaseType) -> Vec<String> {
    let functions = [
        ("RECEIVE", &from.receive, &to.receive),
        ("SEND", &from.send, &to.send),
        ("TYPMOD_IN", &from.typmod_in, &to.typmod_in),
        ("TYPMOD_OUT", &from.typmod_out, &to.typmod_out),
        ("ANALYZE", &from.analyze, &to.analyze),
        ("SUBSCRIPT", &from.subscript, &to.subscript),
    ];
    let mut said: Vec<String> = functions
        .iter()
        .filter(|(_, old, new)| old != new)
        .map(|(word, _, new)| format!("{word} = {}", new.as_deref().unwrap_or("NONE")))
        .collect();
    if from.storage != to.storage {
        said.push(format!("STORAGE = {}", to.storage.word()));
    }
    said
}

/// Columns keep the storage of the type that they were made with.
fn columns_follow(id: &ObjectId, storage: Storage, cx: &Context) -> Vec<Step> {
    let plain = |catalog: &Catalog, column: &ObjectId| match catalog.get(column) {
        Some(Object::Column(c)) => c.storage.is_none() && c.type_name == id.sql(),
        _ => false,
    };
    let users = cx.users(Side::From, id).iter().map(|edge| &edge.user);
    let columns = users.filter(|user| plain(cx.from, user) && plain(cx.to, user));
    let step = |column: &ObjectId| {
        let (head, word) = (family::head_only(cx, column.root()), storage.word());
        Step::alter(id, format!("{head} ALTER COLUMN {} SET STORAGE {word}", column.base_sql()))
            .lock(Lock::AccessExclusive, column.root())
    };
    columns.map(step).collect()
}

/// The type and its functions depend on each other: PostgreSQL drops them by CASCADE alone. All other dependents have
/// their own steps before.
fn drop_sql(id: &ObjectId) -> String {
    format!("DROP TYPE {} CASCADE", id.sql())
}

fn rebuild(id: &ObjectId, cx: &Context) -> Survival {
    if !is_embedded(cx, id) {
        return Survival::Replace;
    }
    Survival::Refuse(Refusal {
        object: id.clone(),
        reason: "values of it are stored, and it cannot be built anew beside its functions".into(),
        advice: "make a type of another name, and move the columns over first".into(),
    })
}

fn alignment(code: &str) -> Result<String, ReadError> {
    Ok(match code {
        "c" => "char",
        "s" => "int2",
        "i" => "int4",
        "d" => "double",
        other => return Err(ReadError::Value { what: "typalign", value: other.to_owned() }),
    }
    .to_owned())
}
