//! The seams between this crate and the stages: load, plan, apply.

use std::collections::BTreeSet;

use ordain_model::{Catalog, Change, HazardKind, Plan};

use crate::Exit;
use crate::error::Error;
use crate::flags::ApplyArgs;
use crate::session::Session;

/// Both sides of a comparison.
pub struct Pair {
    from: Catalog,
    to: Catalog,
    url: Option<String>,
}

impl Pair {
    pub fn turn_round(&mut self) {
        std::mem::swap(&mut self.from, &mut self.to);
    }
    pub fn live_url(&self) -> Option<String> {
        self.url.clone()
    }
}

pub fn load(_s: &mut Session, _from: &str, _to: &[String]) -> Result<Pair, Error> {
    Err(Error::stage("loading", "not there yet"))
}

pub fn inspect(_s: &mut Session, _source: &[String]) -> Result<Catalog, Error> {
    Err(Error::stage("loading", "not there yet"))
}

pub fn snapshot(catalog: &Catalog) -> Result<String, Error> {
    serde_json::to_string_pretty(catalog).map_err(|e| Error::stage("writing the snapshot", e))
}

pub fn plan(_s: &mut Session, _pair: &Pair) -> Result<Plan, Error> {
    Err(Error::stage("planning", "not there yet"))
}

pub fn plan_from_nothing(_s: &mut Session, _catalog: &Catalog) -> Result<Plan, Error> {
    Err(Error::stage("planning", "not there yet"))
}

pub fn diff(_s: &mut Session, pair: &Pair) -> Result<(Vec<Change>, Catalog, Catalog), Error> {
    Ok((Vec::new(), pair.from.clone(), pair.to.clone()))
}

pub fn check_data(_s: &mut Session, _pair: &Pair, _plan: &Plan) -> Result<(), Error> {
    Ok(())
}

pub fn apply(
    _s: &mut Session,
    _plan: &Plan,
    _database: &str,
    _allowed: &BTreeSet<HazardKind>,
    _args: &ApplyArgs,
) -> Result<Exit, Error> {
    Err(Error::stage("applying", "not there yet"))
}

pub fn redact(url: &str) -> String {
    url.to_owned()
}
