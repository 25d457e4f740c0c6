//! What people and machines get wrong: each case says what it must be told, with which exit code, and leaves the
//! database as it was.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod data;
mod files;
mod flags;
mod plans;
mod sources;

use std::{collections::BTreeSet, fs, io::Write, net::TcpListener, path::Path, thread};

use ordain_tests::{
    Database, Ordain, Server,
    case::{for_each, report, threads},
    dump, rows, server,
};

/// One thing that is wrong.
pub struct Bad {
    pub name: &'static str,
    /// Run in the live database beforehand.
    pub live: &'static str,
    /// Written to the case's folder, `{dir}`.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// Commands before the one that is judged; they succeed.
    pub before: Vec<&'static str>,
    /// SQL run in the live database after those.
    pub meanwhile: &'static str,
    /// Split at spaces; `{url}`, `{other}` (an empty database), `{port}`, `{dir}`, `{web}` (a port that speaks HTTP) and `{closed}` (a port
    /// where nobody listens) are filled in.
    pub run: &'static str,
    pub code: i32,
    /// All of these are printed.
    pub says: Vec<&'static str>,
}

impl Bad {
    pub fn new(name: &'static str, run: &'static str, code: i32, says: &[&'static str]) -> Self {
        Self {
            name,
            live: "",
            files: Vec::new(),
            before: Vec::new(),
            meanwhile: "",
            run,
            code,
            says: says.to_vec(),
        }
    }

    /// A desired schema that cannot be had: `plan` from the live database to it fails with 1.
    pub fn schema(name: &'static str, sql: &str, says: &[&'static str]) -> Self {
        Self::new(name, "plan --from {url} --to {dir}/schema.sql", 1, says).file("schema.sql", sql)
    }

    /// Live state with rows, a desired schema, and the refusal that `plan` answers.
    pub fn refused(
        name: &'static str,
        live: &'static str,
        sql: &str,
        says: &[&'static str],
    ) -> Self {
        Self { live, code: 3, ..Self::schema(name, sql, says) }
    }

    pub fn file(mut self, name: &'static str, content: impl AsRef<[u8]>) -> Self {
        self.files.push((name, content.as_ref().to_vec()));
        self
    }

    pub fn live(mut self, sql: &'static str) -> Self {
        self.live = sql;
        self
    }

    pub fn before(mut self, command: &'static str) -> Self {
        self.before.push(command);
        self
    }

    pub fn meanwhile(mut self, sql: &'static str) -> Self {
        self.meanwhile = sql;
        self
    }
}

/// What every live database holds besides.
const LIVE: &str = "CREATE TABLE public.keep (id integer PRIMARY KEY, name text); INSERT INTO public.keep VALUES (1, 'one')";
/// The same as a file.
pub const KEEP: &str = "CREATE TABLE public.keep (id integer PRIMARY KEY, name text);\n";

#[test]
fn bad_input_is_explained_and_changes_nothing() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = Server::start(&server::Options { tcp: true, ..server::Options::default() });
    server.admin(
        "CREATE ROLE reader LOGIN PASSWORD 'reader-secret'; CREATE ROLE locked LOGIN PASSWORD 'right-secret'; ALTER ROLE postgres PASSWORD 'super-secret'",
    );
    let web = web_server();
    let only = std::env::var("ORDAIN_CASE").unwrap_or_default();
    let mut cases: Vec<Bad> =
        [files::cases(), sources::cases(), flags::cases(), plans::cases(), data::cases()]
            .into_iter()
            .flatten()
            .collect();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    assert!(cases.len() >= 40, "{} cases", cases.len());
    cases.retain(|case| case.name.contains(&only));
    let failures = for_each(
        &cases,
        threads(),
        |case| case.name.to_owned(),
        |case| judge(case, &ordain, &server, web),
    );
    report("bad input", cases.len(), &failures);
}

fn judge(case: &Bad, ordain: &Ordain, server: &Server, web: u16) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    for (name, content) in &case.files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let content =
            String::from_utf8(content.clone()).map(|text| text.replace("{dir}", &dir).into_bytes());
        fs::write(path, content.unwrap_or_else(|e| e.into_bytes())).unwrap();
    }
    let (live, other) = (server.database(), server.database());
    live.execute(LIVE);
    live.execute(case.live);
    let port = server.port().to_string();
    let fill = |text: &str| {
        let pairs = [
            ("{url}", live.url()),
            ("{other}", other.url()),
            ("{reader}", server.url_as("reader", live.name())),
            ("{name}", live.name().to_owned()),
            ("{port}", port.clone()),
            ("{dir}", dir.clone()),
            ("{web}", web.to_string()),
            ("{closed}", closed_port().to_string()),
        ];
        pairs.iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
    };
    let words = |line: &str| line.split(' ').map(&fill).collect::<Vec<_>>();
    for command in &case.before {
        let run = ordain.run_in(folder.path(), &words(command));
        if run.code != 0 {
            return Err(format!("beforehand: {}", run.told()));
        }
    }
    live.execute(case.meanwhile);
    let before = state(&live);
    let run = ordain.run_in(folder.path(), &words(case.run));
    let told = run.told();
    if run.code != case.code {
        return Err(format!("exit {} instead of {}\n{told}", run.code, case.code));
    }
    let said = format!("{}{}", run.stdout, run.stderr);
    for part in &case.says {
        let part = fill(part);
        if !said.contains(&part) {
            return Err(format!("did not say {part:?}\n{told}"));
        }
    }
    for never in ["secret", "panicked", "RUST_BACKTRACE", "Db(", "Error {"] {
        if said.contains(never) {
            return Err(format!("said {never:?}\n{told}"));
        }
    }
    let other_is_empty = other.value("SELECT count(*) FROM pg_class WHERE oid >= 16384") == "0";
    if state(&live) != before || !other_is_empty {
        return Err(format!("something changed\n{told}"));
    }
    if folder.path().join("ran").exists() || Path::new("/tmp/ordain-bad-input-ran").exists() {
        return Err(format!("a program from the files was run\n{told}"));
    }
    Ok(())
}

fn state(of: &Database) -> (Vec<String>, rows::Content) {
    (dump::schema(of), rows::content(of))
}

/// Answers everything with a page, as what listens on a port may be something else.
fn web_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    port
}

fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
