//! A plan as a script for psql.

use std::fmt::{self, Write};

use ordain_model::{Group, Plan, PlanStep, Undo, quote};

use crate::summary::{hazard_name, lock_name};

/// What the script sets before it starts.
#[derive(Clone, Debug, Default)]
pub struct SqlOptions {
    /// As PostgreSQL spells durations: `5s`. Without it the script sets no lock_timeout.
    pub lock_timeout: Option<String>,
}

/// Runs with `psql -v ON_ERROR_STOP=1 -f`: BEGIN and COMMIT around each group, what the reviewer should
/// know as comments. Prechecks are comments too: the script itself asks nothing.
pub fn sql(plan: &Plan, options: &SqlOptions) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_script(&mut out, plan, options);
    out
}

fn write_script(out: &mut String, plan: &Plan, options: &SqlOptions) -> fmt::Result {
    for notice in &plan.notices {
        write_comment(out, "notice: ", notice)?;
    }
    if plan.groups.is_empty() {
        return writeln!(out, "-- Nothing to do: the two sides are equal.");
    }
    if !plan.notices.is_empty() {
        writeln!(out)?;
    }
    if plan.groups.len() > 1 {
        // Within one transaction an error undoes everything; between several, psql itself must stop.
        writeln!(out, "\\set ON_ERROR_STOP on\n")?;
    }
    for (i, group) in plan.groups.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        write_group(out, group, i, plan.groups.len(), options)?;
    }
    Ok(())
}

fn write_group(
    out: &mut String,
    group: &Group,
    index: usize,
    of: usize,
    options: &SqlOptions,
) -> fmt::Result {
    if of > 1 {
        writeln!(out, "-- Group {} of {of}", index + 1)?;
    }
    let local = if group.transactional { "LOCAL " } else { "" };
    if group.transactional {
        writeln!(out, "BEGIN;")?;
    }
    if let Some(timeout) = &options.lock_timeout {
        writeln!(out, "SET {local}lock_timeout = {};", quote::literal(timeout))?;
    }
    writeln!(out, "SET {local}check_function_bodies = off;\n")?;
    for step in &group.steps {
        write_step(out, step)?;
        writeln!(out)?;
    }
    if group.transactional {
        writeln!(out, "COMMIT;")?;
    }
    if let Some(reason) = &group.reason {
        write_comment(out, "ends here because ", reason)?;
    }
    Ok(())
}

fn write_step(out: &mut String, step: &PlanStep) -> fmt::Result {
    for hazard in &step.hazards {
        write_comment(out, &format!("{}: ", hazard_name(hazard.kind)), &hazard.detail)?;
    }
    if let Some(lock) = &step.lock {
        write_comment(out, "lock: ", &format!("{} on {}", lock_name(lock.mode), lock.on))?;
    }
    for check in &step.prechecks {
        write_comment(out, "must be 0: ", &check.counts)?;
        write_comment(out, "  ", &check.query)?;
    }
    if let Undo::Irreversible(why) = &step.undo {
        write_comment(out, "cannot be undone: ", why)?;
    }
    writeln!(out, "{};", step.sql)
}

/// Line comments, so that nothing in the text can end them early.
fn write_comment(out: &mut String, head: &str, text: &str) -> fmt::Result {
    // For the server a carriage return ends a comment too.
    for (i, line) in text.split(['\n', '\r']).enumerate() {
        let lead = if i == 0 { head.to_owned() } else { " ".repeat(head.len()) };
        writeln!(out, "{}", format!("-- {lead}{line}").trim_end())?;
    }
    Ok(())
}
