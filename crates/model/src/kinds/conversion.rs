//! Conversions between encodings. Manual: CREATE CONVERSION; 24.3 Character Set Support.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Conversion {
    /// Names of encodings.
    pub from: String,
    pub to: String,
    /// Whether it is the one that is taken for these encodings in its schema.
    pub default: bool,
    /// Qualified name as SQL.
    pub function: String,
}

impl Definition for Conversion {
    const QUERY: &'static str = include_str!("conversion.sql");
    const CATALOG: &'static str = "pg_conversion";
    const ANY: Option<&'static str> = Some("pg_conversion where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::Conversion, &row.text()?, &row.text()?);
        let (from, to, default) = (row.text()?, row.text()?, row.flag()?);
        let function = quote::qualified(&row.text()?, &row.text()?);
        Ok((id, Self { from, to, default, function }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let default = if self.default { "DEFAULT " } else { "" };
        let (from, to) = (quote::literal(&self.from), quote::literal(&self.to));
        let sql = format!(
            "CREATE {default}CONVERSION {} FOR {from} TO {to} FROM {}",
            id.sql(),
            self.function
        );
        vec![Step::create(id, sql).undo(format!("DROP CONVERSION {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP CONVERSION {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { from: _, to: _, default: _, function: _ } = self;
        let Self { from: _, to: _, default: _, function: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("CONVERSION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let mut slots = vec![Slot::new("pg_conversion", id)];
        if self.default {
            let schema = id.schema().unwrap_or_default();
            let name = format!("{schema}\0{}\0{}", self.from, self.to);
            slots.push(Slot { space: "pg_conversion_default", name });
        }
        slots
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.function]
    }
}
