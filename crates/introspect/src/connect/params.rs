//! What a URL and the environment say: libpq's parameters by their names.

use std::{collections::BTreeMap, fmt, net::IpAddr, path::Path, time::Duration};

use super::{error::ConnectError, tls::SslMode};

/// Parameters by libpq's keyword. All that are here are known ones.
#[derive(Clone)]
pub(super) struct Params(BTreeMap<String, String>);

/// One place where a server may be.
#[derive(Clone)]
pub(super) struct Server {
    /// Name or address, as given; the directory of a socket.
    pub host: String,
    pub address: Option<IpAddr>,
    pub socket: Option<String>,
    pub port: u16,
}

impl Server {
    pub fn is_socket(&self) -> bool {
        self.socket.is_some()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.socket {
            Some(directory) => write!(f, "{directory}/.s.PGSQL.{}", self.port),
            None if self.host.contains(':') => write!(f, "[{}]:{}", self.host, self.port),
            None => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Keyword and environment variable. An empty variable name: none.
const KNOWN: &[(&str, &str)] = &[
    ("application_name", "PGAPPNAME"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("user", "PGUSER"),
];

/// Known to libpq and without meaning here: nothing becomes less safe when they are not heeded.
const HARMLESS: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "keepalives_count",
    "krbsrvname",
    "load_balance_hosts",
    "scram_client_key",
    "scram_server_key",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
];

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Params {
    pub fn read(url: &str, env: Env) -> Result<Self, ConnectError> {
        let from_env = if url.trim().is_empty() { env("DATABASE_URL") } else { None };
        let text = from_env.as_deref().unwrap_or(url).trim();
        let mut params = Self(BTreeMap::new());
        if let Some((scheme, rest)) = text.split_once("://") {
            params.url(scheme, rest)?;
        } else {
            params.words(text)?;
        }
        let service = params.0.get("service").cloned();
        let service = service.or_else(|| env("PGSERVICE").filter(|_| text.is_empty()));
        if let Some(service) = service {
            return Err(bad(format!(
                "connection service {service:?}: service files are not read; give a URL"
            )));
        }
        for (keyword, variable) in KNOWN {
            if let (false, Some(value)) = (params.0.contains_key(*keyword), env(variable)) {
                params.0.insert((*keyword).into(), value);
            }
        }
        if !params.0.contains_key("user") {
            let user = whoami::username().map_err(|_| bad("no user is given".into()))?;
            params.0.insert("user".into(), user);
        }
        if !params.0.contains_key("dbname") {
            params.0.insert("dbname".into(), params.user().to_owned());
        }
        if let Some(home) = env("HOME") {
            params.0.entry("passfile".into()).or_insert_with(|| format!("{home}/.pgpass"));
            let files = [
                ("sslrootcert", "root.crt"),
                ("sslcert", "postgresql.crt"),
                ("sslkey", "postgresql.key"),
            ];
            for (keyword, file) in files {
                let path = format!("{home}/.postgresql/{file}");
                if !params.0.contains_key(keyword) && Path::new(&path).exists() {
                    params.0.insert(keyword.into(), path);
                }
            }
        }
        Ok(params)
    }

    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.0.get(keyword).map(String::as_str)
    }

    pub fn user(&self) -> &str {
        self.get("user").unwrap_or_default()
    }

    pub fn database(&self) -> &str {
        self.get("dbname").unwrap_or_default()
    }

    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.0.insert("dbname".into(), name.to_owned());
        other
    }

    pub fn application_name(&self) -> &str {
        self.get("application_name").unwrap_or("ordain")
    }

    pub fn seconds(&self, keyword: &str) -> Option<Duration> {
        self.get(keyword)?.trim().parse().ok().filter(|n| *n > 0).map(Duration::from_secs)
    }

    /// `None` when not given, `Some(None)` when given as "no limit".
    pub fn connect_timeout(&self) -> Option<Option<Duration>> {
        let seconds: i64 = self.get("connect_timeout")?.trim().parse().ok()?;
        Some(u64::try_from(seconds).ok().filter(|n| *n > 0).map(Duration::from_secs))
    }

    pub fn ssl_mode(&self) -> SslMode {
        self.get("sslmode").and_then(SslMode::parse).unwrap_or(SslMode::Prefer)
    }

    /// `host`, `hostaddr` and `port` are lists that belong together.
    pub fn servers(&self) -> Result<Vec<Server>, ConnectError> {
        let list = |keyword| -> Vec<&str> {
            self.get(keyword).map(|text| text.split(',').collect()).unwrap_or_default()
        };
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
        let count = hosts.len().max(addresses.len()).max(1);
        if addresses.len() > 1 && hosts.len() > 1 && addresses.len() != hosts.len() {
            return Err(bad("host and hostaddr are lists of different length".into()));
        }
        if ports.len() > 1 && ports.len() != count {
            return Err(bad("there must be one port, or as many as hosts".into()));
        }
        let at = |list: &[&str], i: usize| list.get(i).map(|text| text.trim().to_owned());
        let mut servers = Vec::new();
        for i in 0..count {
            let port = at(&ports, i).or_else(|| at(&ports, 0)).filter(|port| !port.is_empty());
            let port = port.map_or(Ok(5432), |text| match text.parse::<u16>() {
                Ok(port) if port > 0 => Ok(port),
                _ => Err(bad(format!("{text:?} is not a port"))),
            })?;
            let address = at(&addresses, i).filter(|address| !address.is_empty());
            let address = address.map(|text| {
                text.parse().map_err(|_| bad(format!("hostaddr {text:?} is not an address")))
            });
            let address: Option<IpAddr> = address.transpose()?;
            let mut host = at(&hosts, i).unwrap_or_default();
            if host.is_empty() {
                host = match address {
                    Some(address) => address.to_string(),
                    None => default_host(port),
                };
            }
            // '@' is libpq's sign for the abstract name space, which the driver can't reach.
            let socket = host.starts_with('/').then(|| host.clone());
            servers.push(Server { host, address, socket, port });
        }
        Ok(servers)
    }

    /// `[user[:password]@][host[:port],…][/database][?parameters]`.
    fn url(&mut self, scheme: &str, rest: &str) -> Result<(), ConnectError> {
        // SQLAlchemy names its driver in the scheme.
        if !matches!(scheme.split('+').next(), Some("postgres" | "postgresql")) {
            return Err(bad(format!("{scheme}:// is not a PostgreSQL URL")));
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = before.split_once('/').unwrap_or((before, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        self.set("user", &decode(user)?)?;
        self.set("password", &decode(password)?)?;
        self.set("dbname", &decode(database)?)?;
        let (mut names, mut ports) = (Vec::new(), Vec::new());
        for host in hosts.split(',') {
            let (name, port) = host_and_port(host)?;
            names.push(decode(name)?);
            ports.push(port.to_owned());
        }
        self.set("host", &names.join(","))?;
        if ports.iter().any(|port| !port.is_empty()) {
            let all: Vec<&str> =
                ports.iter().map(|port| if port.is_empty() { "5432" } else { port }).collect();
            self.set("port", &all.join(","))?;
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (keyword, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.set(&decode(keyword)?, &decode(value)?)?;
        }
        Ok(())
    }

    /// `host=… dbname='…'`.
    fn words(&mut self, text: &str) -> Result<(), ConnectError> {
        let mut chars = text.chars().peekable();
        loop {
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            if chars.peek().is_none() {
                return Ok(());
            }
            let mut keyword = String::new();
            while let Some(c) = chars.next_if(|c| *c != '=') {
                keyword.push(c);
            }
            if chars.next().is_none() {
                return Err(bad("neither a URL (postgresql://…) nor keyword=value pairs".into()));
            }
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            let quoted = chars.next_if_eq(&'\'').is_some();
            let mut value = String::new();
            loop {
                match chars.next() {
                    Some('\\') => value.extend(chars.next()),
                    Some('\'') if quoted => break,
                    Some(c) if !quoted && c.is_whitespace() => break,
                    Some(c) => value.push(c),
                    None if quoted => return Err(bad("a quote is not closed".into())),
                    None => break,
                }
            }
            self.set(keyword.trim(), &value)?;
        }
    }

    /// Empty values are as good as none. Later ones win.
    fn set(&mut self, keyword: &str, value: &str) -> Result<(), ConnectError> {
        let known = keyword == "service" || KNOWN.iter().any(|(name, _)| *name == keyword);
        match (keyword, value) {
            // As JDBC says it.
            ("ssl", "true") => return self.set("sslmode", "require"),
            _ if HARMLESS.contains(&keyword) => return Ok(()),
            _ if !known => {
                return Err(bad(format!(
                    "{keyword:?} is not a connection parameter that ordain knows"
                )));
            }
            (_, "") => {}
            _ => {
                self.0.insert(keyword.into(), value.into());
            }
        }
        Ok(())
    }
}

/// libpq's built-in directory differs from one distribution to the next: the one that has the socket.
fn default_host(port: u16) -> String {
    let directories = ["/var/run/postgresql", "/run/postgresql", "/tmp"];
    let found =
        directories.iter().find(|dir| Path::new(&format!("{dir}/.s.PGSQL.{port}")).exists());
    found.map_or_else(|| "localhost".into(), |dir| (*dir).to_owned())
}

fn host_and_port(host: &str) -> Result<(&str, &str), ConnectError> {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, after) =
            rest.split_once(']').ok_or_else(|| bad("an IPv6 address lacks its ]".into()))?;
        return Ok((address, after.strip_prefix(':').unwrap_or(after)));
    }
    Ok(host.split_once(':').unwrap_or((host, "")))
}

fn decode(text: &str) -> Result<String, ConnectError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        // The text itself may be a password: it is not repeated.
        let code = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let byte = byte.filter(|byte| *byte != 0);
        bytes.push(byte.ok_or_else(|| bad("the URL has a % that is not followed by two hexadecimal digits (write %25 for a % sign)".into()))?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| bad("the URL does not decode to UTF-8".into()))
}

fn bad(message: String) -> ConnectError {
    ConnectError::Parameter(message)
}

/// A URL or connection string without its passwords, for messages. Rather hides too much than too little:
/// also what a person gets by not encoding a password is hidden.
pub fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return redact_words(url) };
    let (mut before, mut query) = rest.split_once('?').unwrap_or((rest, ""));
    if !before.contains('@') && query.split_once('@').is_some_and(|(head, _)| !head.contains('=')) {
        (before, query) = (rest, "");
    }
    let mut out = format!("{scheme}://");
    match before.rsplit_once('@') {
        Some((login, place)) => {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let hidden = if password.is_empty() { "" } else { ":***" };
            out.push_str(&format!("{user}{hidden}@{place}"));
        }
        None => out.push_str(before),
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (keyword, _) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(keyword).is_ok_and(|k| !is_secret(&k)) {
            pair.into()
        } else {
            format!("{keyword}=***")
        }
    });
    for (i, pair) in pairs.enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.push_str(&pair);
    }
    out
}

fn redact_words(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.find("password") {
        // Whatever follows may belong to it: quotes and blanks are not worth a second parser.
        Some(at) => format!("{}password=***", &text[..at]),
        None => text.to_owned(),
    }
}

fn is_secret(keyword: &str) -> bool {
    keyword.to_ascii_lowercase().contains("pass")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, env: &[(&str, &str)]) -> Result<Params, String> {
        let lookup = |name: &str| {
            env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Params::read(url, &lookup).map_err(|error| error.to_string())
    }

    fn places(url: &str) -> Vec<String> {
        let params = read(url, &[("PGUSER", "me")]).unwrap();
        params.servers().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn urls_are_read_as_libpq_reads_them() {
        let params = read("postgresql://us%65r:p%40s%3As@db.example:6000/my%20db?options=-c%20a%3Db&sslmode=require", &[]).unwrap();
        assert_eq!(params.user(), "user");
        assert_eq!(params.get("password"), Some("p@s:s"));
        assert_eq!(params.database(), "my db");
        assert_eq!(params.get("options"), Some("-c a=b"));
        assert!(params.ssl_mode() == SslMode::Require);
        assert_eq!(places("postgres://a:1,b:2,c/db"), ["a:1", "b:2", "c:5432"]);
        assert_eq!(places("postgres://[::1]:7/db"), ["[::1]:7"]);
        assert_eq!(places("postgres://%2Frun%2Fpg/db"), ["/run/pg/.s.PGSQL.5432"]);
        assert_eq!(places("postgres:///db?host=/run/pg&port=9"), ["/run/pg/.s.PGSQL.9"]);
        assert_eq!(places("host=a,b port=1,2 dbname='my \\'db'"), ["a:1", "b:2"]);
        assert_eq!(read("postgresql+psycopg2://u@h/d", &[]).unwrap().database(), "d");
    }

    #[test]
    fn the_environment_completes_but_never_overrides() {
        let env = [("PGHOST", "envhost"), ("PGUSER", "envuser"), ("PGPASSWORD", "secret")];
        let params = read("postgresql://h/d", &env).unwrap();
        assert_eq!((params.get("host"), params.user()), (Some("h"), "envuser"));
        assert_eq!(params.get("password"), Some("secret"));
        let url = [("DATABASE_URL", "postgres://x@y/z")];
        assert_eq!(read("", &url).unwrap().database(), "z");
        assert_eq!(read("", &[("PGUSER", "u")]).unwrap().database(), "u");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, part) in [
            ("mysql://u:secret@h/d", "not a PostgreSQL URL"),
            ("postgres://u:sec%zzret@h/d", "write %25"),
            ("postgres://u:secret@h:port/d", "not a port"),
            ("postgres://u:secret@h/d?colour=red", "\"colour\""),
            ("postgres://u:secret@h/d?service=x", "service files"),
            ("postgres://u:secret@[::1/d", "lacks its ]"),
            ("secret", "neither a URL"),
        ] {
            let message = match read(url, &[]) {
                Err(message) => message,
                Ok(params) => params.servers().err().unwrap().to_string(),
            };
            assert!(message.contains(part), "{message}");
            assert!(!message.contains("sec"), "{message}");
        }
    }

    #[test]
    fn passwords_are_hidden_however_they_are_written() {
        for (url, shown) in [
            ("postgres://u:secret@h:1/d?sslmode=require", "postgres://u:***@h:1/d?sslmode=require"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("postgres://u:se/cr@et@h/d", "postgres://u:***@h/d"),
            ("postgres://u:se?cret@h/d", "postgres://u:***@h/d"),
            (
                "postgres:///d?user=u&password=secret&host=h",
                "postgres:///d?user=u&password=***&host=h",
            ),
            ("postgres:///d?pass%77ord=secret", "postgres:///d?pass%77ord=***"),
            ("host=h password='a secret' dbname=d", "host=h password=***"),
        ] {
            assert_eq!(redact(url), shown);
        }
    }
}
