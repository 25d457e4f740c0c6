//! Attributes of composite types. Manual: ALTER TYPE.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Disturbance, Fold, HazardKind, How, Kind, Object, ObjectId,
    ReadError, Replace, Row, Side, Slot, Step, Survival, Verb,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// As `format_type` spells it, modifiers included.
    pub type_name: String,
    /// Qualified; `None` for the type's own.
    pub collation: Option<String>,
}

impl Attribute {
    fn spelled(&self, id: &ObjectId) -> String {
        format!("{} {}{}", id.base_sql(), self.type_name, self.collate())
    }

    fn collate(&self) -> String {
        self.collation.as_ref().map_or_else(String::new, |c| format!(" COLLATE {c}"))
    }

    fn retype(&self, id: &ObjectId) -> Step {
        let action =
            format!("ALTER ATTRIBUTE {} TYPE {}{}", id.base_sql(), self.type_name, self.collate());
        Step::action(Verb::Alter, id, &head(id), &action).disturbs().hazard(
            HazardKind::BreaksClients,
            format!("clients that read or write {} meet another type", id.path()),
        )
    }
}

fn head(id: &ObjectId) -> String {
    format!("ALTER TYPE {}", id.root().sql())
}

/// Whether the server would refuse to change an attribute's (or column's) type: a table holds values of the
/// composite type (or of the table's row type), perhaps inside a domain, an array or another composite (`find_composite_type_dependencies`).
pub fn is_stored(cx: &Context, composite: &ObjectId) -> bool {
    cx.users(Side::From, composite).iter().any(|edge| match edge.user.kind() {
        Kind::Column => !edge.user.is_within(composite),
        // a typed table
        Kind::Table => true,
        Kind::Domain | Kind::Range => is_stored(cx, &edge.user),
        Kind::Attribute => {
            edge.user.parent().is_some_and(|of| of != composite && is_stored(cx, of))
        }
        _ => false,
    })
}

/// Whether something that can only follow a rebuilt type, not be dropped and made again, is made of it.
pub fn is_embedded(cx: &Context, id: &ObjectId) -> bool {
    cx.users(Side::From, id).iter().any(|edge| match edge.user.kind() {
        Kind::Column | Kind::Attribute | Kind::Domain => !edge.user.is_within(id),
        // a typed table
        Kind::Table => true,
        Kind::Range => is_embedded(cx, &edge.user),
        _ => false,
    })
}

impl Definition for Attribute {
    const QUERY: &'static str = include_str!("attribute.sql");
    const CATALOG: &'static str = "pg_class";
    const ANY: Option<&'static str> = Some("pg_class where oid >= 16384 and relkind = 'c'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let name = row.text()?;
        let definition = Self { type_name: row.text()?, collation: row.opt_text()? };
        Ok((ObjectId::member(Kind::Attribute, &row.object()?, &name), definition))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let of = id.root();
        let position = match cx.to.get(of) {
            Some(Object::Composite(composite)) => composite.attributes.iter().position(|a| a == id),
            _ => None,
        };
        let rank = (0, position.and_then(|p| i32::try_from(p).ok()).unwrap_or(i32::MAX));
        let text = self.spelled(id);
        vec![
            Step::action(Verb::Create, id, &head(id), &format!("ADD ATTRIBUTE {text}"))
                .fold_first(Fold::Element { of: of.clone(), text, rank })
                .undo(format!("{} DROP ATTRIBUTE {}", head(id), id.base_sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step =
            Step::action(Verb::Drop, id, &head(id), &format!("DROP ATTRIBUTE {}", id.base_sql()))
                .with(id.root());
        vec![if is_stored(cx, id.root()) {
            step.hazard(
                HazardKind::DeletesData,
                format!("deletes {} from every stored value", id.path()),
            )
            .irreversible("the attribute's values are gone")
        } else {
            step
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { type_name: _, collation: _ } = self;
        let Self { type_name: _, collation: _ } = to;
        if is_stored(cx, id.root()) {
            return Alter::Replace(Replace::Aside);
        }
        Alter::InPlace(vec![to.retype(id)])
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        match &what.how {
            // its composite type is built anew, and it as a part of that
            _ if id.is_within(&what.object) => Survival::Replace,
            _ if is_stored(cx, id.root()) => Survival::ReplaceAside,
            How::Aside(aside) => {
                let to = match cx.to.get(id) {
                    Some(Object::Attribute(to)) => to,
                    _ => self,
                };
                Survival::Follow(vec![
                    to.retype(id).needs([what.object.clone()]).releases([aside.clone()]),
                ])
            }
            // by itself it would come back at the end
            How::Replaced | How::Altered => Survival::ReplaceAside,
        }
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let (old, new) = (id.base_sql(), to.base_sql());
        vec![
            Step::new(Verb::Rename, to, format!("{} RENAME ATTRIBUTE {old} TO {new}", head(to)))
                .hazard(
                    HazardKind::BreaksClients,
                    format!("clients that say {} must say {}", id.path(), to.path()),
                )
                .undo(format!("{} RENAME ATTRIBUTE {new} TO {old}", head(to))),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::within("pg_attribute", id)]
    }

    fn goes_along(&self, _id: &ObjectId) -> bool {
        true
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { type_name, collation } = self;
        std::iter::once(type_name).chain(collation).collect()
    }
}
