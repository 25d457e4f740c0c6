//! What can go wrong between a source and its catalog.

use std::{fmt, path::PathBuf};

use ordain_introspect::{ReadError, connect::ConnectError};
use ordain_model::ObjectId;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}:{line}:{column}: this byte belongs to no character; files must be UTF-8 text")]
    NotUtf8 { path: PathBuf, line: usize, column: usize },
    #[error("{0} holds no .sql file")]
    NoSql(PathBuf),
    /// Everything that is wrong with the SQL, in the order of the files.
    #[error("{}", Paragraphs(.0))]
    Sql(Vec<SqlError>),
    #[error("{path} is not a snapshot: {message}")]
    Snapshot { path: PathBuf, message: String },
    #[error("exec:{command} {message}")]
    Exec { command: String, message: String },
    /// The message may have several lines and ends in hints.
    #[error("{name}: {message}")]
    Models { name: String, message: String },
    #[error("{first} and {second} both define {object}, and not alike")]
    Conflict { object: ObjectId, first: String, second: String },
    #[error("a live database cannot be one of several sources that are merged")]
    LiveMerged,
    #[error("interrupted")]
    Interrupted,
    #[error("no source was given")]
    NoSource,
    #[error("the shadow database: {0}")]
    Shadow(#[from] ShadowError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("reading {what}: {source}")]
    Read { what: String, source: ReadError },
    #[error("{0}")]
    Server(String),
}

/// Why there is no shadow to load files into.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    #[error(
        "no PostgreSQL {} was found on this machine (looked {looked})\n\
         ways out: install it (Debian: apt-get install postgresql-{}), point ORDAIN_PG_BIN at the folder with \
         `initdb` and `postgres`, or use a server with --shadow URL or --shadow scratch",
        major.map_or("server".to_owned(), |m| format!("{m} server")),
        major.map_or("15".to_owned(), |m| m.to_string())
    )]
    NoBinaries { major: Option<u32>, looked: String },
    #[error(
        "extension {name} is not installed for PostgreSQL {major} on this machine: {message}\n\
         ways out: install its package for the local PostgreSQL, or use a server that has it with --shadow URL or --shadow scratch"
    )]
    NoExtension { name: String, major: u32, message: String },
    #[error("{program} failed: {message}")]
    Program { program: String, message: String },
    #[error("the server did not start: {0}")]
    Start(String),
    #[error(
        "PostgreSQL refuses to run as root and there is no unprivileged user (nobody, postgres) to run it as"
    )]
    NoUser,
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("--shadow scratch needs a live source: it makes a scratch database on that server")]
    NoLiveServer,
    #[error(
        "role {role} is a superuser on the shadow server, and files would run with its rights\n\
         ways out: a URL with another role, or --shadow-superuser if you trust the files"
    )]
    Superuser { role: String },
    #[error("{what}: {message}")]
    Server { what: String, message: String },
}

impl ShadowError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn server(what: impl Into<String>) -> impl FnOnce(postgres::Error) -> Self {
        let what = what.into();
        move |source| Self::Server { what, message: describe(&source) }
    }
}

/// One message about one place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// As it was given, or as it was found in a folder.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The whole line.
    pub source_line: String,
    pub message: String,
    /// What else is known: the server's DETAIL and HINT, or what to do.
    pub notes: Vec<String>,
}

/// `file:line:column: message`, the line with a caret below it, the notes.
impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, source_line, message, notes } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        // A minified line would drown the message: show what surrounds the place.
        let start = column.saturating_sub(80);
        let shown: String = source_line.chars().skip(start).take(160).collect();
        let before: String = shown
            .chars()
            .take(column - 1 - start.min(column - 1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        write!(f, "\n  | {shown}\n  | {before}^")?;
        for note in notes {
            write!(f, "\n  {note}")?;
        }
        Ok(())
    }
}

struct Paragraphs<'a>(&'a [SqlError]);

impl fmt::Display for Paragraphs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        for (i, error) in self.0.iter().take(SHOWN).enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        if self.0.len() > SHOWN {
            write!(f, "\n… and {} more", self.0.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// The driver's own text is only "db error": what the server said is one level deeper.
pub(crate) fn describe(error: &postgres::Error) -> String {
    use std::error::Error;
    match (error.as_db_error(), error.source()) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}
