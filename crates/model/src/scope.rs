//! Which objects a plan is about, and one hash over their definitions.

use std::collections::BTreeSet;

use globset::{Glob, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};

use crate::{Catalog, Dependency, Kind, Object, ObjectId, Only, Scope};

/// The part of a catalog that a scope covers, with the edges between its objects. A glob that does not parse
/// matches nothing; [`check_globs`] tells beforehand.
pub fn in_scope(catalog: &Catalog, scope: &Scope) -> Catalog {
    let filter = Filter::new(scope).with(catalog);
    let mut left_out = BTreeSet::new();
    let mut keep = |(id, object): (&ObjectId, &Object)| {
        if filter.covers(id) {
            let mut object = object.clone();
            if object.retain(id, scope) {
                return Some((id.clone(), object));
            }
        }
        left_out.insert(id.clone());
        None
    };
    let objects = catalog.objects.iter().filter_map(&mut keep).collect();
    let is_kept =
        |edge: &&Dependency| !left_out.contains(&edge.user) && !left_out.contains(&edge.used);
    let edges = match left_out.is_empty() {
        true => catalog.edges.clone(),
        false => catalog.edges.iter().filter(is_kept).cloned().collect(),
    };
    Catalog {
        server_version: catalog.server_version,
        objects,
        edges,
        unmodelled: catalog.unmodelled.clone(),
        casts: catalog.casts.clone(),
        sizes: catalog.sizes.clone(),
        hints: catalog.hints.clone(),
    }
}

/// A hash over the definitions in scope, in hexadecimal. Sizes, sequence positions, hints and the server's
/// version are not part of it.
pub fn fingerprint(catalog: &Catalog, scope: &Scope) -> String {
    let filter = Filter::new(scope).with(catalog);
    let mut hash = Sha256::new();
    for (id, object) in &catalog.objects {
        // The labels are in their enum's definition already, in order.
        if id.kind() == Kind::Label || !filter.covers(id) {
            continue;
        }
        let mut object = object.clone();
        if !object.retain(id, scope) {
            continue;
        }
        object.canonical();
        let line = serde_json::to_vec(&(id, object)).unwrap_or_default();
        hash.update((line.len() as u64).to_be_bytes());
        hash.update(line);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a scope covers an object, as far as its name and kind tell.
pub fn in_scope_id(id: &ObjectId, scope: &Scope) -> bool {
    Filter::new(scope).covers(id)
}

/// Tells which objects of a catalog a scope covers: the scope's globs are compiled once, for many questions.
pub fn covered<'a>(catalog: &Catalog, scope: &'a Scope) -> impl Fn(&ObjectId) -> bool + use<'a> {
    let filter = Filter::new(scope).with(catalog);
    move |id| filter.covers(id)
}

/// Partitions that a scope leaves alone although it covers what they are partitions of: most of what is done to their
/// parent happens to them too.
pub fn partitions_left(catalog: &Catalog, scope: &Scope) -> BTreeSet<ObjectId> {
    Filter::new(scope).with(catalog).partitions
}

/// The first glob of a scope that does not parse, with the reason.
pub fn check_globs(scope: &Scope) -> Result<(), String> {
    for glob in scope.schemas.iter().chain(&scope.exclude) {
        Glob::new(glob).map_err(|error| error.to_string())?;
    }
    Ok(())
}

struct Filter<'a> {
    schemas: Option<GlobSet>,
    exclude: Option<GlobSet>,
    only: Option<&'a Only>,
    /// Tables that are left alone because they are partitions made elsewhere.
    partitions: BTreeSet<ObjectId>,
}

impl<'a> Filter<'a> {
    fn new(scope: &'a Scope) -> Self {
        Self {
            schemas: set(&scope.schemas),
            exclude: set(&scope.exclude),
            only: scope.only.as_ref(),
            partitions: BTreeSet::new(),
        }
    }

    /// Knows the partitions of this catalog.
    fn with(mut self, catalog: &Catalog) -> Self {
        let Some(only) = self.only.filter(|only| !only.partitioned.is_empty()) else { return self };
        // A parent may be a partition itself: until nothing is added.
        loop {
            let before = self.partitions.len();
            for (id, object) in &catalog.objects {
                let Object::PartitionOf(link) = object else { continue };
                let left = only.partitioned.contains(&link.parent.to_string())
                    || self.partitions.contains(&link.parent);
                if left && !only.named.contains(&id.root().to_string()) {
                    self.partitions.insert(id.root().clone());
                }
            }
            if self.partitions.len() == before {
                return self;
            }
        }
    }

    /// Members are covered with what they are members of.
    fn covers(&self, id: &ObjectId) -> bool {
        let root = id.root();
        let (schema, base) = (root.schema(), root.base());
        // What is in no schema (extensions, event triggers, publications) is left alone where schemas are named.
        if let Some(schemas) = &self.schemas
            && !schema.is_some_and(|schema| schemas.is_match(schema))
        {
            return false;
        }
        if let Some(exclude) = &self.exclude {
            let qualified = schema.map(|schema| format!("{schema}.{base}"));
            if exclude.is_match(base) || qualified.is_some_and(|name| exclude.is_match(name)) {
                return false;
            }
        }
        match self.only {
            None => true,
            Some(_) if self.partitions.contains(root) => false,
            Some(only) => only.covers(id),
        }
    }
}

impl Only {
    /// As far as name and kind tell.
    fn covers(&self, id: &ObjectId) -> bool {
        let root = id.root();
        if self.elsewhere.contains(&root.to_string()) {
            return false;
        }
        self.covers_kind(id) || self.named.contains(&id.to_string())
    }

    /// Whether all such objects are covered, named or not.
    pub fn covers_kind(&self, id: &ObjectId) -> bool {
        let root = id.root();
        let satellite = match (id.kind(), id.parent()) {
            // One on the index behind a constraint has a name.
            (Kind::Comment, Some(of)) => {
                id.base().is_empty() && self.comments.contains(of.kind().word())
            }
            (kind, _) => self.kinds.contains(kind.word()),
        };
        satellite
            && self.kinds.contains(root.kind().word())
            && root.schema().is_none_or(|schema| self.schemas.contains(schema))
    }
}

fn set(globs: &[String]) -> Option<GlobSet> {
    if globs.is_empty() {
        return None;
    }
    let mut builder = GlobSetBuilder::new();
    for glob in globs.iter().filter_map(|glob| Glob::new(glob).ok()) {
        builder.add(glob);
    }
    builder.build().ok()
}
