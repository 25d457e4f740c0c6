//! What makes an index the piece of a partitioned index. Manual: ALTER INDEX … ATTACH PARTITION.
//!
//! Both may be indexes behind a constraint; the constraint stands for them then.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Dependency, Disturbance, How, Kind, Lock, Object, ObjectId,
    ReadError, Replace, Row, Side, Step, Survival, kinds::hard, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IndexPartitionOf {
    /// An index or a constraint.
    pub parent: ObjectId,
}

impl Definition for IndexPartitionOf {
    const QUERY: &'static str = include_str!("index_partition_of.sql");
    const CATALOG: &'static str = "pg_inherits";
    const ANY: Option<&'static str> = Some("pg_inherits");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::IndexPartitionOf, &row.object()?, "");
        Ok((id, Self { parent: row.object()? }))
    }

    /// The piece cannot be dropped while it is attached, and goes with the parent's index.
    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        let piece = id.parent().map(|piece| hard(piece, &self.parent));
        piece.into_iter().chain([hard(id, &self.parent)]).collect()
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Some(piece) = id.parent() else { return Vec::new() };
        let link = ObjectId::member(Kind::PartitionOf, piece.root(), "");
        let sql = format!("ALTER INDEX {} ATTACH PARTITION {}", name(&self.parent), name(piece));
        vec![Step::create(id, sql).needs([link]).lock(Lock::AccessExclusive, piece.root())]
    }

    /// DROP of the parent's index, or DETACH of the partition, undoes it; nothing else does.
    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Some(piece) = id.parent() else { return Vec::new() };
        let link = ObjectId::member(Kind::PartitionOf, piece.root(), "");
        vec![Step::drop(id, "").with(&self.parent).with(&link).with(piece)]
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        let Self { parent: _ } = self;
        Alter::Replace(Replace::DropCreate)
    }

    /// There is no DETACH for indexes: as long as the partition is one, so is its index.
    fn goes_only_with(&self, id: &ObjectId, cx: &Context) -> Vec<ObjectId> {
        let link = ObjectId::member(Kind::PartitionOf, id.root(), "");
        if cx.unchanged(&link) { vec![self.parent.clone()] } else { Vec::new() }
    }

    fn survive(&self, _id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        if what.how == How::Altered { Survival::Keep } else { Survival::Replace }
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.parent]
    }
}

/// Whether a piece is by itself when the parent's index is taken away: the partition is detached before.
pub(super) fn outlives(piece: &ObjectId, parent: &ObjectId, cx: &Context) -> bool {
    let link = ObjectId::member(Kind::PartitionOf, piece.root(), "");
    let detached = cx.from.contains(&link) && !cx.unchanged(&link);
    detached && whole(piece, cx) == Some(parent)
}

/// The drop of an index or a key: DROP of a partitioned one takes its pieces along.
pub(super) fn dropped(step: Step, id: &ObjectId, cx: &Context) -> Step {
    let used = cx.uses(Side::From, id).iter().map(|edge| &edge.used);
    used.filter(|used| matches!(used.kind(), Kind::Index | Kind::Constraint))
        .filter(|used| !outlives(id, used, cx))
        .fold(step, |step, whole| step.with(whole))
}

/// The index or key of the parent that this is a piece of now.
pub(super) fn whole<'a>(piece: &'a ObjectId, cx: &Context<'a>) -> Option<&'a ObjectId> {
    cx.from.members(Kind::IndexPartitionOf, piece).find_map(|(_, link)| match link {
        Object::IndexPartitionOf(link) => Some(&link.parent),
        _ => None,
    })
}

/// A piece is created by itself, and tied to the parent's index when that is there.
pub(super) fn untied(step: Step, id: &ObjectId, cx: &Context) -> Step {
    let uses = || cx.uses(Side::To, id).iter().map(|edge| &edge.used);
    let whole = |used: &&ObjectId| {
        cx.to.members(Kind::IndexPartitionOf, id).any(
            |(_, link)| matches!(link, Object::IndexPartitionOf(link) if link.parent == **used),
        )
    };
    match uses().any(|used| whole(&used)) {
        true => step.without_edges().needs(uses().filter(|used| !whole(used)).cloned()),
        false => step,
    }
}

/// The index's name, which is also that of its constraint.
pub(super) fn name(id: &ObjectId) -> String {
    quote::qualified(id.schema().unwrap_or_default(), id.base())
}
