//! `ordain check`: the drift gate.

use ordain_review::Palette;

use crate::Exit;
use crate::error::Error;
use crate::flags::Sides;
use crate::session::Session;
use crate::stages::{self, for_the_rest};

pub fn run(args: &Sides, session: &mut Session) -> Result<Exit, Error> {
    let (from, to) = session.sides(args)?;
    let pair = for_the_rest(stages::load(session, &from, &to)?);
    let changes = stages::diff(session, &pair)?;
    if !session.terminal.is_quiet() {
        let text = ordain_review::changes(&changes, &pair.from, &pair.to, &Palette::coloured());
        session.terminal.out(&text)?;
    }
    Ok(if changes.is_empty() { Exit::Done } else { Exit::Different })
}
