//! `ordain apply`: a saved plan, or plan, show, ask and apply.

use std::collections::BTreeSet;

use ordain_model::{HazardKind, Plan};
use ordain_review::{Palette, must_be_allowed};

use crate::Exit;
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
    let (plan, database) = match &args.plan {
        Some(path) => (review::read(path)?, session.database(args.database.as_deref())?),
        None => make(args, session)?,
    };
    if plan.groups.is_empty() && args.plan.is_none() {
        session.terminal.out(&ordain_review::text(&plan, &Palette::coloured()))?;
        return Ok(Exit::Done);
    }
    if args.plan.is_none() || !(args.yes || args.dry_run) {
        session.terminal.out(&ordain_review::text(&plan, &Palette::coloured()))?;
    }
    refuse_what_nobody_allowed(&plan, &allowed)?;
    if !args.yes && !args.dry_run {
        ask(session, &database)?;
    }
    stages::apply(session, &plan, &database, &allowed, args)
}

fn make(args: &ApplyArgs, session: &mut Session) -> Result<(Plan, String), Error> {
    if args.resume {
        return Err(Error::usage(
            "--resume goes on with a saved plan, and none is given",
            "say `ordain apply plan.json --database URL --resume`",
        ));
    }
    let (from, to) = session.sides(&args.sides)?;
    let pair = stages::load(session, &from, &to)?;
    let Some(url) = pair.live_url().map(str::to_owned) else {
        return Err(Error::usage(
            format!("a plan can't be applied to {from}"),
            "--from must be a live database, postgres://…",
        ));
    };
    let plan = stages::plan(session, &pair)?;
    stages::check_data(session, &pair, &plan)?;
    Ok((plan, url))
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
