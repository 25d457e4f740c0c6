//! All flags, each defined once.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::examples;

/// Compares a PostgreSQL database with the schema you want, and turns the difference into an ordered plan
/// that a person can review and a server can apply in one transaction.
#[derive(Debug, Parser)]
#[command(name = "ordain", version, propagate_version = true, max_term_width = 110)]
#[command(after_help = examples::ORDAIN, disable_help_subcommand = true, subcommand_required = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the plan that turns one source into another
    #[command(after_help = examples::PLAN)]
    Plan(PlanArgs),
    /// Show a saved plan
    #[command(after_help = examples::REVIEW)]
    Review(ReviewArgs),
    /// Apply exactly a saved plan, or plan, show, ask and apply
    #[command(after_help = examples::APPLY)]
    Apply(ApplyArgs),
    /// Show what differs between two sources, object by object
    #[command(after_help = examples::DIFF)]
    Diff(Sides),
    /// Exit with 2 when two sources differ: a drift gate for CI
    #[command(after_help = examples::CHECK)]
    Check(Sides),
    /// Write a source out: as SQL that recreates it, or as a snapshot
    #[command(after_help = examples::INSPECT)]
    Inspect(InspectArgs),
    /// Write an Alembic revision into the project
    #[command(after_help = examples::REVISION)]
    Revision(RevisionArgs),
    /// Write the completions of a shell to standard output
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the manual page to standard output
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

/// Accepted by every command, before or after its name. Those that a settings file may hold are options:
/// a flag wins.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Only these schemas; a glob, may be repeated
    #[arg(long, global = true, value_name = "GLOB")]
    pub schema: Vec<String>,
    /// Leave these objects alone: a glob of `name` or `schema.name`, may be repeated
    #[arg(long, global = true, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Where SQL files are tried out: a private throw-away cluster (auto), a scratch database on the live
    /// server (scratch), or a scratch database on another server
    #[arg(long, global = true, value_name = "auto|scratch|URL")]
    pub shadow: Option<String>,
    /// Run the files in the shadow as a superuser: only for files that you trust as yourself
    #[arg(long, global = true)]
    pub shadow_superuser: bool,
    /// An object that has another name now: `table:public.a=b`, `column:public.t.a=b`; may be repeated
    #[arg(long, global = true, value_name = "KIND:OLD=NEW")]
    pub rename: Vec<String>,
    /// What becomes of the rows that hold a removed enum label: `public.status:old=new` or `=NULL`; may be
    /// repeated
    #[arg(long, global = true, value_name = "TYPE:OLD=NEW")]
    pub map_label: Vec<String>,
    /// Whose privileges are compared: of the roles that the desired state names (auto), of all, of none
    #[arg(long, global = true, value_enum, value_name = "WHICH")]
    pub privileges: Option<Which>,
    /// Which owners are compared: as `--privileges`
    #[arg(long, global = true, value_enum, value_name = "WHICH")]
    pub owners: Option<Which>,
    /// One transaction, even where that costs a rebuild of a type
    #[arg(long, global = true)]
    pub atomic: bool,
    /// Objects of kinds that ordain does not know are an error, not a notice
    #[arg(long, global = true)]
    pub strict: bool,
    /// Neither read nor write the cache of desired states
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// The Python interpreter that loads SQLAlchemy models
    #[arg(long, global = true, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// What models call a schema, and what it is called here: `tenant=acme`; `=acme` for tables without a schema; may be
    /// repeated
    #[arg(long, global = true, value_name = "OLD=NEW")]
    pub translate_schema: Vec<String>,
    /// The settings file [default: ordain.toml in the current folder, if there]
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// How long one attempt may wait for a lock: `500ms`, `5s`, `1min`; `0` waits for ever [default: 5s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub lock_timeout: Option<Duration>,
    /// No progress and no notices
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what is done; twice for still more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// The two sources that are compared.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Sources")]
pub struct Sides {
    /// The current state: postgres://…, a .sql file or a folder of them, snapshot.json, empty:
    #[arg(long, value_name = "SOURCE")]
    pub from: Option<String>,
    /// The desired state; may be repeated, the sources merge
    #[arg(long, value_name = "SOURCE")]
    pub to: Vec<String>,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Also write the plan as JSON to this file; a refused plan is not written
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 2 when there is something to do
    #[arg(long)]
    pub exit_code: bool,
    /// The way back: from the desired state to the current one
    #[arg(long)]
    pub reverse: bool,
    #[command(flatten)]
    pub sides: Sides,
}

#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A plan that `plan --out` wrote; `-` reads standard input
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// What standard output shows
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// A plan that `plan --out` wrote
    #[arg(value_name = "PLAN", conflicts_with_all = ["from", "to"])]
    pub plan: Option<PathBuf>,
    /// The database that a saved plan is applied to
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Accept these hazards, or all; separated by commas or repeated
    #[arg(long, value_name = "HAZARD", value_delimiter = ',')]
    pub allow: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Go on with a plan of several transactions that was interrupted
    #[arg(long)]
    pub resume: bool,
    /// Do everything but commit
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub sides: Sides,
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// postgres://…, a .sql file or a folder of them, snapshot.json
    #[arg(value_name = "SOURCE", required = true)]
    pub source: Vec<String>,
    /// SQL, or a snapshot (JSON) that is itself a source
    #[arg(long, value_enum, default_value_t = InspectFormat::Sql)]
    pub format: InspectFormat,
    /// SQL: a folder, one file an object. JSON: a file
    #[arg(short, long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RevisionArgs {
    /// What the revision does, in a few words
    #[arg(short, long)]
    pub message: String,
    /// Alembic's settings [default: alembic.ini and pyproject.toml in the current folder]
    #[arg(short, long, value_name = "FILE", env = "ALEMBIC_CONFIG")]
    pub config: Option<PathBuf>,
    /// The section of the .ini file
    #[arg(short, long, value_name = "SECTION", default_value = "alembic")]
    pub name: String,
    /// The head that the revision follows, where there are several: its id, the beginning of it, or LABEL@head
    #[arg(long, value_name = "REVISION")]
    pub head: Option<String>,
    /// The folder of the revision, where there are several version_locations
    #[arg(long, value_name = "FOLDER")]
    pub version_path: Option<PathBuf>,
    /// The id of the revision instead of a random one; of two revisions the last one's
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
    /// Write nothing, show the files
    #[arg(long)]
    pub dry_run: bool,
    /// Do not try the way back on a throw-away server first
    #[arg(long)]
    pub no_rehearsal: bool,
    #[command(flatten)]
    pub sides: Sides,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of one command instead of that of ordain itself
    pub command: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For psql
    Sql,
    /// For programs; docs/plan.schema.json
    Json,
    /// Alembic revisions
    Alembic,
    /// Alembic revisions for programs
    #[value(hide = true)]
    AlembicJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InspectFormat {
    Sql,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    Auto,
    All,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// `500ms`, `5s`, `1min`, `2h`, `0`: the units that PostgreSQL reads in lock_timeout.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("{text:?} is not a time; write 500ms, 5s, 1min or 0");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| bad())?;
    let unit = match unit.trim() {
        "" if number == 0 => 0,
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(bad()),
    };
    // lock_timeout is an int4 of milliseconds.
    match number.checked_mul(unit) {
        Some(millis) if millis <= i32::MAX as u64 => Ok(Duration::from_millis(millis)),
        _ => Err(format!("{text:?} is longer than PostgreSQL can wait (24 days)")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        let cli = Cli::command();
        for command in cli.get_subcommands().chain([&cli]) {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Examples:"), "{} has none", command.get_name());
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1min"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
        for bad in ["", "5", "s", "-1s", "5 parsecs", "99999999999999999999s", "9999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
