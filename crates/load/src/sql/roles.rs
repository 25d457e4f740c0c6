//! Which roles a statement names.

use std::collections::BTreeSet;

use pg_query::{
    Node, NodeEnum,
    protobuf::{GrantStmt, ObjectType, RoleSpec, RoleSpecType},
};

/// What statements say of access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// In GRANT, REVOKE, OWNER TO or ALTER DEFAULT PRIVILEGES. PUBLIC is `public`.
    pub managed: BTreeSet<String>,
    /// In policies, role statements, SET ROLE and the like, besides.
    pub others: BTreeSet<String>,
    pub privileges: bool,
    pub owners: bool,
}

impl Mentions {
    /// Adds what `node` names.
    pub fn add(&mut self, node: &NodeEnum) {
        match node {
            NodeEnum::GrantStmt(grant) => self.grant(grant),
            NodeEnum::AlterDefaultPrivilegesStmt(alter) => {
                for option in definitions(&alter.options) {
                    if option.0 == "roles"
                        && let Some(NodeEnum::List(list)) = option.1
                    {
                        specs(&list.items, &mut self.managed);
                    }
                }
                if let Some(grant) = &alter.action {
                    self.grant(grant);
                }
            }
            NodeEnum::AlterOwnerStmt(alter) => self.owner(alter.newowner.as_ref()),
            NodeEnum::AlterTableStmt(alter) => {
                for command in &alter.cmds {
                    if let Some(NodeEnum::AlterTableCmd(command)) = &command.node {
                        self.owner(command.newowner.as_ref());
                    }
                }
            }
            NodeEnum::CreateSchemaStmt(create) => self.owner(create.authrole.as_ref()),
            NodeEnum::CreatePolicyStmt(policy) => specs(&policy.roles, &mut self.others),
            NodeEnum::AlterPolicyStmt(policy) => specs(&policy.roles, &mut self.others),
            NodeEnum::CreateRoleStmt(create) => {
                self.others.insert(create.role.clone());
                for (name, value) in definitions(&create.options) {
                    if matches!(name, "addroleto" | "rolemembers" | "adminmembers")
                        && let Some(NodeEnum::List(list)) = value
                    {
                        specs(&list.items, &mut self.others);
                    }
                }
            }
            NodeEnum::AlterRoleStmt(alter) => spec(alter.role.as_ref(), &mut self.others),
            NodeEnum::AlterRoleSetStmt(alter) => spec(alter.role.as_ref(), &mut self.others),
            NodeEnum::GrantRoleStmt(grant) => {
                for role in &grant.granted_roles {
                    if let Some(NodeEnum::AccessPriv(role)) = &role.node {
                        self.others.insert(role.priv_name.clone());
                    }
                }
                specs(&grant.grantee_roles, &mut self.others);
            }
            NodeEnum::ReassignOwnedStmt(reassign) => {
                specs(&reassign.roles, &mut self.others);
                self.owner(reassign.newrole.as_ref());
            }
            NodeEnum::DropOwnedStmt(drop) => specs(&drop.roles, &mut self.others),
            NodeEnum::CreateUserMappingStmt(m) => spec(m.user.as_ref(), &mut self.others),
            NodeEnum::AlterUserMappingStmt(m) => spec(m.user.as_ref(), &mut self.others),
            NodeEnum::VariableSetStmt(set)
                if set.name == "role" || set.name == "session_authorization" =>
            {
                for argument in &set.args {
                    if let Some(role) = string(argument).filter(|r| *r != "none") {
                        self.others.insert(role.to_owned());
                    }
                }
            }
            NodeEnum::CommentStmt(comment) if comment.objtype == ObjectType::ObjectRole as i32 => {
                if let Some(NodeEnum::String(name)) =
                    comment.object.as_deref().and_then(|n| n.node.as_ref())
                {
                    self.others.insert(name.sval.clone());
                }
            }
            NodeEnum::DoStmt(_) => self.others.extend(created_in_block(node)),
            _ => {}
        }
    }

    fn grant(&mut self, grant: &GrantStmt) {
        self.privileges = true;
        specs(&grant.grantees, &mut self.managed);
        spec(grant.grantor.as_ref(), &mut self.others);
    }

    fn owner(&mut self, role: Option<&RoleSpec>) {
        if role.is_some() {
            self.owners = true;
            spec(role, &mut self.managed);
        }
    }

    /// All roles that must exist for the statements to run.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.managed.union(&self.others).map(String::as_str).filter(|r| *r != "public")
    }
}

fn specs(nodes: &[Node], into: &mut BTreeSet<String>) {
    for node in nodes {
        if let Some(NodeEnum::RoleSpec(role)) = &node.node {
            spec(Some(role), into);
        }
    }
}

fn spec(role: Option<&RoleSpec>, into: &mut BTreeSet<String>) {
    match role.map(|r| (r.roletype(), r)) {
        Some((RoleSpecType::RolespecCstring, role)) => drop(into.insert(role.rolename.clone())),
        Some((RoleSpecType::RolespecPublic, _)) => drop(into.insert("public".into())),
        _ => {}
    }
}

/// Options of a statement: name and value.
pub(crate) fn definitions(nodes: &[Node]) -> impl Iterator<Item = (&str, Option<&NodeEnum>)> {
    nodes.iter().filter_map(|node| match &node.node {
        Some(NodeEnum::DefElem(option)) => {
            Some((option.defname.as_str(), option.arg.as_deref().and_then(|n| n.node.as_ref())))
        }
        _ => None,
    })
}

/// A string constant.
pub(crate) fn string(node: &Node) -> Option<&str> {
    use pg_query::protobuf::a_const::Val;
    match &node.node {
        Some(NodeEnum::String(text)) => Some(&text.sval),
        Some(NodeEnum::AConst(constant)) => match &constant.val {
            Some(Val::Sval(text)) => Some(&text.sval),
            _ => None,
        },
        _ => None,
    }
}

/// The body of a DO block.
pub(crate) fn block_body(node: &NodeEnum) -> Option<&str> {
    let NodeEnum::DoStmt(block) = node else { return None };
    definitions(&block.args).find_map(|(name, value)| match value {
        Some(NodeEnum::String(text)) if name == "as" => Some(text.sval.as_str()),
        _ => None,
    })
}

/// A DO block without its role statements, which need rights and have nothing to do: the roles are there.
/// None when there are no such statements in it.
pub(crate) fn without_role_statements(node: &NodeEnum) -> Option<NodeEnum> {
    let body = block_body(node)?;
    let tokens = pg_query::scan_tokens(body).ok()?;
    let word = |i: usize| {
        tokens.get(i).and_then(|t| body.get(t.start as usize..t.end as usize)).unwrap_or_default()
    };
    let is = |i: usize, words: &[&str]| words.iter().any(|w| word(i).eq_ignore_ascii_case(w));
    let mut text = String::new();
    let mut copied = 0;
    for i in 0..tokens.len() {
        let starts = tokens[i].start as usize;
        let about_roles = is(i, &["create", "alter", "drop"])
            && is(i + 1, &["role", "user", "group"])
            && !is(i + 2, &["mapping"]);
        if starts < copied || !about_roles {
            continue;
        }
        let end = (i..tokens.len()).find(|&j| word(j) == ";")?;
        text.push_str(body.get(copied..starts)?);
        text.push_str("null");
        copied = tokens[end].start as usize;
    }
    if copied == 0 {
        return None;
    }
    text.push_str(body.get(copied..)?);
    let mut node = node.clone();
    if let NodeEnum::DoStmt(block) = &mut node {
        for argument in &mut block.args {
            if let Some(NodeEnum::DefElem(option)) = &mut argument.node
                && option.defname == "as"
            {
                let body = NodeEnum::String(pg_query::protobuf::String { sval: text.clone() });
                option.arg = Some(Box::new(Node { node: Some(body) }));
            }
        }
    }
    Some(node)
}

/// Roles that a DO block makes where they are missing (`IF NOT EXISTS … CREATE ROLE x`): when they are there
/// already, the block has nothing to do that would need rights.
fn created_in_block(node: &NodeEnum) -> Vec<String> {
    let Some(tokens) = block_body(node).and_then(|b| Some((b, pg_query::scan_tokens(b).ok()?)))
    else {
        return Vec::new();
    };
    let (body, tokens) = tokens;
    let word = |i: usize| tokens.get(i).and_then(|t| body.get(t.start as usize..t.end as usize));
    let is = |i: usize, what: &str| word(i).is_some_and(|w| w.eq_ignore_ascii_case(what));
    (0..tokens.len())
        .filter(|&i| {
            is(i, "create") && (is(i + 1, "role") || is(i + 1, "user") || is(i + 1, "group"))
        })
        .filter(|&i| !is(i + 2, "mapping"))
        .filter_map(|i| word(i + 2))
        .filter_map(|w| match w.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
            Some(quoted) => Some(quoted.replace("\"\"", "\"")),
            None => {
                w.starts_with(|c: char| c.is_alphabetic() || c == '_').then(|| w.to_lowercase())
            }
        })
        .collect()
}
