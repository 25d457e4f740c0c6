//! What two sources both make, and not alike. The server would let the later OR REPLACE or the earlier of two
//! IF NOT EXISTS win without a word.

use std::collections::HashMap;

use pg_query::{
    NodeEnum,
    protobuf::{FunctionParameterMode, ObjectType, RangeVar},
};

use super::{
    class::last,
    makes::makes,
    parse::parse,
    roles::string,
    script::{Script, Statement},
};
use crate::SqlError;

/// One error for each statement that makes what an earlier source makes otherwise.
pub(super) fn errors(script: &Script) -> Vec<SqlError> {
    let mut first: HashMap<String, (usize, &Statement, String)> = HashMap::new();
    let mut errors = Vec::new();
    for statement in &script.statements {
        let source = script.sources[statement.unit];
        let Ok(node) = parse(&statement.span) else { continue };
        if let NodeEnum::DropStmt(_) = node {
            // what it drops may well be made anew
            first.clear();
        }
        let Some((name, text)) = identity(&node, &search_path(script, statement)) else { continue };
        match first.get(&name) {
            Some((other, at, before)) if *other != source && *before != text => {
                errors.push(statement.span.error(format!(
                    "{name} is made by another source too, and not alike: {}",
                    at.span.line()
                )));
            }
            Some(_) => {}
            None => {
                first.insert(name, (source, statement, text));
            }
        }
    }
    errors
}

/// Where a name without a schema goes, as far as the files say.
fn search_path(script: &Script, statement: &Statement) -> String {
    let set = script.settings[statement.settings].get("search_path");
    set.map_or("public".to_owned(), |set| set.sql.clone())
}

/// What a statement makes, in words, and the statement without what makes it harmless to say twice.
fn identity(node: &NodeEnum, path: &str) -> Option<(String, String)> {
    use NodeEnum as N;
    let in_schema = |schema: &str, name: &str| match schema {
        "" => format!("{path}.{name}"),
        schema => format!("{schema}.{name}"),
    };
    let relation = |name: Option<&RangeVar>| name.map(|r| in_schema(&r.schemaname, &r.relname));
    let named = |names: &[pg_query::protobuf::Node]| match names {
        [name] => Some(in_schema("", string(name)?)),
        [schema, name] => Some(in_schema(string(schema)?, string(name)?)),
        _ => None,
    };
    let mut node = node.clone();
    let word = makes(&node).first().map(|kind| kind.word());
    let name = match &mut node {
        N::ViewStmt(view) => {
            view.replace = false;
            relation(view.view.as_ref())?
        }
        N::CreateFunctionStmt(create) => {
            create.replace = false;
            let types = create.parameters.iter().filter_map(|parameter| match &parameter.node {
                Some(N::FunctionParameter(p))
                    if !matches!(
                        p.mode(),
                        FunctionParameterMode::FuncParamOut | FunctionParameterMode::FuncParamTable
                    ) =>
                {
                    let of = p.arg_type.as_ref()?;
                    let array = if of.array_bounds.is_empty() { "" } else { "[]" };
                    Some(format!("{}{array}", last(&of.names)?))
                }
                _ => None,
            });
            format!("{}({})", named(&create.funcname)?, types.collect::<Vec<_>>().join(", "))
        }
        N::CreateTrigStmt(create) => {
            create.replace = false;
            format!("{} on {}", create.trigname, relation(create.relation.as_ref())?)
        }
        N::RuleStmt(create) => {
            create.replace = false;
            format!("{} on {}", create.rulename, relation(create.relation.as_ref())?)
        }
        N::CreateTableAsStmt(create) if create.objtype() == ObjectType::ObjectMatview => {
            create.if_not_exists = false;
            relation(create.into.as_ref().and_then(|into| into.rel.as_ref()))?
        }
        N::CreateStmt(create) => {
            create.if_not_exists = false;
            relation(create.relation.as_ref())?
        }
        N::CreateSeqStmt(create) => {
            create.if_not_exists = false;
            relation(create.sequence.as_ref())?
        }
        N::IndexStmt(create) if !create.idxname.is_empty() => {
            create.if_not_exists = false;
            create.concurrent = false;
            let table = relation(create.relation.as_ref())?;
            format!("{} on {table}", create.idxname)
        }
        _ => return None,
    };
    let word = match &node {
        N::CreateStmt(_) => "table",
        N::CreateSeqStmt(_) => "sequence",
        N::IndexStmt(_) => "index",
        _ => word?,
    };
    Some((format!("{word} {name}"), node.deparse(Default::default()).ok()?))
}
