//! Functions that the files' role may not make: what they are made of decides who makes them, and when.

use pg_query::{
    Node, NodeEnum,
    protobuf::{
        AlterFunctionStmt, CreateFunctionStmt, ObjectType, ObjectWithArgs, VariableSetKind,
    },
};

use super::admit::Admitted;
use crate::sql::roles::{definitions, string};

/// A function of the server that does nothing but complain, whatever it is called with.
const COMPLAINS: &str = "trigger_in";

/// A C function comes from the server's own library folder, and one of the server itself is one that everybody may
/// call. What is written in an untrusted language could reach out of the database: until the files are done
/// something that only complains stands in for it. LEAKPROOF and parameters that are a superuser's to set are given
/// afterwards.
pub(super) fn admit_function(
    create: &CreateFunctionStmt,
    everybody_may_call: bool,
) -> Option<Admitted> {
    let whole =
        || Some(Admitted::Whole(Box::new(NodeEnum::CreateFunctionStmt(Box::new(create.clone())))));
    match language(create).as_deref() {
        Some("c") => {
            if is_in_library_folder(body(create).next()?) {
                whole()
            } else {
                None
            }
        }
        Some("internal") if everybody_may_call => whole(),
        None | Some("sql" | "plpgsql") => without_rights(create),
        Some(_) => {
            let mut stand_in = create.clone();
            set_body(&mut stand_in, &in_language("internal", COMPLAINS));
            Some(Admitted::Later(
                Box::new(NodeEnum::CreateFunctionStmt(Box::new(stand_in))),
                Box::new(NodeEnum::CreateFunctionStmt(Box::new(create.clone()))),
            ))
        }
    }
}

/// What replaces a stand-in: as `now` has it by now, with the body of `wanted`. None where the files have since put
/// another body into it.
pub(super) fn real(now: &str, wanted: &CreateFunctionStmt) -> Option<String> {
    let NodeEnum::CreateFunctionStmt(mut create) = first(now)? else { return None };
    let stands_in = language(&create).as_deref() == Some("internal")
        && body(&create).eq(std::iter::once(COMPLAINS));
    if !stands_in {
        return None;
    }
    let options: Vec<Node> = wanted.options.iter().filter(|o| is_body(o)).cloned().collect();
    set_body(&mut create, &options);
    NodeEnum::CreateFunctionStmt(create).deparse(Default::default()).ok()
}

/// Created without what only a superuser may say, which comes behind.
fn without_rights(create: &CreateFunctionStmt) -> Option<Admitted> {
    let current =
        definitions(&create.options).any(|(name, value)| name == "set" && is_current(value));
    let special = |option: &Node| match &option.node {
        // all of them, so that they keep their order
        Some(NodeEnum::DefElem(d)) => d.defname == "leakproof" || d.defname == "set" && !current,
        _ => false,
    };
    let mut without = create.clone();
    let (actions, options) = std::mem::take(&mut without.options).into_iter().partition(special);
    without.options = options;
    let alter = AlterFunctionStmt {
        objtype: object_type(create) as i32,
        func: Some(signature(create)),
        actions,
    };
    if alter.actions.is_empty() {
        return None;
    }
    Some(Admitted::Shared(
        Box::new(NodeEnum::CreateFunctionStmt(Box::new(without))),
        Box::new(NodeEnum::AlterFunctionStmt(alter)),
    ))
}

/// `SET … FROM CURRENT`: whose session runs it matters.
pub(super) fn is_current(set: Option<&NodeEnum>) -> bool {
    matches!(set, Some(NodeEnum::VariableSetStmt(set)) if set.kind() == VariableSetKind::VarSetCurrent)
}

/// What an internal function is of the server's own, and the names of its arguments' types.
pub(super) fn internal(create: &CreateFunctionStmt) -> Option<(String, Vec<String>)> {
    if language(create)? != "internal" {
        return None;
    }
    let argument = |argument: &Node| match &argument.node {
        Some(NodeEnum::TypeName(name)) => {
            let array = if name.array_bounds.is_empty() { "" } else { "_" };
            format!("{array}{}", name.names.last().and_then(string).unwrap_or_default())
        }
        _ => String::new(),
    };
    let arguments = signature(create).objargs.iter().map(argument).collect();
    Some((body(create).next()?.to_owned(), arguments))
}

fn is_in_library_folder(library: &str) -> bool {
    let rest = library.strip_prefix("$libdir/").unwrap_or(library);
    !rest.contains("..") && !rest.starts_with('/') && !rest.contains('$')
}

fn language(create: &CreateFunctionStmt) -> Option<String> {
    definitions(&create.options).find_map(|(name, value)| match value {
        Some(NodeEnum::String(text)) if name == "language" => Some(text.sval.to_lowercase()),
        _ => None,
    })
}

/// The strings behind AS.
fn body(create: &CreateFunctionStmt) -> impl Iterator<Item = &str> {
    let lists = definitions(&create.options).filter_map(|(name, value)| match value {
        Some(NodeEnum::List(list)) if name == "as" => Some(&list.items),
        _ => None,
    });
    lists.flatten().filter_map(string)
}

fn is_body(option: &Node) -> bool {
    matches!(&option.node, Some(NodeEnum::DefElem(d)) if matches!(d.defname.as_str(), "language" | "as"))
}

fn set_body(create: &mut CreateFunctionStmt, options: &[Node]) {
    create.options.retain(|option| !is_body(option));
    create.options.extend(options.iter().cloned());
    create.replace = true;
}

/// The options LANGUAGE and AS.
fn in_language(language: &str, body: &str) -> Vec<Node> {
    let sql = format!("create function f() returns int language {language} as '{body}'");
    match first(&sql) {
        Some(NodeEnum::CreateFunctionStmt(create)) => create.options,
        _ => Vec::new(),
    }
}

pub(super) fn object_type(create: &CreateFunctionStmt) -> ObjectType {
    if create.is_procedure { ObjectType::ObjectProcedure } else { ObjectType::ObjectFunction }
}

/// The function with the types of its input arguments.
pub(super) fn signature(create: &CreateFunctionStmt) -> ObjectWithArgs {
    use pg_query::protobuf::FunctionParameterMode as Mode;
    let inputs = create.parameters.iter().filter_map(|p| match &p.node {
        Some(NodeEnum::FunctionParameter(parameter))
            if !matches!(parameter.mode(), Mode::FuncParamOut | Mode::FuncParamTable) =>
        {
            let r#type = parameter.arg_type.clone()?;
            Some(Node { node: Some(NodeEnum::TypeName(r#type)) })
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

/// The first statement of what the engine wrote itself.
fn first(sql: &str) -> Option<NodeEnum> {
    let parsed = pg_query::parse(sql, 0).ok()?;
    parsed.protobuf.stmts.into_iter().next()?.stmt?.node
}
