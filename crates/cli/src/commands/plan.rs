//! `ordain plan`.

use crate::Exit;
use crate::commands::render;
use crate::error::Error;
use crate::flags::{Format, PlanArgs};
use crate::output::write_atomically;
use crate::session::Session;
use crate::stages;

pub fn run(args: &PlanArgs, session: &mut Session) -> Result<Exit, Error> {
    let (from, to) = session.sides(&args.sides)?;
    let mut pair = stages::load(session, &from, &to)?;
    if args.reverse {
        pair.turn_round()?;
    }
    let plan = stages::plan(session, &pair)?;
    stages::check_data(session, &pair, &plan)?;
    if let Some(path) = &args.out {
        write_atomically(path, &ordain_review::json(&plan))?;
    }
    let text = render(&plan, args.format, session);
    if args.format == Format::Text {
        session.terminal.out(&text)?;
        if let Some(path) = &args.out {
            session.terminal.say(&format!("written to {}", path.display()));
        }
    } else {
        session.terminal.raw(text.as_bytes())?;
    }
    Ok(if args.exit_code && !plan.groups.is_empty() { Exit::Different } else { Exit::Done })
}
