//! What a plan does not touch although it is there: said once, so that nobody takes silence for agreement.

use std::collections::BTreeSet;

use ordain_model::kinds::acl::Grantee;
use ordain_model::{Catalog, Managed, Object, Scope, covered};

/// Objects of kinds that ordain does not know, of either side.
pub fn unmodelled<'a>(catalogs: impl IntoIterator<Item = &'a Catalog>) -> Option<String> {
    let all: BTreeSet<&str> =
        catalogs.into_iter().flat_map(|c| &c.unmodelled).map(String::as_str).collect();
    (!all.is_empty()).then(|| all.into_iter().collect::<Vec<_>>().join("\n"))
}

/// Roles whose grants or ownership the current state has and the scope leaves out.
pub fn roles(current: &Catalog, scope: &Scope) -> Option<String> {
    if scope.privileges == Managed::All && scope.owners == Managed::All {
        return None;
    }
    let all = Scope { privileges: Managed::All, owners: Managed::All, ..scope.clone() };
    let is_covered = covered(current, &all);
    let (mut granted, mut owning) = (BTreeSet::new(), BTreeSet::new());
    for (id, object) in &current.objects {
        match object {
            Object::Privileges(_) | Object::Owner(_) if !is_covered(id) => {}
            Object::Privileges(privileges) => {
                let grantees = privileges.entries.iter().map(|entry| &entry.grantee);
                granted.extend(grantees.filter_map(|grantee| match grantee {
                    Grantee::Role(role) => Some(role.as_str()),
                    Grantee::Public => Some("public"),
                    Grantee::Owner | Grantee::Applier => None,
                }));
            }
            Object::Owner(owner) => _ = owning.insert(owner.role.as_str()),
            _ => {}
        }
    }
    let leave_out = |roles: BTreeSet<&str>, managed: &Managed| -> Vec<String> {
        let left = roles.into_iter().filter(|role| match managed {
            Managed::All => false,
            Managed::None => true,
            Managed::Roles(roles) => !roles.iter().any(|r| r.eq_ignore_ascii_case(role)),
        });
        left.map(str::to_owned).collect()
    };
    let (granted, owning) =
        (leave_out(granted, &scope.privileges), leave_out(owning, &scope.owners));
    let mut parts = Vec::new();
    if !granted.is_empty() {
        parts.push(format!("privileges of {}", granted.join(", ")));
    }
    if !owning.is_empty() {
        parts.push(format!("what {} own", owning.join(", ")));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "left alone, because the desired state does not name these roles: {} (--privileges all, --owners all)",
            parts.join("; ")
        )
    })
}
