//! Procedural languages that no extension brings. Manual: CREATE LANGUAGE; 59 Writing a Procedural Language Handler.

use serde::{Deserialize, Serialize};

use crate::{Alter, Context, Definition, HazardKind, Kind, ObjectId, ReadError, Row, Slot, Step};

/// Names of functions, qualified where they are not of the system.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Language {
    /// Whether every role with USAGE may write functions in it.
    pub trusted: bool,
    pub handler: String,
    pub inline: Option<String>,
    pub validator: Option<String>,
}

impl Definition for Language {
    const QUERY: &'static str = include_str!("language.sql");
    const CATALOG: &'static str = "pg_language";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::Language, &row.text()?);
        let (trusted, handler) = (row.flag()?, row.text()?);
        Ok((id, Self { trusted, handler, inline: row.opt_text()?, validator: row.opt_text()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, self.sql("CREATE", id)).undo(format!("DROP LANGUAGE {}", id.sql()))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP LANGUAGE {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { trusted, handler: _, inline: _, validator: _ } = self;
        let step = Step::alter(id, to.sql("CREATE OR REPLACE", id))
            .undo(self.sql("CREATE OR REPLACE", id));
        Alter::InPlace(vec![if to.trusted && !trusted {
            let detail = format!("every role with USAGE may now write functions in {}", id.sql());
            step.hazard(HazardKind::LoosensAccess, detail)
        } else {
            step
        }])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("LANGUAGE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_language", name: id.base().to_owned() }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { trusted: _, handler, inline, validator } = self;
        std::iter::once(handler).chain(inline).chain(validator).collect()
    }
}

impl Language {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let Self { trusted, handler, inline, validator } = self;
        let trusted = if *trusted { "TRUSTED " } else { "" };
        let inline: String = inline.iter().map(|f| format!(" INLINE {f}")).collect();
        let validator: String = validator.iter().map(|f| format!(" VALIDATOR {f}")).collect();
        format!("{verb} {trusted}LANGUAGE {} HANDLER {handler}{inline}{validator}", id.sql())
    }
}
