//! What an object is called: the same in every database, so never an OID.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Kind, hash::FastHasher, quote};

/// The identity of an object. Cheap to clone (one reference count); ordered by kind, then by name.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ObjectId(Arc<Identity>);

#[derive(Debug, Serialize)]
struct Identity {
    kind: Kind,
    name: Name,
    /// Of kind and name, worked out once: ids are looked up far more often than made.
    #[serde(skip)]
    hash: u64,
}

impl PartialEq for ObjectId {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        Arc::ptr_eq(a, b) || a.hash == b.hash && a.kind == b.kind && a.name == b.name
    }
}

impl Eq for ObjectId {}

impl Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.kind.cmp(&other.0.kind).then_with(|| self.0.name.cmp(&other.0.name))
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            kind: Kind,
            name: Name,
        }
        let Written { kind, name } = Written::deserialize(deserializer)?;
        Ok(Self::new(kind, name))
    }
}

/// How an object is addressed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Name {
    /// One per database: schemas, extensions, event triggers, publications, …
    Global(Arc<str>),
    /// In a schema.
    Qualified { schema: Arc<str>, name: Arc<str> },
    /// In a schema, told apart by input argument types, as `format_type` spells them under an empty
    /// search_path, joined by `", "`. Operators have their operands' types there, operator classes and families
    /// their access method; casts and transforms have neither name nor schema, only `source AS target` and
    /// `FOR type LANGUAGE language`.
    Routine { schema: Arc<str>, name: Arc<str>, args: Arc<str> },
    /// A part or satellite of another object: columns, constraints, triggers, comments, grants, …
    Member { of: ObjectId, name: Arc<str> },
}

impl ObjectId {
    pub fn new(kind: Kind, name: Name) -> Self {
        let mut hasher = FastHasher::default();
        (kind, &name).hash(&mut hasher);
        let hash = hasher.finish();
        Self(Arc::new(Identity { kind, name, hash }))
    }

    pub fn global(kind: Kind, name: &str) -> Self {
        Self::new(kind, Name::Global(name.into()))
    }

    pub fn qualified(kind: Kind, schema: &str, name: &str) -> Self {
        Self::new(kind, Name::Qualified { schema: schema.into(), name: name.into() })
    }

    pub fn routine(kind: Kind, schema: &str, name: &str, args: &str) -> Self {
        Self::new(
            kind,
            Name::Routine { schema: schema.into(), name: name.into(), args: args.into() },
        )
    }

    pub fn member(kind: Kind, of: &ObjectId, name: &str) -> Self {
        Self::new(kind, Name::Member { of: of.clone(), name: name.into() })
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub fn name(&self) -> &Name {
        &self.0.name
    }

    /// The object that this is a member of.
    pub fn parent(&self) -> Option<&ObjectId> {
        match &self.0.name {
            Name::Member { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The object at the top: the table of a column's default, the function of a grant.
    pub fn root(&self) -> &ObjectId {
        self.parent().map_or(self, ObjectId::root)
    }

    /// Whether this is `other` or a member of it, at any depth.
    pub fn is_within(&self, other: &ObjectId) -> bool {
        self == other || self.parent().is_some_and(|p| p.is_within(other))
    }

    /// The last part of the name, unquoted.
    pub fn base(&self) -> &str {
        match &self.0.name {
            Name::Global(name)
            | Name::Qualified { name, .. }
            | Name::Routine { name, .. }
            | Name::Member { name, .. } => name,
        }
    }

    /// The schema that the object (or what it is a member of) lives in; a schema lives in itself.
    pub fn schema(&self) -> Option<&str> {
        match &self.0.name {
            Name::Global(name) => (self.0.kind == Kind::Schema).then_some(name),
            Name::Qualified { schema, .. } | Name::Routine { schema, .. } => {
                (!schema.is_empty()).then_some(schema)
            }
            Name::Member { of, .. } => of.schema(),
        }
    }

    /// The name as SQL: `public.t`, `public.f(integer)`, and for members the last part alone.
    pub fn sql(&self) -> String {
        match &self.0.name {
            Name::Global(name) | Name::Member { name, .. } => quote::ident(name),
            Name::Qualified { schema, name } => quote::qualified(schema, name),
            Name::Routine { schema, name, args } => match self.0.kind {
                Kind::Cast => format!("({args})"),
                Kind::Transform => args.to_string(),
                Kind::Operator => format!("{}.{name} ({args})", quote::ident(schema)),
                Kind::OperatorClass | Kind::OperatorFamily => {
                    format!("{} USING {args}", quote::qualified(schema, name))
                }
                _ => format!("{}({args})", quote::qualified(schema, name)),
            },
        }
    }

    /// The last part of the name as SQL.
    pub fn base_sql(&self) -> String {
        quote::ident(self.base())
    }

    /// The same object under another last name.
    pub fn with_base(&self, base: &str) -> Self {
        let base: Arc<str> = base.into();
        Self::new(
            self.0.kind,
            match self.0.name.clone() {
                Name::Global(_) => Name::Global(base),
                Name::Qualified { schema, .. } => Name::Qualified { schema, name: base },
                Name::Routine { schema, args, .. } => Name::Routine { schema, name: base, args },
                Name::Member { of, .. } => Name::Member { of, name: base },
            },
        )
    }

    /// The same object in another schema (for members: of the same parent in another schema).
    pub fn with_schema(&self, schema: &str) -> Self {
        let new: Arc<str> = schema.into();
        Self::new(
            self.0.kind,
            match self.0.name.clone() {
                Name::Global(name) => Name::Global(name),
                Name::Qualified { name, .. } => Name::Qualified { schema: new, name },
                Name::Routine { name, args, .. } => Name::Routine { schema: new, name, args },
                Name::Member { of, name } => Name::Member { of: of.with_schema(schema), name },
            },
        )
    }

    /// The same member of another object.
    pub fn with_parent(&self, parent: &ObjectId) -> Self {
        Self::member(self.0.kind, parent, self.base())
    }
}

/// `table public.t`, `column public.t.a`, `function public.f(integer)`, `schema app`.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.kind().word();
        match (self.kind().of(), self.parent()) {
            (Some(of), Some(parent)) if self.base().is_empty() => write!(f, "{word} {of} {parent}"),
            (Some(of), Some(parent)) => write!(f, "{word} {of} {parent}.{}", self.base_sql()),
            _ => write!(f, "{word} {}", Path(self)),
        }
    }
}

/// The dotted path without the kind.
struct Path<'a>(&'a ObjectId);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.parent() {
            Some(of) if self.0.base().is_empty() => write!(f, "{}", Path(of)),
            Some(of) => write!(f, "{}.{}", Path(of), self.0.sql()),
            None => f.write_str(&self.0.sql()),
        }
    }
}

impl ObjectId {
    /// The dotted path without the kind: `public.t.a`.
    pub fn path(&self) -> String {
        Path(self).to_string()
    }
}
