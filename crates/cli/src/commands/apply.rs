//! `ordain apply`: a saved plan, or plan, show, ask and apply.

use std::collections::BTreeSet;

use ordain_apply::{ApplyOptions, Outcome};
use ordain_model::{Catalog, HazardKind, Plan};
use ordain_review::{Palette, must_be_allowed};

use crate::Exit;
use crate::cancel::CANCELLED;
use crate::commands::review;
use crate::error::Error;
use crate::flags::ApplyArgs;
use crate::session::Session;
use crate::stages;

/// Every hazard, in the order of docs/hazards.md.
const ALL: [HazardKind; 12] = [
    HazardKind::DeletesData,
    HazardKind::RewritesTable,
    HazardKind::ScansTable,
    HazardKind::BlocksReads,
    HazardKind::BlocksWrites,
    HazardKind::BuildsIndex,
    HazardKind::MayFailOnData,
    HazardKind::BreaksClients,
    HazardKind::Irreversible,
    HazardKind::CommitsEarly,
    HazardKind::LoosensAccess,
    HazardKind::UntrackedDependency,
];

pub fn run(args: &ApplyArgs, session: &mut Session) -> Result<Exit, Error> {
    let allowed = allowed(&args.allow)?;
    let work = match &args.plan {
        Some(path) => Work {
            plan: review::read(path)?,
            database: session.database(args.database.as_deref())?,
            expected: None,
        },
        None => make(args, session)?,
    };
    let made_now = args.plan.is_none();
    if made_now || !(args.yes || args.dry_run) {
        session.terminal.out(&ordain_review::text(&work.plan, &Palette::coloured()))?;
    }
    if made_now && work.plan.groups.is_empty() {
        return Ok(Exit::Done);
    }
    refuse_what_nobody_allowed(&work.plan, &allowed)?;
    // A saved plan without a step still says what the database must look like.
    if !args.yes && !args.dry_run && !work.plan.groups.is_empty() {
        ask(session, &work.database)?;
    }
    let options = ApplyOptions {
        allow: allowed,
        lock_timeout: session.options.lock_timeout,
        resume: args.resume,
        dry_run: args.dry_run,
        cancel: Some(&CANCELLED),
        expected: work.expected,
        ..ApplyOptions::default()
    };
    let outcome = stages::apply(session, &work.plan, &work.database, &options)?;
    session.terminal.say(&told(&outcome));
    Ok(Exit::Done)
}

/// What is to be run, and where.
struct Work {
    plan: Plan,
    database: String,
    /// The desired state, if it was just loaded: tells what differs should the verification fail.
    expected: Option<Catalog>,
}

fn told(outcome: &Outcome) -> String {
    let seconds = outcome.elapsed.as_secs_f64();
    let steps = plural(outcome.steps, "step");
    let groups = plural(outcome.groups, "transaction");
    match outcome {
        Outcome { dry_run: true, untried: 0, .. } => {
            format!("dry run: {steps} worked, and nothing was changed ({seconds:.1} s)")
        }
        Outcome { dry_run: true, untried, .. } => format!(
            "dry run: {steps} worked, and nothing was changed ({seconds:.1} s); {} could not be tried before the first is committed",
            plural(*untried, "transaction")
        ),
        Outcome { groups: 0, already_done, .. } if *already_done > 0 => {
            "nothing was left to do: all is committed already".to_owned()
        }
        Outcome { groups: 0, .. } => {
            "nothing to do: the database is as the plan wants it".to_owned()
        }
        _ => format!("applied: {steps} in {groups} ({seconds:.1} s)"),
    }
}

fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn make(args: &ApplyArgs, session: &mut Session) -> Result<Work, Error> {
    if args.resume {
        return Err(Error::usage(
            "--resume goes on with a saved plan, and none is given",
            "say `ordain apply plan.json --database URL --resume`",
        ));
    }
    let (from, to) = session.sides(&args.sides)?;
    let pair = stages::load(session, &from, &to)?;
    let Some(database) = pair.live_url().map(str::to_owned) else {
        return Err(Error::usage(
            format!("a plan can't be applied to {from}"),
            "--from must be a live database, postgres://…",
        ));
    };
    let plan = stages::plan(session, &pair)?;
    if let Err(refused) = stages::check_data(session, &pair, &plan) {
        session.terminal.out(&ordain_review::text(&plan, &Palette::coloured()))?;
        return Err(refused);
    }
    Ok(Work { plan, database, expected: Some(pair.to) })
}

/// The names of `--allow`.
fn allowed(words: &[String]) -> Result<BTreeSet<HazardKind>, Error> {
    let mut allowed = BTreeSet::new();
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case("all") {
            allowed.extend(ALL);
            continue;
        }
        let found = ALL.into_iter().find(|h| hazard_name(*h).eq_ignore_ascii_case(word));
        allowed.insert(found.ok_or_else(|| {
            let names: Vec<String> = ALL.into_iter().map(hazard_name).collect();
            Error::usage(
                format!("--allow: there is no hazard {word}"),
                format!("the hazards are {} and all", names.join(", ")),
            )
        })?);
    }
    Ok(allowed)
}

fn refuse_what_nobody_allowed(plan: &Plan, allowed: &BTreeSet<HazardKind>) -> Result<(), Error> {
    let hazards: BTreeSet<_> = must_be_allowed(plan).difference(allowed).copied().collect();
    if hazards.is_empty() { Ok(()) } else { Err(Error::NotAllowed { hazards }) }
}

fn ask(session: &mut Session, database: &str) -> Result<(), Error> {
    if !session.terminal.can_ask() {
        return Err(Error::NobodyToAsk);
    }
    let question = format!("Apply this to {}?", stages::redact(database));
    if session.terminal.confirm(&question) { Ok(()) } else { Err(Error::Declined) }
}

/// `DELETES_DATA`.
pub fn hazard_name(kind: HazardKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{kind:?}"),
    }
}
