//! Labels of enum types, so that a label can be depended on and renamed. The type's own definition holds
//! them in their order and writes all SQL about them. Manual: 8.7 Enumerated Types.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Label {}

impl Definition for Label {
    const QUERY: &'static str = include_str!("label.sql");
    const CATALOG: &'static str = "pg_enum";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let label = row.text()?;
        Ok((ObjectId::member(Kind::Label, &row.object()?, &label), Self {}))
    }

    fn create(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn drop(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self {} = self;
        let Self {} = to;
        Alter::InPlace(Vec::new())
    }

    fn slots(&self, _id: &ObjectId) -> Vec<Slot> {
        // the type sees to swaps itself
        Vec::new()
    }
}
