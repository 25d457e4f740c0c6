//! `ordain completions`.

use clap::CommandFactory;

use crate::Exit;
use crate::error::Error;
use crate::flags::{Cli, CompletionsArgs};
use crate::terminal::Terminal;

pub fn run(args: &CompletionsArgs, terminal: &mut Terminal) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "ordain", &mut script);
    terminal.raw(&script)?;
    Ok(Exit::Done)
}
