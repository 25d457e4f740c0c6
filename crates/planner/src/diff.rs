//! What differs, object by object, by id.

use std::cmp::Ordering;

use ordain_model::{Catalog, Change, Object, ObjectId};

/// All differences, in order of id. Nothing of what does not count ([`Object::canonical`]).
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let change = |(id, from, to): (&ObjectId, Option<&Object>, Option<&Object>)| match (from, to) {
        (Some(from), None) => Some(Change::Drop { id: id.clone(), from: from.clone() }),
        (None, Some(to)) => Some(Change::Create { id: id.clone(), to: to.clone() }),
        (Some(from), Some(to)) if !from.alike(to) => {
            Some(Change::Alter { id: id.clone(), from: from.clone(), to: to.clone() })
        }
        _ => None,
    };
    side_by_side(from, to).filter_map(change).collect()
}

/// All ids of either side in order, each with the definition that it has there: one walk along both instead of a
/// search for every id.
pub(crate) fn side_by_side<'a>(
    from: &'a Catalog,
    to: &'a Catalog,
) -> impl Iterator<Item = (&'a ObjectId, Option<&'a Object>, Option<&'a Object>)> {
    let (mut left, mut right) = (from.objects.iter().peekable(), to.objects.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let old = left.next_if(|_| order.is_le());
        let new = right.next_if(|_| order.is_ge());
        let (id, _) = old.or(new)?;
        Some((id, old.map(|(_, object)| object), new.map(|(_, object)| object)))
    })
}
