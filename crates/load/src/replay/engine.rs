//! Statements that need a superuser but only write the catalog: judged from their syntax tree, written anew from
//! it, and run by the engine. Whatever would evaluate code of the files is never among them.

use pg_query::{
    NodeEnum,
    protobuf::{CommentStmt, CreateFunctionStmt},
};
use postgres::error::DbError;

use super::{
    Replay,
    admit::{Admitted, admit, hand_over, take_over},
    failure::Failure,
    functions::{admit_function, internal, object_type, signature},
    last::Late,
};
use crate::{
    LoadError, ShadowError,
    sql::{blocks::without_what_is_done, parse::parse, roles::definitions},
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
        if let Some(block) = without_what_is_done(&node) {
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
        let Some(sql) = written_anew(&whole, &node, statement.sql()) else {
            return Ok(ByEngine::NotAdmitted);
        };
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

/// A tree as SQL. Names that the deparser forgets to quote (`OUT "count/type" text`) make a text that no parser takes;
/// then the statement that the tree was read from, if it is the very same.
fn written_anew(tree: &NodeEnum, read: &NodeEnum, statement: String) -> Option<String> {
    let sql = tree.deparse(Default::default()).ok();
    let sound = sql.as_ref().is_some_and(|sql| pg_query::parse(sql, 0).is_ok());
    if sound { sql } else { (tree == read).then_some(statement) }
}
