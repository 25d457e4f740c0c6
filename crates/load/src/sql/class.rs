//! What the replay does with each statement. Decided from the syntax tree alone.

use pg_query::{
    Node, NodeEnum,
    protobuf::{
        AlterTableType, GrantTargetType, ObjectType, RangeVar, TransactionStmtKind, VariableSetKind,
    },
};

use ordain_model::Kind;

use crate::sql::{
    makes::{defines, makes},
    roles::string,
};

/// How a statement is run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Class {
    /// As the user's role, together with its neighbours.
    Run,
    /// As [`Run`](Class::Run), but in a transaction of its own (it may commit, or what it made is usable only then).
    Alone,
    /// OWNER TO: by the engine, when all is there.
    Owner,
    /// CREATE, ALTER or DROP EXTENSION: by the engine, before everything else.
    Extension,
    /// Event triggers and subscriptions: by the engine, after everything else.
    EventTrigger,
    /// Changes the settings that later statements of the file run under.
    Setting(Setting),
    /// Opens or ends a transaction block.
    Transaction(Block),
    /// Role statements: the roles named exist already.
    Role,
    /// Not run. With the word for the notice: "INSERT".
    Skip(&'static str),
    /// Never run; the reason.
    Refuse(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    /// `local` ends with the transaction block.
    Set {
        name: String,
        local: bool,
    },
    Reset {
        name: String,
    },
    ResetAll,
    /// No effect here.
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Begin,
    Commit,
    Rollback,
}

/// What is known of one statement.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub class: Class,
    /// Everything before it in its file runs before it, everything behind it after it.
    pub barrier: bool,
    /// Such a barrier that files before its own count as well: default privileges are for what comes later.
    pub everywhere: bool,
    /// Statements whose effect OWNER TO must not come after: they rename, move or drop, or say what owners hold.
    pub moves: bool,
    /// A DROP: nothing to do when there is nothing to drop.
    pub drops: bool,
    /// The last names of what it creates.
    pub defines: Vec<String>,
    pub makes: &'static [Kind],
    /// `CREATE SCHEMA` of this name.
    pub schema: Option<String>,
    /// It says CONCURRENTLY, which only a live database has use for.
    pub concurrently: bool,
}

pub(crate) fn judge(node: &NodeEnum) -> Judged {
    let class = class(node);
    Judged {
        barrier: is_barrier(node),
        everywhere: matches!(node, NodeEnum::AlterDefaultPrivilegesStmt(_)),
        moves: matches!(
            node,
            NodeEnum::RenameStmt(_)
                | NodeEnum::AlterObjectSchemaStmt(_)
                | NodeEnum::DropStmt(_)
                | NodeEnum::GrantStmt(_)
                | NodeEnum::DoStmt(_)
                | NodeEnum::ReassignOwnedStmt(_)
                | NodeEnum::DropOwnedStmt(_)
        ),
        drops: matches!(node, NodeEnum::DropStmt(_)) || drops_part(node),
        defines: defines(node),
        makes: makes(node),
        schema: match node {
            NodeEnum::CreateSchemaStmt(create) => Some(create.schemaname.clone()),
            _ => None,
        },
        concurrently: is_concurrent(node),
        class,
    }
}

fn class(node: &NodeEnum) -> Class {
    use NodeEnum as N;
    match node {
        N::VariableSetStmt(set) => Class::Setting(setting(set)),
        N::DiscardStmt(_) => Class::Setting(Setting::ResetAll),
        N::SelectStmt(select) => match set_config(select) {
            Some(setting) => Class::Setting(setting),
            None if select.into_clause.is_some() => Class::Alone,
            None => Class::Run,
        },
        N::TransactionStmt(t) => match t.kind() {
            TransactionStmtKind::TransStmtBegin | TransactionStmtKind::TransStmtStart => {
                Class::Transaction(Block::Begin)
            }
            TransactionStmtKind::TransStmtCommit => Class::Transaction(Block::Commit),
            TransactionStmtKind::TransStmtRollback => Class::Transaction(Block::Rollback),
            TransactionStmtKind::TransStmtSavepoint | TransactionStmtKind::TransStmtRelease => {
                Class::Setting(Setting::Ignored)
            }
            _ => Class::Refuse(
                "this transaction command cannot be followed: nothing is undone in a shadow database",
            ),
        },
        N::CopyStmt(copy) if copy.is_program => {
            Class::Refuse("COPY … PROGRAM is refused: a schema must not run programs")
        }
        N::CopyStmt(copy) if !copy.is_from && !copy.filename.is_empty() => {
            Class::Refuse("COPY … TO a file is refused: a schema must not write files")
        }
        N::CopyStmt(_) => Class::Skip("COPY"),
        N::InsertStmt(_) => Class::Skip("INSERT"),
        N::UpdateStmt(_) => Class::Skip("UPDATE"),
        N::DeleteStmt(_) => Class::Skip("DELETE"),
        N::MergeStmt(_) => Class::Skip("MERGE"),
        N::TruncateStmt(_) => Class::Skip("TRUNCATE"),
        N::RefreshMatViewStmt(_) => Class::Skip("REFRESH MATERIALIZED VIEW"),
        N::VacuumStmt(_) => Class::Skip("VACUUM or ANALYZE"),
        N::ReindexStmt(_) => Class::Skip("REINDEX"),
        N::ClusterStmt(_) => Class::Skip("CLUSTER"),
        N::CheckPointStmt(_) => Class::Skip("CHECKPOINT"),
        N::LockStmt(_) => Class::Skip("LOCK"),
        N::ExplainStmt(_) => Class::Skip("EXPLAIN"),
        N::VariableShowStmt(_) => Class::Skip("SHOW"),
        N::ListenStmt(_) | N::UnlistenStmt(_) | N::NotifyStmt(_) => Class::Skip("LISTEN or NOTIFY"),
        N::PrepareStmt(_) | N::ExecuteStmt(_) | N::DeallocateStmt(_) => {
            Class::Skip("PREPARE or EXECUTE")
        }
        N::DeclareCursorStmt(_) | N::FetchStmt(_) | N::ClosePortalStmt(_) => Class::Skip("cursor"),
        N::ConstraintsSetStmt(_) => Class::Setting(Setting::Ignored),
        N::CreatedbStmt(_)
        | N::DropdbStmt(_)
        | N::AlterDatabaseStmt(_)
        | N::AlterDatabaseSetStmt(_)
        | N::AlterDatabaseRefreshCollStmt(_) => Class::Skip("database"),
        N::AlterSystemStmt(_) => Class::Skip("ALTER SYSTEM"),
        N::LoadStmt(_) => Class::Skip("LOAD"),
        N::CreateTableSpaceStmt(_)
        | N::DropTableSpaceStmt(_)
        | N::AlterTableSpaceOptionsStmt(_)
        | N::AlterTableMoveAllStmt(_) => Class::Skip("tablespace"),
        N::AlterSubscriptionStmt(_) | N::DropSubscriptionStmt(_) => Class::Skip("subscription"),
        // Without a handler it means an extension.
        N::CreatePlangStmt(create) if create.plhandler.is_empty() => Class::Skip("CREATE LANGUAGE"),
        N::SecLabelStmt(_) => Class::Skip("SECURITY LABEL"),
        N::CreateRoleStmt(_)
        | N::AlterRoleStmt(_)
        | N::AlterRoleSetStmt(_)
        | N::DropRoleStmt(_)
        | N::GrantRoleStmt(_) => Class::Role,
        N::CreateExtensionStmt(_) | N::AlterExtensionStmt(_) => Class::Extension,
        N::DropStmt(drop) if drop.remove_type() == ObjectType::ObjectExtension => Class::Extension,
        N::DropStmt(drop) if drop.remove_type() == ObjectType::ObjectEventTrigger => {
            Class::EventTrigger
        }
        N::CreateEventTrigStmt(_) | N::AlterEventTrigStmt(_) | N::CreateSubscriptionStmt(_) => {
            Class::EventTrigger
        }
        N::AlterOwnerStmt(alter) => match alter.object_type() {
            ObjectType::ObjectEventTrigger | ObjectType::ObjectSubscription => Class::EventTrigger,
            ObjectType::ObjectDatabase => Class::Skip("database"),
            ObjectType::ObjectTablespace => Class::Skip("tablespace"),
            _ => Class::Owner,
        },
        N::AlterTableStmt(alter) if only_owner(&alter.cmds) => Class::Owner,
        N::GrantStmt(grant) => match grant.objtype() {
            ObjectType::ObjectDatabase => Class::Skip("database"),
            ObjectType::ObjectTablespace => Class::Skip("tablespace"),
            ObjectType::ObjectParameterAcl => Class::Skip("GRANT ON PARAMETER"),
            _ => Class::Run,
        },
        N::CommentStmt(comment) => match comment.objtype() {
            ObjectType::ObjectRole => Class::Role,
            ObjectType::ObjectDatabase => Class::Skip("database"),
            ObjectType::ObjectTablespace => Class::Skip("tablespace"),
            ObjectType::ObjectEventTrigger | ObjectType::ObjectSubscription => Class::EventTrigger,
            _ => Class::Run,
        },
        N::RenameStmt(rename) if rename.rename_type() == ObjectType::ObjectEventTrigger => {
            Class::EventTrigger
        }
        N::RenameStmt(rename) if rename.rename_type() == ObjectType::ObjectRole => Class::Role,
        N::RenameStmt(rename) if rename.rename_type() == ObjectType::ObjectDatabase => {
            Class::Skip("database")
        }
        N::AlterEnumStmt(alter) if alter.old_val.is_empty() => Class::Alone,
        N::DoStmt(_) | N::CallStmt(_) => Class::Alone,
        _ => Class::Run,
    }
}

fn setting(set: &pg_query::protobuf::VariableSetStmt) -> Setting {
    let name = match set.name.as_str() {
        // The fence is who logged in; a role that stands in for another may be taken on.
        "session_authorization" => "role".to_owned(),
        name => name.to_lowercase(),
    };
    match set.kind() {
        VariableSetKind::VarSetValue if IGNORED.contains(&name.as_str()) => Setting::Ignored,
        VariableSetKind::VarSetValue => Setting::Set { name, local: set.is_local },
        VariableSetKind::VarReset | VariableSetKind::VarSetDefault => Setting::Reset { name },
        VariableSetKind::VarResetAll => Setting::ResetAll,
        _ => Setting::Ignored,
    }
}

/// Settings that must stay as the replay has them: files are UTF-8, bodies are not checked, and rows and time
/// are nobody's here.
const IGNORED: &[&str] = &[
    "check_function_bodies",
    "client_encoding",
    "client_min_messages",
    "default_transaction_read_only",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "row_security",
    "statement_timeout",
    "synchronous_commit",
    "transaction_timeout",
];

/// `SELECT pg_catalog.set_config('search_path', '', false)`, as pg_dump writes it.
fn set_config(select: &pg_query::protobuf::SelectStmt) -> Option<Setting> {
    let [target] = select.target_list.as_slice() else { return None };
    let Some(NodeEnum::ResTarget(target)) = &target.node else { return None };
    let Some(NodeEnum::FuncCall(call)) = target.val.as_deref().and_then(|v| v.node.as_ref()) else {
        return None;
    };
    let name = call.funcname.last().and_then(string)?;
    let plain = select.from_clause.is_empty() && select.where_clause.is_none();
    let [setting, value, local] = call.args.as_slice() else { return None };
    if name != "set_config" || !plain {
        return None;
    }
    let (setting, _) = (string(setting)?.to_lowercase(), string(value)?);
    let local = matches!(
        &local.node,
        Some(NodeEnum::AConst(c)) if matches!(&c.val, Some(pg_query::protobuf::a_const::Val::Boolval(b)) if b.boolval)
    );
    Some(if IGNORED.contains(&setting.as_str()) {
        Setting::Ignored
    } else {
        Setting::Set { name: setting, local }
    })
}

fn is_barrier(node: &NodeEnum) -> bool {
    use NodeEnum as N;
    match node {
        N::AlterDefaultPrivilegesStmt(_)
        | N::DoStmt(_)
        | N::CallStmt(_)
        | N::DropStmt(_)
        | N::DropOwnedStmt(_)
        | N::ReassignOwnedStmt(_) => true,
        N::GrantStmt(grant) => grant.targtype() == GrantTargetType::AclTargetAllInSchema,
        N::CreateFunctionStmt(create) => create.replace,
        N::ViewStmt(create) => create.replace,
        N::RuleStmt(create) => create.replace,
        N::CreateTrigStmt(create) => create.replace,
        N::DefineStmt(create) => create.replace,
        N::CreateTransformStmt(create) => create.replace,
        other => drops_part(other),
    }
}

/// ALTER … DROP: it must not come before what it drops, and there may be nothing to drop.
fn drops_part(node: &NodeEnum) -> bool {
    use AlterTableType as T;
    match node {
        // Subtypes as the grammar names them: a constraint, NOT NULL, the default.
        NodeEnum::AlterDomainStmt(alter) => {
            matches!(alter.subtype.as_str(), "X" | "N")
                || alter.subtype == "T" && alter.def.is_none()
        }
        NodeEnum::AlterTableStmt(alter) => commands(&alter.cmds).any(|c| match c.subtype() {
            T::AtColumnDefault => c.def.is_none(),
            T::AtDropColumn
            | T::AtDropConstraint
            | T::AtDropNotNull
            | T::AtDropExpression
            | T::AtDropIdentity
            | T::AtDropInherit
            | T::AtDropOf
            | T::AtDetachPartition => true,
            _ => false,
        }),
        _ => false,
    }
}

fn only_owner(cmds: &[Node]) -> bool {
    commands(cmds).all(|c| c.subtype() == AlterTableType::AtChangeOwner)
}

pub(crate) fn commands(cmds: &[Node]) -> impl Iterator<Item = &pg_query::protobuf::AlterTableCmd> {
    cmds.iter().filter_map(|node| match &node.node {
        Some(NodeEnum::AlterTableCmd(command)) => Some(&**command),
        _ => None,
    })
}

fn is_concurrent(node: &NodeEnum) -> bool {
    match node {
        NodeEnum::IndexStmt(index) => index.concurrent,
        NodeEnum::DropStmt(drop) => drop.concurrent,
        NodeEnum::AlterTableStmt(alter) => commands(&alter.cmds).any(|c| {
            matches!(c.def.as_deref().and_then(|d| d.node.as_ref()), Some(NodeEnum::PartitionCmd(p)) if p.concurrent)
        }),
        _ => false,
    }
}

/// The last part of a dotted name.
pub(crate) fn last(names: &[Node]) -> Option<&str> {
    names.last().and_then(string)
}

pub(crate) fn relation(name: Option<&RangeVar>) -> Option<&str> {
    name.map(|r| r.relname.as_str())
}
