//! Operator classes. Manual: CREATE OPERATOR CLASS; 38.16 Interfacing Extensions to Indexes.

use serde::{Deserialize, Serialize};

use super::operator_family::slot;
use crate::{
    Alter, Context, Definition, Kind, Name, ObjectId, ReadError, Replace, Row, Slot, Step,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OperatorClass {
    /// Whether indexes on columns of the type take it by themselves.
    pub default: bool,
    pub type_name: String,
    /// Qualified name as SQL.
    pub family: String,
    /// The type that is stored, where it is another one.
    pub storage: Option<String>,
    /// `OPERATOR 1 public.< (integer, integer)`, `FUNCTION 1 (integer, integer) f(integer,integer)`.
    pub items: Vec<String>,
}

impl Definition for OperatorClass {
    const QUERY: &'static str = include_str!("operator_class.sql");
    const CATALOG: &'static str = "pg_opclass";
    const ANY: Option<&'static str> = Some("pg_opclass where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name, method) = (row.text()?, row.text()?, row.text()?);
        Ok((
            ObjectId::routine(Kind::OperatorClass, &schema, &name, &method),
            Self {
                default: row.flag()?,
                type_name: row.text()?,
                family: row.text()?,
                storage: row.opt_text()?,
                items: row.texts()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { default, type_name, family, storage, items } = self;
        let default = if *default { " DEFAULT" } else { "" };
        let method = method(id);
        let name = id.sql();
        let name = name.strip_suffix(&format!(" USING {method}")).unwrap_or(&name);
        // It must have something in the list.
        let storage = storage.clone().or_else(|| items.is_empty().then(|| type_name.clone()));
        let mut list = items.clone();
        list.extend(storage.map(|storage| format!("STORAGE {storage}")));
        let sql = format!(
            "CREATE OPERATOR CLASS {name}{default} FOR TYPE {type_name} USING {method} FAMILY {family} AS\n    {}",
            list.join(",\n    ")
        );
        vec![Step::create(id, sql).undo(format!("DROP OPERATOR CLASS {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP OPERATOR CLASS {}", id.sql()))]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { default: _, type_name: _, family: _, storage: _, items: _ } = self;
        let Self { default: _, type_name: _, family: _, storage: _, items: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("OPERATOR CLASS", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let mut slots = vec![slot("pg_opclass", id)];
        if self.default {
            let name = format!("{}\0{}", method(id), self.type_name);
            slots.push(Slot { space: "pg_opclass_default", name });
        }
        slots
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { default: _, type_name, family, storage, items } = self;
        [type_name, family].into_iter().chain(storage).chain(items).collect()
    }
}

fn method(id: &ObjectId) -> &str {
    match id.name() {
        Name::Routine { args, .. } => args,
        _ => "",
    }
}
