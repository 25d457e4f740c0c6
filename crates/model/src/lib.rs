//! Pure data: what a database's schema is, what a step is, what a plan is.
//!
//! Knows PostgreSQL's rules kind by kind ([`kinds`]); knows no connection, no file and no terminal.

mod catalog;
mod change;
mod context;
pub mod hash;
mod id;
pub mod kinds;
pub mod mentions;
mod plan;
pub mod quote;
mod row;
mod scope;
pub mod settled;
pub mod spelled;
mod step;
pub mod tokens;

pub use catalog::{CastContext, Catalog, Dependency, Hint, Size, Strength};
pub use change::Change;
pub use context::{Context, Options, Side};
pub use id::{Name, ObjectId};
pub use kinds::{
    Alter, Definition, Disturbance, How, Kind, Object, Refusal, Replace, Slot, Survival,
};
pub use plan::{BodyDiff, FORMAT, Group, Managed, Only, Plan, PlanStep, Scope, StepLock};
pub use row::{ReadError, Row};
pub use scope::{check_globs, covered, fingerprint, in_scope, partitions_left};
pub use step::{
    Boundary, Fold, Frame, Hazard, HazardKind, Literals, Lock, Pace, Precheck, Step, Undo, Uses,
    Verb,
};
