//! Foreign-data wrappers. Manual: CREATE FOREIGN DATA WRAPPER; 5.12 Foreign Data.

use serde::{Deserialize, Serialize};

use super::generic_options::{self, GenericOptions};
use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ForeignDataWrapper {
    /// Name of a function, qualified where it is not of the system.
    pub handler: Option<String>,
    pub validator: Option<String>,
    pub options: GenericOptions,
}

impl Definition for ForeignDataWrapper {
    const QUERY: &'static str = include_str!("foreign_data_wrapper.sql");
    const CATALOG: &'static str = "pg_foreign_data_wrapper";
    const ANY: Option<&'static str> = Some("pg_foreign_data_wrapper where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::ForeignDataWrapper, &row.text()?);
        let (handler, validator) = (row.opt_text()?, row.opt_text()?);
        Ok((id, Self { handler, validator, options: generic_options::parse(row.texts()?) }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let said = |word: &str, function: &Option<String>| match function {
            Some(function) => format!(" {word} {function}"),
            None => String::new(),
        };
        let sql = format!(
            "CREATE FOREIGN DATA WRAPPER {}{}{}{}",
            id.sql(),
            said("HANDLER", &self.handler),
            said("VALIDATOR", &self.validator),
            generic_options::clause(&self.options)
        );
        vec![Step::create(id, sql).undo(format!("DROP FOREIGN DATA WRAPPER {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP FOREIGN DATA WRAPPER {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let change = |word: &str, old: &Option<String>, new: &Option<String>| match new {
            _ if old == new => String::new(),
            Some(function) => format!(" {word} {function}"),
            None => format!(" NO {word}"),
        };
        let sql = |from: &Self, to: &Self| {
            format!(
                "ALTER FOREIGN DATA WRAPPER {}{}{}{}",
                id.sql(),
                change("HANDLER", &from.handler, &to.handler),
                change("VALIDATOR", &from.validator, &to.validator),
                generic_options::changes(&from.options, &to.options)
            )
        };
        Alter::InPlace(vec![Step::alter(id, sql(self, to)).undo(sql(to, self))])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("FOREIGN DATA WRAPPER", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_foreign_data_wrapper", name: id.base().to_owned() }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        self.handler.iter_mut().chain(&mut self.validator).collect()
    }
}
