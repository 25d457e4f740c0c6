//! Not written yet.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct View {}

impl Definition for View {
    const QUERY: &'static str = include_str!("view.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let name = row.text()?;
        Ok((ObjectId::global(Kind::View, &name), Self {}))
    }

    fn create(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn drop(&self, _id: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    fn alter(&self, _id: &ObjectId, _to: &Self, _cx: &Context) -> Alter {
        Alter::Replace(Replace::DropCreate)
    }
}
