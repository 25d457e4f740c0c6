//! A support function of an operator family that belongs to none of its classes. Manual: ALTER OPERATOR FAMILY.

use serde::{Deserialize, Serialize};

use super::family_operator::{add, remove};
use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, Verb,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FamilyFunction {
    pub number: i64,
    pub left: String,
    pub right: String,
    /// Qualified name with argument types.
    pub function: String,
}

impl Definition for FamilyFunction {
    const QUERY: &'static str = include_str!("family_function.sql");
    const CATALOG: &'static str = "pg_amproc";
    const ANY: Option<&'static str> = Some("pg_amproc where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let family = row.object()?;
        let (number, left, right) = (row.int()?, row.text()?, row.text()?);
        let name = format!("{number} ({left}, {right})");
        let function = row.text()?;
        Ok((
            ObjectId::member(Kind::FamilyFunction, &family, &name),
            Self { number, left, right, function },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { number, left, right, function } = self;
        let item = format!("FUNCTION {number} ({left}, {right}) {function}");
        vec![Step::action(Verb::Create, id, &add(id), &item)]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { number, left, right, function: _ } = self;
        let item = format!("FUNCTION {number} ({left}, {right})");
        vec![Step::action(Verb::Drop, id, &remove(id), &item).with(id.root())]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { number: _, left: _, right: _, function: _ } = self;
        let Self { number: _, left: _, right: _, function: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let Self { number, left, right, function: _ } = self;
        let name = format!("{}\0{number}\0{left}\0{right}", id.root().path());
        vec![Slot { space: "pg_amproc", name }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { number: _, left, right, function } = self;
        vec![left, right, function]
    }
}
