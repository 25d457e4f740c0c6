//! The live side: its catalog, and what a shadow must be told to be like it.

use std::collections::BTreeSet;

use ordain_introspect::{ReadOptions, connect};
use postgres::Client;

use crate::{LoadError, Loaded, error::describe, shadow::template::Locale};

/// What a shadow database takes over from the live one, so that the same SQL means the same there.
#[derive(Clone)]
pub struct LiveSide {
    /// As given; may hold a password.
    pub(crate) url: String,
    /// `server_version_num`.
    pub server_version: u32,
    /// The role that the connection logged in as.
    pub role: String,
    /// Where a name without a schema is made.
    pub default_schema: String,
    /// Every role of the server but the predefined ones.
    pub roles: BTreeSet<String>,
    /// Settings that change what SQL means, as a new session there has them.
    pub settings: Vec<(String, String)>,
    pub(crate) locale: Locale,
    /// What a new database has in `pg_extension` is of no interest; what can be had is: name, default version.
    pub(crate) tablespaces: BTreeSet<String>,
}

/// Settings that decide how SQL is understood or spelled back.
const SETTINGS: &str = "\
select name, reset_val from pg_catalog.pg_settings
where name in ('TimeZone', 'DateStyle', 'IntervalStyle', 'search_path', 'array_nulls', 'backslash_quote',
               'bytea_output', 'extra_float_digits', 'quote_all_identifiers', 'transform_null_equals',
               'standard_conforming_strings', 'xmlbinary', 'xmloption', 'timezone_abbreviations')
   or name like 'default\\_%' and name !~ '^default_(transaction|statistics)'
order by name";

/// The encoding and locale of the database; columns came with 15, 16 and 17.
const LOCALE: &str = "\
select pg_catalog.pg_encoding_to_char(encoding), d.datcollate::text, d.datctype::text,
       coalesce(to_jsonb(d)->>'datlocprovider', 'c'),
       coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale'),
       to_jsonb(d)->>'daticurules'
from pg_catalog.pg_database d where datname = pg_catalog.current_database()";

impl LiveSide {
    /// Asks the server behind `client`, which was reached by `url`.
    pub fn read(url: &str, client: &mut Client) -> Result<Self, LoadError> {
        let failed = |e: postgres::Error| {
            LoadError::Server(format!("reading the settings of the live side: {}", describe(&e)))
        };
        let row = client
            .query_one(
                "select pg_catalog.current_setting('server_version_num')::int4, session_user::text,
                        coalesce(pg_catalog.current_schema()::text, 'public')",
                &[],
            )
            .map_err(failed)?;
        let names = |client: &mut Client, sql: &str| -> Result<BTreeSet<String>, LoadError> {
            Ok(client.query(sql, &[]).map_err(failed)?.iter().map(|row| row.get(0)).collect())
        };
        let roles =
            names(client, "select rolname::text from pg_catalog.pg_roles where rolname !~ '^pg_'")?;
        let tablespaces = names(
            client,
            "select spcname::text from pg_catalog.pg_tablespace where spcname !~ '^pg_'",
        )?;
        let settings = client.query(SETTINGS, &[]).map_err(failed)?;
        let locale = client.query_one(LOCALE, &[]).map_err(failed)?;
        Ok(Self {
            url: url.to_owned(),
            server_version: row.get::<_, i32>(0) as u32,
            role: row.get(1),
            default_schema: row.get(2),
            roles,
            tablespaces,
            settings: settings.iter().map(|row| (row.get(0), row.get(1))).collect(),
            locale: Locale {
                encoding: locale.get(0),
                collate: locale.get(1),
                ctype: locale.get(2),
                provider: locale.get::<_, String>(3).chars().next().unwrap_or('c'),
                name: locale.get(4),
                rules: locale.get(5),
            },
        })
    }

    /// `server_version_num / 10000`.
    pub fn major(&self) -> u32 {
        self.server_version / 10_000
    }
}

/// Without the password.
impl std::fmt::Debug for LiveSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LiveSide({} as {})", connect::redact(&self.url), self.role)
    }
}

/// A connection to a live database, of which is known so far what a shadow must be like.
pub struct Live {
    pub side: LiveSide,
    client: Client,
}

impl Live {
    /// A whole URL, or an empty one for what the environment says.
    pub fn open(url: &str) -> Result<Self, LoadError> {
        let mut client = connect::connect(url)?;
        Ok(Self { side: LiveSide::read(url, &mut client)?, client })
    }

    /// Reads the database, with the sizes of its tables where somebody wants to know them.
    pub fn load(&mut self, sizes: bool) -> Result<Loaded, LoadError> {
        let url = &self.side.url;
        let options = ReadOptions { applier: Vec::new(), sizes };
        let another = || connect::connect(url);
        let catalog = ordain_introspect::read_with(&mut self.client, Some(&another), &options)
            .map_err(|source| LoadError::Read { what: connect::redact(url), source })?;
        Ok(Loaded::whole(catalog))
    }
}
