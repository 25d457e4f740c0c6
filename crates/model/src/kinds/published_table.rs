//! A table in a publication. Manual: 31.1 Publication, ALTER PUBLICATION … ADD TABLE.
//!
//! A member of the table, named by the publication: it comes back when the table is built anew.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, Lock, ObjectId, ReadError, Replace, Row, Slot, Step, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PublishedTable {
    pub publication: ObjectId,
    /// Empty for all. In the order of the table, which is not compared (15 and later).
    pub columns: Vec<ObjectId>,
    /// Which rows are published (15 and later).
    pub filter: Option<String>,
}

impl Definition for PublishedTable {
    const QUERY: &'static str = include_str!("published_table.sql");
    const CATALOG: &'static str = "pg_publication_rel";
    const ANY: Option<&'static str> = Some("pg_publication_rel where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let table = row.object()?;
        let name = row.text()?;
        let publication = ObjectId::global(Kind::Publication, &name);
        let columns = row.texts()?;
        let columns =
            columns.iter().map(|column| ObjectId::member(Kind::Column, &table, column)).collect();
        let filter = row.opt_text()?;
        let id = ObjectId::member(Kind::PublishedTable, &table, &name);
        Ok((id, Self { publication, columns, filter }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let columns: Vec<String> = self.columns.iter().map(ObjectId::base_sql).collect();
        let columns = match &columns[..] {
            [] => String::new(),
            some => format!(" ({})", some.join(", ")),
        };
        let filter =
            self.filter.iter().map(|text| format!(" WHERE {}", tokens::parenthesised(text)));
        let table = id.root();
        let sql = format!(
            "ALTER PUBLICATION {} ADD TABLE ONLY {}{columns}{}",
            self.publication.sql(),
            table.sql(),
            filter.collect::<String>()
        );
        vec![Step::create(id, sql).lock(Lock::ShareUpdateExclusive, table).undo(self.remove(id))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![
            Step::drop(id, self.remove(id))
                .lock(Lock::ShareUpdateExclusive, id.root())
                .with(&self.publication)
                .with(id.root()),
        ]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { publication: _, columns: _, filter: _ } = self;
        let Self { publication: _, columns: _, filter: _ } = to;
        // SET TABLE replaces the whole list of tables.
        Alter::Replace(Replace::DropCreate)
    }

    fn canonical(&mut self) {
        self.columns.sort();
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let name = format!("{}\0{}", self.publication.base(), id.root().path());
        vec![Slot { space: "pg_publication_rel", name }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        self.filter.iter_mut().collect()
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        std::iter::once(&mut self.publication).chain(&mut self.columns).collect()
    }
}

impl PublishedTable {
    fn remove(&self, id: &ObjectId) -> String {
        format!("ALTER PUBLICATION {} DROP TABLE ONLY {}", self.publication.sql(), id.root().sql())
    }
}
