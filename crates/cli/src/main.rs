//! `ordain`: compares a PostgreSQL database with the schema you want, and turns the difference into an
//! ordered plan.
//!
//! This crate knows flags, the terminal and exit codes. Everything else is done by the libraries below it.

mod cancel;
mod commands;
mod error;
mod examples;
mod flags;
mod left_alone;
mod legs;
mod loading;
mod output;
mod progress;
mod rehearsal;
mod reverse;
mod revisions;
mod session;
mod settings;
mod stages;
mod terminal;
mod traps;
mod versions;

use std::process::ExitCode;

use clap::Parser;

use error::Error;
use flags::{Cli, Command};
use session::Session;
use terminal::Terminal;

/// A catalog is a million small pieces, made by several threads and read by one: this allocator takes a fifth less time
/// for that than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return terminal::usage(&usage),
    };
    let mut terminal = Terminal::new(&cli.common);
    match run(cli, &mut terminal) {
        Ok(code) => code.into(),
        Err(error) => {
            terminal.report(&error);
            error.exit().into()
        }
    }
}

fn run(cli: Cli, terminal: &mut Terminal) -> Result<Exit, Error> {
    match &cli.command {
        Command::Completions(args) => return commands::completions::run(args, terminal),
        Command::Man(args) => return commands::man::run(args, terminal),
        _ => {}
    }
    cancel::install();
    let mut session = Session::open(cli.common, terminal)?;
    match &cli.command {
        Command::Plan(args) => commands::plan::run(args, &mut session),
        Command::Review(args) => commands::review::run(args, &mut session),
        Command::Apply(args) => commands::apply::run(args, &mut session),
        Command::Diff(args) => commands::diff::run(args, &mut session),
        Command::Check(args) => commands::check::run(args, &mut session),
        Command::Inspect(args) => commands::inspect::run(args, &mut session),
        Command::Revision(args) => commands::revision::run(args, &mut session),
        Command::Completions(_) | Command::Man(_) => Ok(Exit::Done),
    }
}

/// How a run ends. The numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or no difference.
    Done = 0,
    /// It could not be done.
    Error = 1,
    /// There are differences (`check`, `plan --exit-code`).
    Different = 2,
    /// It must not be done.
    Refused = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
