//! Text search dictionaries. Manual: CREATE TEXT SEARCH DICTIONARY; 12.6 Dictionaries.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TextSearchDictionary {
    /// Qualified name as SQL.
    pub template: String,
    /// Option → value as SQL, in the order that the server keeps.
    pub options: Vec<(String, String)>,
}

impl Definition for TextSearchDictionary {
    const QUERY: &'static str = include_str!("text_search_dictionary.sql");
    const CATALOG: &'static str = "pg_ts_dict";
    const ANY: Option<&'static str> = Some("pg_ts_dict where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::TextSearchDictionary, &row.text()?, &row.text()?);
        let template = row.text()?;
        let options = row.opt_text()?.map(|text| options(&text)).unwrap_or_default();
        Ok((id, Self { template, options }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let options = self.options.iter().map(|(name, value)| option(name, value));
        let said: Vec<String> =
            std::iter::once(format!("TEMPLATE = {}", self.template)).chain(options).collect();
        let sql = format!("CREATE TEXT SEARCH DICTIONARY {} ({})", id.sql(), said.join(", "));
        vec![Step::create(id, sql).undo(format!("DROP TEXT SEARCH DICTIONARY {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TEXT SEARCH DICTIONARY {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { template, options } = self;
        let Self { template: new_template, options: new_options } = to;
        if template != new_template {
            return Alter::Replace(Replace::DropCreate);
        }
        let sql = |old: &[(String, String)], new: &[(String, String)]| {
            // what is set goes last: from the first that differs on, all are set anew
            let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
            // a name without a value takes the option away
            let gone = old[same..].iter().filter(|(name, _)| !new.iter().any(|(n, _)| n == name));
            let gone = gone.map(|(name, _)| quote::ident(name));
            let set = new[same..].iter().map(|(name, value)| option(name, value));
            let said: Vec<String> = gone.chain(set).collect();
            format!("ALTER TEXT SEARCH DICTIONARY {} ({})", id.sql(), said.join(", "))
        };
        let step = Step::alter(id, sql(options, new_options));
        Alter::InPlace(vec![step.undo(sql(new_options, options))])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TEXT SEARCH DICTIONARY", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_ts_dict", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.template]
    }
}

fn option(name: &str, value: &str) -> String {
    format!("{} = {value}", quote::ident(name))
}

/// `language = 'english', "Odd name" = 1` (`serialize_deflist` in tsearchcmds.c).
fn options(text: &str) -> Vec<(String, String)> {
    let tokens = tokens::tokenize(text);
    let mut found = Vec::new();
    for part in tokens.split(|token| token.is_symbol(',')) {
        let [name, _, value, ..] = part else { continue };
        let last = part.last().unwrap_or(value);
        found.push((name.value.clone().into_owned(), text[value.start..last.end].to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn options_are_taken_apart() {
        let text =
            "stopwords = 'a, ''b'' = ', \"Odd, name\" = E'\\\\x', n = -1.5, accept = 'false'";
        let found = options(text);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found,
            [
                pair("stopwords", "'a, ''b'' = '"),
                pair("Odd, name", "E'\\\\x'"),
                pair("n", "-1.5"),
                pair("accept", "'false'"),
            ]
        );
    }
}
