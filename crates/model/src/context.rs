//! What a kind may know besides its own two definitions.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::Map;
use crate::spelled::Spelled;
use crate::{CastContext, Catalog, Dependency, Kind, Object, ObjectId};

/// Both catalogs (the current one with renames already applied) and what the user said.
pub struct Context<'a> {
    pub from: &'a Catalog,
    pub to: &'a Catalog,
    pub options: &'a Options,
    from_edges: Index<'a>,
    to_edges: Index<'a>,
}

/// What the user said, resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Column → the expression that converts it.
    pub using: BTreeMap<ObjectId, String>,
    /// Column → the expression that fills it.
    pub fill: BTreeMap<ObjectId, String>,
    /// Enum → old label → new label or NULL.
    pub label_maps: BTreeMap<ObjectId, BTreeMap<String, Option<String>>>,
    /// Enum → labels renamed, old → new, all against the old state.
    pub label_renames: BTreeMap<ObjectId, BTreeMap<String, String>>,
    /// One transaction even where that costs a rebuild.
    pub atomic: bool,
}

type Index<'a> = (Map<&'a ObjectId, Vec<&'a Dependency>>, Map<&'a ObjectId, Vec<&'a Dependency>>);

fn index(catalog: &Catalog) -> Index<'_> {
    let (mut uses, mut users) = Index::default();
    for edge in &catalog.edges {
        uses.entry(&edge.user).or_default().push(edge);
        users.entry(&edge.used).or_default().push(edge);
    }
    (uses, users)
}

/// One of the two catalogs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    From,
    To,
}

impl<'a> Context<'a> {
    pub fn new(from: &'a Catalog, to: &'a Catalog, options: &'a Options) -> Self {
        Self { from, to, options, from_edges: index(from), to_edges: index(to) }
    }

    pub fn catalog(&self, side: Side) -> &'a Catalog {
        match side {
            Side::From => self.from,
            Side::To => self.to,
        }
    }

    fn edges(&self, side: Side) -> &Index<'a> {
        match side {
            Side::From => &self.from_edges,
            Side::To => &self.to_edges,
        }
    }

    /// What `id` uses.
    pub fn uses(&self, side: Side, id: &ObjectId) -> &[&'a Dependency] {
        self.edges(side).0.get(id).map_or(&[], Vec::as_slice)
    }

    /// What uses `id`.
    pub fn users(&self, side: Side, id: &ObjectId) -> &[&'a Dependency] {
        self.edges(side).1.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether the object exists now and will not afterwards.
    pub fn goes(&self, id: &ObjectId) -> bool {
        self.from.contains(id) && !self.to.contains(id)
    }

    /// Whether the object does not exist now and will afterwards.
    pub fn comes(&self, id: &ObjectId) -> bool {
        !self.from.contains(id) && self.to.contains(id)
    }

    /// Whether the object is there on both sides, and the same in everything that counts.
    pub fn unchanged(&self, id: &ObjectId) -> bool {
        self.from.get(id).zip(self.to.get(id)).is_some_and(|(from, to)| from.alike(to))
    }

    /// `server_version_num / 10000` of the server that will run the plan.
    pub fn major(&self) -> u32 {
        let version = if self.from.server_version > 0 {
            self.from.server_version
        } else {
            self.to.server_version
        };
        version / 10_000
    }

    /// The enum, domain, composite or range that stands behind a type as `format_type` spells it
    /// (array brackets and modifiers cut off).
    pub fn user_type(&self, side: Side, spelled: &str) -> Option<(&'a ObjectId, &'a Object)> {
        let (schema, name) = Spelled::parse(spelled).qualified()?;
        let objects = &self.catalog(side).objects;
        [Kind::Enum, Kind::Domain, Kind::Composite, Kind::Range, Kind::Table]
            .iter()
            .find_map(|kind| objects.get_key_value(&ObjectId::qualified(*kind, &schema, &name)))
    }

    /// The cast from one type to another, as the server has it. `format_type` spellings without modifiers.
    pub fn cast(&self, source: &str, target: &str) -> Option<CastContext> {
        let key = (source.to_owned(), target.to_owned());
        self.to.casts.get(&key).or_else(|| self.from.casts.get(&key)).copied()
    }

    /// All ids of either side, in order.
    pub fn ids(&self) -> BTreeSet<&'a ObjectId> {
        self.from.objects.keys().chain(self.to.objects.keys()).collect()
    }
}
