//! Everything that can end a run, its exit code and what the user can do about it.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use ordain_apply::FailedPrecheck;
use ordain_model::{HazardKind, Refusal};

use crate::Exit;
use crate::settings::SettingsError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{message}")]
    Usage { message: String, hint: String },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("standard output can't be written")]
    Output(#[source] io::Error),
    #[error("{} can't be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} can't be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is no plan", path.display())]
    NoPlan { path: PathBuf, source: ordain_review::ReadError },
    #[error("the plan is refused: {}", count(refusals.len(), "obstacle"))]
    Refused { refusals: Vec<Refusal> },
    #[error("the plan is refused: the data stand in its way")]
    Data { failed: Vec<FailedPrecheck> },
    #[error("the plan is refused: it has hazards that nobody allowed: {}", names(hazards))]
    NotAllowed { hazards: BTreeSet<HazardKind> },
    #[error("the database is at {at}, and the project's head is {head}")]
    NotAtHead { at: String, head: String, hint: String },
    #[error("nothing was applied: there is no terminal to ask on, and no --yes")]
    NobodyToAsk,
    #[error("nothing was applied")]
    Declined,
    #[error("{source}")]
    Stage { source: Box<dyn std::error::Error + Send + Sync>, exit: Exit, hints: Vec<String> },
    #[error("interrupted; nothing is left behind")]
    Interrupted,
}

impl Error {
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// An error of a stage that says everything itself.
    pub fn stage(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Stage { source: source.into(), exit: Exit::Error, hints: Vec::new() }
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused { .. }
            | Self::Data { .. }
            | Self::NotAllowed { .. }
            | Self::NotAtHead { .. }
            | Self::NobodyToAsk
            | Self::Declined => Exit::Refused,
            Self::Stage { exit, .. } => *exit,
            _ => Exit::Error,
        }
    }

    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Usage { hint, .. } if !hint.is_empty() => vec![hint.clone()],
            Self::NotAtHead { hint, .. } => vec![hint.clone()],
            Self::Settings(SettingsError::Parse { .. }) => {
                vec!["docs/ordain.example.toml has every key with its meaning".into()]
            }
            Self::NoPlan { .. } => {
                vec!["a plan file is what `ordain plan --out plan.json` writes".into()]
            }
            Self::NotAllowed { hazards } => {
                vec![format!("read the plan; then allow them with --allow {}", names(hazards))]
            }
            Self::NobodyToAsk => {
                vec!["read the plan with `ordain review`, then run it with --yes".into()]
            }
            Self::Stage { hints, .. } => hints.clone(),
            _ => Vec::new(),
        }
    }
}

fn names(hazards: &BTreeSet<HazardKind>) -> String {
    hazards.iter().map(|h| crate::commands::apply::hazard_name(*h)).collect::<Vec<_>>().join(",")
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
