//! Names that change, and everything that speaks of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use ordain_model::{Catalog, Name, Object, ObjectId, quote, tokens};

/// Names that change. What is inside of something renamed changes with it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Mapping {
    pub exact: BTreeMap<ObjectId, ObjectId>,
    pub relocations: Vec<Relocation>,
}

/// A schema that an extension leaves, the one that it goes to, and the names that go with it.
#[derive(Debug, Clone)]
pub(crate) struct Relocation {
    old: String,
    new: String,
    members: HashSet<String>,
}

impl Mapping {
    pub fn id(&self, id: &ObjectId) -> ObjectId {
        if self.exact.is_empty() && self.relocations.is_empty() {
            return id.clone();
        }
        if let Some(new) = self.exact.get(id) {
            return new.clone();
        }
        let mapped = match id.name() {
            Name::Member { of, .. } => id.with_parent(&self.id(of)),
            Name::Qualified { schema, .. } => id.with_schema(&self.schema(schema)),
            Name::Routine { schema, name, args } => {
                let args = self.text(args, &[]);
                ObjectId::routine(id.kind(), &self.schema(schema), name, &args)
            }
            Name::Global(_) => return id.clone(),
        };
        if mapped == *id { id.clone() } else { mapped }
    }

    fn schema(&self, name: &str) -> String {
        let renamed = self
            .exact
            .iter()
            .find(|(old, _)| matches!(old.name(), Name::Global(_)) && old.schema() == Some(name));
        renamed.map_or(name.to_owned(), |(_, new)| new.base().to_owned())
    }

    /// Where a name of this schema is now that belongs to an extension; without a name, one that is no identifier.
    fn relocated(&self, schema: &str, name: Option<&str>) -> Option<&str> {
        let is_it =
            |r: &&Relocation| r.old == schema && name.is_none_or(|name| r.members.contains(name));
        self.relocations.iter().find(is_it).map(|r| r.new.as_str())
    }

    /// The renamed members, as (old, new) last names.
    pub fn columns(&self) -> Vec<(&str, &str)> {
        let members = self.exact.iter().filter(|(old, _)| old.parent().is_some());
        members.map(|(old, new)| (old.base(), new.base())).collect()
    }

    /// A text with renamed objects in it, token by token; `columns` are the members that it may speak of.
    pub fn text(&self, text: &str, columns: &[(&str, &str)]) -> String {
        tokens::replace_identifiers(text, &|chain| {
            let mut parts: Vec<String> = chain.parts.iter().map(ToString::to_string).collect();
            let before = parts.clone();
            if parts.len() >= 2 && !chain.field {
                let found = self.exact.iter().find_map(|(old, new)| match old.name() {
                    Name::Qualified { schema, name } | Name::Routine { schema, name, .. } => {
                        let whole = schema.as_ref() == parts[0] && name.as_ref() == parts[1];
                        // Columns are often written behind their table's bare name.
                        let bare = name.as_ref() == parts[0] && parts.len() == 2;
                        match (whole, bare, new.schema()) {
                            (true, _, Some(schema)) => Some((true, schema, new.base())),
                            (_, true, Some(schema)) => Some((false, schema, new.base())),
                            _ => None,
                        }
                    }
                    _ => None,
                });
                match found {
                    Some((true, schema, base)) => {
                        parts[0] = schema.to_owned();
                        parts[1] = base.to_owned();
                    }
                    Some((false, _, base)) => parts[0] = base.to_owned(),
                    None => match self.relocated(&parts[0], Some(&parts[1])) {
                        Some(schema) => parts[0] = schema.to_owned(),
                        None => parts[0] = self.schema(&parts[0]),
                    },
                }
            } else if parts.len() == 1
                && text[chain.end..].starts_with('.')
                && let Some(schema) = self.relocated(&parts[0], None)
            {
                // OPERATOR(schema.=)
                parts[0] = schema.to_owned();
            }
            let is_column = parts.len() != 2 || before[0] != parts[0] || before[1] == parts[1];
            if is_column
                && let Some(last) = parts.last_mut()
                && let Some((_, new)) = columns.iter().find(|(old, _)| old == last)
            {
                *last = (*new).to_owned();
            }
            (parts != before)
                .then(|| parts.iter().map(|p| quote::ident(p)).collect::<Vec<_>>().join("."))
        })
    }
}

/// A catalog as the server will have it when all of this has been renamed.
pub(crate) fn rewrite(catalog: &mut Catalog, mapping: &Mapping) {
    let mut columns: HashMap<ObjectId, Vec<(String, String)>> = HashMap::new();
    for edge in &catalog.edges {
        if edge.used.parent().is_some()
            && let Some(new) = mapping.exact.get(&edge.used)
        {
            let pair = (edge.used.base().to_owned(), new.base().to_owned());
            columns.entry(edge.user.clone()).or_default().push(pair);
        }
    }
    let none = Vec::new();
    let objects = std::mem::take(&mut catalog.objects);
    for (id, mut object) in objects {
        let pairs: Vec<(&str, &str)> = columns
            .get(&id)
            .unwrap_or(&none)
            .iter()
            .map(|(old, new)| (old.as_str(), new.as_str()))
            .collect();
        for text in object.texts_mut() {
            let new = mapping.text(text, &pairs);
            if new != *text {
                *text = new;
            }
        }
        for inner in object.ids_mut() {
            *inner = mapping.id(inner);
        }
        catalog.objects.insert(mapping.id(&id), object);
    }
    let edges = std::mem::take(&mut catalog.edges);
    catalog.edges = edges
        .into_iter()
        .map(|mut edge| {
            let user = mapping.id(&edge.user);
            edge.used = match (user.schema(), edge.used.name()) {
                // What moved is in its new schema now.
                (Some(schema), Name::Global(name))
                    if edge.used.schema().is_some()
                        && edge.user.schema() == Some(name)
                        && edge.user.schema() != user.schema() =>
                {
                    ObjectId::global(edge.used.kind(), schema)
                }
                _ => mapping.id(&edge.used),
            };
            edge.user = user;
            edge
        })
        .collect();
}

/// Extensions that are in different schemas on the two sides and can move between them: what belongs to them is no
/// object here and moves along, so texts that speak of it are all that changes.
pub(crate) fn relocations(from: &Catalog, to: &Catalog) -> Vec<Relocation> {
    let moves = |(id, object): (&ObjectId, &Object)| {
        let ((old, members), (new, _)) = (object.brings()?, to.get(id)?.brings()?);
        let members = members.iter().cloned().collect();
        (old != new && object.takes_along()).then(|| Relocation {
            old: old.to_owned(),
            new: new.to_owned(),
            members,
        })
    };
    from.objects.iter().filter_map(moves).collect()
}
