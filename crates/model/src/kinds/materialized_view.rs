//! Materialized views. Manual: CREATE MATERIALIZED VIEW, ALTER MATERIALIZED VIEW; 41.3 Materialized Views.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    options,
    view::{OutputColumn, output_columns, query},
};
use crate::{
    Alter, Context, Definition, HazardKind, Kind, Lock, Object, ObjectId, ReadError, Replace, Row,
    Side, Slot, Step, Verb, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MaterializedView {
    pub columns: Vec<StoredColumn>,
    /// Storage parameters, those of the TOAST table with `toast.` before the name.
    pub options: Vec<String>,
    /// The SELECT as the server deparses it, without the semicolon.
    pub query: String,
    /// Whether it can be scanned. Says something about the data, so it is no difference: one that is built anew
    /// is filled if it was.
    pub populated: bool,
    /// Where it is not `heap`.
    pub access_method: Option<String>,
    /// Where it is not the database's.
    pub tablespace: Option<String>,
}

/// A column with what ALTER MATERIALIZED VIEW … ALTER COLUMN can say of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StoredColumn {
    pub output: OutputColumn,
    pub statistics: Option<i64>,
    /// PLAIN, EXTERNAL, EXTENDED or MAIN, where it is not the type's own.
    pub storage: Option<String>,
    /// `pglz` or `lz4`, where it is not left to default_toast_compression.
    pub compression: Option<String>,
    /// `n_distinct`.
    pub options: Vec<String>,
}

impl Definition for MaterializedView {
    const QUERY: &'static str = include_str!("materialized_view.sql");
    const CATALOG: &'static str = "pg_class";
    const ANY: Option<&'static str> = Some("pg_class where oid >= 16384 and relkind = 'm'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::MaterializedView, &row.text()?, &row.text()?);
        let options = row.texts()?;
        let query = query(row)?;
        Ok((
            id,
            Self {
                columns: stored_columns(row)?,
                options,
                query,
                populated: row.flag()?,
                access_method: row.opt_text()?.filter(|name| name != "heap"),
                tablespace: row.opt_text()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let populated = self.will_be_filled(id, cx);
        let using = self.access_method.iter().map(|name| format!(" USING {}", quote::ident(name)));
        let space =
            self.tablespace.iter().map(|name| format!(" TABLESPACE {}", quote::ident(name)));
        let sql = format!(
            "CREATE MATERIALIZED VIEW {}{}{}{} AS\n{}\nWITH {}",
            id.sql(),
            using.collect::<String>(),
            options::with_clause(&self.options),
            space.collect::<String>(),
            self.query,
            if populated { "DATA" } else { "NO DATA" },
        );
        let mut create = Step::create(id, sql).undo(format!("DROP MATERIALIZED VIEW {}", id.sql()));
        if populated {
            create = create.hazard(
                HazardKind::ScansTable,
                format!("runs the query of {} to fill it", id.sql()),
            );
        }
        let mut steps = vec![create];
        for column in &self.columns {
            let plain = column.plain();
            steps.extend(actions(id, Verb::Create, column.changes_from(&plain, cx.major())));
        }
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step = Step::drop(id, format!("DROP MATERIALIZED VIEW {}", id.sql()))
            .lock(Lock::AccessExclusive, id);
        vec![if cx.goes(id) {
            step.hazard(HazardKind::BreaksClients, format!("queries on {} fail", id.sql()))
        } else {
            step
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { columns, options, query, populated: _, access_method, tablespace } = self;
        let Self {
            columns: new_columns,
            options: new_options,
            query: new_query,
            populated: _,
            access_method: new_access_method,
            tablespace: new_tablespace,
        } = to;
        let outputs = |columns: &[StoredColumn]| -> Vec<OutputColumn> {
            columns.iter().map(|column| column.output.clone()).collect()
        };
        if query != new_query || outputs(columns) != outputs(new_columns) {
            return Alter::Replace(Replace::DropCreate);
        }
        let mut rewrites = Vec::new();
        if access_method != new_access_method {
            if cx.major() < 15 {
                return Alter::Replace(Replace::DropCreate);
            }
            let name = new_access_method.as_deref().unwrap_or("heap");
            rewrites.push(format!("SET ACCESS METHOD {}", quote::ident(name)));
        }
        if tablespace != new_tablespace {
            let name = new_tablespace.as_deref().unwrap_or("pg_default");
            rewrites.push(format!("SET TABLESPACE {}", quote::ident(name)));
        }
        let mut changes = options::changes(options, new_options);
        for (old, new) in columns.iter().zip(new_columns) {
            changes.extend(new.changes_from(old, cx.major()));
        }
        let mut steps = actions(id, Verb::Alter, rewrites);
        for step in &mut steps {
            *step = step
                .clone()
                .hazard(HazardKind::RewritesTable, format!("copies the rows of {}", id.sql()));
        }
        steps.extend(actions(id, Verb::Alter, changes));
        Alter::InPlace(steps)
    }

    fn canonical(&mut self) {
        self.populated = true;
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("MATERIALIZED VIEW", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id), Slot::new("pg_type", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { columns, options: _, query, populated: _, access_method: _, tablespace: _ } =
            self;
        let types = columns.iter_mut().flat_map(|column| column.output.texts_mut());
        std::iter::once(query).chain(types).collect()
    }
}

impl MaterializedView {
    /// Filled if it was, or is wanted so where it is new; but a query cannot read what is not filled itself.
    fn will_be_filled(&self, id: &ObjectId, cx: &Context) -> bool {
        let own = match cx.from.get(id) {
            Some(Object::MaterializedView(current)) => current.populated,
            _ => self.populated,
        };
        own && sources(id, cx).into_iter().all(|source| match cx.to.get(source) {
            Some(Object::MaterializedView(other)) => other.will_be_filled(source, cx),
            _ => true,
        })
    }
}

/// The materialized views that one reads, directly or by way of views.
fn sources<'a>(id: &ObjectId, cx: &Context<'a>) -> BTreeSet<&'a ObjectId> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut queue: Vec<&ObjectId> = cx.uses(Side::To, id).iter().map(|edge| &edge.used).collect();
    while let Some(used) = queue.pop() {
        match used.kind() {
            Kind::MaterializedView => _ = found.insert(used),
            Kind::View if seen.insert(used) => {
                queue.extend(cx.uses(Side::To, used).iter().map(|edge| &edge.used));
            }
            _ => {}
        }
    }
    found
}

impl StoredColumn {
    /// As the query alone makes it.
    fn plain(&self) -> Self {
        Self {
            output: self.output.clone(),
            statistics: None,
            storage: None,
            compression: None,
            options: Vec::new(),
        }
    }

    /// Actions of ALTER MATERIALIZED VIEW.
    fn changes_from(&self, old: &Self, major: u32) -> Vec<String> {
        let Self { output, statistics, storage, compression, options } = self;
        let head = format!("ALTER COLUMN {}", quote::ident(&output.name));
        let mut actions = Vec::new();
        if *statistics != old.statistics {
            actions.push(format!("{head} SET STATISTICS {}", statistics.unwrap_or(-1)));
        }
        if *storage != old.storage {
            // Before 16 there is no DEFAULT, and only variable-length types have anything but PLAIN.
            let unset = if major >= 16 { "DEFAULT" } else { "EXTENDED" };
            actions.push(format!("{head} SET STORAGE {}", storage.as_deref().unwrap_or(unset)));
        }
        if *compression != old.compression {
            let method = compression.as_deref().unwrap_or("default");
            actions.push(format!("{head} SET COMPRESSION {method}"));
        }
        let sets = options::changes(&old.options, options);
        actions.extend(sets.into_iter().map(|set| format!("{head} {set}")));
        actions
    }
}

fn actions(id: &ObjectId, verb: Verb, actions: Vec<String>) -> Vec<Step> {
    let head = format!("ALTER MATERIALIZED VIEW {}", id.sql());
    actions
        .iter()
        .map(|action| Step::action(verb, id, &head, action).lock(Lock::AccessExclusive, id))
        .collect()
}

/// Seven arrays: those of [`output_columns`], statistics, storage, compression, options.
fn stored_columns(row: &mut dyn Row) -> Result<Vec<StoredColumn>, ReadError> {
    let outputs = output_columns(row)?;
    let (statistics, storages) = (row.texts()?, row.texts()?);
    let (compressions, options) = (row.texts()?, row.texts()?);
    let mut columns = Vec::with_capacity(outputs.len());
    let settings = statistics.into_iter().zip(storages).zip(compressions).zip(options);
    for (output, (((statistics, storage), compression), options)) in
        outputs.into_iter().zip(settings)
    {
        columns.push(StoredColumn {
            output,
            statistics: statistics.parse().ok(),
            storage: storage_word(&storage)?,
            compression: match compression.as_str() {
                "p" => Some("pglz".to_owned()),
                "l" => Some("lz4".to_owned()),
                _ => None,
            },
            options: options.split(',').filter(|o| !o.is_empty()).map(str::to_owned).collect(),
        });
    }
    Ok(columns)
}

fn storage_word(code: &str) -> Result<Option<String>, ReadError> {
    let word = match code {
        "" => return Ok(None),
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "x" => "EXTENDED",
        "m" => "MAIN",
        other => {
            return Err(ReadError::Value { what: "attstorage", value: other.to_owned() });
        }
    };
    Ok(Some(word.to_owned()))
}
