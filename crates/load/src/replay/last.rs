//! What the engine does when the files are done, and nothing is left that it could set off or lend rights to.

use pg_query::{NodeEnum, protobuf::CreateFunctionStmt};

use super::{Replay, admit::unconnected, failure::Failure, functions::real};
use crate::{
    LoadError, ShadowError,
    sql::{class::Class, parse::parse},
};

/// A statement of which a part waits until the files are done.
pub(super) enum Late {
    /// GRANT or REVOKE on what the files' role does not own.
    Statement { index: usize, sql: String },
    /// The body of a function for which another stands in.
    Body { index: usize, oid: u32, create: Box<CreateFunctionStmt> },
}

impl Replay<'_> {
    /// Bodies and grants that had to wait.
    pub(super) fn late(&mut self) -> Result<(), LoadError> {
        for late in std::mem::take(&mut self.late) {
            let (index, sql) = match late {
                Late::Statement { index, sql } => (index, sql),
                Late::Body { index, oid, create } => {
                    let Some(now) = self.function(oid)? else { continue };
                    let Some(sql) = real(&now, &create) else { continue };
                    (index, sql)
                }
            };
            let path = self.search_path(self.script.statements[index].settings)?;
            if let Err(error) = self.as_engine(&path, &[sql])? {
                self.done[index] = false;
                self.hopeless.insert(index, Failure { offset: 0, ..Failure::new(&error, "") });
            }
        }
        Ok(())
    }

    /// A function as it is by now, if it is still there.
    fn function(&mut self, oid: u32) -> Result<Option<String>, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else { return Ok(None) };
        let query =
            "select pg_catalog.pg_get_functiondef(oid) from pg_catalog.pg_proc where oid = $1";
        let row = engine.query_opt(query, &[&oid]);
        let row = row.map_err(ShadowError::server("looking at a function"))?;
        Ok(row.map(|row| row.get(0)))
    }

    /// Event triggers, when nothing is left that could set them off, and subscriptions, which nobody connects for:
    /// on a server that is not ours there are none.
    pub(super) fn event_triggers(&mut self) -> Result<(), LoadError> {
        let script = self.script;
        for (index, statement) in script.statements.iter().enumerate() {
            if statement.judged.class != Class::EventTrigger || self.done[index] {
                continue;
            }
            let path = self.search_path(statement.settings)?;
            let Ok(node) = parse(&statement.span) else { continue };
            // Of ALTER … OWNER nothing remains: the owner of an event trigger must be a superuser.
            if matches!(node, NodeEnum::AlterOwnerStmt(_)) {
                self.done[index] = true;
                continue;
            }
            let mut node = node;
            if let NodeEnum::CreateSubscriptionStmt(create) = &node {
                if self.stage.engine.is_none() {
                    let line = statement.span.line();
                    self.notices.push(format!(
                        "{line}: a subscription was skipped: this server is not ours"
                    ));
                    self.done[index] = true;
                    continue;
                }
                node = NodeEnum::CreateSubscriptionStmt(unconnected(create));
            }
            let sql = node.deparse(Default::default()).unwrap_or_else(|_| statement.sql());
            match self.as_engine(&path, std::slice::from_ref(&sql))? {
                Ok(()) => self.done[index] = true,
                Err(error) => {
                    let failure = Failure { offset: 0, ..Failure::new(&error, "") };
                    self.hopeless.insert(index, failure);
                }
            }
        }
        Ok(())
    }
}
