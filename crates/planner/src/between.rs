//! What the database is like between two groups of a plan.

use ordain_model::{Catalog, Dependency};

use crate::rename::Renames;

/// A state on the way, with the edges of what has come into it since `current`. Nothing is renamed yet.
pub fn with_edges(
    state: &Catalog,
    current: &Catalog,
    desired: &Catalog,
    renames: &Renames,
) -> Catalog {
    let mut whole = state.clone();
    let edges = desired.edges.iter().map(|edge| Dependency {
        user: renames.old_id(&edge.user),
        used: renames.old_id(&edge.used),
        ..edge.clone()
    });
    let new = edges.filter(|edge| {
        !current.contains(&edge.user) && state.contains(&edge.user) && state.contains(&edge.used)
    });
    whole.edges.extend(new);
    whole
}
