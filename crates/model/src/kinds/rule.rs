//! Rewrite rules, other than the one that makes a view. Manual: CREATE RULE, ALTER RULE; 41 The Rule System.

use serde::{Deserialize, Serialize};

use super::trigger::Enabled;
use crate::{Alter, Context, Definition, Kind, Lock, ObjectId, ReadError, Row, Slot, Step, Verb};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub event: String,
    pub enabled: Enabled,
    /// `WHERE … DO …`.
    pub action: String,
}

impl Definition for Rule {
    const QUERY: &'static str = include_str!("rule.sql");
    const CATALOG: &'static str = "pg_rewrite";
    const ANY: Option<&'static str> =
        Some("pg_rewrite where oid >= 16384 and rulename <> '_RETURN'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let relation = row.object()?;
        let id = ObjectId::member(Kind::Rule, &relation, &row.text()?);
        let (event, enabled) = (row.text()?, Enabled::parse(&row.text()?)?);
        let action = row.text()?.trim().trim_end_matches(';').trim_end().to_owned();
        Ok((id, Self { event, enabled, action }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let relation = id.root();
        let undo = format!("DROP RULE {} ON {}", id.sql(), relation.sql());
        let step = Step::create(id, self.sql("CREATE", id)).undo(undo);
        let mut steps = vec![step.lock(Lock::AccessExclusive, relation)];
        if self.enabled != Enabled::Origin {
            steps.push(self.enable(Verb::Create, id));
        }
        steps
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let relation = id.root();
        vec![
            Step::drop(id, format!("DROP RULE {} ON {}", id.sql(), relation.sql()))
                .lock(Lock::AccessExclusive, relation)
                .with(relation),
        ]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { event, enabled, action } = self;
        let Self { event: new_event, enabled: new_enabled, action: new_action } = to;
        let mut steps = Vec::new();
        if (event, action) != (new_event, new_action) {
            // OR REPLACE leaves the rule enabled as it was (InsertRule in rewriteDefine.c).
            let step = Step::alter(id, to.sql("CREATE OR REPLACE", id));
            steps.push(step.lock(Lock::AccessExclusive, id.root()));
        }
        if enabled != new_enabled {
            steps.push(to.enable(Verb::Alter, id));
        }
        Alter::InPlace(steps)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let (old, new, relation) = (id.base_sql(), to.base_sql(), to.root());
        let sql = |old, new| format!("ALTER RULE {old} ON {} RENAME TO {new}", relation.sql());
        vec![
            Step::new(Verb::Rename, to, sql(&old, &new))
                .lock(Lock::AccessExclusive, relation)
                .undo(sql(&new, &old)),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_rewrite", name: format!("{}\0{}", id.root().path(), id.base()) }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.action]
    }
}

impl Rule {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let Self { event, enabled: _, action } = self;
        format!("{verb} RULE {} AS\n    ON {event} TO {}\n    {action}", id.sql(), id.root().sql())
    }

    /// ALTER TABLE … {ENABLE | DISABLE} RULE, which PostgreSQL takes for rules on tables alone.
    fn enable(&self, verb: Verb, id: &ObjectId) -> Step {
        let relation = id.root();
        let sql =
            format!("ALTER TABLE {} {} RULE {}", relation.sql(), self.enabled.sql(), id.sql());
        Step::new(verb, id, sql).lock(Lock::AccessExclusive, relation)
    }
}
