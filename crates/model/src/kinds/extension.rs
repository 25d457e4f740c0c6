//! Extensions. Their members belong to them and are no objects of their own. Manual: 38.17 Packaging Related
//! Objects into an Extension, CREATE EXTENSION, ALTER EXTENSION.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, How, Kind, ObjectId, ReadError, Replace,
    Row, Slot, Step, Survival, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Extension {
    pub schema: String,
    pub version: String,
    /// Whether a server would install this version unasked.
    pub default_version: bool,
    /// Whether its objects can move to another schema.
    pub relocatable: bool,
    /// What its types, functions, … are called; not compared.
    pub members: Vec<String>,
}

impl Definition for Extension {
    const QUERY: &'static str = include_str!("extension.sql");
    const CATALOG: &'static str = "pg_extension";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::Extension, &row.text()?);
        Ok((
            id,
            Self {
                schema: row.text()?,
                version: row.text()?,
                default_version: row.flag()?,
                relocatable: row.flag()?,
                members: row.texts()?,
            },
        ))
    }

    fn edges(&self, id: &ObjectId) -> Vec<crate::Dependency> {
        vec![super::hard(id, &ObjectId::global(Kind::Schema, &self.schema))]
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let version = match self.default_version {
            true => String::new(),
            false => format!(" VERSION {}", quote::literal(&self.version)),
        };
        let sql = format!(
            "CREATE EXTENSION {} WITH SCHEMA {}{version}",
            id.sql(),
            quote::ident(&self.schema)
        );
        vec![Step::create(id, sql).undo(format!("DROP EXTENSION {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP EXTENSION {}", id.sql())).hazard(
            HazardKind::BreaksClients,
            format!("types, functions and operators of {} are gone", id.sql()),
        )]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { schema: _, version: _, default_version: _, relocatable, members: _ } = self;
        let Self { schema, version, default_version: _, relocatable: _, members: _ } = to;
        let mut steps = Vec::new();
        let name = id.sql();
        if is_older(version, &self.version) {
            return Alter::Refuse(crate::Refusal {
                object: id.clone(),
                reason: format!(
                    "extensions do not go back, from version {} to {version}",
                    self.version
                ),
                advice: format!(
                    "leave the version of {name} as it is, or drop the extension first"
                ),
            });
        }
        if self.version != *version {
            let sql = |version: &str| {
                format!("ALTER EXTENSION {name} UPDATE TO {}", quote::literal(version))
            };
            steps.push(Step::alter(id, sql(version)).hazard(
                HazardKind::BreaksClients,
                format!("what extension {name} offers changes with its version"),
            ));
        }
        if self.schema != *schema {
            if !relocatable {
                return Alter::Replace(Replace::DropCreate);
            }
            let sql = |schema: &str| {
                format!("ALTER EXTENSION {name} SET SCHEMA {}", quote::ident(schema))
            };
            steps.push(Step::alter(id, sql(schema)).undo(sql(&self.schema)).hazard(
                HazardKind::BreaksClients,
                format!("what extension {name} offers moves to schema {}", quote::ident(schema)),
            ));
        }
        Alter::InPlace(steps)
    }

    /// What its members use (one that was added by hand, mostly) cannot be taken away under them.
    fn survive(&self, id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        match (&what.how, what.object.kind()) {
            (How::Altered, _) => Survival::Keep,
            (_, Kind::Schema | Kind::Extension) => Survival::Replace,
            _ => Survival::Refuse(crate::Refusal {
                object: what.object.clone(),
                reason: format!(
                    "it must be built anew, and what belongs to {id} uses it, which is not ours to drop"
                ),
                advice: format!("ALTER EXTENSION {} DROP it first, or change it by hand", id.sql()),
            }),
        }
    }

    fn brings(&self) -> Option<(&str, &[String])> {
        Some((&self.schema, &self.members))
    }

    fn takes_along(&self) -> bool {
        self.relocatable
    }

    fn canonical(&mut self) {
        self.default_version = false;
        self.members.clear();
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_extension", name: id.base().to_owned() }]
    }
}

/// Compares `1.10` and `1.9` number by number; false for versions that are no numbers.
fn is_older(a: &str, b: &str) -> bool {
    let numbers = |v: &str| v.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>();
    matches!((numbers(a), numbers(b)), (Ok(a), Ok(b)) if a < b)
}
