//! Statements that need a superuser but only write the catalog: judged from their syntax tree, written anew from
//! it, and run by the engine. Whatever would evaluate code of the files is never among them.

use std::collections::BTreeSet;

use pg_query::{
    NodeEnum,
    protobuf::{CommentStmt, CreateFunctionStmt, RoleSpec, RoleSpecType},
};
use postgres::error::{DbError, SqlState};

use super::{
    CHUNK, Replay,
    admit::{Admitted, admit, hand_over, take_over},
    failure::Failure,
    functions::{admit_function, internal, object_type, signature},
    last::Late,
};
use crate::{
    LoadError, ShadowError,
    sql::{
        parse::parse,
        roles::{definitions, without_role_statements},
    },
};

/// What became of a statement that the files' role may not run.
pub(super) enum ByEngine {
    Done,
    /// The engine may run it, and the server refused it even so.
    Failed(Failure),
    NotAdmitted,
}

impl ByEngine {
    fn failed(error: &DbError) -> Self {
        // Positions are in what was written anew.
        Self::Failed(Failure { offset: 0, ..Failure::new(error, "") })
    }
}

impl Replay<'_> {
    /// Runs statements as the engine, in one transaction, under a search path.
    pub(super) fn as_engine(
        &mut self,
        search_path: &str,
        statements: &[String],
    ) -> Result<Result<(), DbError>, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else {
            return self.send(&statements.join(";\n"));
        };
        let path = format!(
            "select pg_catalog.set_config('search_path', {}, true);\n",
            ordain_model::quote::literal(search_path)
        );
        // One message with several statements is one transaction.
        match engine.batch_execute(&format!("{path}{}", statements.join(";\n"))) {
            Ok(()) => Ok(Ok(())),
            Err(error) => match error.as_db_error() {
                Some(db) if !engine.is_closed() => Ok(Err(db.clone())),
                _ => Err(ShadowError::server("the connection broke")(error).into()),
            },
        }
    }

    /// The search path in force under some settings, as the files' connection has it.
    pub(super) fn search_path(&mut self, settings: usize) -> Result<String, LoadError> {
        if let Some(path) = self.search_paths.get(&settings) {
            return Ok(path.clone());
        }
        self.settings(settings)?;
        let row = self
            .stage
            .runner
            .query_one("select pg_catalog.current_setting('search_path')", &[])
            .map_err(ShadowError::server("asking for the search path"))?;
        let path: String = row.get(0);
        // "$user" means whoever runs the file, not the engine.
        let runner = ordain_model::quote::ident(&self.stage.runner_role);
        let path = path.replace("\"$user\"", &runner);
        self.search_paths.insert(settings, path.clone());
        Ok(path)
    }

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
            match parse(&script.statements[index].span).ok().and_then(|node| self.owner_sql(&node))
            {
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
    fn owner_sql(&self, node: &NodeEnum) -> Option<String> {
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
        role.set_roletype(RoleSpecType::RolespecCstring);
        role.rolename = named;
        let mut node = node.clone();
        match &mut node {
            NodeEnum::AlterOwnerStmt(alter) => alter.newowner = Some(role),
            NodeEnum::AlterTableStmt(alter) => {
                for command in &mut alter.cmds {
                    if let Some(NodeEnum::AlterTableCmd(command)) = &mut command.node {
                        command.newowner = Some(role.clone());
                    }
                }
            }
            _ => {}
        }
        node.deparse(Default::default()).ok()
    }

    /// A statement that the files' role may not run.
    pub(super) fn by_engine(&mut self, index: usize) -> Result<ByEngine, LoadError> {
        let script = self.script;
        let statement = &script.statements[index];
        if self.stage.engine.is_none() {
            return Ok(ByEngine::NotAdmitted);
        }
        let Ok(node) = parse(&statement.span) else { return Ok(ByEngine::NotAdmitted) };
        if let NodeEnum::GrantStmt(grant) = &node {
            self.grant_later(index, grant)?;
            return Ok(ByEngine::Done);
        }
        if let Some(block) = without_role_statements(&node) {
            let Ok(sql) = block.deparse(Default::default()) else {
                return Ok(ByEngine::NotAdmitted);
            };
            self.settings(statement.settings)?;
            return Ok(match self.send(&sql)? {
                Ok(()) => ByEngine::Done,
                Err(error) => ByEngine::failed(&error),
            });
        }
        let path = self.search_path(statement.settings)?;
        let admitted = match &node {
            NodeEnum::CreateFunctionStmt(create) => {
                let everybody = self.everybody_may_call(create)?;
                admit_function(create, everybody)
            }
            other => admit(other),
        };
        let mut real = None;
        let whole = match admitted {
            None => return Ok(ByEngine::NotAdmitted),
            Some(Admitted::Whole(node)) => node,
            Some(Admitted::Later(first, second)) => {
                real = Some(second);
                first
            }
            Some(Admitted::Shared(first, second)) => {
                let Ok(sql) = first.deparse(Default::default()) else {
                    return Ok(ByEngine::NotAdmitted);
                };
                self.settings(statement.settings)?;
                if let Err(error) = self.send(&sql)? {
                    return Ok(ByEngine::failed(&error));
                }
                second
            }
        };
        if !self.validators_are_trusted(&whole)? {
            return Ok(ByEngine::NotAdmitted);
        }
        let Ok(sql) = whole.deparse(Default::default()) else { return Ok(ByEngine::NotAdmitted) };
        let batch = take_over(&whole).into_iter().chain([sql]);
        let batch: Vec<_> = batch.chain(hand_over(&whole, &self.stage.runner_role)).collect();
        if let Err(error) = self.as_engine(&path, &batch)? {
            return Ok(ByEngine::failed(&error));
        }
        if let (Some(NodeEnum::CreateFunctionStmt(create)), NodeEnum::CreateFunctionStmt(made)) =
            (real.as_deref(), &*whole)
            && let Some(oid) = self.function_made(&path, made)?
        {
            self.late.push(Late::Body { index, oid, create: create.clone() });
        }
        Ok(ByEngine::Done)
    }

    /// Whether a function of the files is one that the server has already and lets everybody call, under another name.
    fn everybody_may_call(&mut self, create: &CreateFunctionStmt) -> Result<bool, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else { return Ok(false) };
        let Some((symbol, arguments)) = internal(create) else { return Ok(false) };
        let query = include_str!("everybody.sql");
        let row = engine.query_one(query, &[&symbol, &arguments]);
        Ok(row.map_err(ShadowError::server("looking at functions of the server"))?.get(0))
    }

    /// The function that has just been made: its name may change before its turn comes.
    fn function_made(
        &mut self,
        path: &str,
        create: &CreateFunctionStmt,
    ) -> Result<Option<u32>, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else { return Ok(None) };
        let node = NodeEnum::CommentStmt(Box::new(CommentStmt {
            objtype: object_type(create) as i32,
            object: Some(Box::new(pg_query::Node {
                node: Some(NodeEnum::ObjectWithArgs(signature(create))),
            })),
            comment: String::new(),
        }));
        // COMMENT ON FUNCTION name(types) IS …: what the deparser writes between is what regprocedure reads.
        let Ok(sql) = node.deparse(Default::default()) else { return Ok(None) };
        let name = sql
            .strip_prefix("COMMENT ON FUNCTION ")
            .or_else(|| sql.strip_prefix("COMMENT ON PROCEDURE "))
            .and_then(|rest| rest.rsplit_once(" IS ").map(|(name, _)| name.to_owned()));
        let Some(name) = name else { return Ok(None) };
        let failed = || ShadowError::server("looking for a function");
        let mut transaction = engine.transaction().map_err(failed())?;
        transaction
            .execute("select pg_catalog.set_config('search_path', $1, true)", &[&path])
            .map_err(failed())?;
        let row = transaction
            .query_one("select pg_catalog.to_regprocedure($1)::pg_catalog.oid", &[&name])
            .map_err(failed())?;
        Ok(row.get(0))
    }

    /// Options of a foreign-data wrapper and its servers are checked by the wrapper's validator: a function that
    /// is called, and must therefore not be written by the files (one in C or of the server's own is not).
    fn validators_are_trusted(&mut self, node: &NodeEnum) -> Result<bool, LoadError> {
        let foreign = matches!(
            node,
            NodeEnum::CreateFdwStmt(_)
                | NodeEnum::AlterFdwStmt(_)
                | NodeEnum::CreateForeignServerStmt(_)
                | NodeEnum::AlterForeignServerStmt(_)
                | NodeEnum::CreateUserMappingStmt(_)
                | NodeEnum::AlterUserMappingStmt(_)
                | NodeEnum::CreateForeignTableStmt(_)
        );
        let Some(engine) = self.stage.engine.as_mut().filter(|_| foreign) else { return Ok(true) };
        if let NodeEnum::CreateFdwStmt(create) = node {
            // Before the wrapper is there its options can only be judged by having none.
            return Ok(create.options.is_empty()
                || !definitions(&create.func_options)
                    .any(|(n, v)| n == "validator" && v.is_some()));
        }
        let row = engine
            .query_one(
                "select count(*) from pg_catalog.pg_foreign_data_wrapper w \
                 join pg_catalog.pg_proc p on p.oid = w.fdwvalidator \
                 where p.oid >= 16384 and p.prolang not in (12, 13) and not exists (select from pg_catalog.pg_depend d \
                   where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')",
                &[],
            )
            .map_err(ShadowError::server("looking at foreign-data wrappers"))?;
        Ok(row.get::<_, i64>(0) == 0)
    }
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
