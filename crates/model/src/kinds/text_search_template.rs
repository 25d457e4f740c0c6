//! Text search templates, which dictionaries are made of. Manual: CREATE TEXT SEARCH TEMPLATE; 12.6 Dictionaries.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step};

/// Names of functions, qualified where they are not of the system.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TextSearchTemplate {
    pub init: Option<String>,
    pub lexize: String,
}

impl Definition for TextSearchTemplate {
    const QUERY: &'static str = include_str!("text_search_template.sql");
    const CATALOG: &'static str = "pg_ts_template";
    const ANY: Option<&'static str> = Some("pg_ts_template where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::TextSearchTemplate, &row.text()?, &row.text()?);
        Ok((id, Self { init: row.opt_text()?, lexize: row.text()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { init, lexize } = self;
        let init: String = init.iter().map(|function| format!("INIT = {function}, ")).collect();
        let sql = format!("CREATE TEXT SEARCH TEMPLATE {} ({init}LEXIZE = {lexize})", id.sql());
        vec![Step::create(id, sql).undo(format!("DROP TEXT SEARCH TEMPLATE {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TEXT SEARCH TEMPLATE {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { init: _, lexize: _ } = self;
        let Self { init: _, lexize: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TEXT SEARCH TEMPLATE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_ts_template", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { init, lexize } = self;
        init.iter_mut().chain(std::iter::once(lexize)).collect()
    }
}
