//! Connections as libpq makes them.

use postgres::{Client, NoTls};

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("cannot connect to {target}: {message}")]
    Failed { target: String, message: String },
}

/// Connects to `url`; an empty one means what the environment says.
pub fn connect(url: &str) -> Result<Client, ConnectError> {
    Client::connect(url, NoTls).map_err(|error| ConnectError::Failed {
        target: redact(url),
        message: crate::error::describe(&error),
    })
}

/// The URL without its password, for messages.
pub fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{tail}")
        }
        None => url.to_owned(),
    }
}
