//! Renames: the current catalog is rewritten as the server will rewrite it, and the steps that make the server do so.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use ordain_model::{
    Catalog, Name, Object, ObjectId, Options, Slot, Step, Strength,
    hash::{Map, Set},
};

use crate::{
    PlanError,
    diff::side_by_side,
    mapping::{Mapping, relocations, rewrite},
    names::Names,
    relabel::relabel,
};

/// What was renamed.
#[derive(Debug, Default)]
pub struct Renames {
    /// Old id → new id, both as they are before and after all renames.
    pub moves: BTreeMap<ObjectId, ObjectId>,
    /// In the order of running.
    pub steps: Vec<Step>,
    back: Mapping,
}

impl Renames {
    /// The id that an object has in the current database.
    pub fn old_id(&self, id: &ObjectId) -> ObjectId {
        self.back.id(id)
    }

    /// SQL that speaks of new names, in the names of the current database.
    pub fn to_old(&self, sql: &str) -> String {
        match self.moves.is_empty() && self.back.relocations.is_empty() {
            true => sql.to_owned(),
            false => self.back.text(sql, &self.back.columns()),
        }
    }
}

/// Renames in `from` what was asked for, then what is equal but for the name and interchangeable.
pub fn apply(
    from: &mut Cow<Catalog>,
    to: &Catalog,
    asked: BTreeMap<ObjectId, ObjectId>,
    options: &Options,
) -> Result<Renames, PlanError> {
    let mut renames = Renames::default();
    let relocations_back = relocations(to, from);
    let relocations = relocations(from, to);
    if !relocations.is_empty() {
        rewrite(from.to_mut(), &Mapping { exact: BTreeMap::new(), relocations });
    }
    run(from, to, asked, &mut renames);
    for (id, labels) in &options.label_renames {
        relabel(from.to_mut(), id, labels);
    }
    // What uses something that is found here is told to be the same only once that has its new name.
    loop {
        let found = interchangeable(from, to);
        if found.is_empty() {
            break;
        }
        run(from, to, found, &mut renames);
    }
    let back = renames.moves.iter().map(|(old, new)| (new.clone(), old.clone())).collect();
    renames.back = Mapping { exact: back, relocations: relocations_back };
    Ok(renames)
}

/// Makes the steps for `asked` (all against the state of `from`) and rewrites `from`.
fn run(
    from: &mut Cow<Catalog>,
    to: &Catalog,
    mut asked: BTreeMap<ObjectId, ObjectId>,
    renames: &mut Renames,
) {
    if asked.is_empty() {
        return;
    }
    let inherited = inherited_along(from, &asked);
    asked.retain(|old, _| !inherited.contains_key(old));
    let mut exact = asked.clone();
    exact.extend(moved_along(from, &asked));
    exact.extend(inherited);
    let steps = Sequencer::new(from, to, &exact).steps(&asked, &mut exact);
    renames.steps.extend(steps);
    let along = asked.iter().filter_map(|(old, new)| Some(from.get(old)?.names_along(old, new)));
    let mut mapping = Mapping { exact: exact.clone(), ..Mapping::default() };
    mapping.exact.extend(along.flatten());
    rewrite(from.to_mut(), &mapping);
    for new in renames.moves.values_mut() {
        *new = mapping.id(new);
    }
    for (old, new) in exact {
        let first = renames.moves.iter().find(|(_, moved)| **moved == old).map(|(k, _)| k.clone());
        if first.is_none() {
            renames.moves.insert(old, new);
        }
    }
}

/// Columns and checks that the server renames in all children of the table, at any depth.
fn inherited_along(
    from: &Catalog,
    asked: &BTreeMap<ObjectId, ObjectId>,
) -> BTreeMap<ObjectId, ObjectId> {
    let inherits = |(old, new): &(&ObjectId, &ObjectId)| {
        old.base() != new.base() && from.get(old).is_some_and(Object::is_inherited)
    };
    let renamed: Vec<_> = asked.iter().filter(inherits).collect();
    let mut along = BTreeMap::new();
    if renamed.is_empty() {
        return along;
    }
    let mut children: BTreeMap<&ObjectId, Vec<&ObjectId>> = BTreeMap::new();
    for (id, object) in &from.objects {
        if let (Some(parent), Some(child)) = (object.inherits_from(), id.parent()) {
            children.entry(parent).or_default().push(child);
        }
    }
    for (old, new) in renamed {
        let mut tables: Vec<&ObjectId> = old.parent().into_iter().collect();
        while let Some(table) = tables.pop() {
            for &child in children.get(table).into_iter().flatten() {
                let own = ObjectId::member(old.kind(), child, old.base());
                let now = asked.get(child).unwrap_or(child);
                if from.contains(&own) {
                    along.insert(own, ObjectId::member(old.kind(), now, new.base()));
                }
                tables.push(child);
            }
        }
    }
    along
}

/// Objects that the server moves to another schema together with what they belong to.
fn moved_along(
    from: &Catalog,
    asked: &BTreeMap<ObjectId, ObjectId>,
) -> BTreeMap<ObjectId, ObjectId> {
    let mut moved = BTreeMap::new();
    for (id, object) in &from.objects {
        let Some((who, with)) = object.moves_with(id) else { continue };
        if let Some(new) = asked.get(&with)
            && with.schema() != new.schema()
            && !asked.contains_key(&who)
            && let Some(schema) = new.schema()
        {
            moved.insert(who.clone(), who.with_schema(schema));
        }
    }
    moved
}

/// Finds an order for renames in which no name is taken twice.
struct Sequencer<'a> {
    from: &'a Catalog,
    holders: HashMap<Slot, ObjectId>,
    names: Names<'a>,
}

impl<'a> Sequencer<'a> {
    fn new(from: &'a Catalog, to: &'a Catalog, exact: &BTreeMap<ObjectId, ObjectId>) -> Self {
        let spaces: BTreeSet<&'static str> = exact
            .keys()
            .filter_map(|id| Some(from.get(id)?.slots(id)))
            .flatten()
            .map(|slot| slot.space)
            .collect();
        let slots = from.objects.iter().flat_map(|(id, object)| {
            object.slots(id).into_iter().map(move |slot| (slot, id.clone()))
        });
        let holders = slots.filter(|(slot, _)| spaces.contains(slot.space)).collect();
        Self { from, holders, names: Names::new([from, to]) }
    }

    /// Parents before members. A name that another object still holds is freed first: by that object's own
    /// rename (through a temporary name), or by renaming it aside for good.
    fn steps(
        &mut self,
        asked: &BTreeMap<ObjectId, ObjectId>,
        exact: &mut BTreeMap<ObjectId, ObjectId>,
    ) -> Vec<Step> {
        let mut order: Vec<&ObjectId> = asked.keys().collect();
        order.sort_by_key(|id| (depth(id), (*id).clone()));
        let mut done = Mapping::default();
        let mut steps = Vec::new();
        for old in order {
            let new = &asked[old];
            let Some(object) = self.from.get(old) else { continue };
            let target = self.under_current_parent(new, old, &done);
            // members are looked for where they were: that table's own rename does not change who is in it
            let place = old.parent().map_or(new.clone(), |parent| new.with_parent(parent));
            for slot in object.slots(&place) {
                if let Some(holder) = self.holders.get(&slot).cloned()
                    && &holder != old
                    && !done.exact.contains_key(&holder)
                    && let Some(other) = self.from.get(&holder)
                {
                    let aside = self.names.aside(&holder);
                    let aside = self.under_current_parent(&aside, &holder, &done);
                    steps.extend(other.rename(&done.id(&holder), &aside));
                    done.exact.insert(holder.clone(), aside.clone());
                    exact.entry(holder).or_insert(aside);
                }
            }
            let now = done.id(old);
            if now != target {
                steps.extend(object.rename(&now, &target));
            }
            done.exact.insert(old.clone(), target);
        }
        steps
    }

    fn under_current_parent(&self, new: &ObjectId, old: &ObjectId, done: &Mapping) -> ObjectId {
        match old.parent() {
            Some(parent) => new.with_parent(&done.id(parent)),
            None => new.clone(),
        }
    }
}

fn depth(id: &ObjectId) -> usize {
    match (id.parent(), id.name()) {
        (Some(parent), _) => 2 + depth(parent),
        (None, Name::Global(_)) => 0,
        (None, _) => 1,
    }
}

/// Objects that are equal but for the name, and may be taken for the same.
fn interchangeable(from: &Catalog, to: &Catalog) -> BTreeMap<ObjectId, ObjectId> {
    let (mut goes, mut comes) = (Vec::new(), Vec::new());
    for (id, old, new) in side_by_side(from, to) {
        match (old, new) {
            (Some(old), None) if old.interchangeable() => goes.push((id, old)),
            (None, Some(new)) if new.interchangeable() => comes.push((id, new)),
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    if goes.is_empty() || comes.is_empty() {
        return found;
    }
    let mut used = BTreeSet::new();
    let mut places: HashMap<String, Vec<(&ObjectId, &Object)>> = HashMap::new();
    for (id, object) in &goes {
        places.entry(place(id)).or_default().push((id, object));
    }
    let uses = |catalog: &Catalog, wanted: &Set<&ObjectId>| {
        let mut uses: Map<ObjectId, BTreeSet<ObjectId>> = Map::default();
        for edge in &catalog.edges {
            if wanted.contains(&edge.user) {
                uses.entry(edge.user.clone()).or_default().insert(edge.used.clone());
            }
        }
        uses
    };
    let from_uses = uses(from, &goes.iter().map(|(id, _)| *id).collect());
    let to_uses = uses(to, &comes.iter().map(|(id, _)| *id).collect());
    for (new, wanted) in comes {
        let candidates = places.get(&place(new)).map_or(&[][..], Vec::as_slice);
        let old = candidates.iter().find(|(old, object)| {
            old.kind() == new.kind()
                && !used.contains(*old)
                && object.alike(wanted)
                && from_uses.get(*old) == to_uses.get(new)
                && same_ties(from, old, to, new)
                && !object.rename(old, new).is_empty()
        });
        if let Some((old, _)) = old {
            used.insert((*old).clone());
            found.insert((*old).clone(), new.clone());
        }
    }
    found
}

fn place(id: &ObjectId) -> String {
    match id.parent() {
        Some(parent) => parent.to_string(),
        None => id.schema().unwrap_or_default().to_owned(),
    }
}

/// What is not inside of a table must be tied to the same one by a member of its own (an owned sequence).
fn same_ties(from: &Catalog, old: &ObjectId, to: &Catalog, new: &ObjectId) -> bool {
    let ties = |catalog: &Catalog, id: &ObjectId| -> BTreeSet<ObjectId> {
        let edges = catalog.edges.iter();
        edges
            .filter(|edge| edge.user.parent() == Some(id) && edge.used != *id)
            .map(|edge| edge.used.clone())
            .collect()
    };
    if old.parent().is_some() {
        return true;
    }
    let hangs_on_table = from.edges.iter().any(|edge| {
        edge.user == *old
            && edge.strength == Strength::Hard
            && edge.used.schema() == old.schema()
            && !matches!(edge.used.name(), Name::Global(_))
    });
    let (before, after) = (ties(from, old), ties(to, new));
    before == after && (hangs_on_table || !before.is_empty())
}
