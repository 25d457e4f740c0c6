//! What makes a plain table the child of another. Manual: 5.10 Inheritance, ALTER TABLE … INHERIT.
//!
//! A new child says INHERITS in its CREATE TABLE, which is what makes columns the parent's.

use serde::{Deserialize, Serialize};

use super::{constraint_ties, default, family};
use crate::{
    Alter, Context, Definition, Dependency, Disturbance, HazardKind, How, Kind, Lock, Object,
    ObjectId, ReadError, Replace, Row, Slot, Step, Survival, kinds::hard,
};

/// A member of the child, named by the parent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inheritance {
    pub parent: ObjectId,
    /// From 1 among the child's parents; not compared.
    pub position: i64,
}

/// A column that has been without a parent for a moment is the child's own for ever: where nothing about the columns
/// of both stands in the way, a new parent comes before an old one goes.
fn successors(child: &ObjectId, cx: &Context) -> Vec<ObjectId> {
    let settled = |table: &ObjectId| {
        cx.from.members(Kind::Column, table).all(|(id, old)| match (old, cx.to.get(id)) {
            (Object::Column(old), Some(Object::Column(new))) => {
                old.type_name == new.type_name && old.collation == new.collation
            }
            _ => true,
        })
    };
    let links = cx.to.members(Kind::Inheritance, child);
    links
        .filter(|(id, object)| match object {
            Object::Inheritance(link) => {
                cx.comes(id) && settled(child) && settled(&link.parent) && !is_built_anew(child, cx)
            }
            _ => false,
        })
        .map(|(id, _)| id.clone())
        .collect()
}

/// Whether CREATE TABLE says INHERITS, as far as a child's own columns tell.
pub(super) fn is_made(child: &ObjectId, cx: &Context) -> bool {
    !cx.from.contains(child) || is_built_anew(child, cx)
}

/// A constraint that a parent does not hand down.
fn is_key(object: &Object) -> bool {
    object.kind() == Kind::Constraint && !constraint_ties::is_check(object)
}

/// Whether a child that is there has to be built anew for its columns: what has been its own stays that, whatever it
/// inherits later, and so does what comes before its parent does.
fn is_built_anew(child: &ObjectId, cx: &Context) -> bool {
    if !cx.from.contains(child) || !family::inherits(cx, child) {
        return false;
    }
    let kept = family::kept_parents(cx, child);
    let arrives = |column: &ObjectId| {
        kept.iter()
            .any(|parent| cx.to.contains(&ObjectId::member(Kind::Column, parent, column.base())))
    };
    let asks = |(id, new): (&ObjectId, &Object)| match (cx.from.get(id), new) {
        (Some(Object::Column(old)), Object::Column(new)) => {
            old != new && matches!(old.change(id, new, cx), Alter::Replace(Replace::Aside))
        }
        (_, Object::Column(new)) => !new.local && !arrives(id),
        _ => false,
    };
    cx.to.members(Kind::Column, child).any(asks)
}

impl Definition for Inheritance {
    const QUERY: &'static str = include_str!("inheritance.sql");
    const CATALOG: &'static str = "pg_inherits";
    const ANY: Option<&'static str> = Some("pg_inherits");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (child, parent) = (row.object()?, row.object()?);
        let id = ObjectId::member(Kind::Inheritance, &child, &parent.sql());
        Ok((id, Self { parent, position: row.int()? }))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        vec![hard(id, &self.parent)]
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(child) = id.parent() else { return Vec::new() };
        let is_new = is_made(child, cx);
        let members = [Kind::Column, Kind::Constraint].into_iter().flat_map(|kind| {
            [child, &self.parent].into_iter().flat_map(move |table| {
                let members = cx.to.members(kind, table);
                members.filter(|(_, object)| !is_key(object)).map(|(id, _)| id.clone())
            })
        });
        // what the parent loses first, the child need not have
        let lost = [Kind::Column, Kind::Constraint]
            .into_iter()
            .flat_map(|kind| cx.from.members(kind, &self.parent).map(|(id, _)| id.clone()))
            .filter(|id| cx.goes(id));
        let action =
            |word: &str| format!("ALTER TABLE {} {word} {}", child.sql(), self.parent.sql());
        let mut steps = vec![
            Step::create(id, action("INHERIT"))
                .needs(members.chain(lost).filter(|_| !is_new))
                .lock(Lock::AccessExclusive, child)
                .undo(action("NO INHERIT"))
                .with(child),
        ];
        if is_new {
            // CREATE TABLE … INHERITS takes the parent's defaults
            let columns = cx.to.members(Kind::Column, child).map(|(column, _)| column);
            let from_here = |column: &&ObjectId| {
                default::brought(cx, column).is_some_and(|theirs| *theirs.root() == self.parent)
            };
            let disowned = columns.filter(from_here).filter_map(|c| default::disowned(id, c, cx));
            steps.extend(disowned);
        }
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(child) = id.parent() else { return Vec::new() };
        let columns = [child, &self.parent].into_iter().flat_map(|table| {
            cx.from.members(Kind::Column, table).map(|(id, _)| id.clone()).collect::<Vec<_>>()
        });
        let sql = format!("ALTER TABLE {} NO INHERIT {}", child.sql(), self.parent.sql());
        vec![
            Step::drop(id, sql)
                .hazard(
                    HazardKind::BreaksClients,
                    format!("the rows of {} are no longer in {}", child.sql(), self.parent.sql()),
                )
                .lock(Lock::AccessExclusive, child)
                .needs(successors(child, cx))
                .releases(columns)
                .provides(cx.to.members(Kind::Column, child).map(|(column, _)| column.clone()))
                .with(child),
        ]
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        let Self { parent: _, position: _ } = self;
        Alter::InPlace(Vec::new())
    }

    fn needs_new_whole(&self, id: &ObjectId, cx: &Context) -> bool {
        id.parent().is_some_and(|child| is_built_anew(child, cx))
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        let inherits = |child| {
            let mut columns = cx.to.members(Kind::Column, child);
            columns.any(|(_, object)| matches!(object, Object::Column(column) if !column.local))
        };
        match what.how {
            How::Altered => Survival::Keep,
            // without its parent for a moment, a child has all columns of its own
            _ if what.object == self.parent && id.parent().is_some_and(inherits) => {
                Survival::ReplaceAside
            }
            _ => Survival::Replace,
        }
    }

    /// A child that stands aside is no child any more.
    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_inherits", name: id.path() }]
    }

    fn canonical(&mut self) {
        self.position = 0;
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.parent]
    }
}
