//! Foreign tables. Manual: CREATE FOREIGN TABLE, ALTER FOREIGN TABLE; 5.12 Foreign Data.
//!
//! Columns, defaults, constraints, triggers and what makes it a partition or a child are the same kinds as of
//! ordinary tables; what only foreign columns have is [`ColumnOptions`](super::column_options::ColumnOptions).

use serde::{Deserialize, Serialize};

use super::{
    generic_options::{self, GenericOptions},
    table,
};
use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, Kind, Lock, ObjectId, ReadError, Replace,
    Row, Slot, Step, Survival,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ForeignTable {
    pub server: ObjectId,
    pub options: GenericOptions,
}

/// The rows are elsewhere: the server neither reads nor rewrites them, and takes what is said of them for true.
pub(super) fn without_rows(id: &ObjectId, mut steps: Vec<Step>) -> Vec<Step> {
    if id.root().kind() == Kind::ForeignTable {
        for step in &mut steps {
            step.prechecks.clear();
            step.hazards.retain(|hazard| {
                use HazardKind as H;
                !matches!(
                    hazard.kind,
                    H::RewritesTable | H::ScansTable | H::MayFailOnData | H::BlocksReads
                )
            });
        }
    }
    steps
}

impl Definition for ForeignTable {
    const QUERY: &'static str = include_str!("foreign_table.sql");
    const CATALOG: &'static str = "pg_class";
    const ANY: Option<&'static str> = Some("pg_foreign_table");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::ForeignTable, &row.text()?, &row.text()?);
        let server = ObjectId::global(Kind::Server, &row.text()?);
        Ok((id, Self { server, options: generic_options::parse(row.texts()?) }))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let parents = table::inherited(cx, id);
        let names: Vec<String> = parents.iter().map(ObjectId::sql).collect();
        let inherits = match names.is_empty() {
            true => String::new(),
            false => format!(" INHERITS ({})", names.join(", ")),
        };
        let tail = format!(
            "{inherits} SERVER {}{}",
            self.server.sql(),
            generic_options::clause(&self.options)
        );
        vec![
            Step::create(id, format!("CREATE FOREIGN TABLE {}", id.sql()))
                .frame(tail, true)
                .needs(table::inherited_parts(cx, &parents))
                .provides(cx.to.members(Kind::Inheritance, id).map(|(link, _)| link.clone()))
                .undo(format!("DROP FOREIGN TABLE {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![
            Step::drop(id, format!("DROP FOREIGN TABLE {}", id.sql()))
                .lock(Lock::AccessExclusive, id)
                .hazard(
                    HazardKind::BreaksClients,
                    format!("queries of {} fail; its rows stay where they are", id.sql()),
                ),
        ]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { server, options } = self;
        let Self { server: new_server, options: new } = to;
        if server != new_server {
            return Alter::Replace(Replace::DropCreate);
        }
        let sql = |from, to| {
            format!("ALTER FOREIGN TABLE {}{}", id.sql(), generic_options::changes(from, to))
        };
        let step = Step::alter(id, sql(options, new)).undo(sql(new, options));
        Alter::InPlace(vec![step.lock(Lock::AccessExclusive, id)])
    }

    fn survive(&self, _id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        // Members say themselves what a change does to them.
        if what.object == self.server { Survival::Replace } else { Survival::Keep }
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("FOREIGN TABLE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id), Slot::new("pg_type", id)]
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.server]
    }
}
