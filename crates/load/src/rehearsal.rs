//! Plans tried out on a throw-away server that is made like the database that they are for.

use std::collections::BTreeSet;

use ordain_introspect::ReadOptions;
use ordain_model::Catalog;

use crate::{
    LoadError, Request,
    error::describe,
    replay::CHUNK,
    shadow::{Shadow, Stage, stage},
    sql::{files::Texts, script::Script},
};

/// A private server, with one database that nobody else sees.
pub struct Rehearsal {
    stage: Stage,
}

impl Rehearsal {
    /// Starts the server, like the side that `request` is beside, with the roles that the statements mention.
    ///
    /// # Errors
    /// No server can be started here, or a statement cannot be parsed.
    pub fn open<'a>(
        request: &Request,
        statements: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, LoadError> {
        let mut texts = Texts::default();
        let all: Vec<&str> = statements.into_iter().collect();
        texts.add_text("the plan", all.join(";\n"))?;
        let script = Script::new(texts).map_err(LoadError::Sql)?;
        let roles: BTreeSet<&str> = script.mentions.all().collect();
        let stage = stage::set(&stage::Wanted {
            shadow: &Shadow::Auto,
            superuser: false,
            live: request.beside,
            roles,
            cache: request.cache.as_deref(),
        })?;
        Ok(Self { stage })
    }

    /// Builds a state: what is atomic elsewhere need not be here.
    ///
    /// # Errors
    /// The statement that failed, and what the server said.
    pub fn build(&mut self, statements: &[&str]) -> Result<(), String> {
        statements.chunks(CHUNK).try_for_each(|chunk| self.transaction(chunk))
    }

    /// Runs statements as one transaction.
    ///
    /// # Errors
    /// The statement that failed, and what the server said; nothing is changed then.
    pub fn transaction(&mut self, statements: &[&str]) -> Result<(), String> {
        let client = self.client();
        let mut transaction = client.transaction().map_err(|e| describe(&e))?;
        for sql in statements {
            transaction.batch_execute(sql).map_err(|e| format!("{}, in:\n{sql}", describe(&e)))?;
        }
        transaction.commit().map_err(|e| describe(&e))
    }

    /// The database as it is now.
    pub fn read(&mut self) -> Result<Catalog, LoadError> {
        let options = ReadOptions { applier: self.stage.applier.clone(), sizes: false };
        let client = self.client();
        ordain_introspect::read(client, &options)
            .map_err(|source| LoadError::Read { what: "the rehearsal".into(), source })
    }

    fn client(&mut self) -> &mut postgres::Client {
        self.stage.engine.as_mut().unwrap_or(&mut self.stage.runner)
    }
}
