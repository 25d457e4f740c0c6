//! A plan as Alembic revisions: Python that an Alembic user expects to read.
//!
//! One revision a transaction. Every statement is written so that it arrives at the server the same way online,
//! offline (`alembic upgrade --sql`) and with every driver: see [`escape`] and [`respell`].

mod column;
mod escape;
mod operation;
mod python;
mod respell;

use std::collections::BTreeSet;

use ordain_model::{Group, Plan, PlanStep, tokens};
use serde::Serialize;

use crate::summary::hazard_name;
use operation::Operation;
use python::comment;
pub use python::docstring;

/// One revision: the steps of one transaction, and how it is taken back.
#[derive(Clone, Debug)]
pub struct Revision<'a> {
    pub group: &'a Group,
    /// Whether another revision of the same plan follows: what is committed alone must bear to run twice.
    pub more_follow: bool,
    /// Why the transaction must be committed before this revision begins, where Alembic's env.py does not see
    /// to that.
    pub commit_first: Option<String>,
    pub back: Back<'a>,
}

/// The way back.
#[derive(Clone, Debug)]
pub enum Back<'a> {
    /// A plan of one transaction.
    Plan(&'a Plan),
    /// There is none, for this reason.
    None(String),
}

/// The bodies of a revision's two functions, and what they import beside `op` and `sa`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Statements of `upgrade()`, indented by four spaces, with a final newline.
    pub upgrade: String,
    pub downgrade: String,
    /// `from … import …` lines.
    pub imports: BTreeSet<String>,
}

/// The revision as Python.
pub fn code(revision: &Revision) -> Code {
    let mut imports = BTreeSet::new();
    let mut upgrade = String::new();
    if let Some(why) = &revision.commit_first {
        upgrade.push_str(&comment("", why));
        upgrade.push_str(&python::execute(COMMIT, false));
        upgrade.push('\n');
    }
    upgrade.push_str(&body(&revision.group.steps, revision.more_follow, &mut imports));
    let downgrade = match &revision.back {
        Back::None(why) => raise(why),
        Back::Plan(plan) => match &plan.groups[..] {
            [] => raise("nothing that ordain could take back differs"),
            groups => {
                let bodies = groups.iter().map(|group| body(&group.steps, false, &mut imports));
                bodies.collect::<Vec<_>>().join("\n")
            }
        },
    };
    Code { upgrade, downgrade, imports }
}

/// All of a plan as one text, when there is no project to write it into.
pub fn revisions(message: &str, revisions: &[Revision]) -> String {
    if revisions.is_empty() {
        return "# Nothing to do: the two sides are equal.\n".to_owned();
    }
    let mut out = String::new();
    for (i, revision) in revisions.iter().enumerate() {
        let code = code(revision);
        if i > 0 {
            out.push_str("\n\n# The next revision: it runs once the one before is committed.\n");
        }
        out.push_str(&format!("\"\"\"{}\"\"\"\n", docstring(message)));
        out.push_str("import sqlalchemy as sa\nfrom alembic import op\n");
        code.imports.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out.push_str(&format!("\n\ndef upgrade() -> None:\n{}", code.upgrade));
        out.push_str(&format!("\n\ndef downgrade() -> None:\n{}", code.downgrade));
    }
    out
}

/// One revision for a program.
#[derive(Serialize)]
struct Machine<'a> {
    upgrade: Vec<Statement>,
    /// Empty where there is no way back.
    downgrade: Vec<Statement>,
    irreversible: Option<&'a str>,
}

#[derive(Serialize)]
struct Statement {
    /// As the server reads it.
    sql: String,
    /// As `sqlalchemy.text()` must be given it.
    text: String,
    /// The comments and the call, as they stand in a revision.
    code: String,
    /// What the code imports.
    imports: BTreeSet<String>,
}

/// The revisions as JSON: for `ordain-alembic`, which puts them into Alembic's own files.
pub fn revisions_json(revisions: &[Revision]) -> String {
    let machines: Vec<Machine> = revisions
        .iter()
        .map(|revision| {
            let mut upgrade = statements(&revision.group.steps, revision.more_follow, true);
            if let Some(why) = &revision.commit_first {
                let code = comment("", why) + &python::execute(COMMIT, true);
                upgrade.insert(0, Statement { code, ..Statement::plain(COMMIT) });
            }
            let (downgrade, irreversible) = match &revision.back {
                Back::None(why) => (Vec::new(), Some(why.as_str())),
                Back::Plan(plan) => {
                    let groups = plan.groups.iter();
                    (groups.flat_map(|group| statements(&group.steps, false, true)).collect(), None)
                }
            };
            Machine { upgrade, downgrade, irreversible }
        })
        .collect();
    // Plain data with string keys only: it always serialises.
    let mut text = serde_json::to_string_pretty(&machines).unwrap_or_default();
    text.push('\n');
    text
}

/// Ends the transaction and begins one with the same settings; refused where there is none, so that nothing is
/// lost on a connection in autocommit.
const COMMIT: &str = "COMMIT AND CHAIN";
/// Bodies may mention what comes later, as in pg_dump's own scripts.
const BODIES: &str = "SET LOCAL check_function_bodies = off";

fn body(steps: &[PlanStep], twice: bool, imports: &mut BTreeSet<String>) -> String {
    let mut parts = Vec::new();
    for statement in statements(steps, twice, false) {
        parts.push(statement.code);
        imports.extend(statement.imports);
    }
    parts.join("\n")
}

impl Statement {
    fn plain(sql: &str) -> Self {
        let (text, code) = (python::text(sql), python::execute(sql, true));
        Self { sql: sql.to_owned(), text, code, imports: BTreeSet::new() }
    }
}

fn statements(steps: &[PlanStep], twice: bool, moves: bool) -> Vec<Statement> {
    let mut all = Vec::new();
    if steps.iter().any(|step| has_body(&step.sql)) {
        all.push(Statement::plain(BODIES));
    }
    all.extend(steps.iter().map(|step| {
        let sql = if twice { bears_twice(&step.sql) } else { step.sql.clone() };
        let mut code = String::new();
        for hazard in &step.hazards {
            let head = format!("{}: ", hazard_name(hazard.kind));
            code.push_str(&comment(&head, &hazard.detail));
        }
        for check in &step.prechecks {
            code.push_str(&comment("must be 0: ", &check.counts));
            code.push_str(&comment("  ", &check.query));
        }
        let operation = Operation::of(&sql);
        let imports = operation.iter().flat_map(|operation| operation.imports.clone()).collect();
        let plain = || python::execute(&sql, moves);
        code.push_str(&operation.map_or_else(plain, |operation| operation.code));
        Statement { text: python::text(&sql), sql, code, imports }
    }));
    all
}

fn raise(why: &str) -> String {
    let text = python::literal(&format!("cannot be undone: {why}").replace('\n', " "));
    let line = format!("    raise NotImplementedError({text})\n");
    match line.chars().count() <= 90 {
        true => line,
        false => format!("    raise NotImplementedError(\n        {text}\n    )\n"),
    }
}

fn words<const N: usize>(sql: &str, wanted: [&str; N]) -> bool {
    let tokens = tokens::tokenize(sql);
    tokens.len() >= N && tokens.iter().zip(wanted).all(|(token, word)| token.is_word(word))
}

fn has_body(sql: &str) -> bool {
    ["function", "procedure"]
        .iter()
        .any(|what| words(sql, ["create", what]) || words(sql, ["create", "or", "replace", what]))
}

/// A label is added only where it is not there yet: the revision may have run before and not been recorded.
fn bears_twice(sql: &str) -> String {
    let tokens = tokens::tokenize(sql);
    let added = words(sql, ["alter", "type"]);
    let at = tokens.windows(2).position(|w| w[0].is_word("add") && w[1].is_word("value"));
    match (added, at.map(|at| tokens[at + 1].end)) {
        (true, Some(end)) if !sql[end..].trim_start().starts_with("IF NOT EXISTS") => {
            format!("{} IF NOT EXISTS{}", &sql[..end], &sql[end..])
        }
        _ => sql.to_owned(),
    }
}
