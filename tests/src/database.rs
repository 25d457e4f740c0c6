//! The databases of the tests.

use std::{path::Path, process::Command};

use crate::{
    server::Server,
    tools::{run, text},
};

/// A database of one test.
pub struct Database<'a> {
    server: &'a Server,
    name: String,
}

impl<'a> Database<'a> {
    pub(crate) fn new(server: &'a Server, name: String) -> Self {
        Self { server, name }
    }

    /// Leaves the database where it is; its name.
    pub fn forget(mut self) -> String {
        std::mem::take(&mut self.name)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn server(&self) -> &'a Server {
        self.server
    }

    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    pub fn connect(&self) -> postgres::Client {
        connect(&self.url())
    }

    /// Runs statements; panics with the server's message.
    pub fn execute(&self, sql: &str) {
        let mut client = self.connect();
        client.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    }

    /// The first column of the first row, as text.
    pub fn value(&self, sql: &str) -> String {
        let mut client = self.connect();
        let rows = client.simple_query(sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        for message in rows {
            if let postgres::SimpleQueryMessage::Row(row) = message {
                return row.get(0).unwrap_or("").to_owned();
            }
        }
        String::new()
    }

    /// Runs a file as `psql` does, statement by statement.
    ///
    /// # Errors
    /// What psql said, with file and line.
    pub fn run_file(&self, path: &Path) -> Result<(), String> {
        let mut psql = self.client_program("psql");
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(path);
        psql.env("PGOPTIONS", "-c client_min_messages=warning");
        let out = run(&mut psql);
        if out.status.success() { Ok(()) } else { Err(text(&out.stderr)) }
    }

    /// `psql` or `pg_dump`, told which database.
    pub fn client_program(&self, name: &str) -> Command {
        let mut command = Command::new(self.server.tools().client.join(name));
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("PG") {
                command.env_remove(key);
            }
        }
        command.arg("-d").arg(self.url());
        command
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        if self.name.is_empty() {
            return;
        }
        if let Ok(mut client) =
            postgres::Client::connect(&self.server.url("postgres"), postgres::NoTls)
        {
            let _ = client
                .batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

pub fn connect(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).unwrap_or_else(|e| panic!("{url}: {e:?}"))
}
