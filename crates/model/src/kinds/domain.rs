//! Domains. Manual: 8.18 Domain Types, CREATE DOMAIN, ALTER DOMAIN.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Domain {
    /// As `format_type` spells it, modifiers included.
    pub base: String,
    /// Qualified; `None` for the base type's own.
    pub collation: Option<String>,
    pub default: Option<String>,
    pub not_null: bool,
    /// Where it is not the one that the server makes up (18 and later).
    pub not_null_name: Option<String>,
    /// By name.
    pub checks: Vec<DomainCheck>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DomainCheck {
    pub name: String,
    /// With its outer parentheses, as behind CHECK.
    pub expression: String,
    pub validated: bool,
}

impl Definition for Domain {
    const QUERY: &'static str = include_str!("domain.sql");
    const CATALOG: &'static str = "pg_type";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let name = row.text()?;
        Ok((
            ObjectId::global(Kind::Domain, &name),
            Self { base: row.text()?, collation: None, default: None, not_null: false, not_null_name: None, checks: Vec::new() },
        ))
    }

    fn create(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn drop(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        Alter::Replace(Replace::Aside)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id)]
    }
}
