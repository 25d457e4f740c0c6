//! Publications of logical replication. Manual: 31.1 Publication, CREATE PUBLICATION, ALTER PUBLICATION.
//!
//! The tables and schemas in it are objects of their own, members of the table or schema.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Publication {
    pub all_tables: bool,
    pub publish: Publish,
    pub via_partition_root: bool,
    /// `stored` where generated columns are published (18 and later).
    pub generated_columns: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Publish {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
    pub truncate: bool,
}

impl Definition for Publication {
    const QUERY: &'static str = include_str!("publication.sql");
    const CATALOG: &'static str = "pg_publication";
    const ANY: Option<&'static str> = Some("pg_publication where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::Publication, &row.text()?);
        let all_tables = row.flag()?;
        let publish = Publish {
            insert: row.flag()?,
            update: row.flag()?,
            delete: row.flag()?,
            truncate: row.flag()?,
        };
        let via_partition_root = row.flag()?;
        let generated_columns = row.opt_text()?;
        Ok((id, Self { all_tables, publish, via_partition_root, generated_columns }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let tables = if self.all_tables { " FOR ALL TABLES" } else { "" };
        let options = self.options(None);
        let with = if options.is_empty() { String::new() } else { format!(" WITH ({options})") };
        let sql = format!("CREATE PUBLICATION {}{tables}{with}", id.sql());
        vec![Step::create(id, sql).undo(format!("DROP PUBLICATION {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP PUBLICATION {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        if self.all_tables != to.all_tables {
            return Alter::Replace(Replace::DropCreate);
        }
        let set = |old: &Self, new: &Self| {
            format!("ALTER PUBLICATION {} SET ({})", id.sql(), new.options(Some(old)))
        };
        Alter::InPlace(vec![Step::alter(id, set(self, to)).undo(set(to, self))])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("PUBLICATION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_publication", name: id.base().to_owned() }]
    }
}

impl Publication {
    /// The options that differ from those of another publication, or from the defaults.
    fn options(&self, old: Option<&Self>) -> String {
        let all = Publish { insert: true, update: true, delete: true, truncate: true };
        let mut said = Vec::new();
        if self.publish != old.map_or(all, |old| old.publish) {
            said.push(format!("publish = {}", quote::literal(&self.publish.words())));
        }
        if self.via_partition_root != old.is_some_and(|old| old.via_partition_root) {
            said.push(format!("publish_via_partition_root = {}", self.via_partition_root));
        }
        if self.generated_columns != old.and_then(|old| old.generated_columns.clone()) {
            let word = self.generated_columns.as_deref().unwrap_or("none");
            said.push(format!("publish_generated_columns = {word}"));
        }
        said.join(", ")
    }
}

impl Publish {
    fn words(self) -> String {
        let words = [
            (self.insert, "insert"),
            (self.update, "update"),
            (self.delete, "delete"),
            (self.truncate, "truncate"),
        ];
        words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}
