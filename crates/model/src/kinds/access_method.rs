//! Access methods of tables and indexes. Manual: CREATE ACCESS METHOD.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AccessMethod {
    /// Rather than of indexes.
    pub of_tables: bool,
    /// Name of a function, qualified where it is not of the system.
    pub handler: String,
}

impl Definition for AccessMethod {
    const QUERY: &'static str = include_str!("access_method.sql");
    const CATALOG: &'static str = "pg_am";
    const ANY: Option<&'static str> = Some("pg_am where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::AccessMethod, &row.text()?);
        Ok((id, Self { of_tables: row.text()? == "t", handler: row.text()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let what = if self.of_tables { "TABLE" } else { "INDEX" };
        let sql = format!("CREATE ACCESS METHOD {} TYPE {what} HANDLER {}", id.sql(), self.handler);
        vec![Step::create(id, sql).undo(format!("DROP ACCESS METHOD {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP ACCESS METHOD {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { of_tables: _, handler: _ } = self;
        let Self { of_tables: _, handler: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_am", name: id.base().to_owned() }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.handler]
    }
}
