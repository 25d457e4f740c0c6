//! One run: the flags and the settings file made one, and the terminal.

use std::path::PathBuf;
use std::time::Duration;

use ordain_load::Translation;

use crate::error::Error;
use crate::flags::{Common, Sides, Which, parse_duration};
use crate::settings::Settings;
use crate::terminal::Terminal;

/// How long one attempt to get a lock may take, unless told otherwise.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

pub struct Session<'t> {
    pub terminal: &'t mut Terminal,
    pub options: Options,
    from: Option<String>,
    to: Vec<String>,
    database: Option<String>,
}

/// [`Common`] with the settings file behind it.
pub struct Options {
    pub schemas: Vec<String>,
    pub exclude: Vec<String>,
    pub shadow: Option<String>,
    pub shadow_superuser: bool,
    pub rename: Vec<String>,
    pub map_label: Vec<String>,
    pub privileges: Which,
    pub owners: Which,
    /// Managed besides those that the desired state names.
    pub roles: Vec<String>,
    pub atomic: bool,
    pub strict: bool,
    pub cache: bool,
    pub python: Option<PathBuf>,
    /// What models call a schema, and what it is called; None is the default one.
    pub translate_schema: Vec<Translation>,
    pub lock_timeout: Duration,
}

impl<'t> Session<'t> {
    pub fn open(flags: Common, terminal: &'t mut Terminal) -> Result<Self, Error> {
        let file = Settings::find(flags.settings.as_deref())?;
        if let (None, Some(color)) = (flags.color, file.color) {
            terminal.set_color(color);
        }
        let lock_timeout = match (flags.lock_timeout, &file.lock_timeout) {
            (Some(flag), _) => flag,
            (None, Some(text)) => parse_duration(text)
                .map_err(|e| Error::usage(format!("lock-timeout in the settings file: {e}"), ""))?,
            (None, None) => LOCK_TIMEOUT,
        };
        let options = Options {
            schemas: either(flags.schema, file.schema.0),
            exclude: either(flags.exclude, file.exclude.0),
            shadow: flags.shadow.or(file.shadow),
            shadow_superuser: flags.shadow_superuser || file.shadow_superuser.unwrap_or(false),
            rename: either(flags.rename, file.rename.0),
            map_label: either(flags.map_label, file.map_label.0),
            privileges: flags.privileges.or(file.privileges).unwrap_or(Which::Auto),
            owners: flags.owners.or(file.owners).unwrap_or(Which::Auto),
            roles: file.roles.0,
            atomic: flags.atomic || file.atomic.unwrap_or(false),
            strict: flags.strict || file.strict.unwrap_or(false),
            cache: !flags.no_cache && file.cache.unwrap_or(true),
            python: flags.python.or(file.python),
            translate_schema: translations(&either(
                flags.translate_schema,
                file.translate_schema.0,
            ))?,
            lock_timeout,
        };
        let (from, to, database) = (file.from, file.to.0, file.database);
        Ok(Self { terminal, options, from, to, database })
    }

    /// Both sources, from the flags or else from the settings file.
    pub fn sides(&self, flags: &Sides) -> Result<(String, Vec<String>), Error> {
        let from = flags.from.clone().or_else(|| self.from.clone()).ok_or_else(|| {
            Error::usage(
                "the current state is not given",
                "say --from postgres://…, a .sql file, a folder, snapshot.json or empty: (or `from` in ordain.toml)",
            )
        })?;
        let to = either(flags.to.clone(), self.to.clone());
        if to.is_empty() {
            return Err(Error::usage(
                "the desired state is not given",
                "say --to with a folder of .sql files, a .sql file, snapshot.json or postgres://… (or `to` in ordain.toml)",
            ));
        }
        Ok((from, to))
    }

    /// The database that a saved plan is applied to.
    pub fn database(&self, flag: Option<&str>) -> Result<String, Error> {
        let database = flag.map(str::to_owned).or_else(|| self.database.clone());
        database.ok_or_else(|| {
            Error::usage(
                "the database is not given",
                "say --database postgres://…, set DATABASE_URL, or write `database` in ordain.toml",
            )
        })
    }

    /// As PostgreSQL reads it; `None` when statements wait for locks without an end.
    pub fn lock_timeout_sql(&self) -> Option<String> {
        let timeout = self.options.lock_timeout;
        (!timeout.is_zero()).then(|| match timeout.as_millis() {
            ms if ms % 1000 == 0 => format!("{}s", ms / 1000),
            ms => format!("{ms}ms"),
        })
    }
}

/// `OLD=NEW`; nothing at either side of `=` is the default schema.
fn translations(texts: &[String]) -> Result<Vec<Translation>, Error> {
    let name = |text: &str| Some(text.trim().to_owned()).filter(|name| !name.is_empty());
    let pair = |text: &String| match text.split_once('=') {
        Some((old, new)) => Ok((name(old), name(new))),
        None => Err(Error::usage(
            format!("--translate-schema {text}: there is no `=`"),
            "say what models call the schema and what it is called here: --translate-schema tenant=acme",
        )),
    };
    texts.iter().map(pair).collect()
}

fn either(flag: Vec<String>, file: Vec<String>) -> Vec<String> {
    if flag.is_empty() { file } else { flag }
}
