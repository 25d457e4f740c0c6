//! Which objects a plan is about, and one hash over their definitions.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use globset::{Glob, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};

use crate::{Catalog, Kind, Object, ObjectId, Only, Scope, hash::Set};

/// The part of a catalog that a scope covers, with the edges between its objects: the catalog itself where that is
/// all of it. A glob that does not parse matches nothing; [`check_globs`] tells beforehand.
pub fn in_scope<'a>(catalog: &'a Catalog, scope: &Scope) -> Cow<'a, Catalog> {
    let filter = Filter::new(scope).with(catalog);
    let mut left_out = Set::default();
    let mut cut = Vec::new();
    for (id, object) in &catalog.objects {
        match filter.covers(id).then(|| object.retain(scope)).flatten() {
            None => drop(left_out.insert(id)),
            Some(Cow::Owned(less)) => cut.push((id, less)),
            Some(Cow::Borrowed(_)) => {}
        }
    }
    if left_out.is_empty() && cut.is_empty() {
        return Cow::Borrowed(catalog);
    }
    let is_kept = |id: &ObjectId| !left_out.contains(id);
    let objects = catalog.objects.iter().filter(|(id, _)| is_kept(id));
    let mut objects: BTreeMap<_, _> = objects.map(|(id, o)| (id.clone(), o.clone())).collect();
    objects.extend(cut.into_iter().map(|(id, less)| (id.clone(), less)));
    let edges = catalog.edges.iter().filter(|edge| is_kept(&edge.user) && is_kept(&edge.used));
    Cow::Owned(Catalog {
        server_version: catalog.server_version,
        objects,
        edges: edges.cloned().collect(),
        unmodelled: catalog.unmodelled.clone(),
        casts: catalog.casts.clone(),
        sizes: catalog.sizes.clone(),
        hints: catalog.hints.clone(),
    })
}

/// A hash over the definitions in scope, in hexadecimal. Sizes, sequence positions, hints and the server's
/// version are not part of it.
///
/// Every object has a hash of its own, so that several threads can work at it.
pub fn fingerprint(catalog: &Catalog, scope: &Scope) -> String {
    let filter = Filter::new(scope).with(catalog);
    // The labels are in their enum's definition already, in order.
    let counts = |id: &ObjectId| id.kind() != Kind::Label && filter.covers(id);
    let objects: Vec<_> = catalog.objects.iter().filter(|(id, _)| counts(id)).collect();
    let threads = match objects.len() {
        ..MANY => 1,
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let hashes = |part: &[(&ObjectId, &Object)]| -> Vec<u8> {
        let retained = |(id, object): &(&ObjectId, &Object)| hash(id, object.retain(scope)?);
        part.iter().filter_map(retained).flatten().collect()
    };
    let mut whole = Sha256::new();
    std::thread::scope(|threading| {
        let parts = objects.chunks(objects.len().div_ceil(threads).max(1));
        let at_work: Vec<_> = parts.map(|part| threading.spawn(move || hashes(part))).collect();
        for part in at_work {
            match part.join() {
                Ok(hashes) => whole.update(hashes),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    whole.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fewer objects are not worth a thread.
const MANY: usize = 5000;

fn hash(id: &ObjectId, object: Cow<Object>) -> Option<[u8; 32]> {
    let mut object = object.into_owned();
    object.canonical();
    Some(Sha256::digest(serde_json::to_vec(&(id, object)).ok()?).into())
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
    /// Sequences whose table is left alone: they come and go with its column.
    sequences: BTreeSet<ObjectId>,
}

impl<'a> Filter<'a> {
    fn new(scope: &'a Scope) -> Self {
        Self {
            schemas: set(&scope.schemas),
            exclude: set(&scope.exclude),
            only: scope.only.as_ref(),
            partitions: BTreeSet::new(),
            sequences: BTreeSet::new(),
        }
    }

    /// Knows the partitions of this catalog, and which tables its sequences belong to.
    fn with(mut self, catalog: &Catalog) -> Self {
        self.add_partitions(catalog);
        if self.exclude.is_some() || self.only.is_some() {
            let owned = catalog.objects.iter().filter_map(|(id, object)| match object {
                Object::OwnedBy(by) if !self.covers(by.column.root()) => Some(id.root().clone()),
                _ => None,
            });
            self.sequences = owned.collect();
        }
        self
    }

    fn add_partitions(&mut self, catalog: &Catalog) {
        let Some(only) = self.only.filter(|only| !only.partitioned.is_empty()) else { return };
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
                return;
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
            _ if self.sequences.contains(root) => false,
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
