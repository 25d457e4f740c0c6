//! Casts. Manual: CREATE CAST; 38.6 User-Defined Casts.
//!
//! A cast has no name but its two types: its id is a routine without a name that takes `source AS target`.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, CastContext, Context, Definition, Kind, ObjectId, Pace, ReadError, Replace, Row, Step,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cast {
    pub method: Method,
    pub context: CastContext,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Qualified name with argument types.
    Function(String),
    /// By way of the text.
    InOut,
    /// The stored value is the same.
    Binary,
}

impl Definition for Cast {
    const QUERY: &'static str = include_str!("cast.sql");
    const CATALOG: &'static str = "pg_cast";
    const ANY: Option<&'static str> = Some("pg_cast where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let types = format!("{} AS {}", row.text()?, row.text()?);
        let method = match (row.text()?.as_str(), row.opt_text()?) {
            ("f", Some(function)) => Method::Function(function),
            ("i", _) => Method::InOut,
            _ => Method::Binary,
        };
        let context = match row.text()?.as_str() {
            "i" => CastContext::Implicit,
            "a" => CastContext::Assignment,
            _ => CastContext::Explicit,
        };
        Ok((ObjectId::routine(Kind::Cast, "", "", &types), Self { method, context }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let method = match &self.method {
            Method::Function(function) => format!("WITH FUNCTION {function}"),
            Method::InOut => "WITH INOUT".to_owned(),
            Method::Binary => "WITHOUT FUNCTION".to_owned(),
        };
        let context = match self.context {
            CastContext::Implicit => " AS IMPLICIT",
            CastContext::Assignment => " AS ASSIGNMENT",
            CastContext::Explicit => "",
        };
        let sql = format!("CREATE CAST {} {method}{context}", id.sql());
        // Expressions that need it say so nowhere but in their text.
        let undo = format!("DROP CAST {}", id.sql());
        vec![Step::create(id, sql).pace(Pace::First).undo(undo)]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP CAST {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { method: _, context: _ } = self;
        let Self { method: _, context: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        match &mut self.method {
            Method::Function(function) => vec![function],
            Method::InOut | Method::Binary => Vec::new(),
        }
    }
}
