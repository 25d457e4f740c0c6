//! Types that are a name only, until they are defined. Manual: CREATE TYPE.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ShellType {}

impl Definition for ShellType {
    const QUERY: &'static str = include_str!("shell_type.sql");
    const CATALOG: &'static str = "pg_type";
    const ANY: Option<&'static str> = Some("pg_type where oid >= 16384 and typtype = 'p'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        Ok((ObjectId::qualified(Kind::ShellType, &row.text()?, &row.text()?), Self {}))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![
            Step::create(id, format!("CREATE TYPE {}", id.sql()))
                .undo(format!("DROP TYPE {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TYPE {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self {} = self;
        let Self {} = to;
        Alter::InPlace(Vec::new())
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id)]
    }
}
