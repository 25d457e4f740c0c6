//! Which column owns a sequence, and takes it along when it goes. Manual: CREATE SEQUENCE, OWNED BY.

use serde::{Deserialize, Serialize};

use super::hard;
use crate::{
    Alter, Context, Definition, Dependency, Disturbance, How, Kind, ObjectId, ReadError, Row, Step,
    Survival,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OwnedBy {
    pub column: ObjectId,
}

impl OwnedBy {
    fn sql(&self, id: &ObjectId) -> String {
        let table = self.column.root().sql();
        format!("ALTER SEQUENCE {} OWNED BY {table}.{}", id.root().sql(), self.column.base_sql())
    }
}

fn none(id: &ObjectId) -> String {
    format!("ALTER SEQUENCE {} OWNED BY NONE", id.root().sql())
}

impl Definition for OwnedBy {
    const QUERY: &'static str = include_str!("owned_by.sql");
    const CATALOG: &'static str = "pg_class";
    const OF: Option<&'static str> = Some("of");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::OwnedBy, &row.object()?, "");
        Ok((id, Self { column: row.object()? }))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        vec![hard(id, &self.column)]
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, self.sql(id)).undo(none(id))]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        // when the column goes, so does a sequence that is still its own
        let step = Step::drop(id, none(id)).undo(self.sql(id));
        vec![if cx.goes(id.root()) { step.with(&self.column).with(id.root()) } else { step }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { column: _ } = self;
        let Self { column: _ } = to;
        Alter::InPlace(vec![Step::alter(id, to.sql(id)).undo(self.sql(id))])
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        match &what.how {
            // the sequence changes over to the new table's column, and the old one goes without it
            How::Aside(aside) if self.column.is_within(&what.object) => {
                let column = match cx.to.get(id) {
                    Some(crate::Object::OwnedBy(to)) => to,
                    _ => self,
                };
                let step = Step::alter(id, column.sql(id))
                    .needs([column.column.clone()])
                    .releases([aside.clone()]);
                Survival::Follow(vec![step])
            }
            How::Altered => Survival::Keep,
            _ => Survival::Replace,
        }
    }

    fn moves_with(&self, id: &ObjectId) -> Option<(ObjectId, ObjectId)> {
        Some((id.root().clone(), self.column.root().clone()))
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.column]
    }
}
