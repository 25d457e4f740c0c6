//! Schemas. Manual: 5.10 Schemas, CREATE SCHEMA.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, HazardKind, Kind, ObjectId, ReadError, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Schema {}

impl Definition for Schema {
    const QUERY: &'static str = include_str!("schema.sql");
    const CATALOG: &'static str = "pg_namespace";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        Ok((ObjectId::global(Kind::Schema, &row.text()?), Self {}))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![
            Step::create(id, format!("CREATE SCHEMA {}", id.sql()))
                .undo(format!("DROP SCHEMA {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP SCHEMA {}", id.sql())).hazard(
            HazardKind::BreaksClients,
            format!("names in schema {} no longer resolve", id.sql()),
        )]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self {} = self;
        let Self {} = to;
        Alter::InPlace(Vec::new())
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        let (old, new) = (id.sql(), to.sql());
        vec![
            Step::new(crate::Verb::Rename, to, format!("ALTER SCHEMA {old} RENAME TO {new}"))
                .hazard(HazardKind::BreaksClients, format!("clients that say {old} must say {new}"))
                .undo(format!("ALTER SCHEMA {new} RENAME TO {old}")),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_namespace", name: id.base().to_owned() }]
    }
}
