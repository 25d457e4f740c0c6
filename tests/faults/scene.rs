//! A database, a plan for it, and ways to stop in the middle of applying it.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use ordain_tests::{Database, Ordain, Run, Server, dump, rows, tools::text};
use tempfile::TempDir;

/// From and to.
pub struct Input {
    from: &'static str,
    to: &'static str,
}

/// One transaction; its last steps need a lock on `ticket` and build an index that fails on a row with id 0.
pub const ONE_GROUP: Input = Input {
    from: "CREATE FUNCTION inverse(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1 / $1 $$;
        CREATE TYPE status AS ENUM ('open', 'closed');
        CREATE TABLE ticket (id integer PRIMARY KEY, status status NOT NULL DEFAULT 'open');
        INSERT INTO ticket VALUES (1, 'open'), (2, 'closed');",
    to: "CREATE FUNCTION inverse(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1 / $1 $$;
        CREATE TYPE status AS ENUM ('open', 'closed');
        CREATE TABLE audit (id integer PRIMARY KEY);
        CREATE TABLE ticket (id integer PRIMARY KEY, status status NOT NULL DEFAULT 'closed', note text);
        CREATE INDEX ticket_inverse ON ticket (inverse(id));",
};

/// A label that is used at once needs a transaction of its own before the rest.
pub const TWO_GROUPS: Input = Input {
    from: ONE_GROUP.from,
    to: "CREATE FUNCTION inverse(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1 / $1 $$;
        CREATE TYPE status AS ENUM ('fresh', 'open', 'closed');
        CREATE TABLE audit (id integer PRIMARY KEY, status status DEFAULT 'fresh');
        CREATE TABLE ticket (id integer PRIMARY KEY, status status NOT NULL DEFAULT 'fresh', CONSTRAINT positive CHECK (id >= 0));
        CREATE INDEX ticket_inverse ON ticket (inverse(id));",
};

/// A table that grows beyond what the disk holds.
pub const LARGE: Input = Input {
    from: "CREATE TABLE wide (id integer PRIMARY KEY); INSERT INTO wide SELECT generate_series(1, 150000);",
    to: "CREATE TABLE audit (id integer PRIMARY KEY);
        CREATE TABLE wide (id integer PRIMARY KEY, filler text GENERATED ALWAYS AS (repeat('x', 200)) STORED);",
};

pub struct Scene<'a> {
    ordain: Ordain,
    database: Database<'a>,
    folder: TempDir,
}

/// What outlives a server that dies: the database's name and the files.
pub struct Parts {
    name: String,
    folder: TempDir,
}

impl<'a> Scene<'a> {
    pub fn new(server: &'a Server, input: &Input) -> Self {
        let database = server.database();
        database.execute(input.from);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("to.sql"), input.to).unwrap();
        Self { ordain: Ordain::new(env!("CARGO_BIN_EXE_ordain")), database, folder }.planned_again()
    }

    /// The plan for the database as it is now.
    pub fn planned_again(self) -> Self {
        self.ordain
            .run(&[
                "plan",
                "--from",
                &self.database.url(),
                "--to",
                &self.path("to.sql"),
                "--out",
                &self.path("plan.json"),
            ])
            .expect(0);
        self
    }

    /// The desired state has this as well.
    pub fn wants_too(&self, sql: &str) {
        let path = self.path("to.sql");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}\n{sql};\n")).unwrap();
    }

    pub fn leave(self) -> Parts {
        Parts { name: self.database.forget(), folder: self.folder }
    }

    pub fn back(server: &'a Server, parts: Parts) -> Self {
        let database = server.existing(&parts.name);
        Self { ordain: Ordain::new(env!("CARGO_BIN_EXE_ordain")), database, folder: parts.folder }
    }

    pub fn database(&self) -> &Database<'a> {
        &self.database
    }

    fn path(&self, file: &str) -> String {
        self.folder.path().join(file).display().to_string()
    }

    pub fn state(&self) -> (Vec<String>, rows::Content) {
        (dump::schema(&self.database), rows::content(&self.database))
    }

    fn args(&self, url: &str, more: &[&str]) -> Vec<String> {
        let plan = self.path("plan.json");
        let args = ["apply", &plan, "--database", url, "--yes", "--allow", "all"];
        args.iter().chain(more).map(|arg| (*arg).to_owned()).collect()
    }

    pub fn apply(&self, more: &[&str]) -> Run {
        self.apply_to(&self.database.url(), more)
    }

    pub fn apply_to(&self, url: &str, more: &[&str]) -> Run {
        self.ordain.run(&self.args(url, more))
    }

    /// Applies in the background.
    pub fn start(&self, more: &[&str]) -> Apply {
        let mut command = self.ordain.command(&self.args(&self.database.url(), more));
        Apply(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// A reader in an open transaction: whoever alters `ticket` waits until it is dropped.
    pub fn hold_lock(&self) -> postgres::Client {
        let mut client = self.database.connect();
        client.batch_execute("BEGIN; LOCK TABLE ticket IN ACCESS SHARE MODE").unwrap();
        client
    }

    pub fn wait_until_blocked(&self) {
        self.wait("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", |n| n > 0);
    }

    /// Nobody else is connected any more.
    pub fn wait_until_alone(&self) {
        self.wait("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'", |n| n == 0);
    }

    fn wait(&self, sql: &str, until: impl Fn(i64) -> bool) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if until(self.database.value(sql).parse().unwrap()) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("waited in vain: {sql}");
    }

    /// The desired state is reached and the rows are there.
    pub fn is_done(&self) {
        let to = self.path("to.sql");
        self.ordain.run(&["check", "--from", &self.database.url(), "--to", &to]).expect(0);
        assert_eq!(self.database.value("SELECT count(*) FROM ticket WHERE id > 0"), "2");
    }
}

/// An apply that runs.
pub struct Apply(Child);

impl Apply {
    pub fn finish(self) -> Run {
        let out = self.0.wait_with_output().unwrap();
        let code = out.status.code().unwrap_or(-1);
        Run {
            command: "apply …".into(),
            code,
            stdout: text(&out.stdout),
            stderr: text(&out.stderr),
        }
    }

    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn interrupt(&self) {
        let done = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}
