//! Statements that need a superuser but only write the catalog: judged from their syntax tree, written anew from
//! it, and run by the engine. Whatever would evaluate code of the files is never among them.

use pg_query::{
    NodeEnum,
    protobuf::{AlterFunctionStmt, CreateFunctionStmt, ObjectType, ObjectWithArgs, RoleSpecType},
};
use postgres::error::{DbError, SqlState};

use super::{CHUNK, Failure, Replay};
use crate::{
    LoadError, ShadowError,
    sql::{
        class::Class,
        parse::parse,
        roles::{definitions, string},
    },
};

/// How the engine takes part in a statement.
enum Admitted {
    /// It runs this.
    Whole(NodeEnum),
    /// The files' role runs the first, the engine the second.
    Shared(NodeEnum, NodeEnum),
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
        let role = match node {
            NodeEnum::AlterOwnerStmt(alter) => alter.newowner.clone(),
            NodeEnum::AlterTableStmt(alter) => alter.cmds.iter().find_map(|c| match &c.node {
                Some(NodeEnum::AlterTableCmd(command)) => command.newowner.clone(),
                _ => None,
            }),
            _ => None,
        }?;
        let mut role = role;
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

    /// A statement that the files' role may not run. False when the engine may not either.
    pub(super) fn by_engine(&mut self, index: usize, failure: &Failure) -> Result<bool, LoadError> {
        let script = self.script;
        let statement = &script.statements[index];
        if self.stage.engine.is_none() {
            return Ok(false);
        }
        let Ok(node) = parse(&statement.span) else { return Ok(false) };
        if let Some(what) = left_out(&node, failure) {
            self.notices.push(format!("{}: {what} was skipped", statement.span.line()));
            return Ok(true);
        }
        let path = self.search_path(statement.settings)?;
        let admitted = match admit(&node) {
            Some(admitted) => admitted,
            None => return Ok(false),
        };
        let whole = match admitted {
            Admitted::Whole(node) => node,
            Admitted::Shared(first, second) => {
                let Ok(first) = first.deparse(Default::default()) else { return Ok(false) };
                if self.send(&first)?.is_err() {
                    return Ok(false);
                }
                second
            }
        };
        if !self.validators_are_trusted(&whole)? {
            return Ok(false);
        }
        let Ok(sql) = whole.deparse(Default::default()) else { return Ok(false) };
        let mut batch = vec![sql];
        batch.extend(hand_over(&whole, &self.stage.runner_role));
        Ok(self.as_engine(&path, &batch)?.is_ok())
    }

    /// Options of a foreign-data wrapper and its servers are checked by the wrapper's validator: a function that
    /// is called, and must therefore not be one of the files'.
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
                 where p.oid >= 16384 and not exists (select from pg_catalog.pg_depend d \
                   where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')",
                &[],
            )
            .map_err(ShadowError::server("looking at foreign-data wrappers"))?;
        Ok(row.get::<_, i64>(0) == 0)
    }

    /// Event triggers, when nothing is left that could set them off.
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

/// What is left out with a notice instead of being an error: it is about objects that are not the files' own.
fn left_out(node: &NodeEnum, failure: &Failure) -> Option<String> {
    match node {
        NodeEnum::GrantStmt(_) => {
            Some(format!("a grant that needs a superuser ({})", failure.message))
        }
        NodeEnum::CommentStmt(_) => None,
        _ => None,
    }
}

/// Statements that write the catalog and evaluate nothing of the files'.
fn admit(node: &NodeEnum) -> Option<Admitted> {
    use NodeEnum as N;
    let whole = || Some(Admitted::Whole(node.clone()));
    match node {
        N::CreatePublicationStmt(create) if create.for_all_tables => whole(),
        N::CreatePublicationStmt(create) => {
            let whole_schemas = create.pubobjects.iter().all(|object| match &object.node {
                Some(N::PublicationObjSpec(spec)) => {
                    spec.pubtable.as_ref().is_none_or(|t| t.where_clause.is_none())
                }
                _ => false,
            });
            if whole_schemas { whole() } else { None }
        }
        N::AlterPublicationStmt(alter) => {
            let plain = alter.pubobjects.iter().all(|object| match &object.node {
                Some(N::PublicationObjSpec(spec)) => {
                    spec.pubtable.as_ref().is_none_or(|t| t.where_clause.is_none())
                }
                _ => false,
            });
            if plain { whole() } else { None }
        }
        N::CreateOpClassStmt(_) | N::CreateOpFamilyStmt(_) | N::AlterOpFamilyStmt(_) => whole(),
        N::CreateFdwStmt(_)
        | N::AlterFdwStmt(_)
        | N::CreateForeignServerStmt(_)
        | N::AlterForeignServerStmt(_)
        | N::CreateUserMappingStmt(_)
        | N::AlterUserMappingStmt(_) => whole(),
        N::CreateAmStmt(_) => whole(),
        N::CreateCastStmt(cast) if cast.func.is_none() && !cast.inout => whole(),
        N::DefineStmt(define) => match define.kind() {
            ObjectType::ObjectTsparser | ObjectType::ObjectTstemplate => whole(),
            // A base type: its functions are C functions, or there are none yet.
            ObjectType::ObjectType => whole(),
            // An aggregate is given its first value when it is made, unless its state has no spelling.
            ObjectType::ObjectAggregate => {
                let internal = definitions(&define.definition).any(|(name, value)| {
                    matches!(value, Some(N::TypeName(t)) if name == "stype" && t.names.last().and_then(string) == Some("internal"))
                });
                let initial = definitions(&define.definition)
                    .any(|(n, _)| n == "initcond" || n == "minitcond");
                if internal && !initial { whole() } else { None }
            }
            _ => None,
        },
        N::CreateFunctionStmt(create) => admit_function(create),
        N::AlterFunctionStmt(alter) => {
            let only_leakproof = definitions(&alter.actions).all(|(name, _)| name == "leakproof");
            if only_leakproof { whole() } else { None }
        }
        // On an extension or on what belongs to one.
        N::CommentStmt(_) => whole(),
        N::AlterExtensionStmt(_) => None,
        _ => None,
    }
}

/// LEAKPROOF is taken away and set afterwards; a C function must come from the server's own library folder.
fn admit_function(create: &CreateFunctionStmt) -> Option<Admitted> {
    let language = definitions(&create.options).find_map(|(name, value)| match value {
        Some(NodeEnum::String(text)) if name == "language" => Some(text.sval.to_lowercase()),
        _ => None,
    });
    if language.as_deref() == Some("c") {
        let library = definitions(&create.options).find_map(|(name, value)| match value {
            Some(NodeEnum::List(list)) if name == "as" => list.items.first().and_then(string),
            _ => None,
        })?;
        let rest = library.strip_prefix("$libdir/").unwrap_or(library);
        let plain = !rest.contains("..") && !rest.starts_with('/') && !rest.contains('$');
        return plain
            .then(|| Admitted::Whole(NodeEnum::CreateFunctionStmt(Box::new(create.clone()))));
    }
    let leakproof = definitions(&create.options).any(|(name, _)| name == "leakproof");
    if !leakproof || !matches!(language.as_deref(), None | Some("sql" | "plpgsql")) {
        return None;
    }
    let mut without = create.clone();
    without
        .options
        .retain(|o| !matches!(&o.node, Some(NodeEnum::DefElem(d)) if d.defname == "leakproof"));
    let actions = create
        .options
        .iter()
        .filter(|o| matches!(&o.node, Some(NodeEnum::DefElem(d)) if d.defname == "leakproof"))
        .cloned()
        .collect();
    let alter = AlterFunctionStmt {
        objtype: if create.is_procedure {
            ObjectType::ObjectProcedure
        } else {
            ObjectType::ObjectFunction
        } as i32,
        func: Some(signature(create)),
        actions,
    };
    Some(Admitted::Shared(
        NodeEnum::CreateFunctionStmt(Box::new(without)),
        NodeEnum::AlterFunctionStmt(alter),
    ))
}

/// The function with the types of its input arguments.
fn signature(create: &CreateFunctionStmt) -> ObjectWithArgs {
    use pg_query::protobuf::FunctionParameterMode as Mode;
    let inputs = create.parameters.iter().filter_map(|p| match &p.node {
        Some(NodeEnum::FunctionParameter(parameter))
            if !matches!(parameter.mode(), Mode::FuncParamOut | Mode::FuncParamTable) =>
        {
            let r#type = parameter.arg_type.clone()?;
            Some(pg_query::Node { node: Some(NodeEnum::TypeName(r#type)) })
        }
        _ => None,
    });
    ObjectWithArgs {
        objname: create.funcname.clone(),
        objargs: inputs.collect(),
        objfuncargs: Vec::new(),
        args_unspecified: false,
    }
}

/// What gives a new object to the files' role, so that they can go on with it. Some kinds must stay a superuser's.
fn hand_over(node: &NodeEnum, runner: &str) -> Option<String> {
    let runner = ordain_model::quote::ident(runner);
    let dotted = |names: &[pg_query::Node]| {
        let parts: Vec<String> =
            names.iter().filter_map(string).map(ordain_model::quote::ident).collect();
        parts.join(".")
    };
    match node {
        NodeEnum::CreateForeignServerStmt(create) => Some(format!(
            "alter server {} owner to {runner}",
            ordain_model::quote::ident(&create.servername)
        )),
        NodeEnum::CreateOpClassStmt(create) => Some(format!(
            "alter operator class {} using {} owner to {runner}",
            dotted(&create.opclassname),
            ordain_model::quote::ident(&create.amname)
        )),
        NodeEnum::CreateOpFamilyStmt(create) => Some(format!(
            "alter operator family {} using {} owner to {runner}",
            dotted(&create.opfamilyname),
            ordain_model::quote::ident(&create.amname)
        )),
        NodeEnum::DefineStmt(define) if define.kind() == ObjectType::ObjectType => {
            Some(format!("alter type {} owner to {runner}", dotted(&define.defnames)))
        }
        NodeEnum::CreateFunctionStmt(create) => {
            let whole = NodeEnum::AlterOwnerStmt(Box::new(pg_query::protobuf::AlterOwnerStmt {
                object_type: ObjectType::ObjectFunction as i32,
                relation: None,
                object: Some(Box::new(pg_query::Node {
                    node: Some(NodeEnum::ObjectWithArgs(signature(create))),
                })),
                newowner: Some(pg_query::protobuf::RoleSpec {
                    roletype: RoleSpecType::RolespecCstring as i32,
                    rolename: runner.trim_matches('"').to_owned(),
                    location: -1,
                }),
            }));
            whole.deparse(Default::default()).ok()
        }
        _ => None,
    }
}
