//! `pg_depend` → edges between objects.

use std::collections::{BTreeSet, HashSet};

use ordain_model::{Dependency, Kind, Object, ObjectId, Strength, hash::Map};

use crate::address::{Addresses, Depend, Index};

/// All edges between the objects that were read, `objects[i]` being what `addresses.ids[i]` names.
///
/// Worked out in numbers and turned into names at the end, in the order that [`Addresses::order`] gives.
pub(crate) fn edges(
    addresses: &Addresses,
    objects: &[Object],
    depends: &[Depend],
    order: &[Index],
) -> BTreeSet<Dependency> {
    let ids = &addresses.ids;
    let index: Map<&ObjectId, Index> = (0..).zip(ids).map(|(i, id)| (id, i)).collect();
    let parents: Vec<Option<Index>> =
        ids.iter().map(|id| id.parent().and_then(|p| index.get(p).copied())).collect();
    let mut parts: Map<Index, Vec<Index>> = Map::default();
    let mut found = Found::default();
    let mut links = HashSet::new();

    for (i, (id, object)) in (0..).zip(ids.iter().zip(objects)) {
        if let Some(parent) = parents[i as usize] {
            found.hard.push((i, parent));
            if matches!(id.kind(), Kind::Column | Kind::Attribute) {
                parts.entry(parent).or_default().push(i);
            }
        }
        for edge in object.edges(id) {
            let (Some(&user), Some(&used)) = (index.get(&edge.user), index.get(&edge.used)) else {
                continue;
            };
            found.add(user, used, edge.strength);
            if let (true, Some(parent)) = (is_link(id.kind()), parents[i as usize]) {
                links.insert((parent, used));
            }
        }
    }

    for depend in depends.iter().filter(|d| d.kind != b'e') {
        let (Some(user), Some(used)) =
            (addresses.resolve(depend.user), addresses.resolve(depend.used))
        else {
            continue;
        };
        // What a link says of its parent (which column owns a sequence, whose partition a table is) is the link's.
        if user.piece
            || within(&parents, used.index, user.index)
            || links.contains(&(user.index, used.index))
        {
            continue;
        }
        found.hard.push((user.index, used.index));
        // A whole row or a row type has all columns in it, a composite type all attributes; `pg_depend` only names
        // the relation or the type.
        let whole_row =
            depend.kind == b'n' && depend.used.0 == addresses.relations && depend.used.2 == 0;
        let composite = ids[used.index as usize].kind() == Kind::Composite;
        if (used.row_type || whole_row || composite) && !within(&parents, user.index, used.index) {
            let columns = parts.get(&used.index).into_iter().flatten();
            found.soft.extend(columns.map(|&column| (user.index, column)));
        }
    }
    found.named(ids, order)
}

/// Kinds whose objects only say how their parent hangs on something else.
fn is_link(kind: Kind) -> bool {
    matches!(kind, Kind::OwnedBy | Kind::PartitionOf | Kind::IndexPartitionOf | Kind::Inheritance)
}

/// Whether `inner` is `outer` or a member of it.
fn within(parents: &[Option<Index>], inner: Index, outer: Index) -> bool {
    inner == outer || parents[inner as usize].is_some_and(|parent| within(parents, parent, outer))
}

#[derive(Default)]
struct Found {
    hard: Vec<(Index, Index)>,
    soft: Vec<(Index, Index)>,
}

impl Found {
    fn add(&mut self, user: Index, used: Index, strength: Strength) {
        match strength {
            Strength::Hard => self.hard.push((user, used)),
            Strength::Soft => self.soft.push((user, used)),
        }
    }

    /// Without repetitions, a soft edge only where there is no hard one.
    fn named(self, ids: &[ObjectId], order: &[Index]) -> BTreeSet<Dependency> {
        let mut rank = vec![0; ids.len()];
        for (place, &i) in (0..).zip(order) {
            rank[i as usize] = place;
        }
        let ranked = |pairs: Vec<(Index, Index)>, strength| {
            let rank = &rank;
            pairs.into_iter().map(move |(a, b)| (rank[a as usize], rank[b as usize], strength))
        };
        let mut all: Vec<(Index, Index, Strength)> = ranked(self.hard, Strength::Hard)
            .chain(ranked(self.soft, Strength::Soft))
            .filter(|(user, used, _)| user != used)
            .collect();
        all.sort_unstable();
        all.dedup_by_key(|(user, used, _)| (*user, *used));
        let id = |place: Index| ids[order[place as usize] as usize].clone();
        all.into_iter()
            .map(|(user, used, strength)| Dependency { user: id(user), used: id(used), strength })
            .collect()
    }
}
