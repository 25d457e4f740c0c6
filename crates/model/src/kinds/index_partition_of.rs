//! What makes an index the piece of a partitioned index. Manual: ALTER INDEX … ATTACH PARTITION.
//!
//! Both may be indexes behind a constraint; the constraint stands for them then.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Dependency, Disturbance, How, Kind, Lock, ObjectId, ReadError,
    Replace, Row, Step, Survival, kinds::hard, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IndexPartitionOf {
    /// An index or a constraint.
    pub parent: ObjectId,
}

impl Definition for IndexPartitionOf {
    const QUERY: &'static str = include_str!("index_partition_of.sql");
    const CATALOG: &'static str = "pg_inherits";

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
        let sql =
            format!("ALTER INDEX {} ATTACH PARTITION {}", name(&self.parent), name(piece));
        vec![Step::create(id, sql).needs([link]).lock(Lock::AccessExclusive, piece.root())]
    }

    fn drop(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        // DROP of either index, or DETACH of the partition, undoes it; nothing else does.
        Vec::new()
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        let Self { parent: _ } = self;
        Alter::Replace(Replace::DropCreate)
    }

    fn survive(&self, _id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        if what.how == How::Altered { Survival::Keep } else { Survival::Replace }
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.parent]
    }
}

/// The index's name, which is also that of its constraint.
pub(super) fn name(id: &ObjectId) -> String {
    quote::qualified(id.schema().unwrap_or_default(), id.base())
}
