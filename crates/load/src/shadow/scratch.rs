//! A scratch database on a server that is not ours: made, used and dropped again.

use ordain_introspect::connect::Target;
use postgres::Client;

use crate::{
    LoadError, ShadowError,
    error::describe,
    shadow::{folder::random_hex, template::Locale},
};

/// Dropping it drops the database.
pub(crate) struct Scratch {
    server: Client,
    name: String,
}

impl Scratch {
    /// Makes a database on the server of `url`, and a connection to it as the role of `url`. `prepare` gives SQL
    /// to run before anything connects to it.
    pub fn new(
        url: &str,
        locale: Option<&Locale>,
        superuser: bool,
        prepare: &dyn Fn(&str) -> String,
    ) -> Result<(Self, Client), LoadError> {
        let target = Target::parse(url)?;
        let mut server = target.connect()?;
        let row = server
            .query_one("select rolname::text, rolsuper from pg_catalog.pg_roles where rolname = session_user", &[])
            .map_err(ShadowError::server("asking the shadow server"))?;
        if row.get(1) && !superuser {
            return Err(ShadowError::Superuser { role: row.get(0) }.into());
        }
        let name = format!("ordain_scratch_{}", random_hex(6)?);
        let options = locale.map(|l| {
            let quote = ordain_model::quote::literal;
            format!(
                " encoding {} lc_collate {} lc_ctype {}",
                quote(&l.encoding),
                quote(&l.collate),
                quote(&l.ctype)
            )
        });
        let create = format!("create database {name} template template0");
        let with_locale = format!("{create}{}", options.unwrap_or_default());
        server
            .batch_execute(&with_locale)
            .or_else(|_| server.batch_execute(&create))
            .map_err(ShadowError::server("making a scratch database"))?;
        let mut scratch = Self { server, name };
        scratch
            .server
            .batch_execute(&prepare(&scratch.name))
            .map_err(ShadowError::server("preparing the scratch database"))?;
        let client = target.other_database(&scratch.name).connect()?;
        Ok((scratch, client))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let sql = format!("drop database if exists {}", self.name);
        if let Err(error) = self.server.batch_execute(&sql) {
            // Nothing can be returned from here, and the user must know what was left behind.
            eprintln!("ordain: {sql} failed: {}", describe(&error));
        }
    }
}
