//! OWNER TO: run together and late, by the engine, because the files' role may not give anything away.

use std::collections::BTreeSet;

use pg_query::{
    NodeEnum,
    protobuf::{ObjectType, RoleSpec, RoleSpecType},
};
use postgres::error::SqlState;

use super::{CHUNK, Replay, failure::Failure};
use crate::{LoadError, sql::parse::parse};

impl Replay<'_> {
    /// OWNER TO, all that waited for it.
    pub(super) fn flush_owners(&mut self) -> Result<(), LoadError> {
        let script = self.script;
        let mut waiting = std::mem::take(&mut self.owners);
        let given = waiting.clone();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut again = Vec::new();
            let mut rest = waiting.as_slice();
            while let Some(&first) = rest.first() {
                let settings = script.statements[first].settings;
                let same = |i: &usize| script.statements[*i].settings == settings;
                let count = rest.iter().take(CHUNK).take_while(|i| same(i)).count();
                let (chunk, tail) = rest.split_at(count);
                rest = tail;
                again.extend(self.owners_chunk(chunk, settings)?);
            }
            if again.len() == before {
                break;
            }
            waiting = again;
        }
        self.owners_rights(&given)
    }

    /// What GRANT and REVOKE say about an owner of its own object they said before it was the owner: OWNER TO made it
    /// hold everything. So they are said again, by that owner.
    fn owners_rights(&mut self, given: &[usize]) -> Result<(), LoadError> {
        let script = self.script;
        let named = |index: &usize| new_owner(&parse(&script.statements[*index].span).ok()?);
        let owners: BTreeSet<String> = given
            .iter()
            .filter_map(named)
            .filter(|role| role.roletype() == RoleSpecType::RolespecCstring)
            .map(|role| role.rolename)
            .collect();
        for (index, statement) in script.statements.iter().enumerate() {
            if owners.is_empty() || !self.done[index] {
                continue;
            }
            let text = statement.sql();
            let word = text.trim_start().get(..6).unwrap_or_default().to_ascii_lowercase();
            if !(word.starts_with("grant") || word == "revoke") {
                continue;
            }
            let Ok(node) = parse(&statement.span) else { continue };
            let NodeEnum::GrantStmt(grant) = &node else { continue };
            let grantees = grant.grantees.iter().filter_map(|grantee| match &grantee.node {
                Some(NodeEnum::RoleSpec(role)) => Some(role.rolename.clone()),
                _ => None,
            });
            for owner in grantees.filter(|role| owners.contains(role)) {
                let Ok(sql) = node.deparse(Default::default()) else { continue };
                let path = self.search_path(statement.settings)?;
                let role = ordain_model::quote::literal(&owner);
                let become_owner = format!("select pg_catalog.set_config('role', {role}, true)");
                // On what is somebody else's it has nothing to say, and what it said there holds already.
                let _ = self.as_engine(&path, &[become_owner, sql])?;
            }
        }
        Ok(())
    }

    /// Returns those that failed; they are not done any more.
    fn owners_chunk(&mut self, chunk: &[usize], settings: usize) -> Result<Vec<usize>, LoadError> {
        let script = self.script;
        let path = self.search_path(settings)?;
        let mut ready = Vec::new();
        for &index in chunk {
            let node = parse(&script.statements[index].span).ok();
            if node.as_ref().is_some_and(is_superusers) {
                continue;
            }
            let sql = script.statements[index].span.sql();
            match node.and_then(|node| self.owner_sql(sql, &node)) {
                Some(sql) => ready.push((index, sql)),
                None => {
                    let failure = Failure {
                        code: SqlState::INSUFFICIENT_PRIVILEGE,
                        message: "nothing can be given to this role in the shadow database".into(),
                        offset: 0,
                        notes: Vec::new(),
                    };
                    self.done[index] = false;
                    self.hopeless.insert(index, failure);
                }
            }
        }
        let all: Vec<String> = ready.iter().map(|(_, sql)| sql.clone()).collect();
        if self.as_engine(&path, &all)?.is_ok() {
            for (index, _) in ready {
                self.done[index] = true;
                self.failures.remove(&index);
            }
            return Ok(Vec::new());
        }
        let mut failed = Vec::new();
        for (index, sql) in ready {
            let mut outcome = self.as_engine(&path, std::slice::from_ref(&sql))?;
            if let Err(error) = &outcome
                && self.supply(&Failure::new(error, ""))?
            {
                outcome = self.as_engine(&path, std::slice::from_ref(&sql))?;
            }
            match outcome {
                Ok(()) => {
                    self.done[index] = true;
                    self.failures.remove(&index);
                }
                Err(error) => {
                    self.done[index] = false;
                    self.failures.insert(index, Failure { offset: 0, ..Failure::new(&error, "") });
                    failed.push(index);
                }
            }
        }
        Ok(failed)
    }

    /// The statement written anew, if its new owner is one that files may name: a role that stands in for a real
    /// one, the files' own, or the owner of the database. Anything else would lend them rights.
    fn owner_sql(&self, sql: &str, node: &NodeEnum) -> Option<String> {
        let mut role = new_owner(node)?;
        let named = match role.roletype() {
            RoleSpecType::RolespecCstring => role.rolename.clone(),
            RoleSpecType::RolespecPublic => return None,
            _ => self.stage.runner_role.clone(),
        };
        let engine = self.stage.applier.iter().skip(1).any(|a| *a == named);
        let reserved = named.starts_with("pg_") && named != "pg_database_owner";
        if (engine || reserved) && self.stage.engine.is_some() {
            return None;
        }
        if let NodeEnum::AlterOwnerStmt(_) = node {
            // The new owner stands last. The deparser drops IN, and with it which overload is meant.
            let before = sql.get(..usize::try_from(role.location).ok()?)?;
            return Some(format!("{before}{}", ordain_model::quote::ident(&named)));
        }
        role.set_roletype(RoleSpecType::RolespecCstring);
        role.rolename = named;
        let mut node = node.clone();
        if let NodeEnum::AlterTableStmt(alter) = &mut node {
            for command in &mut alter.cmds {
                if let Some(NodeEnum::AlterTableCmd(command)) = &mut command.node {
                    command.newowner = Some(role.clone());
                }
            }
        }
        node.deparse(Default::default()).ok()
    }
}

/// Objects that only a superuser may own: the roles that stand in for real ones are none, so nothing remains of the
/// statement.
fn is_superusers(node: &NodeEnum) -> bool {
    matches!(node, NodeEnum::AlterOwnerStmt(alter) if alter.object_type() == ObjectType::ObjectFdw)
}

/// Whom a statement gives something to.
fn new_owner(node: &NodeEnum) -> Option<RoleSpec> {
    match node {
        NodeEnum::AlterOwnerStmt(alter) => alter.newowner.clone(),
        NodeEnum::AlterTableStmt(alter) => alter.cmds.iter().find_map(|c| match &c.node {
            Some(NodeEnum::AlterTableCmd(command)) => command.newowner.clone(),
            _ => None,
        }),
        _ => None,
    }
}
