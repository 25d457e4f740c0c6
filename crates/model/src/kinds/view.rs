//! Views. Manual: CREATE VIEW, ALTER VIEW; 41.2 Views and the Rule System.
//!
//! Defaults of a view's columns are objects of the kind default: members of the view, named by the column.

use serde::{Deserialize, Serialize};

use super::options;
use crate::{
    Alter, Context, Definition, HazardKind, Kind, Lock, ObjectId, ReadError, Replace, Row, Side,
    Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct View {
    /// What the query returns.
    pub columns: Vec<OutputColumn>,
    /// `security_barrier`, `security_invoker` (from 15), `check_option`.
    pub options: Vec<String>,
    /// The SELECT as the server deparses it, without the semicolon.
    pub query: String,
}

/// A column that a query returns. Its type follows from the query, and what uses the view holds on to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OutputColumn {
    pub name: String,
    /// With modifiers, as `format_type` spells it.
    pub type_name: String,
    /// Qualified SQL, where it is not the type's own.
    pub collation: Option<String>,
}

impl Definition for View {
    const QUERY: &'static str = include_str!("view.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::View, &row.text()?, &row.text()?);
        let options = row.texts()?;
        let query = query(row)?;
        Ok((id, Self { columns: output_columns(row)?, options, query }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, self.sql("CREATE VIEW", id)).undo(format!("DROP VIEW {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step =
            Step::drop(id, format!("DROP VIEW {}", id.sql())).lock(Lock::AccessExclusive, id);
        vec![if cx.goes(id) { breaks(step, id) } else { step }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { columns: _, options, query } = self;
        let Self { columns, options: new_options, query: new_query } = to;
        if !self.columns_stay(columns) {
            return Alter::Replace(Replace::DropCreate);
        }
        let loosened = ["security_barrier", "security_invoker"]
            .into_iter()
            .filter(|name| is_on(options, name) && !is_on(new_options, name));
        let hazards: Vec<String> =
            loosened.map(|name| format!("view {} loses {name}", id.sql())).collect();
        let mut steps = if query != new_query || self.columns != *columns {
            vec![Step::alter(id, to.sql("CREATE OR REPLACE VIEW", id))]
        } else {
            let head = format!("ALTER VIEW {}", id.sql());
            let actions = options::changes(options, new_options);
            actions.iter().map(|action| Step::alter(id, format!("{head} {action}"))).collect()
        };
        for step in &mut steps {
            *step = step.clone().lock(Lock::AccessExclusive, id);
        }
        if let Some(first) = steps.first_mut() {
            for hazard in hazards {
                *first = first.clone().hazard(HazardKind::LoosensAccess, hazard);
            }
        }
        Alter::InPlace(steps)
    }

    fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let needs = self.stand_in_needs(id, cx, Side::To);
        Some(vec![
            Step::create(id, self.stand_in("CREATE VIEW", id)).without_edges().needs(needs),
            Step::create(id, self.sql("CREATE OR REPLACE VIEW", id)),
        ])
    }

    fn dismantle(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let needs = self.stand_in_needs(id, cx, Side::From);
        let sql = self.stand_in("CREATE OR REPLACE VIEW", id);
        Some(vec![Step::alter(id, sql).lock(Lock::AccessExclusive, id).releases(needs)])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("VIEW", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id), Slot::new("pg_type", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { columns, options: _, query } = self;
        let types = columns.iter_mut().flat_map(OutputColumn::texts_mut);
        std::iter::once(query).chain(types).collect()
    }
}

impl View {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let with = options::with_clause(&self.options);
        format!("{verb} {}{with} AS\n{}", id.sql(), self.query)
    }

    /// A view with the same columns that uses nothing but their types.
    fn stand_in(&self, verb: &str, id: &ObjectId) -> String {
        let column = |column: &OutputColumn| {
            let collate = column.collation.iter().map(|c| format!(" COLLATE {c}"));
            let collate: String = collate.collect();
            format!("NULL::{}{collate} AS {}", column.type_name, quote::ident(&column.name))
        };
        let columns: Vec<String> = self.columns.iter().map(column).collect();
        format!("{verb} {} AS\n SELECT {}", id.sql(), columns.join(",\n    "))
    }

    fn stand_in_needs(&self, id: &ObjectId, cx: &Context, side: Side) -> Vec<ObjectId> {
        let types = self.columns.iter().map(|column| column.type_name.as_str());
        super::signature_needs(cx, side, id, types)
    }

    /// CREATE OR REPLACE VIEW only appends columns.
    fn columns_stay(&self, new: &[OutputColumn]) -> bool {
        new.starts_with(&self.columns)
    }
}

impl OutputColumn {
    pub(super) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { name: _, type_name, collation } = self;
        std::iter::once(type_name).chain(collation)
    }
}

/// The query of a view as `pg_get_viewdef` returns it.
pub(super) fn query(row: &mut dyn Row) -> Result<String, ReadError> {
    let text = row.text()?;
    Ok(text.trim_end().trim_end_matches(';').to_owned())
}

/// Three arrays: names, types, collations.
pub(super) fn output_columns(row: &mut dyn Row) -> Result<Vec<OutputColumn>, ReadError> {
    let (names, types, collations) = (row.texts()?, row.texts()?, row.texts()?);
    let columns = names.into_iter().zip(types).zip(collations);
    Ok(columns
        .map(|((name, type_name), collation)| OutputColumn {
            name,
            type_name,
            collation: Some(collation).filter(|c| !c.is_empty()),
        })
        .collect())
}

fn is_on(options: &[String], name: &str) -> bool {
    options::get(options, name).is_some_and(|v| matches!(v, "true" | "on" | "yes" | "1"))
}

fn breaks(step: Step, id: &ObjectId) -> Step {
    step.hazard(HazardKind::BreaksClients, format!("queries on {} fail", id.sql()))
}
