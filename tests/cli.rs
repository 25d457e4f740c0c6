//! The command line: exit codes, help, mistakes, settings. What needs no database stands here.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use ordain_tests::{Ordain, Run};

fn ordain() -> Ordain {
    Ordain::new(env!("CARGO_BIN_EXE_ordain"))
}

fn run(args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    ordain().run_in(folder.path(), args)
}

/// Runs, wants this exit code, and wants each text on standard error.
fn fails(args: &[&str], code: i32, says: &[&str]) {
    fails_in(tempfile::tempdir().unwrap().path(), args, code, says);
}

fn fails_in(folder: &Path, args: &[&str], code: i32, says: &[&str]) {
    let run = ordain().run_in(folder, args).expect(code);
    assert!(run.stdout.is_empty(), "a failure has no result: {}", run.told());
    for text in says {
        assert!(run.stderr.contains(text), "{text:?} is not in\n{}", run.told());
    }
    assert!(!run.stderr.contains("panicked"), "{}", run.told());
    assert!(!run.stderr.contains('\x1b'), "colours without a terminal: {}", run.told());
}

const COMMANDS: [&str; 9] =
    ["plan", "review", "apply", "diff", "check", "inspect", "revision", "completions", "man"];

#[test]
fn help_is_a_result_with_examples() {
    for command in COMMANDS {
        let run = run(&[command, "--help"]).expect(0);
        assert!(run.stdout.contains("Examples:\n"), "{}", run.told());
        assert!(run.stdout.contains(&format!("ordain {command}")), "{}", run.told());
        assert!(run.stderr.is_empty(), "{}", run.told());
    }
    assert!(run(&["--version"]).expect(0).stdout.starts_with("ordain "));
    assert!(run(&["--help"]).expect(0).stdout.contains("Exit codes: 0 done"));
}

/// 2 means "different" and nothing else, also for mistakes on the command line.
#[test]
fn mistakes_exit_with_1() {
    fails(&[], 1, &["Usage: ordain"]);
    fails(&["plann"], 1, &["unrecognized subcommand 'plann'", "'plan'"]);
    fails(&["plan", "--form", "x"], 1, &["unexpected argument '--form'"]);
    fails(&["plan", "--format", "xml"], 1, &["invalid value 'xml'", "text, sql, json"]);
    fails(&["plan", "-q", "-v"], 1, &["cannot be used with"]);
    fails(&["plan", "--lock-timeout", "5"], 1, &["write 500ms, 5s, 1min or 0"]);
    fails(&["apply", "p.json", "--to", "schema"], 1, &["cannot be used with"]);
    fails(&["check"], 1, &["error: the current state is not given", "hint: say --from"]);
    fails(
        &["diff", "--from", "empty:"],
        1,
        &["error: the desired state is not given", "hint: say --to"],
    );
    fails(&["man", "nothing"], 1, &["there is no command nothing", "plan, review, apply"]);
    fails(&["completions", "tcsh"], 1, &["invalid value 'tcsh'"]);
    fails(
        &["revision", "-m", "x", "--from", "empty:", "--to", "sqlalchemy:a:b"],
        1,
        &["there is no Alembic project here", "hint: say --config"],
    );
}

#[test]
fn common_options_stand_before_or_after_the_command() {
    for args in [["--color", "never", "check"], ["check", "--color", "never"]] {
        fails(&args, 1, &["the current state is not given"]);
    }
}

#[test]
fn plan_files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::write(dir.join("text.json"), "CREATE TABLE t ()").unwrap();
    fs::write(dir.join("foreign.json"), r#"{"resource_changes": []}"#).unwrap();
    fs::write(dir.join("newer.json"), r#"{"format": 99}"#).unwrap();
    fs::write(dir.join("cut.json"), r#"{"format": 1, "tool_version": "0.1.0"}"#).unwrap();
    fs::write(dir.join("bytes.json"), b"\xff\xfe").unwrap();
    let cases = [
        ("missing.json", "missing.json can't be read"),
        ("text.json", "it is not JSON"),
        ("foreign.json", "not a plan"),
        ("newer.json", "its format is 99"),
        ("cut.json", "it is damaged: missing field"),
        ("bytes.json", "it is not JSON"),
    ];
    for (file, says) in cases {
        fails_in(dir, &["review", file], 1, &["error: ", says]);
        let args = ["apply", file, "--database", "postgres://localhost/never", "--yes"];
        fails_in(dir, &args, 1, &["error: ", says]);
    }
    fails_in(dir, &["review", "."], 1, &["can't be read"]);
}

#[test]
fn a_saved_plan_is_shown_in_three_forms() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.json"), PLAN).unwrap();
    let show = |args: &[&str]| {
        let mut all = vec!["review", "plan.json"];
        all.extend(args);
        ordain().run_in(folder.path(), &all).expect(0).stdout
    };
    let text = show(&[]);
    assert!(text.contains("  1. drop table public.t\n     DROP TABLE public.t;\n"), "{text}");
    assert!(text.contains("DELETES_DATA: step 1 — apply needs --allow DELETES_DATA"), "{text}");
    assert!(!text.contains('\x1b'), "colours without a terminal: {text}");
    assert!(show(&["--color", "always"]).contains('\x1b'));
    let sql = show(&["--format", "sql", "--lock-timeout", "250ms"]);
    assert!(sql.contains("SET LOCAL lock_timeout = '250ms';"), "{sql}");
    assert!(
        sql.contains("-- DELETES_DATA: its rows are gone\n")
            && sql.contains("\nDROP TABLE public.t;\n"),
        "{sql}"
    );
    let json: serde_json::Value = serde_json::from_str(&show(&["--format", "json"])).unwrap();
    assert_eq!(json, serde_json::from_str::<serde_json::Value>(PLAN).unwrap());
}

/// Refused before anything connects: the database of these runs does not exist.
#[test]
fn apply_asks_before_it_connects() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::write(dir.join("plan.json"), PLAN).unwrap();
    let apply = |more: &[&str], code, says: &[&str]| {
        let mut args = vec!["apply", "plan.json"];
        args.extend(more);
        let run = ordain().run_in(dir, &args).expect(code);
        for text in says {
            assert!(run.stderr.contains(text), "{text:?} is not in\n{}", run.told());
        }
        assert!(!run.told().replace(&run.command, "").contains("secret"), "{}", run.told());
    };
    let url = "postgres://u:secret@127.0.0.1:1/none";
    apply(&[], 1, &["the database is not given", "--database", "DATABASE_URL"]);
    apply(&["--database", url], 3, &["nobody allowed: DELETES_DATA", "--allow DELETES_DATA"]);
    apply(&["--database", url, "--yes"], 3, &["nobody allowed: DELETES_DATA"]);
    apply(&["--database", url, "--allow", "DELETES_DATA"], 3, &["no terminal", "--yes"]);
    apply(&["--database", url, "--allow", "all"], 3, &["no terminal"]);
    apply(
        &["--database", url, "--allow", "LOSES_DATA"],
        1,
        &["no hazard LOSES_DATA", "DELETES_DATA"],
    );
}

#[test]
fn settings_are_found_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let with = |text: &str| fs::write(dir.join("ordain.toml"), text).unwrap();

    with("form = 'empty:'\n");
    fails_in(
        dir,
        &["check"],
        1,
        &["error: the settings file ordain.toml is wrong", "unknown field `form`", "hint:"],
    );
    with("from = \n");
    fails_in(dir, &["check"], 1, &["ordain.toml is wrong", "line 1"]);
    with("to = 7\n");
    fails_in(dir, &["check"], 1, &["ordain.toml is wrong", "a string or a list of strings"]);
    with("lock-timeout = 'soon'\n");
    fails_in(dir, &["check"], 1, &["lock-timeout in the settings file", "write 500ms"]);
    // Found by itself: the first missing thing is now the other side.
    with("from = 'empty:'\n");
    fails_in(dir, &["check"], 1, &["the desired state is not given"]);
    // Another file by name, and one that is not there.
    fs::write(dir.join("other.toml"), "lock_timeout = '1s'\n").unwrap();
    fails_in(dir, &["check", "--settings", "other.toml"], 1, &["unknown field `lock_timeout`"]);
    fails_in(dir, &["check", "--settings", "none.toml"], 1, &["none.toml can't be read"]);
    // A flag wins.
    with("lock-timeout = '5s'\n");
    fs::write(dir.join("plan.json"), PLAN).unwrap();
    let args = ["review", "plan.json", "--format", "sql", "--lock-timeout", "0"];
    let sql = ordain().run_in(dir, &args).expect(0).stdout;
    assert!(!sql.contains("lock_timeout"), "{sql}");
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("lock-timeout"), "{shell}");
    }
    let page = run(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH ordain 1"), "{page}");
    assert!(run(&["man", "plan"]).expect(0).stdout.contains("exit"), "the page of one command");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut command = ordain().command(&["man", "plan"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

const PLAN: &str = r#"{
  "format": 1,
  "tool_version": "0.1.0",
  "server_version": 150018,
  "scope": {
    "schemas": [], "exclude": [], "only": null, "privileges": "none", "owners": "all"
  },
  "from_fingerprint": "0000000000000000000000000000000000000000000000000000000000000000",
  "to_fingerprint": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "groups": [
    {
      "steps": [
        {
          "id": 1,
          "verb": "drop",
          "object": "table public.t",
          "also": [],
          "sql": "DROP TABLE public.t",
          "hazards": [{ "kind": "DELETES_DATA", "detail": "its rows are gone" }],
          "lock": { "mode": "ACCESS_EXCLUSIVE", "on": "table public.t", "size": { "rows": 5, "bytes": 8192 } },
          "depends_on": [],
          "prechecks": [],
          "undo": { "irreversible": "the rows are gone" },
          "boundary": "transactional",
          "diff": null
        }
      ],
      "fingerprint": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "reason": null,
      "transactional": true
    }
  ],
  "notices": []
}
"#;
