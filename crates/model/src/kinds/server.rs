//! Foreign servers. Manual: CREATE SERVER, ALTER SERVER; 5.12 Foreign Data.

use serde::{Deserialize, Serialize};

use super::generic_options::{self, GenericOptions};
use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Server {
    /// It may belong to an extension, so it is found by name alone.
    pub wrapper: ObjectId,
    pub type_name: Option<String>,
    pub version: Option<String>,
    pub options: GenericOptions,
}

impl Definition for Server {
    const QUERY: &'static str = include_str!("server.sql");
    const CATALOG: &'static str = "pg_foreign_server";
    const ANY: Option<&'static str> = Some("pg_foreign_server where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::Server, &row.text()?);
        Ok((
            id,
            Self {
                wrapper: ObjectId::global(Kind::ForeignDataWrapper, &row.text()?),
                type_name: row.opt_text()?,
                version: row.opt_text()?,
                options: generic_options::parse(row.texts()?),
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let said = |word: &str, text: &Option<String>| match text {
            Some(text) => format!(" {word} {}", quote::literal(text)),
            None => String::new(),
        };
        let sql = format!(
            "CREATE SERVER {}{}{} FOREIGN DATA WRAPPER {}{}",
            id.sql(),
            said("TYPE", &self.type_name),
            said("VERSION", &self.version),
            self.wrapper.sql(),
            generic_options::clause(&self.options)
        );
        vec![Step::create(id, sql).undo(format!("DROP SERVER {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP SERVER {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        // A version can be another one, but not taken away.
        let unversioned = self.version.is_some() && to.version.is_none();
        if self.wrapper != to.wrapper || self.type_name != to.type_name || unversioned {
            return Alter::Replace(Replace::DropCreate);
        }
        let version = match &to.version {
            Some(version) if self.version != to.version => {
                format!(" VERSION {}", quote::literal(version))
            }
            _ => String::new(),
        };
        let options = generic_options::changes(&self.options, &to.options);
        Alter::InPlace(vec![Step::alter(
            id,
            format!("ALTER SERVER {}{version}{options}", id.sql()),
        )])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("SERVER", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_foreign_server", name: id.base().to_owned() }]
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.wrapper]
    }
}
