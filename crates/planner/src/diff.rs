//! What differs, object by object, by id.

use ordain_model::{Catalog, Change, Object};

/// All differences, in order of id. Nothing of what does not count ([`Object::canonical`]).
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (id, object) in &from.objects {
        match to.get(id) {
            None => changes.push(Change::Drop { id: id.clone(), from: object.clone() }),
            Some(wanted) if !equal(object, wanted) => changes.push(Change::Alter {
                id: id.clone(),
                from: object.clone(),
                to: wanted.clone(),
            }),
            Some(_) => {}
        }
    }
    for (id, object) in &to.objects {
        if !from.contains(id) {
            changes.push(Change::Create { id: id.clone(), to: object.clone() });
        }
    }
    changes.sort_by(|a, b| a.id().cmp(b.id()));
    changes
}

/// Whether two definitions are the same in everything that counts.
pub(crate) fn equal(a: &Object, b: &Object) -> bool {
    if a == b {
        return true;
    }
    let (mut a, mut b) = (a.clone(), b.clone());
    a.canonical();
    b.canonical();
    a == b
}
