//! Everything that `pg_dump` writes: `fixtures/kitchen-sink` has at least one object of every sort, with nothing left
//! at its default. Each state is written out and read back, built from nothing and taken down again.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Mutex};

use ordain_tests::{
    Case, Database, Ordain, Server,
    case::{all, for_each, report, root, threads},
    dump,
    server::shared,
    sqltext,
    tools::{run, text},
};

/// One file of a case.
struct State {
    name: String,
    file: PathBuf,
    roles: Vec<String>,
}

fn states(server: &Server) -> Vec<State> {
    let cases = all(&root().join("fixtures"));
    let sinks = cases.into_iter().filter(|case| {
        case.name.starts_with("kitchen-sink/") && case.min_version <= server.major()
    });
    let states = sinks.flat_map(|case| {
        [&case.from, &case.to].map(|file| State {
            name: format!("{}/{}", case.name, file.file_stem().unwrap().to_string_lossy()),
            file: file.clone(),
            roles: case.roles.clone(),
        })
    });
    states.collect()
}

impl State {
    fn loaded<'a>(&self, server: &'a Server) -> Result<Database<'a>, String> {
        Case { roles: self.roles.clone(), ..Case::default() }.make_roles(server);
        let database = server.database();
        database.run_file(&self.file)?;
        Ok(database)
    }
}

#[test]
fn what_inspect_and_plan_write_makes_the_same_database() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = shared();
    let states = states(server);
    let failures = for_each(
        &states,
        threads(),
        |state| state.name.clone(),
        |state| {
            let original = state.loaded(server)?;
            let url = original.url();
            let goal = dump::schema(&original);
            for args in [
                &["inspect", &url, "--format", "sql"][..],
                &["plan", "--from", "empty:", "--to", &url, "--format", "sql"],
            ] {
                let out = ordain.run(args);
                if out.code != 0 {
                    return Err(out.told());
                }
                let folder = tempfile::tempdir().unwrap();
                let written = folder.path().join("written.sql");
                fs::write(&written, &out.stdout).unwrap();
                let copy = server.database();
                copy.run_file(&written).map_err(|e| format!("{}: {e}\n{}", args[0], out.stdout))?;
                if let Some(difference) = sqltext::difference(&goal, &dump::schema(&copy)) {
                    return Err(format!("{} loses something\n{difference}{}", args[0], out.stdout));
                }
            }
            Ok(())
        },
    );
    report("round trips", states.len(), &failures);
}

#[test]
fn everything_comes_and_goes() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = shared();
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing.sql");
    fs::write(&nothing, "").unwrap();
    let states = states(server);
    let failures = for_each(
        &states,
        threads(),
        |state| state.name.clone(),
        |state| {
            let case = Case {
                name: state.name.clone(),
                from: nothing.clone(),
                to: state.file.clone(),
                roles: state.roles.clone(),
                ..Case::default()
            };
            case.judge(&ordain, server).map(drop)
        },
    );
    report("states from nothing and back", states.len(), &failures);
}

/// What `pg_dump` calls the entries of its table of contents (`ArchiveEntry` in pg_dump.c), up to 18.
const ENTRIES: [&str; 50] = [
    "ACCESS METHOD",
    "ACL",
    "AGGREGATE",
    "CAST",
    "CHECK CONSTRAINT",
    "COLLATION",
    "COMMENT",
    "CONSTRAINT",
    "CONVERSION",
    "DEFAULT",
    "DEFAULT ACL",
    "DOMAIN",
    "EVENT TRIGGER",
    "EXTENSION",
    "FK CONSTRAINT",
    "FOREIGN DATA WRAPPER",
    "FOREIGN TABLE",
    "FUNCTION",
    "INDEX",
    "INDEX ATTACH",
    "MATERIALIZED VIEW",
    "OPERATOR",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "POLICY",
    "PROCEDURAL LANGUAGE",
    "PROCEDURE",
    "PUBLICATION",
    "PUBLICATION TABLE",
    "PUBLICATION TABLES IN SCHEMA",
    "ROW SECURITY",
    "RULE",
    "SCHEMA",
    "SEQUENCE",
    "SEQUENCE OWNED BY",
    "SERVER",
    "SHELL TYPE",
    "STATISTICS",
    "SUBSCRIPTION",
    "TABLE",
    "TABLE ATTACH",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
    "USER MAPPING",
    "VIEW",
];

/// Entries that no schema of one database has: docs/out-of-scope.md says why.
const NOT_OURS: [&str; 4] =
    ["DATABASE", "DATABASE PROPERTIES", "SECURITY LABEL", "SUBSCRIPTION TABLE"];

/// What is an entry of its own only in later majors.
const SINCE: [(&str, u32); 1] = [("PUBLICATION TABLES IN SCHEMA", 15)];

#[test]
fn every_entry_of_a_dump_is_in_a_fixture() {
    let server = shared();
    let states = states(server);
    let seen = Mutex::new(BTreeSet::new());
    let failures = for_each(
        &states,
        threads(),
        |state| state.name.clone(),
        |state| {
            seen.lock().unwrap().extend(entries(&state.loaded(server)?));
            Ok(())
        },
    );
    report("tables of contents", states.len(), &failures);
    if std::env::var_os("ORDAIN_CASE").is_some() {
        return;
    }
    let seen = seen.into_inner().unwrap();
    let is_due =
        |entry: &str| SINCE.iter().all(|(e, major)| *e != entry || server.major() >= *major);
    let missing: Vec<_> =
        ENTRIES.iter().filter(|entry| is_due(entry) && !seen.contains(**entry)).collect();
    assert!(missing.is_empty(), "no kitchen sink holds: {missing:?}");
    let unknown: Vec<_> = seen
        .iter()
        .filter(|entry| !ENTRIES.contains(&entry.as_str()) && !NOT_OURS.contains(&entry.as_str()))
        .collect();
    assert!(unknown.is_empty(), "pg_dump writes what is in no list: {unknown:?}");
}

/// The sorts of entries of the database's dump, as `pg_restore --list` prints them: `12; 2615 16385 SCHEMA - name owner`.
fn entries(database: &Database) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    let mut dump = database.client_program("pg_dump");
    let out = run(dump.args(["--schema-only", "-Fc", "-f"]).arg(&archive));
    assert!(out.status.success(), "pg_dump: {}", text(&out.stderr));
    let mut restore =
        std::process::Command::new(database.server().tools().client.join("pg_restore"));
    let list = run(restore.arg("--list").arg(&archive));
    assert!(list.status.success(), "pg_restore: {}", text(&list.stderr));
    let entry = |line: &str| -> Option<String> {
        let words: Vec<&str> = line.split_once("; ")?.1.split(' ').skip(2).collect();
        // The longest that is known: FOREIGN TABLE rather than what an object called so might be.
        let known = |n: &usize| {
            let entry = words[..*n].join(" ");
            ENTRIES.contains(&entry.as_str()) || NOT_OURS.contains(&entry.as_str())
        };
        let length = (1..=words.len().min(4)).rev().find(known);
        Some(words[..length.unwrap_or(1)].join(" "))
    };
    text(&list.stdout).lines().filter(|line| !line.starts_with(';')).filter_map(entry).collect()
}
