//! Drift: what differs between two catalogs, object by object.

use std::fmt::{self, Write};

use ordain_model::{Catalog, Change, Context, Fold, Object, ObjectId, Options, Step};

use crate::diff::write_diff;
use crate::numbers::count;
use crate::palette::{Palette, paint};
use crate::visible::visible;

/// One paragraph an object: `+` only wanted, `-` only there, `~` different, `>` renamed, with the definitions
/// as SQL where that is short and as a line diff where it is not. Ends with a newline.
pub fn changes(changes: &[Change], from: &Catalog, to: &Catalog, palette: &Palette) -> String {
    let options = Options::default();
    // Each side is spelled by itself: how one becomes the other is the planner's business.
    let sides = (Context::new(from, from, &options), Context::new(to, to, &options));
    // What belongs together stands together: a table, then its columns, constraints, indexes, …
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| (change.id().root().clone(), change.id().clone()));
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = sorted
        .iter()
        .try_for_each(|change| write_change(&mut out, change, &sides, palette))
        .and_then(|()| write_total(&mut out, changes));
    out
}

fn write_change(
    out: &mut String,
    change: &Change,
    (from, to): &(Context, Context),
    palette: &Palette,
) -> fmt::Result {
    match change {
        Change::Create { id, to: object } => {
            let text = definition(id, object, to);
            let mark = paint(palette.added, "+");
            write!(out, "{mark} {}", paint(palette.heading, name(id)))?;
            write_one_side(out, id, &text, |out| write_diff(out, "", &text, "  ", palette))
        }
        Change::Drop { id, from: object } => {
            let text = definition(id, object, from);
            let mark = paint(palette.removed, "-");
            write!(out, "{mark} {}", paint(palette.heading, name(id)))?;
            write_one_side(out, id, &text, |out| write_diff(out, &text, "", "  ", palette))
        }
        Change::Alter { id, from: old, to: new } => {
            writeln!(out, "{} {}", paint(palette.changed, "~"), paint(palette.heading, name(id)))?;
            let (old_text, new_text) = (definition(id, old, from), definition(id, new, to));
            if old_text == new_text {
                write_diff(out, &as_json(old), &as_json(new), "  ", palette)
            } else {
                write_diff(out, &old_text, &new_text, "  ", palette)
            }
        }
        Change::Rename { from, to } => {
            let mark = paint(palette.changed, ">");
            writeln!(
                out,
                "{mark} {} becomes {}",
                paint(palette.heading, name(from)),
                visible(&to.path())
            )
        }
    }
}

/// A definition of one line stands behind the name; a longer one below it.
fn write_one_side(
    out: &mut String,
    id: &ObjectId,
    text: &str,
    below: impl FnOnce(&mut String) -> fmt::Result,
) -> fmt::Result {
    if text.lines().nth(1).is_some() {
        writeln!(out)?;
        return below(out);
    }
    let text = visible(text);
    let rest = text.strip_prefix(&id.base_sql()).unwrap_or(&text).trim();
    if rest.is_empty() { writeln!(out) } else { writeln!(out, ": {rest}") }
}

fn write_total(out: &mut String, changes: &[Change]) -> fmt::Result {
    if changes.is_empty() {
        return writeln!(out, "No difference.");
    }
    writeln!(out, "\n{}", count(changes.len() as i64, "difference"))
}

/// The SQL that creates the object, in its shortest form: a column as it stands in the table's parentheses.
/// Empty where its parent's SQL does it.
fn definition(id: &ObjectId, object: &Object, side: &Context) -> String {
    let steps = object.create(id, side);
    steps.iter().map(shortest).collect::<Vec<_>>().join(";\n")
}

fn shortest(step: &Step) -> String {
    let part = step.folds.iter().find_map(|fold| match fold {
        Fold::Element { text, .. } | Fold::Suffix { text, .. } | Fold::Action { text, .. } => {
            Some(text.trim().to_owned())
        }
        Fold::With { .. } => None,
    });
    part.unwrap_or_else(|| match &step.frame {
        Some(frame) => format!("{}{}", step.sql, frame.tail),
        None => step.sql.clone(),
    })
}

fn name(id: &ObjectId) -> String {
    visible(&id.to_string()).into_owned()
}

fn as_json(object: &Object) -> String {
    serde_json::to_string_pretty(object).unwrap_or_default()
}
