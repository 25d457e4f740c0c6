//! Why there is no connection, in words that say what to do.

use std::{error::Error, io, time::Duration};

use postgres::error::SqlState;

use super::params::Server;

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL or a variable is wrong. Never repeats the URL: it may hold a password.
    #[error("the connection parameters are wrong: {0}")]
    Parameter(String),
    #[error("cannot connect to database \"{database}\" on {server} as \"{user}\": {reason}")]
    Failed { server: String, database: String, user: String, reason: Reason },
}

#[derive(Debug, thiserror::Error)]
pub enum Reason {
    #[error("the host name is not known")]
    UnknownHost,
    #[error("connection refused: is a server running there?")]
    Refused,
    #[error(
        "there is no such socket: is a server running, and does it use this directory and port?"
    )]
    NoSocket,
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("{0}")]
    Password(String),
    #[error(
        "the server asks for a password and none is given (in the URL, PGPASSWORD or ~/.pgpass){0}"
    )]
    NoPassword(String),
    #[error("{0}")]
    NoDatabase(String),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("the server runs PostgreSQL {0}; ordain needs 14 or newer")]
    TooOld(u32),
    #[error("{0}")]
    Other(String),
}

pub(super) enum Failure {
    Driver(postgres::Error),
    Tls(String),
    Timeout(Duration),
}

/// Whether trying with or without encryption may help: the server turned the client down, or TLS failed.
pub(super) fn is_about_encryption(failure: &Failure) -> bool {
    match failure {
        Failure::Driver(error) => {
            error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
                || error.to_string().contains("TLS")
        }
        Failure::Tls(_) => true,
        Failure::Timeout(_) => false,
    }
}

impl Reason {
    /// `ignored`: a password file that did not count because others can read it.
    pub(super) fn of(failure: Failure, server: &Server, ignored: Option<String>) -> Self {
        let ignored = ignored.map_or_else(String::new, |path| {
            format!("; {path} was ignored because others can read it (chmod 600 {path})")
        });
        let error = match failure {
            Failure::Driver(error) => error,
            Failure::Tls(message) => return Self::Tls(message),
            Failure::Timeout(limit) => return Self::Timeout(limit),
        };
        if let Some(code) = error.code() {
            let message = crate::error::describe(&error);
            return match *code {
                SqlState::INVALID_PASSWORD => Self::Password(message + &ignored),
                SqlState::INVALID_CATALOG_NAME => Self::NoDatabase(message),
                _ => Self::Other(message),
            };
        }
        let source = root(&error);
        if let Some(io) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return Self::Refused,
                io::ErrorKind::NotFound if server.is_socket() => return Self::NoSocket,
                _ if io.to_string().contains("lookup address") => return Self::UnknownHost,
                _ => {}
            }
        }
        let message = crate::error::describe(&error);
        if message.contains("password missing") {
            Self::NoPassword(ignored)
        } else if message.contains("TLS") {
            Self::Tls(source.map_or(message, ToString::to_string))
        } else {
            Self::Other(message)
        }
    }
}

/// The innermost cause.
fn root(error: &postgres::Error) -> Option<&(dyn Error + 'static)> {
    let mut source = error.source()?;
    while let Some(inner) = source.source() {
        source = inner;
    }
    Some(source)
}
