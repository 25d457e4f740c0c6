//! Comments. Manual: COMMENT.
//!
//! A member of what it is about, named "" — or by a part that is no object of its own: a view's column, a
//! domain's constraint, a column's NOT NULL (from 18 on), `index` for the index of a constraint, `sequence` for that
//! behind an identity column.

use serde::{Deserialize, Serialize};

use super::identity;
use crate::{
    Alter, Context, Definition, Kind, Literals, Object, ObjectId, ReadError, Row, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Comment {
    pub text: String,
    /// Whether every such object is made with this text: what an extension says of itself.
    pub born: bool,
}

/// What initdb says of schema `public`; it comes back when another comment goes.
const OF_PUBLIC: &str = "standard public schema";

/// What stands behind COMMENT ON.
fn target(id: &ObjectId, cx: &Context) -> String {
    let Some(of) = id.parent() else { return String::new() };
    if let Some(sequence) = identity::sequence_of(id, cx) {
        return format!("SEQUENCE {}", sequence.sql());
    }
    let (kind, part) = (of.kind(), id.base_sql());
    let root = of.root().sql();
    match kind {
        Kind::View | Kind::MaterializedView if !id.base().is_empty() => {
            format!("COLUMN {root}.{part}")
        }
        Kind::Domain if !id.base().is_empty() => format!("CONSTRAINT {part} ON DOMAIN {root}"),
        Kind::Column if !id.base().is_empty() => format!("CONSTRAINT {part} ON {root}"),
        Kind::Constraint if !id.base().is_empty() => {
            format!("INDEX {}", quote::qualified(of.schema().unwrap_or_default(), of.base()))
        }
        Kind::Column | Kind::Attribute => format!("COLUMN {root}.{}", of.base_sql()),
        Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{} {} ON {root}", kind.keyword(), of.base_sql())
        }
        _ if of.parent().is_some() => {
            format!(
                "{} {}",
                kind.keyword(),
                quote::qualified(of.schema().unwrap_or_default(), of.base())
            )
        }
        _ => format!("{} {}", kind.keyword(), of.sql()),
    }
}

fn sql(id: &ObjectId, text: Option<&str>, cx: &Context) -> String {
    format!("COMMENT ON {} IS {}", target(id, cx), text.map_or("NULL".to_owned(), quote::literal))
}

/// What a part had and loses by being dropped and added again, where it is not changed itself.
pub(super) fn restored(of: &ObjectId, part: &str, cx: &Context) -> Option<String> {
    let id = ObjectId::member(Kind::Comment, of, part);
    match (cx.from.get(&id), cx.to.get(&id)) {
        (Some(Object::Comment(old)), Some(Object::Comment(new))) if old.text == new.text => {
            Some(sql(&id, Some(&new.text), cx))
        }
        _ => None,
    }
}

impl Definition for Comment {
    const QUERY: &'static str = include_str!("comment.sql");
    const CATALOG: &'static str = "pg_description";
    const OF: Option<&'static str> = Some("on");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (text, part) = (row.text()?, row.text()?);
        let id = ObjectId::member(Kind::Comment, &row.object()?, &part);
        Ok((id, Self { text, born: row.flag()? }))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step = Step::create(id, sql(id, Some(&self.text), cx));
        let step = step.literals(Literals::Inert).undo(sql(id, None, cx));
        vec![match id.parent() {
            Some(of) if self.born => step.with(of),
            _ => step,
        }]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(of) = id.parent() else { return Vec::new() };
        if identity::loses_sequence(id, cx) {
            return Vec::new();
        }
        let before = (of.kind() == Kind::Schema && of.base() == "public").then_some(OF_PUBLIC);
        let step = Step::drop(id, sql(id, before, cx)).literals(Literals::Inert);
        vec![step.undo(sql(id, Some(&self.text), cx)).with(of)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { text: old, born: _ } = self;
        let Self { text, born: _ } = to;
        let step = Step::alter(id, sql(id, Some(text), cx)).literals(Literals::Inert);
        Alter::InPlace(vec![step.undo(sql(id, Some(old), cx))])
    }

    fn canonical(&mut self) {
        self.born = false;
    }
}
