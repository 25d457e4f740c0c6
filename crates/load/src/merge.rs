//! Several sources as one.

use ordain_model::Catalog;

use crate::{LoadError, Loaded};

/// The union. The same object twice must be the same.
pub(crate) fn merge(parts: Vec<(String, Loaded)>) -> Result<Loaded, LoadError> {
    let mut parts = parts.into_iter();
    let Some((first_name, mut merged)) = parts.next() else { return Err(LoadError::NoSource) };
    let mut names = vec![first_name];
    for (name, part) in parts {
        for (id, object) in &part.catalog.objects {
            if merged.catalog.get(id).is_some_and(|other| other != object) {
                let first = names.join(" and ");
                return Err(LoadError::Conflict { object: id.clone(), first, second: name });
            }
        }
        add(&mut merged.catalog, part.catalog);
        merged.notices.extend(part.notices);
        merged.roles_named.extend(part.roles_named);
        merged.says_all_access |= part.says_all_access;
        merged.says_privileges |= part.says_privileges;
        merged.says_owners |= part.says_owners;
        merged.copied.extend(part.copied);
        names.push(name);
    }
    Ok(merged)
}

fn add(into: &mut Catalog, part: Catalog) {
    let Catalog { server_version, objects, edges, unmodelled, casts, sizes, hints } = part;
    into.server_version = into.server_version.max(server_version);
    into.objects.extend(objects);
    into.edges.extend(edges);
    into.unmodelled.extend(unmodelled);
    into.casts.extend(casts);
    into.sizes.extend(sizes);
    into.hints.extend(hints);
}
