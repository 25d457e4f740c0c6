//! What is not managed is left as it is, also through a rebuild.

use ordain_model::{Catalog, ObjectId, hash::Set};

use crate::{Request, diff::side_by_side};

/// Satellites that the scope leaves out (owners and grants that are not managed) of objects that it covers are
/// taken into both sides as the current side has them: they never differ, and come back when what they
/// belong to is created anew. `from` is what the scope covers of the current side.
pub fn overlay(request: &Request, from: &mut Catalog, to: &mut Catalog) {
    let left_out = side_by_side(request.from, from).filter(|(_, _, covered)| covered.is_none());
    let left_out: Vec<ObjectId> = left_out.map(|(id, ..)| id.clone()).collect();
    let mut back = Set::default();
    for id in left_out {
        let (Some(parent), Some(object)) = (id.parent(), request.from.get(&id)) else { continue };
        if from.contains(parent) && to.contains(parent) && !to.contains(&id) {
            from.objects.insert(id.clone(), object.clone());
            to.objects.insert(id.clone(), object.clone());
            back.insert(id);
        }
    }
    for edge in &request.from.edges {
        let (user, used) = (&edge.user, &edge.used);
        let concerned = back.contains(user) || back.contains(used);
        if concerned && from.contains(user) && from.contains(used) {
            from.edges.insert(edge.clone());
            if to.contains(user) && to.contains(used) {
                to.edges.insert(edge.clone());
            }
        }
    }
}
