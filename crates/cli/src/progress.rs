//! What a person sees while a plan is applied.

use ordain_apply::Event;

use crate::terminal::Terminal;

/// Passing things overwrite each other on one line; what stays true stays on the screen.
pub fn show(terminal: &mut Terminal, event: &Event) {
    match event {
        Event::Waiting { holder } => {
            terminal.say(&format!("waiting: another apply is at work ({holder})"));
        }
        Event::Comparing => terminal.progress("comparing the database with the plan"),
        Event::Prechecks { count } => terminal.progress(&format!("{count} checks of the data")),
        Event::Precheck { counts } => terminal.progress(&format!("checking: {counts}")),
        Event::Resuming { done } => {
            terminal.say(&format!("going on after group {done}, which is committed already"));
        }
        Event::Group { group, of, steps } => {
            terminal.detail(&format!("group {group} of {of}: {steps} steps"));
        }
        Event::Step { step, of } => {
            terminal.progress(&format!("{}/{of} {}", step.id, step.object));
        }
        Event::StepDone { step, elapsed } => {
            terminal.detail(&format!(
                "  {:>3}. {} ({:.0} ms)",
                step.id,
                step.object,
                elapsed.as_secs_f64() * 1000.0
            ));
        }
        Event::Retry { group, attempt, of, wait, reason } => terminal.say(&format!(
            "group {group} was rolled back: {reason}; attempt {attempt} of {of} in {:.1} s",
            wait.as_secs_f64()
        )),
        Event::Verifying { group } => terminal.progress(&format!("verifying group {group}")),
        Event::Committed { group } => terminal.detail(&format!("group {group} is committed")),
        Event::RolledBack { group } => terminal.detail(&format!("group {group} is taken back")),
        Event::Reconnecting { group } => {
            terminal.say(&format!("the connection was lost in group {group}: connecting again"));
        }
    }
}
