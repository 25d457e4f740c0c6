//! What makes a table a partition. Manual: ALTER TABLE … ATTACH PARTITION.
//!
//! As pg_dump has it, a partition is created as a table with all its columns and attached when its indexes are
//! there, so that the parent's find them.

use serde::{Deserialize, Serialize};

use super::{constraint_ties, family, index_partition_of, partition_bounds, table_transfer};
use crate::{
    Alter, Context, Definition, Dependency, Disturbance, HazardKind, How, Kind, Literals, Lock,
    Object, ObjectId, ReadError, Replace, Row, Side, Slot, Step, Survival, kinds::hard, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PartitionOf {
    pub parent: ObjectId,
    /// `FOR VALUES IN ('a')`, `DEFAULT`.
    pub bound: String,
    /// Plain columns of the parent's key, whose values the bound names. Not compared: they are the parent's.
    pub key: Vec<String>,
    /// Foreign keys that it has from above: DETACH makes them its own. Not compared: their names here do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<InheritedKey>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InheritedKey {
    pub name: String,
    /// The constraint as it was declared, on the parent or above.
    pub declared: ObjectId,
}

impl Definition for PartitionOf {
    const QUERY: &'static str = include_str!("partition_of.sql");
    const CATALOG: &'static str = "pg_inherits";
    const ANY: Option<&'static str> = Some("pg_inherits");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::PartitionOf, &row.object()?, "");
        let (parent, bound, key) = (row.object()?, row.text()?, row.texts()?);
        let foreign_keys = row.texts()?;
        let inherited = |texts: &[String]| match texts {
            [name, schema, table, declared] => {
                let table = ObjectId::qualified(Kind::Table, schema, table);
                let declared = ObjectId::member(Kind::Constraint, &table, declared);
                Some(InheritedKey { name: name.clone(), declared })
            }
            _ => None,
        };
        let foreign_keys = foreign_keys.chunks(4).filter_map(inherited).collect();
        Ok((id, Self { parent, bound, key, foreign_keys }))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        let column = |name: &String| ObjectId::member(Kind::Column, &self.parent, name);
        let key = self.key.iter().map(|name| hard(id, &column(name)));
        key.chain([hard(id, &self.parent)]).collect()
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(child) = id.parent() else { return Vec::new() };
        let (parent, child_sql) = (self.parent.sql(), child.sql());
        let kinds = [Kind::Column, Kind::Constraint, Kind::Index];
        let members = |table: &ObjectId| -> Vec<ObjectId> {
            let of = |kind: &Kind| cx.to.members(*kind, table).map(|(id, _)| id.clone());
            kinds.iter().flat_map(of).collect::<Vec<_>>()
        };
        let columns = cx.to.members(Kind::Column, &self.parent).map(|(id, _)| id.clone());
        let sql = format!("ALTER TABLE {parent} ATTACH PARTITION {child_sql} {}", self.bound);
        let mut step = Step::create(id, sql)
            // bounds are values of the parent's key, which may be labels
            .literals(Literals::Untyped)
            .needs(members(child))
            .needs(columns)
            .needs(index_tree(child, cx))
            .lock(Lock::AccessExclusive, child)
            .undo(detach(&self.parent, child));
        let scanned = |step: Step, table: &ObjectId, what: String| {
            step.hazard(HazardKind::ScansTable, format!("all of {} is read", table.sql()))
                .hazard(HazardKind::MayFailOnData, what)
        };
        let is_alone = family::children(cx, Side::To, &self.parent).len() == 1;
        let default = partition_bounds::default_beside(self, child, cx);
        // what is new has no rows, which a plan tells by the lock
        if (default.is_none() || cx.from.contains(child)) && !(self.bound == "DEFAULT" && is_alone)
        {
            let what = format!("{child_sql} may hold rows outside of the partition's bound");
            step = scanned(step, child, what);
        }
        if let Some(default) = &default {
            let what = format!("{} may hold rows that belong into {child_sql}", default.sql());
            step = scanned(step, default, what).lock(Lock::AccessExclusive, default);
        }
        // rows that are moved are asked about where they move
        let stays = child.kind() == Kind::Table
            && cx.from.contains(child)
            && table_transfer::scatters(cx, child).is_none();
        let outside = if stays { partition_bounds::outside(self, child, cx) } else { None };
        let inside =
            default.and_then(|default| partition_bounds::inside(self, child, &default, cx));
        for misfits in outside.into_iter().chain(inside) {
            step = step.precheck(misfits.query, misfits.counts, "move these rows first");
        }
        vec![step]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(child) = id.parent() else { return Vec::new() };
        let members = [&self.parent, child].into_iter().flat_map(|table| {
            cx.from.members(Kind::Column, table).map(|(id, _)| id.clone()).collect::<Vec<_>>()
        });
        // what a partition has from its parent's checks it keeps when it is detached, not when they go before
        let constraints = cx.from.members(Kind::Constraint, &self.parent);
        let checks = constraints.filter(|(_, object)| constraint_ties::is_check(object));
        let checks = checks.map(|(id, _)| id.clone());
        // likewise its pieces of the parent's keys and indexes
        let own = |kind| cx.from.members(kind, child).map(|(id, _)| id);
        let pieces = [Kind::Constraint, Kind::Index].into_iter().flat_map(own);
        let keys = pieces.flat_map(|piece| {
            let whole = index_partition_of::whole(piece, cx);
            let whole = whole.filter(|whole| index_partition_of::outlives(piece, whole, cx));
            whole.into_iter().flat_map(|whole| [piece.clone(), whole.clone()])
        });
        let step = Step::drop(id, detach(&self.parent, child))
            .hazard(
                HazardKind::BreaksClients,
                format!("the rows of {} are no longer in {}", child.sql(), self.parent.sql()),
            )
            .lock(Lock::AccessExclusive, &self.parent)
            .releases(members)
            .releases(checks)
            .releases(keys)
            .releases(link_above(&self.parent, cx))
            .excludes(self.declared_keys().filter(|key| cx.goes(key)).cloned());
        // A foreign key that refers to the parent holds on to the partition until it is detached.
        let is_held = !referring(cx, &self.parent).is_empty();
        let step = if is_held { step } else { step.with(child) };
        let mut steps = vec![step];
        steps.extend(self.keys_left_behind(id, child, cx));
        steps
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        let Self { parent: _, bound: _, key: _, foreign_keys: _ } = self;
        Alter::Replace(Replace::DropCreate)
    }

    /// A row that is referred to must not leave the table, not even to come back.
    fn goes_only_with(&self, id: &ObjectId, cx: &Context) -> Vec<ObjectId> {
        match cx.to.contains(id) {
            true => referring(cx, &self.parent),
            false => Vec::new(),
        }
    }

    fn survive(&self, _id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        if what.how == How::Altered { Survival::Keep } else { Survival::Replace }
    }

    fn canonical(&mut self) {
        self.key.clear();
        self.foreign_keys.clear();
    }

    /// Bounds may not overlap: of one parent, all that is detached goes before anything is attached.
    fn slots(&self, _id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "partition bounds", name: self.parent.path() }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.bound]
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        let declared = self.foreign_keys.iter_mut().map(|key| &mut key.declared);
        [&mut self.parent].into_iter().chain(declared).collect()
    }
}

impl PartitionOf {
    fn declared_keys(&self) -> impl Iterator<Item = &ObjectId> {
        self.foreign_keys.iter().map(|key| &key.declared)
    }

    /// DETACH leaves the partition with foreign keys that are those of the table above. Where it is attached again below
    /// the same table they are taken up; where their whole goes, it goes before.
    fn keys_left_behind(&self, id: &ObjectId, child: &ObjectId, cx: &Context) -> Vec<Step> {
        if !cx.to.contains(child) {
            return Vec::new();
        }
        let above = family::ancestors(cx, Side::To, child);
        let left = self.foreign_keys.iter().filter(|key| {
            let declared_on = key.declared.root();
            cx.to.contains(&key.declared) && !above.iter().any(|table| table == declared_on)
        });
        left.map(|key| {
            // one that is built anew is away meanwhile
            let name = quote::ident(&key.name);
            let sql = format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {name}", child.sql());
            Step::drop(id, sql).lock(Lock::AccessExclusive, child).with(child)
        })
        .collect()
    }
}

/// The links, of the table and of its partitions at any depth, that are away before a new foreign key of the table may
/// be made: it must not reach what leaves, and what leaves may bring a key of its name along.
pub(super) fn links_that_end(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let tables = [table.clone()].into_iter().chain(family::descendants(cx, Side::From, table));
    let links = tables.map(|table| ObjectId::member(Kind::PartitionOf, &table, ""));
    links.filter(|link| cx.from.contains(link) && !cx.unchanged(link)).collect()
}

/// What makes the parent itself a partition: from 17 on DETACH takes an identity away in all partitions below, and fails at
/// one that has none because it was attached to its parent before that was. So the lower one is detached first.
fn link_above(parent: &ObjectId, cx: &Context) -> Option<ObjectId> {
    (cx.major() >= 17).then(|| ObjectId::member(Kind::PartitionOf, parent, ""))
}

fn detach(parent: &ObjectId, child: &ObjectId) -> String {
    format!("ALTER TABLE {} DETACH PARTITION {}", parent.sql(), child.sql())
}

/// The links between the indexes of a partition and those of its own partitions, at any depth. An index without
/// them is invalid, and ATTACH PARTITION takes no invalid index for the parent's.
fn index_tree(table: &ObjectId, cx: &Context) -> Vec<ObjectId> {
    let mut links = Vec::new();
    for piece in family::children(cx, Side::To, table) {
        for kind in [Kind::Index, Kind::Constraint] {
            let indexes = cx.to.members(kind, &piece);
            links.extend(indexes.map(|(id, _)| ObjectId::member(Kind::IndexPartitionOf, id, "")));
        }
        links.extend(index_tree(&piece, cx));
    }
    links
}

/// Foreign keys that stay and refer to the table, or to what it is a partition of.
fn referring(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let refers = |object: &Object| matches!(object, Object::Constraint(key) if constraint_ties::referenced(key) == Some(table));
    let users = cx.users(Side::From, table).iter().map(|edge| &edge.user);
    let stay = users.filter(|id| cx.to.contains(id) && cx.from.get(id).is_some_and(refers));
    let mut keys: Vec<ObjectId> = stay.cloned().collect();
    keys.extend(family::parents(cx, Side::From, table).iter().flat_map(|up| referring(cx, up)));
    keys
}
