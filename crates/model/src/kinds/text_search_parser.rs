//! Text search parsers. Manual: CREATE TEXT SEARCH PARSER; 12.5 Parsers.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step};

/// Names of functions, qualified where they are not of the system.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TextSearchParser {
    pub start: String,
    pub token: String,
    pub end: String,
    pub headline: Option<String>,
    pub token_types: String,
}

impl Definition for TextSearchParser {
    const QUERY: &'static str = include_str!("text_search_parser.sql");
    const CATALOG: &'static str = "pg_ts_parser";
    const ANY: Option<&'static str> = Some("pg_ts_parser where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::TextSearchParser, &row.text()?, &row.text()?);
        Ok((
            id,
            Self {
                start: row.text()?,
                token: row.text()?,
                end: row.text()?,
                headline: row.opt_text()?,
                token_types: row.text()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { start, token, end, headline, token_types } = self;
        let mut said =
            vec![format!("START = {start}"), format!("GETTOKEN = {token}"), format!("END = {end}")];
        said.extend(headline.iter().map(|function| format!("HEADLINE = {function}")));
        said.push(format!("LEXTYPES = {token_types}"));
        let sql =
            format!("CREATE TEXT SEARCH PARSER {} (\n    {}\n)", id.sql(), said.join(",\n    "));
        vec![Step::create(id, sql).undo(format!("DROP TEXT SEARCH PARSER {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TEXT SEARCH PARSER {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { start: _, token: _, end: _, headline: _, token_types: _ } = self;
        let Self { start: _, token: _, end: _, headline: _, token_types: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TEXT SEARCH PARSER", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_ts_parser", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { start, token, end, headline, token_types } = self;
        [start, token, end, token_types].into_iter().chain(headline).collect()
    }
}
