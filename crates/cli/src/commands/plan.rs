//! `ordain plan`.

use ordain_model::Plan;
use ordain_review::alembic;

use crate::Exit;
use crate::commands::render;
use crate::error::Error;
use crate::flags::{Format, PlanArgs};
use crate::legs::legs;
use crate::output::write_atomically;
use crate::revisions::{Before, revisions};
use crate::session::Session;
use crate::stages::{self, for_the_rest};

pub fn run(args: &PlanArgs, session: &mut Session) -> Result<Exit, Error> {
    let (from, to) = session.sides(&args.sides)?;
    let mut pair = for_the_rest(stages::load(session, &from, &to)?);
    if args.reverse {
        pair.turn_round()?;
    }
    let stages = stages::stages(session, &pair)?;
    let plan = stages.plan.clone();
    if let Err(refused) = stages::check_data(session, &pair, &plan) {
        show_refused(&plan, args.format, session)?;
        return Err(refused);
    }
    if let Some(path) = &args.out {
        write_atomically(path, &ordain_review::json(&plan))?;
    }
    let text = match args.format {
        Format::Alembic | Format::AlembicJson => {
            let legs = legs(&pair, stages)?;
            let revisions = revisions(&legs, &Before::default());
            match args.format {
                Format::Alembic => alembic::revisions("Written by ordain.", &revisions),
                _ => alembic::revisions_json(&revisions),
            }
        }
        _ => render(&plan, args.format, session),
    };
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

/// For a person only: what reads SQL or JSON from standard output must not run or keep it.
fn show_refused(plan: &Plan, format: Format, session: &mut Session) -> Result<(), Error> {
    let text = render(plan, Format::Text, session);
    if format == Format::Text {
        return session.terminal.out(&text);
    }
    session.terminal.err(&text);
    Ok(())
}
