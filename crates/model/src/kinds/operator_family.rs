//! Operator families. Manual: CREATE OPERATOR FAMILY, ALTER OPERATOR FAMILY; 38.16 Interfacing Extensions to
//! Indexes.
//!
//! What belongs to one of its classes stands there; the rest are members of their own.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, Name, ObjectId, ReadError, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OperatorFamily {}

impl Definition for OperatorFamily {
    const QUERY: &'static str = include_str!("operator_family.sql");
    const CATALOG: &'static str = "pg_opfamily";
    const ANY: Option<&'static str> = Some("pg_opfamily where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name, method) = (row.text()?, row.text()?, row.text()?);
        Ok((ObjectId::routine(Kind::OperatorFamily, &schema, &name, &method), Self {}))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let sql = format!("CREATE OPERATOR FAMILY {}", id.sql());
        vec![Step::create(id, sql).undo(format!("DROP OPERATOR FAMILY {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP OPERATOR FAMILY {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self {} = self;
        let Self {} = to;
        Alter::InPlace(Vec::new())
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("OPERATOR FAMILY", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![slot("pg_opfamily", id)]
    }
}

/// Names of classes and families are told apart by access method.
pub(super) fn slot(space: &'static str, id: &ObjectId) -> Slot {
    let method = match id.name() {
        Name::Routine { args, .. } => args,
        _ => "",
    };
    let schema = id.schema().unwrap_or_default();
    Slot { space, name: format!("{method}\0{schema}\0{}", id.base()) }
}
