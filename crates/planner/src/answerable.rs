//! Which questions about the data have an answer before the plan has run.

use std::collections::HashSet;

use ordain_model::{Change, Context, Name, ObjectId, tokens};

use crate::graph::Graph;

/// What a query cannot speak of yet.
pub struct Unborn<'a> {
    /// Schema and name of what comes.
    names: HashSet<(&'a str, &'a str)>,
    labels: Vec<&'a str>,
}

impl<'a> Unborn<'a> {
    pub fn new(graph: &'a Graph, changes: &'a [Change], cx: &Context<'a>) -> Self {
        let mut names = HashSet::new();
        for change in changes {
            let Change::Create { id, to } = change else { continue };
            names.extend(name(id));
            if let Some((schema, brought)) = to.brings() {
                names.extend(brought.iter().map(|name| (schema, name.as_str())));
            }
        }
        // a name may have changed its kind
        if !names.is_empty() {
            cx.from.objects.keys().filter_map(name).for_each(|name| {
                names.remove(&name);
            });
        }
        // Added to its type, or come with a type that is built anew.
        let provided = graph.nodes.iter().flat_map(|node| &node.step.provides);
        let new = provided.filter(|id| id.parent().is_some() && !cx.from.contains(id));
        let labels = new.map(ObjectId::base).collect();
        Self { names, labels }
    }

    /// Whether a query can run on the current database.
    pub fn is_answerable(&self, query: &str) -> bool {
        !self.labels.iter().any(|label| tokens::may_say(query, label) && is_constant(query, label))
            && !tokens::chains(query).iter().any(|chain| {
                chain.parts.len() >= 2 && self.names.contains(&(&*chain.parts[0], &*chain.parts[1]))
            })
    }
}

fn name(id: &ObjectId) -> Option<(&str, &str)> {
    match id.name() {
        Name::Qualified { schema, name } | Name::Routine { schema, name, .. } => {
            Some((schema, name))
        }
        _ => None,
    }
}

/// Whether a label stands there as a constant of a type in a schema, perhaps inside an array. As text it is no
/// question to the type.
fn is_constant(query: &str, label: &str) -> bool {
    let tokens = tokens::tokenize(query);
    tokens.windows(5).any(|w| {
        let inside = w[0].value.starts_with('{') && tokens::may_say(&w[0].value, label);
        w[0].kind == tokens::TokenKind::String
            && (w[0].value == label || inside)
            && w[1].is_symbol(':')
            && w[2].is_symbol(':')
            && w[4].is_symbol('.')
    })
}
