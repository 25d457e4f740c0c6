//! `ordain review`.

use std::io::Read;
use std::path::Path;

use ordain_model::Plan;

use crate::Exit;
use crate::commands::render;
use crate::error::Error;
use crate::flags::{Format, ReviewArgs};
use crate::session::Session;

pub fn run(args: &ReviewArgs, session: &mut Session) -> Result<Exit, Error> {
    let plan = read(&args.plan)?;
    let text = render(&plan, args.format, session);
    match args.format {
        Format::Text => session.terminal.out(&text)?,
        _ => session.terminal.raw(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

/// A plan file; `-` is standard input.
pub fn read(path: &Path) -> Result<Plan, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    } else {
        bytes = std::fs::read(path).map_err(failed)?;
    }
    ordain_review::read(&String::from_utf8_lossy(&bytes))
        .map_err(|source| Error::NoPlan { path: path.to_owned(), source })
}
