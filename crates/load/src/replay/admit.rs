//! Which statements the engine may run for the files: those that need a superuser and only write the catalog.

use pg_query::{
    NodeEnum,
    protobuf::{
        CreatePLangStmt, CreateSubscriptionStmt, DefElem, DefElemAction, ObjectType, RoleSpecType,
    },
};

use super::functions::{is_current, object_type, signature};

use crate::sql::roles::{definitions, string};

/// How the engine takes part in a statement.
pub(super) enum Admitted {
    /// It runs this.
    Whole(Box<NodeEnum>),
    /// The files' role runs the first, the engine the second.
    Shared(Box<NodeEnum>, Box<NodeEnum>),
    /// It runs the first now, and puts the body of the second into it when the files are done.
    Later(Box<NodeEnum>, Box<NodeEnum>),
}

/// Statements that write the catalog and evaluate nothing of the files'.
pub(super) fn admit(node: &NodeEnum) -> Option<Admitted> {
    use NodeEnum as N;
    let whole = || Some(Admitted::Whole(Box::new(node.clone())));
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
        N::CreateTransformStmt(_) => whole(),
        N::CreatePlangStmt(create) if is_plpgsql(create) => whole(),
        N::AlterFunctionStmt(alter) => {
            let written =
                |(name, value)| name == "leakproof" || name == "set" && !is_current(value);
            if definitions(&alter.actions).all(written) { whole() } else { None }
        }
        // On an extension or on what belongs to one.
        N::CommentStmt(_) => whole(),
        _ => None,
    }
}

/// Another name for PL/pgSQL: any other handler may give its language more than the files' role has.
fn is_plpgsql(create: &CreatePLangStmt) -> bool {
    let one_of = |function: &[pg_query::Node], allowed: &str| {
        let parts: Vec<String> = function.iter().filter_map(string).map(str::to_owned).collect();
        match &parts[..] {
            [] => true,
            [name] => name == allowed,
            [schema, name] => schema == "pg_catalog" && name == allowed,
            _ => false,
        }
    };
    one_of(&create.plhandler, "plpgsql_call_handler")
        && one_of(&create.plinline, "plpgsql_inline_handler")
        && one_of(&create.plvalidator, "plpgsql_validator")
}

/// The subscription as an entry in the catalog, which nobody connects for.
pub(super) fn unconnected(create: &CreateSubscriptionStmt) -> CreateSubscriptionStmt {
    let option = |name: &str| pg_query::Node {
        node: Some(NodeEnum::DefElem(Box::new(DefElem {
            defname: name.to_owned(),
            arg: Some(Box::new(pg_query::Node {
                node: Some(NodeEnum::String(pg_query::protobuf::String { sval: "false".into() })),
            })),
            // The deparser takes no value that is not set.
            defaction: DefElemAction::DefelemUnspec as i32,
            ..DefElem::default()
        }))),
    };
    let active = ["connect", "enabled", "create_slot", "copy_data"];
    let mut quiet = create.clone();
    quiet.options.retain(
        |o| !matches!(&o.node, Some(NodeEnum::DefElem(d)) if active.contains(&d.defname.as_str())),
    );
    quiet.options.push(option("connect"));
    quiet
}

/// What the engine needs before it may run a statement: a shell is filled in by its owner alone, superuser or not.
pub(super) fn take_over(node: &NodeEnum) -> Option<String> {
    match node {
        NodeEnum::DefineStmt(define)
            if define.kind() == ObjectType::ObjectType && !define.definition.is_empty() =>
        {
            Some(format!("alter type {} owner to current_user", dotted(&define.defnames)))
        }
        _ => None,
    }
}

fn dotted(names: &[pg_query::Node]) -> String {
    let parts: Vec<String> =
        names.iter().filter_map(string).map(ordain_model::quote::ident).collect();
    parts.join(".")
}

/// What gives a new object to the files' role, so that they can go on with it. Some kinds must stay a superuser's.
pub(super) fn hand_over(node: &NodeEnum, runner: &str) -> Option<String> {
    let runner = ordain_model::quote::ident(runner);
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
                object_type: object_type(create) as i32,
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
