//! The database that files are run in, to be read back as the server understood them.

pub(crate) mod binaries;
pub(crate) mod cluster;
pub(crate) mod folder;
pub(crate) mod scratch;
pub(crate) mod stage;
pub(crate) mod template;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

use postgres::{Client, Config, NoTls, error::SqlState};

/// Where the shadow database comes from: `--shadow`.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Shadow {
    /// A private server from PostgreSQL binaries on this machine.
    #[default]
    Auto,
    /// A scratch database on the live server.
    Scratch,
    /// A scratch database on this server.
    Url(String),
}

impl FromStr for Shadow {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Auto,
            "scratch" => Self::Scratch,
            url => Self::Url(url.to_owned()),
        })
    }
}

/// Without the password.
impl fmt::Display for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Scratch => f.write_str("scratch"),
            Self::Url(url) => f.write_str(&ordain_introspect::connect::redact(url)),
        }
    }
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shadow({self})")
    }
}

/// A database ready for files.
pub(crate) struct Stage {
    /// Runs what only writes the catalog and needs a superuser. None on a server that is not ours: there the
    /// files' own connection does everything, with the rights it has.
    pub engine: Option<Client>,
    /// Runs the files.
    pub runner: Client,
    /// Names of objects that a GRANT or REVOKE of the files had no effect on, for want of rights.
    pub warned: Warned,
    /// Roles that count as the one that applies.
    pub applier: Vec<String>,
    /// The role that runs the files.
    pub runner_role: String,
    pub major: u32,
    pub notices: Vec<String>,
    /// Becomes true when nothing more is to run.
    pub stop: Option<&'static AtomicBool>,
    /// Last, so that connections are closed before the server goes.
    pub ground: Ground,
}

pub(crate) type Warned = Arc<Mutex<BTreeSet<String>>>;

/// What holds the database and takes it away again when dropped.
pub(crate) enum Ground {
    Private(cluster::Cluster),
    #[allow(dead_code, reason = "held for its Drop")]
    Scratch(scratch::Scratch),
}

/// Catalogs that grow with the schema and that the introspector joins.
const CATALOGS: &str = "pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_attrdef, \
    pg_catalog.pg_constraint, pg_catalog.pg_depend, pg_catalog.pg_description, pg_catalog.pg_enum, \
    pg_catalog.pg_index, pg_catalog.pg_inherits, pg_catalog.pg_namespace, pg_catalog.pg_policy, \
    pg_catalog.pg_proc, pg_catalog.pg_rewrite, pg_catalog.pg_sequence, pg_catalog.pg_trigger, pg_catalog.pg_type";

impl Stage {
    /// Nothing has counted the catalogs since they were nearly empty: queries over them would be planned for that,
    /// and be quadratic.
    pub fn analyze(&mut self, statements: usize) {
        const MANY: usize = 300;
        if statements > MANY {
            let client = self.engine.as_mut().unwrap_or(&mut self.runner);
            // Only for speed.
            let _ = client.batch_execute(&format!("analyze {CATALOGS}"));
        }
    }
}

/// A connection that keeps its mouth shut: notices of the server are not for the terminal.
pub(crate) fn quiet(config: &Config) -> Result<Client, postgres::Error> {
    let mut config = config.clone();
    config.application_name("ordain").notice_callback(|_| {});
    config.connect(NoTls)
}

/// As [`quiet`], for the files' role: keeps what the server warns of.
pub(crate) fn watched(config: &Config, warned: &Warned) -> Result<Client, postgres::Error> {
    let (mut config, warned) = (config.clone(), Arc::clone(warned));
    config.application_name("ordain").notice_callback(move |notice| {
        let of_rights =
            [SqlState::WARNING_PRIVILEGE_NOT_GRANTED, SqlState::WARNING_PRIVILEGE_NOT_REVOKED];
        // no privileges were granted for "name"
        let name = notice.message().strip_suffix('"').and_then(|m| m.rsplit_once('"'));
        if let (true, Some((_, name))) = (of_rights.contains(notice.code()), name) {
            warned.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        }
    });
    config.connect(NoTls)
}
