//! Functions that convert what an expression in USING cannot: PostgreSQL allows no subquery there, so the elements
//! of an array go through a function that lives in pg_temp as long as the statement needs it.

use super::identity::object_name;
use crate::{Lock, ObjectId, Step, quote};

/// The functions that one conversion calls, in the order in which they must be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Helpers {
    stem: String,
    made: Vec<Helper>,
}

#[derive(Clone, Debug, PartialEq)]
struct Helper {
    name: String,
    create: String,
}

impl Helpers {
    /// For the values of a column, or of whatever else holds them.
    pub fn of(owner: &ObjectId) -> Self {
        let stem = format!("{}_{}", owner.schema().unwrap_or_default(), owner.root().base());
        Self { stem: object_name(&stem, owner.base(), "values"), made: Vec::new() }
    }

    /// Adds a function of any array (`anyarray`) or multirange (`anymultirange`); its qualified name.
    pub(super) fn add(&mut self, takes: &str, returns: &str, body: &str) -> String {
        let name = format!("{}{}", self.stem, self.made.len() + 1);
        let name = format!("pg_temp.{}({takes})", quote::ident(&name));
        let body = quote::literal(body);
        let create = format!("CREATE FUNCTION {name} RETURNS {returns} LANGUAGE sql AS {body}");
        let called = name[..name.len() - takes.len() - 2].to_owned();
        self.made.push(Helper { name, create });
        called
    }

    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// What must run before the statement that converts.
    pub(super) fn created(&self, user: &ObjectId) -> Vec<Step> {
        let step = |helper: &Helper| {
            let undo = format!("DROP FUNCTION {}", helper.name);
            Step::alter(user, helper.create.clone()).lock(Lock::AccessShare, user.root()).undo(undo)
        };
        self.made.iter().map(step).collect()
    }

    /// What must run after it.
    pub(super) fn dropped(&self, user: &ObjectId) -> impl Iterator<Item = Step> {
        let drops: Vec<String> =
            self.made.iter().rev().map(|h| format!("DROP FUNCTION {}", h.name)).collect();
        let user = user.clone();
        drops.into_iter().map(move |sql| Step::alter(&user, sql).without_edges())
    }
}
