//! A database's schema as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Kind, Object, ObjectId, Only, hash::Map};

/// Everything that was read from one source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// `server_version_num` of the server that spelled the texts, e.g. 150018.
    pub server_version: u32,
    pub objects: BTreeMap<ObjectId, Object>,
    /// Which object uses which. Both ends are in `objects`.
    pub edges: BTreeSet<Dependency>,
    /// What user code made and no kind models, each as a person names it: "operator public.===(a, b)".
    pub unmodelled: BTreeSet<String>,
    /// Casts, (source type, target type) → context, as `format_type` spells types.
    pub casts: BTreeMap<(String, String), CastContext>,
    /// Sizes of tables with storage. Never part of a fingerprint; empty unless the source is live.
    pub sizes: BTreeMap<ObjectId, Size>,
    /// Comments `-- ordain: …` that stood beside objects in SQL files.
    pub hints: Vec<Hint>,
}

/// `user` uses `used`: it can only exist while the other does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Dependency {
    pub user: ObjectId,
    pub used: ObjectId,
    pub strength: Strength,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Strength {
    /// The server itself enforces it (`pg_depend`).
    Hard,
    /// Found in text; given up first when a cycle must be broken.
    Soft,
}

/// When the server applies a cast by itself (manual: CREATE CAST).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum CastContext {
    Implicit,
    Assignment,
    Explicit,
}

/// Rows as the planner statistics estimate them (`reltuples`; -1 when never analysed) and bytes on disk with indexes.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Size {
    pub rows: i64,
    pub bytes: i64,
}

/// One thing that a person decided and the catalog alone cannot say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Hint {
    /// `kind` is the word before the colon of `--rename`; `old` and `new` are paths as written, identifiers quoted as in SQL.
    Rename { kind: String, old: String, new: String },
    /// Renamed, said beside the object itself.
    RenamedFrom { object: ObjectId, old: String },
    /// `--map-label type:OLD=NEW`; `None` maps to NULL.
    MapLabel { r#type: String, old: String, new: Option<String> },
    /// The expression that converts a column to its new type.
    Using { object: ObjectId, expression: String },
    /// The expression that fills a new NOT NULL column.
    Fill { object: ObjectId, expression: String },
}

impl Catalog {
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id)
    }

    /// Takes over from the current state what the source that `only` belongs to has no words for.
    pub fn adopt(&mut self, current: &Catalog, only: &Only) {
        for (id, object) in &mut self.objects {
            if let Some(current) = current.get(id) {
                object.adopt(current, only);
            }
        }
    }

    pub fn contains(&self, id: &ObjectId) -> bool {
        self.objects.contains_key(id)
    }

    /// The members of `parent` that are of one kind, in order of name. A range, not a scan.
    pub fn members<'a>(
        &'a self,
        kind: Kind,
        parent: &'a ObjectId,
    ) -> impl Iterator<Item = (&'a ObjectId, &'a Object)> {
        self.objects
            .range(ObjectId::member(kind, parent, "")..)
            .take_while(move |(id, _)| id.kind() == kind && id.parent() == Some(parent))
    }
}

/// A catalog as it is written: maps with structured keys as lists of pairs, because JSON has none, and edges as
/// positions of their ends in the list of objects, because they are most of a catalog.
#[derive(Serialize, Deserialize)]
struct Stored<O, U, C, S, H> {
    server_version: u32,
    objects: O,
    /// User, used, whether it is hard.
    edges: Vec<(u32, u32, bool)>,
    unmodelled: U,
    casts: C,
    sizes: S,
    hints: H,
}

type Owned = Stored<
    Vec<(ObjectId, Object)>,
    BTreeSet<String>,
    Vec<((String, String), CastContext)>,
    Vec<(ObjectId, Size)>,
    Vec<Hint>,
>;

impl Serialize for Catalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place: Map<&ObjectId, u32> = self.objects.keys().zip(0..).collect();
        let at = |edge: &Dependency| {
            let (user, used) = (*place.get(&edge.user)?, *place.get(&edge.used)?);
            Some((user, used, edge.strength == Strength::Hard))
        };
        Stored {
            server_version: self.server_version,
            objects: self.objects.iter().collect::<Vec<_>>(),
            edges: self.edges.iter().filter_map(at).collect(),
            unmodelled: &self.unmodelled,
            casts: self.casts.iter().collect::<Vec<_>>(),
            sizes: self.sizes.iter().collect::<Vec<_>>(),
            hints: &self.hints,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Catalog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Owned::deserialize(deserializer)?;
        let ids: Vec<ObjectId> = stored.objects.iter().map(|(id, _)| id.clone()).collect();
        let edge = |(user, used, hard): (u32, u32, bool)| {
            let end = |at: u32| ids.get(at as usize).cloned();
            let strength = if hard { Strength::Hard } else { Strength::Soft };
            Some(Dependency { user: end(user)?, used: end(used)?, strength })
        };
        let edges = stored.edges.into_iter().map(edge).collect::<Option<_>>();
        Ok(Catalog {
            server_version: stored.server_version,
            edges: edges.ok_or_else(|| D::Error::custom("an edge leads to no object"))?,
            objects: stored.objects.into_iter().collect(),
            unmodelled: stored.unmodelled,
            casts: stored.casts.into_iter().collect(),
            sizes: stored.sizes.into_iter().collect(),
            hints: stored.hints,
        })
    }
}
