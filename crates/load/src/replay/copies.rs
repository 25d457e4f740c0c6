//! What the files use and do not make is taken from the current side, where that lies outside of their scope.

use std::collections::BTreeSet;

use ordain_model::{Kind, ObjectId, quote};
use postgres::error::SqlState;

use super::{Replay, failure::Failure};
use crate::LoadError;

impl Replay<'_> {
    /// Every extension of the current side that the files do not make themselves, as far as it is installed here: now,
    /// while the database holds nothing of the files' own.
    pub(super) fn extensions_elsewhere(
        &mut self,
        made: &BTreeSet<String>,
    ) -> Result<(), LoadError> {
        let Some(elsewhere) = self.elsewhere else { return Ok(()) };
        for (id, schema) in elsewhere.extensions() {
            if made.contains(id.base()) || id.base() == "plpgsql" {
                continue;
            }
            if schema != "public" && schema != "pg_catalog" {
                self.copy_schema(schema)?;
            }
            let (name, schema) = (id.sql(), quote::ident(schema));
            let sql = format!("create extension if not exists {name} with schema {schema} cascade");
            match self.as_engine("", std::slice::from_ref(&sql))? {
                Ok(()) => _ = self.copied.insert(id.clone()),
                Err(error) => {
                    self.missing_extensions.push((id.base().to_owned(), error.message().to_owned()))
                }
            }
        }
        Ok(())
    }

    fn copy_schema(&mut self, schema: &str) -> Result<(), LoadError> {
        let sql = format!("create schema if not exists {}", quote::ident(schema));
        if self.send(&sql)?.is_ok() {
            self.copied.insert(ObjectId::global(Kind::Schema, schema));
        }
        Ok(())
    }

    /// Nothing moves any more: copies what the statements that stand still miss. True when something could be made.
    pub(super) fn copy_what_is_elsewhere(&mut self) -> Result<bool, LoadError> {
        let Some(elsewhere) = self.elsewhere else { return Ok(false) };
        let mut wanted = Vec::new();
        let mut moved = false;
        for failure in self.failures.values() {
            let Some(name) = failure.missing_path().filter(|_| failure.is_missing()) else {
                continue;
            };
            if failure.code == SqlState::INVALID_SCHEMA_NAME {
                wanted.extend(elsewhere.schema(name));
            } else {
                wanted.extend(elsewhere.named(name));
            }
        }
        let ours =
            |id: &ObjectId| self.definers.contains_key(id.base()) && id.kind() != Kind::Schema;
        wanted.retain(|id| !self.copied.contains(id) && !ours(id));
        let mut roots = elsewhere.closure(wanted);
        roots.retain(|id| !self.copied.contains(id) && !ours(id));
        for schema in
            roots.iter().filter(|id| id.kind() == Kind::Schema).cloned().collect::<Vec<_>>()
        {
            self.copy_schema(schema.base())?;
            roots.remove(&schema);
            moved |= self.copied.contains(&schema);
        }
        self.copies.extend(elsewhere.statements(&roots));
        self.copied.extend(roots);
        moved |= self.make_copies()?;
        if moved {
            self.asleep.clear();
            self.waiters.clear();
        }
        Ok(moved)
    }

    /// Those that wait for others of them, or for something of the files, are tried again.
    fn make_copies(&mut self) -> Result<bool, LoadError> {
        let mut moved = false;
        self.settings(0)?;
        loop {
            let before = self.copies.len();
            let mut left = Vec::new();
            for sql in std::mem::take(&mut self.copies) {
                let mut outcome = self.send(&sql)?;
                if let Err(error) = &outcome
                    && self.supply(&Failure::new(error, ""))?
                {
                    outcome = self.send(&sql)?;
                }
                if outcome.is_err() {
                    left.push(sql);
                }
            }
            self.copies = left;
            if self.copies.len() == before {
                return Ok(moved);
            }
            moved = true;
        }
    }
}
