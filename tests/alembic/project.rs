//! An Alembic project in a folder of its own, with a database.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ordain_tests::{
    Database, Ordain, Run, dump,
    ordain::finish,
    python::{environment, program},
    server::shared,
};

pub struct Project {
    folder: tempfile::TempDir,
    python: PathBuf,
    pub ordain: Ordain,
    pub database: Database<'static>,
}

/// The name of SQLAlchemy's dialect: `psycopg2`, `psycopg`, `asyncpg`.
pub type Driver = &'static str;

impl Project {
    /// What `alembic init` makes, with a first revision that does nothing and has run.
    pub fn new(environment_name: &str, driver: Driver) -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            python: environment(environment_name),
            ordain: Ordain::new(env!("CARGO_BIN_EXE_ordain")),
            database: shared().database(),
        };
        let template = if driver == "asyncpg" { "async" } else { "generic" };
        project.alembic(&["init", "-t", template, "migrations"]).expect(0);
        project.point_at(&project.database, driver);
        project
    }

    /// From now on `alembic` works on this database, through this driver.
    pub fn point_at(&self, database: &Database, driver: Driver) {
        let url = sqlalchemy_url(database, driver).replace('%', "%%");
        self.edit("alembic.ini", |text| {
            let lines = text.lines().map(|line| match line.starts_with("sqlalchemy.url") {
                true => format!("sqlalchemy.url = {url}\n"),
                false => format!("{line}\n"),
            });
            lines.collect()
        });
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let path = self.path(name);
        let text = fs::read_to_string(&path).unwrap();
        let new = change(text.clone());
        assert_ne!(text, new, "nothing was changed in {name}");
        fs::write(path, new).unwrap();
    }

    pub fn command(&self, name: &str) -> Command {
        let mut command = program(&self.python, name);
        command.current_dir(self.folder.path());
        command
    }

    pub fn alembic(&self, args: &[&str]) -> Run {
        finish(self.command("alembic").args(args))
    }

    /// `ordain revision` towards this SQL, which is kept as `schema.sql`.
    pub fn revision(&self, message: &str, sql: &str, more: &[&str]) -> Run {
        fs::write(self.path("schema.sql"), sql).unwrap();
        let url = self.database.url();
        let mut args = vec!["revision", "-m", message, "--from", &url, "--to", "schema.sql"];
        args.extend(more);
        let run = self.ordain.run_in(self.folder.path(), &args);
        assert!(!run.stderr.contains("panicked"), "{}", run.told());
        assert!(!run.stderr.contains("was not tried"), "{}", run.told());
        run
    }

    /// The files that a run of `revision` says it wrote, in order.
    pub fn written(&self, run: &Run) -> Vec<(String, String)> {
        let names = run.stdout.lines().filter(|line| line.ends_with(".py"));
        names.map(|name| (name.to_owned(), fs::read_to_string(self.path(name)).unwrap())).collect()
    }

    /// All revisions run on a database that is empty, and its schema then.
    pub fn on_a_new_database(&self, driver: Driver) -> Vec<String> {
        let database = shared().database();
        self.point_at(&database, driver);
        self.alembic(&["upgrade", "head"]).expect(0);
        let schema = schema(&database);
        self.point_at(&self.database, driver);
        schema
    }

    /// What `--sql` writes, run by psql on an empty database, and its schema then.
    pub fn offline(&self) -> Vec<String> {
        let script = self.alembic(&["upgrade", "head", "--sql"]).expect(0).stdout;
        let path = self.path("offline.sql");
        fs::write(&path, &script).unwrap();
        let database = shared().database();
        database.run_file(&path).unwrap_or_else(|error| panic!("{error}\n{script}"));
        schema(&database)
    }
}

/// The schema without Alembic's own table.
pub fn schema(database: &Database) -> Vec<String> {
    let own = |statement: &String| !statement.contains("alembic_version");
    dump::schema(database).into_iter().filter(own).collect()
}

/// The schema that this SQL makes.
pub fn schema_of(sql: &str, folder: &Path) -> Vec<String> {
    let database = shared().database();
    let path = folder.join("wanted.sql");
    fs::write(&path, sql).unwrap();
    database.run_file(&path).unwrap();
    schema(&database)
}

/// The URL of the tests' server as SQLAlchemy reads it: a folder is no host there.
pub fn sqlalchemy_url(database: &Database, driver: Driver) -> String {
    let url = database.url();
    let rest = url.strip_prefix("postgresql://postgres@").unwrap();
    let (place, name) = rest.split_once('/').unwrap();
    let (folder, port) = place.rsplit_once(':').unwrap();
    let folder = folder.replace("%2F", "/");
    format!("postgresql+{driver}://postgres@/{name}?host={folder}&port={port}")
}
