//! What a person says about a change that the two catalogs cannot: renames, label maps, conversions, fillings.

mod parse;
mod resolve;

use std::collections::BTreeMap;

use ordain_model::{ObjectId, Options};

pub use parse::{parse_map_label, parse_rename};
pub use resolve::resolve;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HintError {
    #[error("{text:?} is not a rename: write KIND:OLD=NEW, for example table:public.a=b")]
    Rename { text: String },
    #[error(
        "{text:?} is not a label map: write SCHEMA.TYPE:OLD=NEW, for example public.status:draft=new, or =NULL"
    )]
    MapLabel { text: String },
    #[error("{text:?} is not a name: {reason}")]
    Name { text: String, reason: &'static str },
    #[error(
        "the hint {hint} names {what}, which is neither in the current nor in the desired state"
    )]
    Nothing { hint: String, what: String },
    #[error("the hint {hint} renames {old}, but the desired state has no {new}")]
    NoTarget { hint: String, old: String, new: String },
    #[error("the hint {hint} could mean {candidates}: say which by its kind")]
    Ambiguous { hint: String, candidates: String },
    #[error("two hints say what becomes of {what}")]
    Twice { what: String },
}

/// Hints as ids of the two catalogs.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Old id → new id, all against the current state.
    pub renames: BTreeMap<ObjectId, ObjectId>,
    pub options: Options,
    /// Hints that are already fulfilled.
    pub notices: Vec<String>,
}
