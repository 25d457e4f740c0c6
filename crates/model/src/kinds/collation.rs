//! Collations. Manual: CREATE COLLATION; 24.2 Collation Support.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Side, Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Collation {
    pub provider: Provider,
    pub deterministic: bool,
    pub locale: Locale,
    /// Tailoring rules of ICU (16 and later).
    pub rules: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Libc,
    Icu,
    /// 17 and later.
    Builtin,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    One(String),
    /// For sorting, and for what is a letter.
    Two {
        collate: String,
        ctype: String,
    },
}

impl Definition for Collation {
    const QUERY: &'static str = include_str!("collation.sql");
    const CATALOG: &'static str = "pg_collation";
    const ANY: Option<&'static str> = Some("pg_collation where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::Collation, &row.text()?, &row.text()?);
        let provider = Provider::parse(&row.text()?)?;
        let deterministic = row.flag()?;
        let (collate, ctype, locale) = (row.opt_text()?, row.opt_text()?, row.opt_text()?);
        let locale = match (locale, collate, ctype) {
            (Some(locale), _, _) => Locale::One(locale),
            (None, Some(collate), Some(ctype)) if collate != ctype => {
                Locale::Two { collate, ctype }
            }
            (None, collate, _) => Locale::One(collate.unwrap_or_default()),
        };
        Ok((id, Self { provider, deterministic, locale, rules: row.opt_text()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let mut said = vec![format!("PROVIDER = {}", self.provider.sql())];
        match &self.locale {
            Locale::One(locale) => said.push(format!("LOCALE = {}", quote::literal(locale))),
            Locale::Two { collate, ctype } => {
                said.push(format!("LC_COLLATE = {}", quote::literal(collate)));
                said.push(format!("LC_CTYPE = {}", quote::literal(ctype)));
            }
        }
        said.extend(self.rules.iter().map(|rules| format!("RULES = {}", quote::literal(rules))));
        if !self.deterministic {
            said.push("DETERMINISTIC = false".to_owned());
        }
        let sql = format!("CREATE COLLATION {} ({})", id.sql(), said.join(", "));
        vec![Step::create(id, sql).undo(format!("DROP COLLATION {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP COLLATION {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { provider: _, deterministic: _, locale: _, rules: _ } = self;
        let Self { provider: _, deterministic: _, locale: _, rules: _ } = to;
        // columns hold on to it, and can only be told to take another
        let held = |user: &ObjectId| matches!(user.kind(), Kind::Column | Kind::Attribute);
        let held = cx.users(Side::From, id).iter().any(|edge| held(&edge.user));
        Alter::Replace(if held { Replace::Aside } else { Replace::DropCreate })
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("COLLATION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_collation", id)]
    }
}

impl Provider {
    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "c" => Ok(Self::Libc),
            "i" => Ok(Self::Icu),
            "b" => Ok(Self::Builtin),
            other => Err(ReadError::Value { what: "collprovider", value: other.to_owned() }),
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Libc => "libc",
            Self::Icu => "icu",
            Self::Builtin => "builtin",
        }
    }
}
