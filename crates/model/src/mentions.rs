//! Names of other objects in text that the server does not look into: bodies of sql and plpgsql routines.
//!
//! What is found only ever asks for an order ([`Strength::Soft`]), so a false hit costs nothing, and a miss is
//! what `check_function_bodies = off` is for.

use std::collections::{BTreeSet, HashMap};

use crate::{
    Catalog, Dependency, Kind, Name, ObjectId, Strength,
    kinds::soft,
    tokens::{self, Chain, TokenKind},
};

/// Edges from every object with such a text to the relations, types and routines that it may mean. Those that
/// the catalog knows for hard are left out.
pub fn soft_edges(catalog: &Catalog) -> Vec<Dependency> {
    let names = Names::new(catalog);
    let mut edges = Vec::new();
    for (id, object) in &catalog.objects {
        let Some(text) = object.unparsed() else { continue };
        let mut mentioned = BTreeSet::new();
        names.collect(text, &mut mentioned);
        let hard = |used: &ObjectId| {
            catalog.edges.contains(&Dependency {
                user: id.clone(),
                used: used.clone(),
                strength: Strength::Hard,
            })
        };
        edges.extend(
            mentioned
                .into_iter()
                .filter(|used| *used != id && !hard(used))
                .map(|used| soft(id, used)),
        );
    }
    edges
}

/// What can be named in a statement, by its last name.
struct Names<'a>(HashMap<&'a str, Vec<&'a ObjectId>>);

impl<'a> Names<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        let mut names: HashMap<&str, Vec<&ObjectId>> = HashMap::new();
        let nameable = |id: &&ObjectId| match id.name() {
            Name::Qualified { .. } => id.kind() != Kind::Index,
            Name::Routine { .. } => true,
            Name::Global(_) | Name::Member { .. } => false,
        };
        for id in catalog.objects.keys().filter(nameable) {
            names.entry(id.base()).or_default().push(id);
        }
        Self(names)
    }

    fn collect(&self, text: &str, found: &mut BTreeSet<&'a ObjectId>) {
        for chain in tokens::chains(text) {
            found.extend(self.meant(&chain));
        }
        for token in tokens::tokenize(text) {
            let inside: &str = &token.value;
            match token.kind {
                TokenKind::String | TokenKind::Dollar if is_statement(inside) => {
                    self.collect(inside, found);
                }
                // 'public.t'::regclass, nextval('public.s'); not every word of a message
                TokenKind::String => {
                    let chains = tokens::chains(inside);
                    let qualified = chains.iter().filter(|chain| chain.parts.len() > 1);
                    found.extend(qualified.flat_map(|chain| self.qualified(chain)));
                }
                _ => {}
            }
        }
    }

    fn meant(&self, chain: &Chain) -> Vec<&'a ObjectId> {
        if chain.field {
            return Vec::new();
        }
        let qualified = self.qualified(chain);
        if !qualified.is_empty() {
            return qualified;
        }
        let called = chain.called && chain.parts.len() == 1;
        let named = self.0.get(&*chain.parts[0]).into_iter().flatten();
        named.filter(|id| called || !is_routine(id)).copied().collect()
    }

    fn qualified(&self, chain: &Chain) -> Vec<&'a ObjectId> {
        let [schema, name, rest @ ..] = &chain.parts[..] else { return Vec::new() };
        let called = chain.called && rest.is_empty();
        let named = self.0.get(&**name).into_iter().flatten();
        named
            .filter(|id| id.schema() == Some(schema) && (called || !is_routine(id)))
            .copied()
            .collect()
    }
}

fn is_routine(id: &ObjectId) -> bool {
    matches!(id.name(), Name::Routine { .. })
}

/// Whether a string is likely a statement for EXECUTE.
fn is_statement(text: &str) -> bool {
    const FIRST: [&str; 15] = [
        "alter", "analyze", "call", "create", "delete", "drop", "grant", "insert", "lock", "merge",
        "refresh", "select", "truncate", "update", "with",
    ];
    let tokens = tokens::tokenize(text);
    tokens.len() > 1 && tokens.first().is_some_and(|first| FIRST.iter().any(|w| first.is_word(w)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned(text: &str) -> Vec<String> {
        let mut catalog = Catalog::default();
        let any = crate::kinds::schema::Schema {};
        for id in [
            ObjectId::qualified(Kind::Table, "public", "t"),
            ObjectId::qualified(Kind::Table, "other", "t"),
            ObjectId::qualified(Kind::Table, "public", "Mixed Case"),
            ObjectId::qualified(Kind::Sequence, "public", "s"),
            ObjectId::qualified(Kind::Enum, "public", "e"),
            ObjectId::qualified(Kind::Index, "public", "i"),
            ObjectId::routine(Kind::Function, "public", "f", "integer"),
            ObjectId::routine(Kind::Function, "public", "f", "text"),
        ] {
            catalog.objects.insert(id, any.clone().into());
        }
        let mut found = BTreeSet::new();
        Names::new(&catalog).collect(text, &mut found);
        found.into_iter().map(ObjectId::path).collect()
    }

    #[test]
    fn names_are_found_where_they_stand_as_names() {
        for (text, expected) in [
            ("select * from public.t", &["public.t"][..]),
            ("select T.a from t", &["other.t", "public.t"]),
            ("insert into public.t(a) values (1)", &["public.t"]),
            ("select 'e' -- t\n, s.x.y, i", &["public.s"]),
            ("x public.t.a%type; y e := 'v';", &["public.e", "public.t"]),
            ("select f(1), f", &["public.f(integer)", "public.f(text)"]),
            ("perform nextval('public.s')", &["public.s"]),
            ("raise 'no t in s'", &[]),
            ("execute 'delete from t where a = ' || b", &["other.t", "public.t"]),
            ("select \"Mixed Case\".a", &["public.Mixed Case"]),
            ("select (c).t, mixed", &[]),
        ] {
            let found: Vec<String> = mentioned(text).iter().map(|p| p.replace('"', "")).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
