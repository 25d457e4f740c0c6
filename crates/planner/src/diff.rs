//! What differs, object by object, by id.

use std::cmp::Ordering;

use ordain_model::{Catalog, Change, Object};

/// All differences, in order of id. Nothing of what does not count ([`Object::canonical`]).
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut left, mut right) = (from.objects.iter().peekable(), to.objects.iter().peekable());
    // Both are in order of id: one walk along both.
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let old = left.next_if(|_| order.is_le());
        let new = right.next_if(|_| order.is_ge());
        changes.extend(match (old, new) {
            (Some((id, from)), None) => Some(Change::Drop { id: id.clone(), from: from.clone() }),
            (None, Some((id, to))) => Some(Change::Create { id: id.clone(), to: to.clone() }),
            (Some((id, from)), Some((_, to))) if !equal(from, to) => {
                Some(Change::Alter { id: id.clone(), from: from.clone(), to: to.clone() })
            }
            _ => None,
        });
    }
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
