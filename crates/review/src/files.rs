//! A catalog as SQL that recreates it: one script, or one file an object.
//!
//! Both take the plan from nothing to the catalog, so the order is already right.

use std::collections::{BTreeMap, BTreeSet};

use ordain_model::{Catalog, Kind, Name, ObjectId, Plan, PlanStep};

use crate::summary::steps;

/// A file of `inspect --out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative, with `/`: `schemas/public/tables/orders.sql`.
    pub path: String,
    pub text: String,
}

/// All statements in the order of the plan, without what a reviewer would want to know of them.
pub fn script(plan: &Plan, catalog: &Catalog) -> String {
    let homes = Homes::of(catalog);
    let mut out = String::new();
    if steps(plan).any(|step| homes.is_routine(step)) {
        // Bodies may name what a later statement creates.
        out.push_str("SET check_function_bodies = off;\n\n");
    }
    let mut before: Option<(&ObjectId, bool)> = None;
    for step in steps(plan) {
        let home = homes.get(step);
        let one_line = !step.sql.contains('\n');
        let together = before.is_some_and(|(h, line)| Some(h) == home && line && one_line);
        if before.is_some() && !together {
            out.push('\n');
        }
        push_statement(&mut out, step);
        before = home.map(|home| (home, one_line));
    }
    out
}

/// The same statements, each in the file of the object that it belongs to: a table's indexes, constraints,
/// triggers, comments and grants stand with the table. Sorted by path.
pub fn files(plan: &Plan, catalog: &Catalog) -> Vec<File> {
    let homes = Homes::of(catalog);
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut paths = Paths::default();
    for step in steps(plan) {
        let path = match homes.get(step) {
            _ if homes.is_for_later(step) => LAST.to_owned(),
            Some(home) => paths.of(home),
            None => "other.sql".to_owned(),
        };
        let text = texts.entry(path).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        push_statement(text, step);
    }
    texts.into_iter().map(|(path, text)| File { path, text }).collect()
}

fn push_statement(out: &mut String, step: &PlanStep) {
    out.push_str(&step.sql);
    out.push_str(";\n");
}

/// Files are read in the order of their names, and default privileges are for what is made after them.
const LAST: &str = "zz_default_privileges.sql";

/// Which object each step of a plan belongs to: a table's columns, indexes, triggers, … to the table.
struct Homes<'a>(BTreeMap<String, &'a ObjectId>);

impl<'a> Homes<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        Self(catalog.objects.keys().map(|id| (id.to_string(), id.root())).collect())
    }

    fn get(&self, step: &PlanStep) -> Option<&'a ObjectId> {
        self.0.get(&step.object).copied()
    }

    fn is_for_later(&self, step: &PlanStep) -> bool {
        step.object.starts_with(Kind::DefaultPrivileges.word())
    }

    fn is_routine(&self, step: &PlanStep) -> bool {
        let home = self.get(step);
        home.is_some_and(|id| matches!(id.kind(), Kind::Function | Kind::Procedure))
    }
}

/// Gives every object a file; overloads of a function share one.
#[derive(Default)]
struct Paths {
    given: BTreeMap<String, String>,
    /// In lower case: file systems may not tell `T.sql` from `t.sql`.
    taken: BTreeSet<String>,
}

impl Paths {
    fn of(&mut self, home: &ObjectId) -> String {
        let wanted = wanted_path(home);
        if let Some(path) = self.given.get(&wanted) {
            return path.clone();
        }
        let mut path = format!("{wanted}.sql");
        let mut n = 1;
        while !self.taken.insert(path.to_lowercase()) {
            n += 1;
            path = format!("{wanted}~{n}.sql");
        }
        self.given.insert(wanted, path.clone());
        path
    }
}

/// Without the extension.
fn wanted_path(home: &ObjectId) -> String {
    let folder = plural(home.kind().word());
    let name = file_name(home.base());
    match home.name() {
        Name::Global(_) if home.kind() == Kind::Schema => format!("schemas/{name}/schema"),
        Name::Global(_) | Name::Member { .. } => format!("{folder}/{name}"),
        Name::Qualified { schema, .. } | Name::Routine { schema, .. } => {
            format!("schemas/{}/{folder}/{name}", file_name(schema))
        }
    }
}

fn plural(word: &str) -> String {
    let word = word.replace(' ', "_");
    if let Some(stem) = word.strip_suffix('y') {
        format!("{stem}ies")
    } else if word.ends_with("ics") || word.ends_with("privileges") {
        word
    } else if word.ends_with(['x', 's', 'h']) {
        format!("{word}es")
    } else {
        format!("{word}s")
    }
}

/// Letters, digits, `_`, `-` and inner dots stay; every other byte becomes `%XX`. What has no name is `%`.
fn file_name(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_alphanumeric() || matches!(c, '_' | '-') || (c == '.' && i > 0) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_safe_and_do_not_collide() {
        let mut paths = Paths::default();
        let mut path = |schema, name| paths.of(&ObjectId::qualified(Kind::Table, schema, name));
        assert_eq!(path("public", "t"), "schemas/public/tables/t.sql");
        assert_eq!(path("public", "T"), "schemas/public/tables/T~2.sql");
        assert_eq!(path("public", "t"), "schemas/public/tables/t.sql");
        assert_eq!(path("..", "a/b"), "schemas/%2E./tables/a%2Fb.sql");
        assert_eq!(wanted_path(&ObjectId::global(Kind::Schema, "app")), "schemas/app/schema");
        assert_eq!(plural("policy"), "policies");
        assert_eq!(plural("index"), "indexes");
        assert_eq!(plural("statistics"), "statistics");
        assert_eq!(plural("materialized view"), "materialized_views");
    }
}
