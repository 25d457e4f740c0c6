//! What can go wrong while a database is read.

use ordain_model::{Kind, ObjectId};

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("reading {what} failed: {}", describe(source))]
    Query { what: String, source: postgres::Error },
    #[error("reading dependencies failed: {0}")]
    Dependencies(std::io::Error),
    #[error("reading a {kind} failed: {source}")]
    Row { kind: Kind, source: ordain_model::ReadError },
    #[error("the catalog holds two objects called {0}")]
    Duplicate(ObjectId),
    #[error("PostgreSQL {} is too old: ordain needs 14 or newer", .0 / 10_000)]
    TooOld(u32),
}

impl ReadError {
    /// What the driver said, if this is about the connection or the server.
    pub fn server_error(&self) -> Option<&postgres::Error> {
        match self {
            Self::Query { source, .. } => Some(source),
            Self::Dependencies(error) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }

    /// For `map_err`: a failed query while reading `what`.
    pub(crate) fn query(what: impl Into<String>) -> impl FnOnce(postgres::Error) -> Self {
        let what = what.into();
        move |source| Self::Query { what, source }
    }
}

/// The driver's own text is only "db error": what the server said is one level deeper.
pub fn describe(error: &postgres::Error) -> String {
    use std::error::Error;
    if let Some(db) = error.as_db_error() {
        let mut text = format!("{} ({})", db.message(), db.code().code());
        for (label, part) in [("detail", db.detail()), ("hint", db.hint())] {
            if let Some(part) = part {
                text.push_str(&format!("; {label}: {part}"));
            }
        }
        return text;
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
