//! Transforms between a type and a language. Manual: CREATE TRANSFORM.
//!
//! A transform has no name but its type and language: its id is a routine without a name that takes
//! `FOR type LANGUAGE language`.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Row, Step};

/// Qualified names with argument types.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Transform {
    pub from_sql: Option<String>,
    pub to_sql: Option<String>,
}

impl Definition for Transform {
    const QUERY: &'static str = include_str!("transform.sql");
    const CATALOG: &'static str = "pg_transform";
    const ANY: Option<&'static str> = Some("pg_transform where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let name = format!("FOR {} LANGUAGE {}", row.text()?, row.text()?);
        let id = ObjectId::routine(Kind::Transform, "", "", &name);
        Ok((id, Self { from_sql: row.opt_text()?, to_sql: row.opt_text()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, self.sql("CREATE", id)).undo(format!("DROP TRANSFORM {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TRANSFORM {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { from_sql: _, to_sql: _ } = self;
        let sql = |transform: &Self| transform.sql("CREATE OR REPLACE", id);
        Alter::InPlace(vec![Step::alter(id, sql(to)).undo(sql(self))])
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { from_sql, to_sql } = self;
        from_sql.iter_mut().chain(to_sql).collect()
    }
}

impl Transform {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let Self { from_sql, to_sql } = self;
        let from = from_sql.iter().map(|f| format!("FROM SQL WITH FUNCTION {f}"));
        let to = to_sql.iter().map(|f| format!("TO SQL WITH FUNCTION {f}"));
        let both: Vec<String> = from.chain(to).collect();
        format!("{verb} TRANSFORM {} (\n    {}\n)", id.sql(), both.join(",\n    "))
    }
}
