//! A schema whose tables are all in a publication (15 and later). Manual: ALTER PUBLICATION … ADD TABLES IN SCHEMA.
//!
//! A member of the schema, named by the publication.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, Kind, ObjectId, ReadError, Replace, Row, Slot, Step};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PublishedSchema {
    pub publication: ObjectId,
}

impl Definition for PublishedSchema {
    const QUERY: &'static str = include_str!("published_schema.sql");
    const CATALOG: &'static str = "pg_publication_namespace";
    const ANY: Option<&'static str> = Some("pg_publication where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let schema = row.object()?;
        let name = row.text()?;
        let publication = ObjectId::global(Kind::Publication, &name);
        Ok((ObjectId::member(Kind::PublishedSchema, &schema, &name), Self { publication }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, self.sql("ADD", id)).undo(self.sql("DROP", id))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, self.sql("DROP", id)).with(&self.publication).with(id.root())]
    }

    fn alter(&self, _id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { publication: _ } = self;
        let Self { publication: _ } = to;
        Alter::Replace(Replace::DropCreate)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let name = format!("{}\0{}", self.publication.base(), id.root().path());
        vec![Slot { space: "pg_publication_namespace", name }]
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        vec![&mut self.publication]
    }
}

impl PublishedSchema {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        format!(
            "ALTER PUBLICATION {} {verb} TABLES IN SCHEMA {}",
            self.publication.sql(),
            id.root().sql()
        )
    }
}
