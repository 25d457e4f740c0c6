//! User mappings. Manual: CREATE USER MAPPING; 5.12 Foreign Data.
//!
//! Passwords are neither read nor written: who makes a mapping sets them by hand.

use serde::{Deserialize, Serialize};

use super::generic_options::{self, GenericOptions};
use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, Kind, ObjectId, ReadError, Refusal, Row,
    Slot, Step, Survival, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct UserMapping {
    /// Rather than of one role.
    pub public: bool,
    pub options: GenericOptions,
    /// Names of the options whose values are not read. Not compared.
    pub secrets: Vec<String>,
}

impl Definition for UserMapping {
    const QUERY: &'static str = include_str!("user_mapping.sql");
    const CATALOG: &'static str = "pg_user_mapping";
    const ANY: Option<&'static str> = Some("pg_user_mappings where umid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let server = row.object()?;
        let id = ObjectId::member(Kind::UserMapping, &server, &row.text()?);
        let public = row.flag()?;
        let (options, secrets) =
            generic_options::without_secrets(generic_options::parse(row.texts()?));
        Ok((id, Self { public, options, secrets }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let options = generic_options::clause(&self.options);
        let step = Step::create(id, format!("CREATE {}{options}", self.name(id)));
        let step = step.undo(format!("DROP {}", self.name(id)));
        vec![if self.secrets.is_empty() {
            step
        } else {
            step.hazard(
                HazardKind::BreaksClients,
                format!(
                    "set by hand, for no plan holds it: ALTER {} OPTIONS (ADD {} …)",
                    self.name(id),
                    self.secrets.join(" …, ADD ")
                ),
            )
        }]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        // DROP SERVER takes no mapping along
        vec![Step::drop(id, format!("DROP {}", self.name(id)))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { public: _, options, secrets: _ } = self;
        let Self { public: _, options: new, secrets: _ } = to;
        let sql =
            |from, to| format!("ALTER {}{}", self.name(id), generic_options::changes(from, to));
        Alter::InPlace(vec![Step::alter(id, sql(options, new)).undo(sql(new, options))])
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        if self.secrets.is_empty() {
            return Survival::Replace;
        }
        Survival::Refuse(Refusal {
            object: id.clone(),
            reason: format!(
                "{} must be built anew, and nobody could give the mapping its {} back",
                what.object,
                self.secrets.join(", ")
            ),
            advice: "drop the mapping first and make it again afterwards, by hand".into(),
        })
    }

    fn canonical(&mut self) {
        self.secrets.clear();
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot {
            space: "pg_user_mapping",
            name: format!("{}\0{}", id.root().base(), id.base()),
        }]
    }
}

impl UserMapping {
    fn name(&self, id: &ObjectId) -> String {
        let role = match id.base() {
            _ if self.public => "PUBLIC".to_owned(),
            "" => "CURRENT_ROLE".to_owned(),
            role => quote::ident(role),
        };
        format!("USER MAPPING FOR {role} SERVER {}", id.root().sql())
    }
}
