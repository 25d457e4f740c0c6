//! Line diffs of changed bodies.

use std::fmt::{self, Write};

use similar::{ChangeTag, TextDiff};

use crate::palette::{Palette, paint};
use crate::visible::visible;

/// Lines kept around a change.
const CONTEXT: usize = 3;

/// A line diff: `-` and `+` before changed lines, `…` where equal ones are left out, each line indented by `indent`.
pub fn write_diff(
    out: &mut String,
    old: &str,
    new: &str,
    indent: &str,
    palette: &Palette,
) -> fmt::Result {
    let (old, new) = (visible(old), visible(new));
    let diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
    for (i, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if i > 0 {
            writeln!(out, "{indent}{}", paint(palette.dim, "…"))?;
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches(['\n', '\r']);
            match change.tag() {
                ChangeTag::Delete => {
                    writeln!(out, "{indent}{}", paint(palette.removed, format!("- {line}")))?;
                }
                ChangeTag::Insert => {
                    writeln!(out, "{indent}{}", paint(palette.added, format!("+ {line}")))?;
                }
                ChangeTag::Equal => writeln!(out, "{}", format!("{indent}  {line}").trim_end())?,
            }
        }
    }
    Ok(())
}

/// Every line of `text` behind `indent`; empty lines stay empty.
pub fn write_indented(out: &mut String, text: &str, indent: &str) -> fmt::Result {
    for line in visible(text).lines() {
        if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "{indent}{line}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_apart_changes_leave_out_what_is_between() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 2\n", "LINE 2\n").replace("line 19\n", "LINE 19\n");
        let mut out = String::new();
        write_diff(&mut out, &old, &new, " ", &Palette::plain()).expect("strings take all");
        assert!(out.contains(" - line 2\n + LINE 2\n"), "{out}");
        assert!(out.contains(" …\n") && !out.contains("line 10\n"), "{out}");
    }
}
