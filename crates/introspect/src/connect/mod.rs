//! Connections as libpq makes them: URLs, `PG*` variables, password files, TLS.
//!
//! Manual: 34.1.1 Connection Strings, 34.15 Environment Variables, 34.16 The Password File, 34.19 SSL Support.
//! A password is never part of a message.

mod error;
mod params;
mod passfile;
mod tls;

use std::{fmt, sync::mpsc, thread, time::Duration};

use postgres::{
    CancelToken, Client, Config, NoTls,
    config::{ChannelBinding, SslMode as Handshake, SslNegotiation, TargetSessionAttrs},
};

pub use error::{ConnectError, Reason};
pub use params::redact;

use params::{Params, Server};
use tls::{SslMode, connector};

/// How long a server may take to answer when `connect_timeout` is not given.
const PATIENCE: Duration = Duration::from_secs(30);
const OLDEST: u32 = 140_000;

/// Connects to `url`, or for an empty one to what `DATABASE_URL` or the `PG*` variables say.
pub fn connect(url: &str) -> Result<Client, ConnectError> {
    Target::parse(url)?.connect()
}

/// A database that can be connected to, again and again. `Display` names it without its password.
#[derive(Clone)]
pub struct Target {
    params: Params,
    servers: Vec<Server>,
}

impl Target {
    /// Reads a libpq URL (`postgresql://…`) or connection string (`host=… dbname=…`), completed by the environment.
    pub fn parse(url: &str) -> Result<Self, ConnectError> {
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let params = Params::read(url, &env)?;
        let servers = params.servers()?;
        tls::check(&params)?;
        Ok(Self { params, servers })
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        self.params.database()
    }

    /// Another database of the same server, reached the same way.
    pub fn other_database(&self, name: &str) -> Self {
        Self { params: self.params.with_database(name), servers: self.servers.clone() }
    }

    /// Tries the servers one after the other; the error is that of the last.
    pub fn connect(&self) -> Result<Client, ConnectError> {
        let mut last = None;
        for server in &self.servers {
            match self.connect_to(server) {
                Ok(mut client) => {
                    check_version(&mut client).map_err(|reason| self.error(server, reason))?;
                    return Ok(client);
                }
                Err(reason) => last = Some(self.error(server, reason)),
            }
        }
        Err(last.unwrap_or(ConnectError::Parameter("no host is given".into())))
    }

    /// Asks the server to stop what the connection of `token` is doing.
    pub fn cancel(&self, token: &CancelToken) -> Result<(), postgres::Error> {
        let mode = self.params.ssl_mode();
        let encrypted = self.servers.iter().any(|server| !server.is_socket());
        match connector(&self.params, mode) {
            Ok(tls) if encrypted && mode != SslMode::Disable => {
                token.cancel_query(tls).or_else(|_| token.cancel_query(NoTls))
            }
            _ => token.cancel_query(NoTls),
        }
    }

    fn error(&self, server: &Server, reason: Reason) -> ConnectError {
        ConnectError::Failed {
            server: server.to_string(),
            database: self.params.database().to_owned(),
            user: self.params.user().to_owned(),
            reason,
        }
    }

    fn connect_to(&self, server: &Server) -> Result<Client, Reason> {
        let mode = if server.is_socket() { SslMode::Disable } else { self.params.ssl_mode() };
        let (first, second) = match mode {
            SslMode::Disable => (Handshake::Disable, None),
            SslMode::Allow => (Handshake::Disable, Some(Handshake::Require)),
            SslMode::Prefer => (Handshake::Prefer, Some(Handshake::Disable)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                (Handshake::Require, None)
            }
        };
        let (config, ignored) = self.config(server)?;
        let attempt = |handshake| self.attempt(&config, handshake, mode);
        let result = match (attempt(first), second) {
            // As libpq: the other way only where the server turned this one down, not where it is out of reach.
            (Err(error), Some(other)) if error::is_about_encryption(&error) => {
                attempt(other).map_err(|_| error)
            }
            (result, _) => result,
        };
        result.map_err(|error| Reason::of(error, server, ignored))
    }

    fn attempt(
        &self,
        config: &Config,
        handshake: Handshake,
        mode: SslMode,
    ) -> Result<Client, error::Failure> {
        let mut config = config.clone();
        config.ssl_mode(handshake);
        let tls = match handshake {
            Handshake::Disable => None,
            _ => Some(connector(&self.params, mode).map_err(error::Failure::Tls)?),
        };
        let limit = self.params.connect_timeout().unwrap_or(Some(PATIENCE));
        let connect = move || match tls {
            Some(tls) => config.connect(tls),
            None => config.connect(NoTls),
        };
        let Some(limit) = limit else { return connect().map_err(error::Failure::Driver) };
        // The driver's own limit ends with the TCP connection; a server that then says nothing would hold us forever.
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let _ = send.send(connect());
        });
        match receive.recv_timeout(limit) {
            Ok(result) => result.map_err(error::Failure::Driver),
            Err(_) => Err(error::Failure::Timeout(limit)),
        }
    }

    /// What the driver needs for one server, and the password file that was ignored for its permissions.
    fn config(&self, server: &Server) -> Result<(Config, Option<String>), Reason> {
        let params = &self.params;
        let mut config = Config::new();
        config.user(params.user()).dbname(params.database()).port(server.port);
        config.application_name(params.application_name());
        match &server.socket {
            Some(directory) => config.host_path(directory),
            None => config.host(&server.host),
        };
        if let Some(address) = server.address {
            config.hostaddr(address);
        }
        if let Some(options) = params.get("options") {
            config.options(options);
        }
        let mut ignored = None;
        match params.get("password") {
            Some(password) => {
                config.password(password);
            }
            None => match passfile::find(params, server) {
                passfile::Found::Password(password) => {
                    config.password(password);
                }
                passfile::Found::Unsafe(path) => ignored = Some(path),
                passfile::Found::Nothing => {}
            },
        }
        if params.get("target_session_attrs").is_some_and(|value| value == "read-write") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if params.get("sslnegotiation").is_some_and(|value| value == "direct") {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        match params.get("channel_binding") {
            Some("disable") => {
                config.channel_binding(ChannelBinding::Disable);
            }
            Some("require") => {
                config.channel_binding(ChannelBinding::Require);
            }
            _ => {}
        }
        if params.get("keepalives") == Some("0") {
            config.keepalives(false);
        }
        if let Some(idle) = params.seconds("keepalives_idle") {
            config.keepalives_idle(idle);
        }
        if let Some(interval) = params.seconds("keepalives_interval") {
            config.keepalives_interval(interval);
        }
        Ok((config, ignored))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<String> = self.servers.iter().map(ToString::to_string).collect();
        write!(f, "database {} on {}", self.database(), servers.join(", "))
    }
}

fn check_version(client: &mut Client) -> Result<(), Reason> {
    let query = "select current_setting('server_version_num')::int4";
    let version = client.query_typed_one(query, &[]).map(|row| row.get::<_, i32>(0) as u32);
    match version {
        Ok(version) if version < OLDEST => Err(Reason::TooOld(version / 10_000)),
        Ok(_) => Ok(()),
        Err(error) => Err(Reason::Other(crate::error::describe(&error))),
    }
}
