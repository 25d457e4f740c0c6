//! What is not managed is left as it is, also through a rebuild.

use ordain_model::Catalog;

use crate::Request;

/// Satellites that the scope leaves out (owners and grants that are not managed) of objects that it covers are
/// taken into both sides as the current side has them: they never differ, and come back when what they
/// belong to is created anew.
pub fn overlay(request: &Request, from: &mut Catalog, to: &mut Catalog) {
    for (id, object) in &request.from.objects {
        let Some(parent) = id.parent() else { continue };
        if from.contains(id) || !from.contains(parent) || !to.contains(parent) || to.contains(id) {
            continue;
        }
        from.objects.insert(id.clone(), object.clone());
        to.objects.insert(id.clone(), object.clone());
    }
    for edge in &request.from.edges {
        if from.contains(&edge.user) && from.contains(&edge.used) && !from.edges.contains(edge) {
            from.edges.insert(edge.clone());
            if to.contains(&edge.user) && to.contains(&edge.used) {
                to.edges.insert(edge.clone());
            }
        }
    }
}
