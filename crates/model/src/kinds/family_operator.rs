//! An operator of a family that belongs to none of its classes. Manual: ALTER OPERATOR FAMILY.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, Verb,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FamilyOperator {
    pub strategy: i64,
    pub left: String,
    pub right: String,
    /// Qualified name.
    pub operator: String,
    /// Qualified name of the family that it orders by.
    pub order_by: Option<String>,
}

impl Definition for FamilyOperator {
    const QUERY: &'static str = include_str!("family_operator.sql");
    const CATALOG: &'static str = "pg_amop";
    const ANY: Option<&'static str> = Some("pg_amop where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let family = row.object()?;
        let (strategy, left, right) = (row.int()?, row.text()?, row.text()?);
        let name = format!("{strategy} ({left}, {right})");
        let (operator, order_by) = (row.text()?, row.opt_text()?);
        Ok((
            ObjectId::member(Kind::FamilyOperator, &family, &name),
            Self { strategy, left, right, operator, order_by },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { strategy, left, right, operator, order_by } = self;
        let order_by: String =
            order_by.iter().map(|family| format!(" FOR ORDER BY {family}")).collect();
        let item = format!("OPERATOR {strategy} {operator} ({left}, {right}){order_by}");
        vec![Step::action(Verb::Create, id, &add(id), &item)]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { strategy, left, right, operator: _, order_by: _ } = self;
        let item = format!("OPERATOR {strategy} ({left}, {right})");
        vec![Step::action(Verb::Drop, id, &remove(id), &item).with(id.root())]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { strategy: _, left: _, right: _, operator: _, order_by: _ } = self;
        let Self { strategy: _, left: _, right: _, operator: _, order_by: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let Self { strategy, left, right, operator: _, order_by: _ } = self;
        let name = format!("{}\0{strategy}\0{left}\0{right}", id.root().path());
        vec![Slot { space: "pg_amop", name }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { strategy: _, left, right, operator, order_by } = self;
        [left, right, operator].into_iter().chain(order_by).collect()
    }
}

/// What stands before the items of one statement.
pub(super) fn add(id: &ObjectId) -> String {
    format!("ALTER OPERATOR FAMILY {} ADD", id.root().sql())
}

pub(super) fn remove(id: &ObjectId) -> String {
    format!("ALTER OPERATOR FAMILY {} DROP", id.root().sql())
}
