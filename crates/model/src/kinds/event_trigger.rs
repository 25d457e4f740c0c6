//! Event triggers. Manual: CREATE EVENT TRIGGER; 40 Event Triggers.

use serde::{Deserialize, Serialize};

use super::trigger::Enabled;
use crate::{
    Alter, Context, Definition, Kind, ObjectId, Pace, ReadError, Replace, Row, Slot, Step, Verb,
    quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EventTrigger {
    /// `ddl_command_start`, `ddl_command_end`, `table_rewrite`, `sql_drop`, `login` (17).
    pub event: String,
    /// Command tags that it fires for, in the order given, which is not compared; empty means all.
    pub tags: Vec<String>,
    /// Qualified name as SQL.
    pub function: String,
    pub enabled: Enabled,
}

impl Definition for EventTrigger {
    const QUERY: &'static str = include_str!("event_trigger.sql");
    const CATALOG: &'static str = "pg_event_trigger";
    const ANY: Option<&'static str> = Some("pg_event_trigger where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::EventTrigger, &row.text()?);
        let (event, tags) = (row.text()?, row.texts()?);
        let function = quote::qualified(&row.text()?, &row.text()?);
        Ok((id, Self { event, tags, function, enabled: Enabled::parse(&row.text()?)? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let mut sql = format!("CREATE EVENT TRIGGER {} ON {}", id.sql(), self.event);
        if !self.tags.is_empty() {
            let tags: Vec<String> = self.tags.iter().map(|tag| quote::literal(tag)).collect();
            sql += &format!("\n    WHEN TAG IN ({})", tags.join(", "));
        }
        sql += &format!("\n    EXECUTE FUNCTION {}()", self.function);
        let undo = format!("DROP EVENT TRIGGER {}", id.sql());
        let step = Step::create(id, sql).pace(Pace::Last).undo(undo);
        let mut steps = vec![step];
        if self.enabled != Enabled::Origin {
            steps.push(self.enable(Verb::Create, id));
        }
        steps
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP EVENT TRIGGER {}", id.sql())).pace(Pace::First)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        if (Self { enabled: to.enabled, ..self.clone() }) == *to {
            return Alter::InPlace(vec![to.enable(Verb::Alter, id)]);
        }
        Alter::Replace(Replace::DropCreate)
    }

    fn canonical(&mut self) {
        self.tags.sort();
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("EVENT TRIGGER", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_event_trigger", name: id.base().to_owned() }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.function]
    }
}

impl EventTrigger {
    fn enable(&self, verb: Verb, id: &ObjectId) -> Step {
        let sql = format!("ALTER EVENT TRIGGER {} {}", id.sql(), self.enabled.sql());
        Step::new(verb, id, sql).pace(Pace::Last)
    }
}
