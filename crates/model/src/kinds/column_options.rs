//! What a foreign-data wrapper is told of a column. Manual: ALTER FOREIGN TABLE … ALTER COLUMN … OPTIONS.

use serde::{Deserialize, Serialize};

use super::generic_options::{self, GenericOptions};
use crate::{Alter, Context, Definition, Kind, Lock, ObjectId, ReadError, Row, Step, Verb};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ColumnOptions {
    pub options: GenericOptions,
}

impl Definition for ColumnOptions {
    const QUERY: &'static str = include_str!("column_options.sql");
    const CATALOG: &'static str = "pg_attribute";
    const ANY: Option<&'static str> = Some("pg_foreign_table");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::ColumnOptions, &row.object()?, "");
        Ok((id, Self { options: generic_options::parse(row.texts()?) }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        step(Verb::Create, id, &GenericOptions::new(), &self.options)
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let steps = step(Verb::Drop, id, &self.options, &GenericOptions::new()).into_iter();
        let column = id.parent().cloned();
        steps.map(|step| step.with(column.as_ref().unwrap_or(id)).with(id.root())).collect()
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { options } = self;
        let Self { options: new } = to;
        Alter::InPlace(step(Verb::Alter, id, options, new))
    }
}

fn step(verb: Verb, id: &ObjectId, from: &GenericOptions, to: &GenericOptions) -> Vec<Step> {
    let (Some(column), table) = (id.parent(), id.root()) else { return Vec::new() };
    let head = format!("ALTER FOREIGN TABLE {}", table.sql());
    let options = generic_options::changes(from, to);
    let action = format!("ALTER COLUMN {}{options}", column.base_sql());
    vec![Step::action(verb, id, &head, &action).lock(Lock::AccessExclusive, table)]
}
