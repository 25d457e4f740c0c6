//! What a source uses and lies outside of its scope: copied from the current side into the shadow database, with all
//! that it uses itself, so that what refers to it can be made there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use ordain_model::{
    Catalog, Context, Fold, Kind, Object, ObjectId, Options, Step, Strength,
    kinds::constraint::Body,
};

/// The current side, and what of it may be copied.
pub(crate) struct Elsewhere<'a> {
    pub catalog: &'a Catalog,
    /// False for what the source itself must make, or do without.
    pub may: Box<dyn Fn(&ObjectId) -> bool + 'a>,
}

impl fmt::Debug for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elsewhere({} objects)", self.catalog.objects.len())
    }
}

/// Its place among the elements of a CREATE, and its text.
type Element<'a> = ((u8, i32), &'a str);

/// Members without which nobody can refer to an object.
fn belongs(id: &ObjectId, object: &Object) -> bool {
    match object {
        Object::Column(_) | Object::Attribute(_) => true,
        Object::Constraint(constraint) => matches!(constraint.body, Body::Key { .. }),
        // A foreign key may refer to what a unique index holds.
        Object::Index(index) => index.unique && index.predicate.is_none(),
        _ => id.parent().is_none(),
    }
}

impl Elsewhere<'_> {
    /// Objects that may be copied and have this name: `auth.users`, `citext`.
    pub fn named(&self, name: &str) -> Vec<ObjectId> {
        let (schema, base) = match name.rsplit_once('.') {
            Some((schema, base)) => (Some(schema), base),
            None => (None, name),
        };
        let fits = |id: &&ObjectId| {
            id.parent().is_none()
                && id.base() == base
                && schema.is_none_or(|schema| id.schema() == Some(schema))
                && id.kind() != Kind::Extension
                && (self.may)(id)
        };
        self.catalog.objects.keys().filter(fits).cloned().collect()
    }

    pub fn schema(&self, name: &str) -> Option<ObjectId> {
        let id = ObjectId::global(Kind::Schema, name);
        self.catalog.contains(&id).then_some(id)
    }

    pub fn extensions(&self) -> impl Iterator<Item = (&ObjectId, &str)> {
        self.catalog.objects.iter().filter_map(|(id, object)| match object {
            Object::Extension(extension) => Some((id, extension.schema.as_str())),
            _ => None,
        })
    }

    /// With all that they use, whole objects; those that may not be copied are left for the source to make.
    pub fn closure(&self, wanted: Vec<ObjectId>) -> BTreeSet<ObjectId> {
        let mut uses: BTreeMap<&ObjectId, Vec<&ObjectId>> = BTreeMap::new();
        for edge in self.catalog.edges.iter().filter(|e| e.strength == Strength::Hard) {
            uses.entry(&edge.user).or_default().push(&edge.used);
        }
        let mut members: BTreeMap<&ObjectId, Vec<&ObjectId>> = BTreeMap::new();
        for (id, object) in &self.catalog.objects {
            if belongs(id, object) {
                members.entry(id.root()).or_default().push(id);
            }
        }
        let mut found = BTreeSet::new();
        let mut open = wanted;
        while let Some(root) = open.pop() {
            if !found.insert(root.clone()) {
                continue;
            }
            if let Some(schema) = root.schema().and_then(|schema| self.schema(schema)) {
                found.insert(schema);
            }
            for member in members.get(&root).into_iter().flatten() {
                let used = uses.get(member).into_iter().flatten().map(|used| used.root());
                let more = used.filter(|used| {
                    used.kind() != Kind::Extension && !found.contains(*used) && (self.may)(used)
                });
                open.extend(more.cloned().collect::<Vec<_>>());
            }
        }
        found
    }

    /// Statements that make these objects, in an order that need not be the right one.
    pub fn statements(&self, roots: &BTreeSet<ObjectId>) -> Vec<String> {
        let (nothing, options) = (Catalog::default(), Options::default());
        let cx = Context::new(&nothing, self.catalog, &options);
        let steps: Vec<Step> = self
            .catalog
            .objects
            .iter()
            .filter(|(id, object)| roots.contains(id.root()) && belongs(id, object))
            .flat_map(|(id, object)| object.create(id, &cx))
            .collect();
        // Columns stand in their table: a partition key needs them there.
        let mut elements: BTreeMap<&ObjectId, Vec<Element>> = BTreeMap::new();
        let element = |step: &Step| match step.folds.first() {
            Some(Fold::Element { of, .. }) => roots.contains(of),
            _ => false,
        };
        for step in &steps {
            if let Some(Fold::Element { of, text, rank }) = step.folds.first() {
                elements.entry(of).or_default().push((*rank, text));
            }
        }
        let whole = |step: &Step| match &step.frame {
            None => step.sql.clone(),
            Some(frame) => {
                let mut inside = elements.get(&step.object).cloned().unwrap_or_default();
                inside.sort();
                let texts: Vec<&str> = inside.into_iter().map(|(_, text)| text).collect();
                match texts.is_empty() && !frame.empty_parens {
                    true => format!("{}{}", step.sql, frame.tail),
                    false => format!("{} ({}){}", step.sql, texts.join(", "), frame.tail),
                }
            }
        };
        steps.iter().filter(|step| !element(step)).map(whole).collect()
    }
}
