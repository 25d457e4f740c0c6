//! Which roles a statement names.

use std::collections::BTreeSet;

use pg_query::{
    Node, NodeEnum,
    protobuf::{GrantStmt, ObjectType, RoleSpec, RoleSpecType},
};

use super::blocks::roles_in_block;

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
            NodeEnum::DoStmt(_) => self.others.extend(roles_in_block(node)),
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
