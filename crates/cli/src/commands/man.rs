//! `ordain man`.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::Exit;
use crate::error::Error;
use crate::flags::{Cli, ManArgs};
use crate::terminal::Terminal;

pub fn run(args: &ManArgs, terminal: &mut Terminal) -> Result<Exit, Error> {
    let mut cli = Cli::command();
    // Global options and the version reach the commands only now.
    cli.build();
    let command = match &args.command {
        None => cli,
        Some(name) => {
            let found = cli.get_subcommands().find(|c| c.get_name() == name);
            let found = found.ok_or_else(|| {
                let names: Vec<_> = cli.get_subcommands().map(clap::Command::get_name).collect();
                Error::usage(
                    format!("there is no command {name}"),
                    format!("the commands are {}", names.join(", ")),
                )
            })?;
            found.clone()
        }
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Error::Output)?;
    terminal.raw(&page)?;
    Ok(Exit::Done)
}
