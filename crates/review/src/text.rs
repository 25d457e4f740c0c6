//! A plan as a person reads it before saying yes.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use ordain_model::{Group, HazardKind, Plan, PlanStep, Undo, Verb};

use crate::diff::{write_diff, write_indented};
use crate::numbers::{count, size};
use crate::palette::{Palette, paint};
use crate::summary::{MUST_BE_ALLOWED, Summary, done, hazard_name, lock_name, serialized, steps};
use crate::visible::visible;

const INDENT: &str = "     ";

/// Groups with the reason for each boundary, numbered steps with everything that was found out about
/// them, rewritten tables, notices, totals. Ends with a newline.
pub fn text(plan: &Plan, palette: &Palette) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_plan(&mut out, plan, palette);
    out
}

fn write_plan(out: &mut String, plan: &Plan, palette: &Palette) -> fmt::Result {
    for (i, group) in plan.groups.iter().enumerate() {
        write_group(out, group, i, plan.groups.len(), palette)?;
    }
    write_rewritten(out, plan, palette)?;
    write_notices(out, &plan.notices, palette)?;
    write_totals(out, plan, palette)
}

fn write_group(
    out: &mut String,
    group: &Group,
    index: usize,
    of: usize,
    palette: &Palette,
) -> fmt::Result {
    let number = index + 1;
    let heading = match (group.transactional, of) {
        (true, 1) => "One transaction".to_owned(),
        (true, _) => format!("Transaction {number} of {of}"),
        (false, _) => format!("Statement outside of a transaction ({number} of {of})"),
    };
    write!(out, "{}", paint(palette.heading, heading))?;
    match &group.reason {
        Some(reason) => writeln!(out, ", ends here because {}\n", visible(reason))?,
        None => writeln!(out, "\n")?,
    }
    for step in &group.steps {
        write_step(out, step, palette)?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_step(out: &mut String, step: &PlanStep, palette: &Palette) -> fmt::Result {
    let verb = serialized(&step.verb);
    writeln!(
        out,
        "{:>3}. {} {}",
        step.id,
        paint(palette.verb(step.verb), verb),
        paint(palette.heading, visible(&step.object))
    )?;
    write_sql(out, step, palette)?;
    for hazard in &step.hazards {
        let name = paint(palette.hazard(hazard.kind), hazard_name(hazard.kind));
        writeln!(out, "{INDENT}! {name}: {}", visible(&hazard.detail))?;
    }
    if let Some(lock) = &step.lock {
        let mode = lock_name(lock.mode);
        let table = lock.size.map_or_else(String::new, |s| format!(" ({})", size(s)));
        let line = format!("lock: {mode} on {}{table}", visible(&lock.on));
        writeln!(out, "{INDENT}{}", paint(palette.dim, line))?;
    }
    for check in &step.prechecks {
        writeln!(out, "{INDENT}checked first, must be 0: {}", visible(&check.counts))?;
        for line in visible(&check.query).lines() {
            writeln!(out, "       {}", paint(palette.dim, line))?;
        }
    }
    match &step.undo {
        // That what is created can be dropped again goes without saying.
        Undo::Sql(sql) if step.verb != Verb::Create => {
            let undo = visible(sql).lines().collect::<Vec<_>>().join(" ");
            writeln!(out, "{INDENT}{}", paint(palette.dim, format!("undo: {undo};")))
        }
        Undo::Irreversible(why) => {
            let cannot = paint(palette.danger, "cannot be undone");
            writeln!(out, "{INDENT}{cannot}: {}", visible(why))
        }
        Undo::Sql(_) | Undo::Reverse => Ok(()),
    }
}

/// The statement; where it makes anew what was there before, as a line diff.
fn write_sql(out: &mut String, step: &PlanStep, palette: &Palette) -> fmt::Result {
    match &step.diff {
        Some(diff) if diff.new == step.sql => {
            let lines = |text: &str| format!("{};\n", text.trim_end());
            write_diff(out, &lines(&diff.old), &lines(&diff.new), INDENT, palette)
        }
        _ => write_indented(out, &format!("{};", step.sql), INDENT),
    }
}

/// Tables whose rows are all written anew, once each, with their sizes.
fn write_rewritten(out: &mut String, plan: &Plan, palette: &Palette) -> fmt::Result {
    let mut rewritten = BTreeMap::new();
    for step in steps(plan) {
        if step.hazards.iter().any(|h| h.kind == HazardKind::RewritesTable) {
            let lock = step.lock.as_ref();
            let table = lock.map_or(step.object.as_str(), |lock| lock.on.as_str());
            rewritten.insert(table, lock.and_then(|lock| lock.size));
        }
    }
    if rewritten.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(palette.heading, "Rewritten while locked"))?;
    for (table, of) in rewritten {
        let table = visible(table);
        writeln!(out, "  {table}{}", of.map_or_else(String::new, |s| format!(" ({})", size(s))))?;
    }
    writeln!(out)
}

fn write_notices(out: &mut String, notices: &[String], palette: &Palette) -> fmt::Result {
    if notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(palette.heading, "Notices"))?;
    for notice in notices {
        let notice = visible(notice);
        let mut lines = notice.lines();
        writeln!(out, "  - {}", lines.next().unwrap_or_default())?;
        for line in lines {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out)
}

fn write_totals(out: &mut String, plan: &Plan, palette: &Palette) -> fmt::Result {
    let summary = Summary::of(plan);
    if summary.steps == 0 {
        return writeln!(out, "Nothing to do: the two sides are equal.");
    }
    let verbs: Vec<String> =
        summary.verbs.iter().map(|(verb, n)| format!("{n} {}", done(*verb))).collect();
    let steps = count(summary.steps as i64, "step");
    let groups = count(summary.groups as i64, "transaction");
    let total = format!("{steps} in {groups}");
    writeln!(out, "{}: {}", paint(palette.heading, total), verbs.join(", "))?;
    if summary.prechecks > 0 {
        writeln!(
            out,
            "{} of the data before anything changes",
            count(summary.prechecks as i64, "check")
        )?;
    }
    for (kind, steps) in &summary.hazards {
        let allow = if MUST_BE_ALLOWED.contains(kind) {
            format!(" — apply needs --allow {}", hazard_name(*kind))
        } else {
            String::new()
        };
        let name = paint(palette.hazard(*kind), hazard_name(*kind));
        writeln!(out, "  {name}: {}{allow}", step_list(steps))?;
    }
    Ok(())
}

/// `step 3`, `steps 1, 2, 5–9`.
fn step_list(ids: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *id => *end = *id,
            _ => runs.push((*id, *id)),
        }
    }
    let spelled: Vec<String> = runs
        .iter()
        .map(|(start, end)| match end - start {
            0 => start.to_string(),
            1 => format!("{start}, {end}"),
            _ => format!("{start}–{end}"),
        })
        .collect();
    let noun = if ids.len() == 1 { "step" } else { "steps" };
    format!("{noun} {}", spelled.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_lists_are_short() {
        assert_eq!(step_list(&[3]), "step 3");
        assert_eq!(step_list(&[1, 2, 5, 6, 7, 9]), "steps 1, 2, 5–7, 9");
    }
}
