//! Where a schema comes from, as `--from` and `--to` spell it.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

/// One source. [`FromStr`] never fails: what is nothing else is a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// `postgres://…` or `postgresql://…`. Only the scheme: what `DATABASE_URL` or the PG* variables say.
    Live(String),
    /// A `.sql` file, or a folder of them at any depth.
    Sql(PathBuf),
    /// `*.json`: a catalog that [`snapshot::write`](crate::snapshot::write) wrote.
    Snapshot(PathBuf),
    /// `sqlalchemy:package.module:Base.metadata`: what follows the scheme.
    Model(String),
    /// `exec:COMMAND`: a shell command that prints SQL.
    Exec(String),
    /// `empty:`: a database in which nothing was made yet.
    Empty,
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Live(text.to_owned())
        } else if text == "empty:" {
            Self::Empty
        } else if let Some(model) = text.strip_prefix("sqlalchemy:") {
            Self::Model(model.to_owned())
        } else if let Some(command) = text.strip_prefix("exec:") {
            Self::Exec(command.to_owned())
        } else if text.ends_with(".json") {
            Self::Snapshot(text.into())
        } else {
            Self::Sql(text.into())
        })
    }
}

/// As a person would give it; a URL without its password.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(url) => f.write_str(&ordain_introspect::connect::redact(url)),
            Self::Sql(path) | Self::Snapshot(path) => write!(f, "{}", path.display()),
            Self::Model(model) => write!(f, "sqlalchemy:{model}"),
            Self::Exec(command) => write!(f, "exec:{command}"),
            Self::Empty => f.write_str("empty:"),
        }
    }
}

/// No password in a debug print either.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

impl Source {
    /// What follows `sqlalchemy:`.
    pub(crate) fn model(&self) -> Option<&str> {
        match self {
            Self::Model(model) => Some(model),
            _ => None,
        }
    }

    /// What [`ordain_introspect::connect::connect`] wants: empty when the environment decides.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Live(url) if url.ends_with("://") => Some(""),
            Self::Live(url) => Some(url),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_told_apart() {
        let parse = |text: &str| -> Source { text.parse().unwrap_or(Source::Empty) };
        assert_eq!(parse("postgres://u@h/d"), Source::Live("postgres://u@h/d".into()));
        assert_eq!(parse("postgresql://").connection(), Some(""));
        assert_eq!(parse("empty:"), Source::Empty);
        assert_eq!(parse("a/b.json"), Source::Snapshot("a/b.json".into()));
        assert_eq!(parse("sqlalchemy:a.b:M"), Source::Model("a.b:M".into()));
        assert_eq!(parse("exec:cat x.sql"), Source::Exec("cat x.sql".into()));
        assert_eq!(parse("schema"), Source::Sql("schema".into()));
    }

    #[test]
    fn no_password_is_printed() {
        let source = Source::Live("postgres://u:secret@h/d".into());
        assert!(!format!("{source} {source:?}").contains("secret"));
    }
}
