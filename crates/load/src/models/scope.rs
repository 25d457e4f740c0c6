//! What a desired state with models in it can speak of.

use std::collections::BTreeSet;

use ordain_model::{Catalog, Kind, Object, ObjectId, Only};

use super::{Models, Named};

/// Kinds of which models say everything that there is to be in their schemas.
const KINDS: [Kind; 15] = [
    Kind::Schema,
    Kind::Enum,
    Kind::Label,
    Kind::Domain,
    Kind::Sequence,
    Kind::Table,
    Kind::Column,
    Kind::Default,
    Kind::OwnedBy,
    Kind::Constraint,
    Kind::Index,
    Kind::PartitionOf,
    Kind::IndexPartitionOf,
    Kind::Inheritance,
    Kind::Comment,
];

/// Which roles count is decided elsewhere.
const ACCESS: [Kind; 3] = [Kind::Owner, Kind::Privileges, Kind::DefaultPrivileges];

/// The scope of models beside sources that speak of `others` (words of kinds), whose outcome together is `desired`.
/// `copied` are objects that were only taken over from the current side.
pub(crate) fn only(
    models: &Models,
    default_schema: &str,
    others: &BTreeSet<String>,
    desired: &Catalog,
    copied: &BTreeSet<ObjectId>,
) -> Only {
    let schema = |name: &Option<String>| name.clone().unwrap_or_else(|| default_schema.to_owned());
    let mut schemas: BTreeSet<String> = models.schemas.iter().map(schema).collect();
    let kinds = KINDS.iter().chain(&ACCESS).map(|kind| kind.word().to_owned());
    let kinds: BTreeSet<String> =
        kinds.chain(others.iter().cloned()).chain(models.kinds.iter().cloned()).collect();
    let ours = desired.objects.keys().filter(|id| !copied.contains(id.root()));
    if !others.is_empty() {
        let theirs = ours.clone().filter(|id| others.contains(id.kind().word()));
        schemas.extend(theirs.filter_map(|id| id.root().schema()).map(str::to_owned));
    }
    let mut comments: BTreeSet<String> =
        [Kind::Table, Kind::Column].map(|kind| kind.word().to_owned()).into();
    if models.sqlalchemy >= (2, 0) {
        comments.insert(Kind::Constraint.word().to_owned());
    }
    comments.extend(others.iter().cloned());

    let named = |kind: Kind, (schema, name): &(String, String)| {
        ObjectId::qualified(kind, schema, name).to_string()
    };
    let tables = models.tables_elsewhere(default_schema);
    let tables = tables
        .iter()
        .flat_map(|t| [Kind::Table, Kind::ForeignTable, Kind::View].map(|kind| named(kind, t)));
    let types = resolved(&models.types_elsewhere, default_schema);
    let types = types.iter().flat_map(|t| [Kind::Enum, Kind::Domain].map(|kind| named(kind, t)));
    let mut only = Only {
        schemas,
        kinds,
        comments,
        elsewhere: tables.chain(types).collect(),
        ..Only::default()
    };
    // A new database has this one whether anybody wants it or not.
    let public = ObjectId::global(Kind::Schema, "public");
    let beyond = ours.clone().filter(|id| !only.covers_kind(id) && id.root() != &public);
    let beyond = beyond.map(ObjectId::to_string);
    let mut beyond: BTreeSet<String> = beyond.collect();
    for (id, object) in desired.objects.iter().filter(|(id, _)| !copied.contains(id.root())) {
        match object {
            Object::Table(table) if table.partition_key.is_some() => {
                only.partitioned.insert(id.to_string());
            }
            Object::PartitionOf(_) => {
                beyond.insert(id.root().to_string());
            }
            _ => {}
        }
    }
    only.named = beyond;
    only
}

/// Tables that models must say themselves if they use them: those of their own schemas, but for what is marked as made
/// elsewhere.
pub(crate) struct Tables {
    schemas: BTreeSet<String>,
    elsewhere: BTreeSet<(String, String)>,
}

impl Tables {
    pub fn covers(&self, id: &ObjectId) -> bool {
        let Some(schema) = id.schema().filter(|_| id.kind() == Kind::Table) else { return false };
        self.schemas.contains(schema)
            && !self.elsewhere.contains(&(schema.to_owned(), id.base().to_owned()))
    }
}

impl Models {
    pub(crate) fn tables_that_must_be_said(&self, default_schema: &str) -> Tables {
        let schema = |name: &Option<String>| name.clone().unwrap_or(default_schema.to_owned());
        Tables {
            schemas: self.schemas.iter().map(schema).collect(),
            elsewhere: self.tables_elsewhere(default_schema),
        }
    }

    /// Schema and name of what is referred to and made by somebody else: what one metadata refers to and another one
    /// makes, perhaps without naming its schema, is not.
    fn tables_elsewhere(&self, default_schema: &str) -> BTreeSet<(String, String)> {
        let made = resolved(&self.tables, default_schema);
        resolved(&self.elsewhere, default_schema).difference(&made).cloned().collect()
    }
}

fn resolved(names: &[Named], default_schema: &str) -> BTreeSet<(String, String)> {
    let schema = |name: &Named| name.schema.clone().unwrap_or_else(|| default_schema.to_owned());
    names.iter().map(|name| (schema(name), name.name.clone())).collect()
}
