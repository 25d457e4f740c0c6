//! Composite types. Manual: 8.16 Composite Types, CREATE TYPE, ALTER TYPE.
//!
//! Attributes are members of their own; the type holds their order, which counts: it is that of ROW(…) and of
//! the values' text.

use serde::{Deserialize, Serialize};

use super::attribute::{is_embedded, is_stored};
use crate::{
    Alter, Context, Definition, Kind, Object, ObjectId, ReadError, Replace, Row, Side, Slot, Step,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Composite {
    /// In their order.
    pub attributes: Vec<ObjectId>,
}

/// Whether a table is OF the type: the server would change the type only together with the table.
fn is_of_a_table(cx: &Context, id: &ObjectId) -> bool {
    cx.users(Side::From, id).iter().any(|edge| edge.user.kind() == Kind::Table)
}

impl Definition for Composite {
    const QUERY: &'static str = include_str!("composite.sql");
    const CATALOG: &'static str = "pg_type";
    const ANY: Option<&'static str> = Some("pg_class where oid >= 16384 and relkind = 'c'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        let id = ObjectId::qualified(Kind::Composite, &schema, &name);
        let attributes =
            row.texts()?.iter().map(|a| ObjectId::member(Kind::Attribute, &id, a)).collect();
        Ok((id, Self { attributes }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![
            Step::create(id, format!("CREATE TYPE {} AS", id.sql()))
                .frame("", true)
                .undo(format!("DROP TYPE {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TYPE {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { attributes: old } = self;
        let Self { attributes: new } = to;
        // attributes go one by one and come at the end
        let kept = || old.iter().filter(|a| new.contains(a));
        let appended = new.iter().filter(|a| !old.contains(a));
        let as_before = old == new;
        if as_before || !is_of_a_table(cx, id) && kept().chain(appended).eq(new) {
            return Alter::InPlace(Vec::new());
        }
        Alter::Replace(if is_embedded(cx, id) { Replace::Aside } else { Replace::DropCreate })
    }

    /// The values' text must be that of the new type: arrays of them move by it. So what goes is dropped and what
    /// comes at the end is there, with no value.
    fn step_aside(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
        let mut steps = self.rename(id, aside);
        steps.iter_mut().for_each(|step| step.hazards.clear());
        let Some(Object::Composite(to)) = cx.to.get(id) else { return steps };
        let gone = self.attributes.iter().filter(|a| !to.attributes.contains(a));
        let new = to.attributes.iter().filter(|a| !self.attributes.contains(a));
        let drops = gone.map(|a| format!("DROP ATTRIBUTE {}", a.base_sql()));
        let actions: Vec<String> =
            drops.chain(new.map(|a| format!("ADD ATTRIBUTE {} text", a.base_sql()))).collect();
        if !actions.is_empty() && is_stored(cx, id) {
            let sql = format!("ALTER TYPE {} {}", aside.sql(), actions.join(", "));
            steps.push(Step::alter(aside, sql).without_edges().disturbs());
        }
        steps
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TYPE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        // its attributes belong to a relation of the same name, which no table may have
        vec![Slot::new("pg_type", id), Slot::new("pg_class", id)]
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        self.attributes.iter_mut().collect()
    }
}
