//! The PostgreSQL programs that the tests use, and how programs are run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

/// Where programs are.
#[derive(Clone, Debug)]
pub struct Tools {
    /// `postgres` and `initdb`.
    pub server: PathBuf,
    /// `psql`, `pg_dump`: of the same major or newer.
    pub client: PathBuf,
    /// 15
    pub major: u32,
}

/// The programs that `ORDAIN_TEST_PG_BIN` and `ORDAIN_TEST_CLIENT_BIN` name, else the newest on this machine.
pub fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let server = std::env::var_os("ORDAIN_TEST_PG_BIN")
            .map(PathBuf::from)
            .or_else(|| installed("postgres"))
            .expect("no PostgreSQL server found: install one, or set ORDAIN_TEST_PG_BIN to its bin directory");
        let client = std::env::var_os("ORDAIN_TEST_CLIENT_BIN")
            .map(PathBuf::from)
            .or_else(|| Some(server.clone()).filter(|dir| dir.join("pg_dump").exists()))
            .or_else(|| installed("pg_dump"))
            .expect("no pg_dump found: set ORDAIN_TEST_CLIENT_BIN to its bin directory");
        let major = major_of(&server.join("postgres"));
        assert!(
            major_of(&client.join("pg_dump")) >= major,
            "pg_dump in {} is older than the server {major}: set ORDAIN_TEST_CLIENT_BIN",
            client.display()
        );
        Tools { server, client, major }
    })
}

fn installed(program: &str) -> Option<PathBuf> {
    let mut found: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|dir| dir.join(program).exists())
        .collect();
    found.sort_by_key(|dir| major_of(&dir.join(program)));
    found.pop().or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?).find(|dir| dir.join(program).exists())
    })
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` → 15
fn major_of(program: &Path) -> u32 {
    let out = Command::new(program).arg("--version").output();
    let out = out.unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let version = text.split(' ').nth(2).unwrap_or_default();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{}: no version in {text:?}", program.display()))
}

/// Runs a program to its end with its output captured.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

pub(crate) fn check(command: &mut Command) {
    let out = run(command);
    assert!(out.status.success(), "{command:?}: {}{}", text(&out.stdout), text(&out.stderr));
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
