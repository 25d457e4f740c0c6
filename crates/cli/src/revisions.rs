//! A plan's legs as Alembic revisions.

use ordain_alembic::Script;
use ordain_model::tokens::{TokenKind, tokenize};
use ordain_review::alembic::{Back, Revision};

use crate::legs::Leg;

/// What runs before in the same transaction, as far as it is known.
#[derive(Default)]
pub struct Before<'a> {
    /// The revisions that a new database runs before these.
    pub scripts: Vec<&'a Script>,
    /// Whether env.py commits after each revision.
    pub commits_each: bool,
}

/// One revision a leg. One that uses a label begins by committing what added it, unless env.py does.
pub fn revisions<'a>(legs: &'a [Leg], before: &Before) -> Vec<Revision<'a>> {
    let mut all = Vec::new();
    for (i, leg) in legs.iter().enumerate() {
        let commit_first = match i.checked_sub(1) {
            _ if before.commits_each => None,
            Some(earlier) => Some(reason(legs[earlier].group.reason.as_deref())),
            None => earlier_label(leg, &before.scripts).map(|_| reason(None)),
        };
        let back = match &leg.back {
            Ok(plan) => Back::Plan(plan),
            Err(why) => Back::None(why.clone()),
        };
        let more_follow = i + 1 < legs.len();
        all.push(Revision { group: &leg.group, more_follow, commit_first, back });
    }
    all
}

fn reason(known: Option<&str>) -> String {
    let general = "PostgreSQL lets a new enum label be used only after the transaction that added it has committed";
    let known = known.unwrap_or(general).replace(", and later steps use ", ":\n");
    format!("{known}\n(needless with transaction_per_migration=True in env.py)")
}

/// A label that an earlier revision adds and this leg mentions.
fn earlier_label(leg: &Leg, scripts: &[&Script]) -> Option<String> {
    let added: Vec<String> = scripts.iter().flat_map(|script| labels(&script.text)).collect();
    if added.is_empty() {
        return None;
    }
    let steps = leg.group.steps.iter();
    let mut used = steps.flat_map(|step| ordain_model::tokens::literals(&step.sql));
    used.find(|text| added.contains(text))
}

/// The labels that stand behind ADD VALUE, whatever is around it.
fn labels(python: &str) -> Vec<String> {
    let mut found = Vec::new();
    let upper = python.to_ascii_uppercase();
    for (at, words) in upper.match_indices("ADD VALUE") {
        let rest = &python[at + words.len()..];
        let mut tokens = tokenize(rest).into_iter();
        let first = tokens.find(|token| token.kind != TokenKind::Word);
        found.extend(
            first.filter(|token| token.kind == TokenKind::String).map(|t| t.value.into_owned()),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_earlier_revisions_are_found() {
        let text = "op.execute(\"alter type s add value if not exists 'it''s' after 'a'\")\nop.execute('ALTER TYPE s ADD VALUE \\'b\\'')\n";
        assert_eq!(labels(text)[0], "it's");
        assert_eq!(labels("op.execute(\"\"\"\nALTER TYPE s\n  ADD VALUE 'x'\n\"\"\")"), ["x"]);
        assert!(labels("op.create_table('ADD')").is_empty());
    }
}
