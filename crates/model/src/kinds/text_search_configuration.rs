//! Text search configurations with their mappings. Manual: CREATE TEXT SEARCH CONFIGURATION, ALTER TEXT SEARCH
//! CONFIGURATION; 12.7 Configuration Example.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, Verb, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TextSearchConfiguration {
    /// Qualified name as SQL.
    pub parser: String,
    /// Token type → the dictionaries that are asked, in order: qualified names joined by commas.
    pub mappings: BTreeMap<String, String>,
}

impl Definition for TextSearchConfiguration {
    const QUERY: &'static str = include_str!("text_search_configuration.sql");
    const CATALOG: &'static str = "pg_ts_config";
    const ANY: Option<&'static str> = Some("pg_ts_config where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::TextSearchConfiguration, &row.text()?, &row.text()?);
        let parser = row.text()?;
        let mappings = row.texts()?.into_iter().zip(row.texts()?).collect();
        Ok((id, Self { parser, mappings }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let sql =
            format!("CREATE TEXT SEARCH CONFIGURATION {} (PARSER = {})", id.sql(), self.parser);
        let undo = format!("DROP TEXT SEARCH CONFIGURATION {}", id.sql());
        let mut steps = vec![Step::create(id, sql).undo(undo)];
        steps.extend(map(Verb::Create, id, "ADD", self.mappings.iter()));
        steps
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TEXT SEARCH CONFIGURATION {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { parser, mappings } = self;
        let Self { parser: new_parser, mappings: new } = to;
        if parser != new_parser {
            return Alter::Replace(Replace::DropCreate);
        }
        let gone: Vec<String> = mappings
            .keys()
            .filter(|token| !new.contains_key(*token))
            .map(|token| quote::ident(token))
            .collect();
        let mut steps = Vec::new();
        if !gone.is_empty() {
            let sql = format!("{} DROP MAPPING FOR {}", head(id), gone.join(", "));
            steps.push(Step::alter(id, sql));
        }
        let changed = |(token, wanted): &(&String, &String)| {
            mappings.get(*token).is_some_and(|now| now != *wanted)
        };
        steps.extend(map(Verb::Alter, id, "ALTER", new.iter().filter(changed)));
        let added = new.iter().filter(|(token, _)| !mappings.contains_key(*token));
        steps.extend(map(Verb::Alter, id, "ADD", added));
        Alter::InPlace(steps)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TEXT SEARCH CONFIGURATION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_ts_config", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        std::iter::once(&mut self.parser).chain(self.mappings.values_mut()).collect()
    }
}

fn head(id: &ObjectId) -> String {
    format!("ALTER TEXT SEARCH CONFIGURATION {}", id.sql())
}

/// One statement for all token types that go to the same dictionaries.
fn map<'a>(
    verb: Verb,
    id: &ObjectId,
    word: &str,
    mappings: impl Iterator<Item = (&'a String, &'a String)>,
) -> Vec<Step> {
    let mut groups: Vec<(&String, Vec<String>)> = Vec::new();
    for (token, dictionaries) in mappings {
        match groups.iter_mut().find(|(known, _)| *known == dictionaries) {
            Some((_, tokens)) => tokens.push(quote::ident(token)),
            None => groups.push((dictionaries, vec![quote::ident(token)])),
        }
    }
    let sql = |(dictionaries, tokens): (&String, Vec<String>)| {
        format!("{}\n    {word} MAPPING FOR {} WITH {dictionaries}", head(id), tokens.join(", "))
    };
    groups.into_iter().map(|group| Step::new(verb, id, sql(group))).collect()
}
