//! The plan file: what `plan --out` writes, `review` shows and `apply` runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Boundary, Hazard, Lock, Precheck, Size, Undo, Verb};

/// The version of the format; `apply` refuses others. Published in docs/plan.schema.json.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`FORMAT`].
    pub format: u32,
    /// Version of ordain that made it.
    pub tool_version: String,
    /// `server_version_num` of the current side; 0 when it was not a server.
    pub server_version: u32,
    pub scope: Scope,
    /// Of the current side within the scope, before the first group.
    pub from_fingerprint: String,
    /// Of the desired side within the scope, after the last group.
    pub to_fingerprint: String,
    /// One transaction each, in order; empty when there is nothing to do.
    pub groups: Vec<Group>,
    /// What the reader should know and no step carries: things left alone, suggestions, fulfilled hints.
    pub notices: Vec<String>,
}

/// What a plan is about. Nothing outside is ever dropped or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Globs of schema names; empty means all, and also what is in no schema.
    pub schemas: Vec<String>,
    /// Globs of `schema.name` or `name` that are left out.
    pub exclude: Vec<String>,
    /// What the desired state can speak of, where that is not everything: models know no view and no policy.
    pub only: Option<Only>,
    pub privileges: Managed,
    pub owners: Managed,
}

impl Scope {
    /// Whether nothing is left out.
    pub fn is_whole(&self) -> bool {
        let Self { schemas, exclude, only, privileges, owners } = self;
        schemas.is_empty()
            && exclude.is_empty()
            && only.is_none()
            && *privileges == Managed::All
            && *owners == Managed::All
    }
}

/// The part of a database that models speak of. Objects as a person names them: "view public.v".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// Names of schemas.
    pub schemas: BTreeSet<String>,
    /// Words of the kinds whose objects in these schemas are all covered.
    pub kinds: BTreeSet<String>,
    /// Words of the kinds whose comments are covered.
    pub comments: BTreeSet<String>,
    /// Covered although their kind or schema is not: what the desired state has beyond that.
    pub named: BTreeSet<String>,
    /// Not covered although their kind and schema are: what the desired state uses and somebody else makes.
    pub elsewhere: BTreeSet<String>,
    /// Partitioned tables whose partitions are covered only where they are named.
    pub partitioned: BTreeSet<String>,
}

/// Which roles' privileges or ownership are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Managed {
    All,
    #[default]
    None,
    /// Only these roles.
    Roles(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub steps: Vec<PlanStep>,
    /// Of the database within the scope once this group has committed.
    pub fingerprint: String,
    /// Why the transaction ends here, when more follow.
    pub reason: Option<String>,
    /// False for the one statement of a group that PostgreSQL refuses in a transaction block.
    pub transactional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanStep {
    /// From 1, in the order of running.
    pub id: usize,
    pub verb: Verb,
    /// What it is about, as a person names it: "table public.t".
    pub object: String,
    /// Other objects that the same statement creates, alters or drops.
    pub also: Vec<String>,
    /// One statement without the final semicolon.
    pub sql: String,
    pub hazards: Vec<Hazard>,
    /// The strongest lock and what it is taken on.
    pub lock: Option<StepLock>,
    /// Ids of the steps that must have run before.
    pub depends_on: Vec<usize>,
    pub prechecks: Vec<Precheck>,
    pub undo: Undo,
    pub boundary: Boundary,
    /// For the reader, where a body or a query changes: the statement that would make the object as it was
    /// before, and `sql`.
    pub diff: Option<BodyDiff>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepLock {
    pub mode: Lock,
    pub on: String,
    /// The table's size when the plan was made, if the source was live.
    pub size: Option<Size>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyDiff {
    pub old: String,
    pub new: String,
}
