//! A database's schema as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Kind, Object, ObjectId};

/// Everything that was read from one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// `server_version_num` of the server that spelled the texts, e.g. 150018.
    pub server_version: u32,
    #[serde(with = "as_list")]
    pub objects: BTreeMap<ObjectId, Object>,
    /// Which object uses which. Both ends are in `objects`.
    pub edges: BTreeSet<Dependency>,
    /// What user code made and no kind models, each as a person names it: "operator public.===(a, b)".
    pub unmodelled: BTreeSet<String>,
    /// Casts, (source type, target type) → context, as `format_type` spells types.
    #[serde(with = "as_list")]
    pub casts: BTreeMap<(String, String), CastContext>,
    /// Sizes of tables with storage. Never part of a fingerprint; empty unless the source is live.
    #[serde(with = "as_list")]
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

/// JSON has no maps with structured keys: such maps are written as lists of pairs.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer, K: Serialize, V: Serialize>(
        map: &BTreeMap<K, V>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.collect_seq(map.iter())
    }

    pub fn deserialize<
        'de,
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
    >(
        d: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(d)?.into_iter().collect())
    }
}
