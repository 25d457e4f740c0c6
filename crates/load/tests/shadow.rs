//! The shadow server itself: like the live side, kept from sight, gone afterwards.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use common::{has, names};
use ordain_load::{Live, LoadError, Request, Shadow, Source, load, snapshot};
use ordain_tests::server::shared;

fn file(text: &str) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sql");
    fs::write(&path, text).unwrap();
    (folder, Source::Sql(path))
}

#[test]
fn the_second_load_starts_no_server() {
    let cache = tempfile::tempdir().unwrap();
    let (folder, source) = file(
        "create type a as enum ('x'); create view v as select 'x'::a; copy v from stdin;\n\\.\n",
    );
    let request = Request {
        sources: std::slice::from_ref(&source),
        cache: Some(cache.path().to_owned()),
        ..Request::default()
    };
    let first = load(&request).unwrap();
    let second = load(&request).unwrap();
    assert!(!first.cached && second.cached);
    assert_eq!(first.catalog, second.catalog);
    assert_eq!(first.notices, second.notices);
    assert!(!load(&Request { fresh: true, ..request.clone() }).unwrap().cached);
    // Whatever the outcome hangs on is part of the key: the texts first of all.
    fs::write(folder.path().join("a.sql"), "create type a as enum ('y');").unwrap();
    assert!(!load(&request).unwrap().cached);
    // A damaged entry is no entry.
    for entry in fs::read_dir(cache.path().join("catalogs")).unwrap() {
        fs::write(entry.unwrap().path(), "{").unwrap();
    }
    let again = load(&request).unwrap();
    assert!(!again.cached && has(&again, "label public.a.y"));
}

#[test]
fn a_damaged_template_is_made_anew() {
    let cache = tempfile::tempdir().unwrap();
    let (_folder, source) = file("create type a as enum ('x');");
    let request = Request {
        sources: std::slice::from_ref(&source),
        cache: Some(cache.path().to_owned()),
        fresh: true,
        ..Request::default()
    };
    load(&request).unwrap();
    let template = fs::read_dir(cache.path().join("templates")).unwrap().next().unwrap().unwrap();
    fs::write(template.path().join("data/postgresql.conf"), "nonsense\n").unwrap();
    load(&request).unwrap();
    assert_ne!(
        fs::read_to_string(template.path().join("data/postgresql.conf")).unwrap(),
        "nonsense\n"
    );
}

/// Folders of shadow servers that a process made.
fn folders_of(process: u32) -> Vec<PathBuf> {
    let bases = [Path::new("/dev/shm").to_owned(), std::env::temp_dir()];
    let entries = bases.iter().filter_map(|b| fs::read_dir(b).ok()).flatten().flatten();
    let mine = |path: &PathBuf| {
        path.file_name().unwrap().to_string_lossy().starts_with("ordain-shadow-")
            && fs::read_to_string(path.join("lock")).is_ok_and(|l| l.trim() == process.to_string())
    };
    entries.map(|e| e.path()).filter(mine).collect()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{what}");
}

/// Runs one ignored test of this file in a process of its own.
fn child(test: &str) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "a process for other tests to kill"]
fn sleeps_in_a_shadow() {
    common::sql("select pg_sleep(300);").unwrap();
}

#[test]
#[ignore = "a process for other tests to look at"]
fn loads_and_fails() {
    common::sql("create type a as enum ('x');").unwrap();
    common::sql("select nosuch();").unwrap_err();
    assert!(folders_of(std::process::id()).is_empty());
}

#[test]
fn nothing_is_left_behind() {
    let mut orderly = child("loads_and_fails");
    assert!(orderly.wait().unwrap().success());
    assert!(folders_of(orderly.id()).is_empty());
}

#[test]
fn a_killed_process_takes_its_server_along() {
    let mut killed = child("sleeps_in_a_shadow");
    until("no shadow was started", || !folders_of(killed.id()).is_empty());
    let folder = folders_of(killed.id()).remove(0);
    until("the server did not start", || folder.join("data/postmaster.pid").exists());
    let server = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let server = Path::new("/proc").join(server.lines().next().unwrap());
    killed.kill().unwrap();
    killed.wait().unwrap();
    until("the folder is still there", || !folder.exists());
    until("the server still runs", || !server.exists());
}

#[test]
fn an_abandoned_folder_is_swept_away() {
    let base = if Path::new("/dev/shm").exists() {
        Path::new("/dev/shm").to_owned()
    } else {
        std::env::temp_dir()
    };
    let abandoned = base.join("ordain-shadow-000000000000");
    fs::create_dir_all(&abandoned).unwrap();
    fs::write(abandoned.join("lock"), "").unwrap();
    common::sql("select 1").unwrap();
    assert!(!abandoned.exists());
}

#[test]
fn the_shadow_is_like_the_live_side() {
    let server = shared();
    server.admin("create role like_live login superuser; create role bystander; alter role like_live set datestyle = 'SQL, DMY'; alter role like_live set search_path = app, public");
    server.admin("create database like_live encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0");
    server.admin("alter database like_live set timezone = 'Asia/Tokyo'");
    let side = Live::open(&server.url_as("like_live", "like_live")).unwrap().side;
    let loaded = common::beside(
        &[(
            "a.sql",
            "do $$ begin
               assert current_user = 'like_live', current_user;
               assert current_setting('DateStyle') = 'SQL, DMY', current_setting('DateStyle');
               assert current_setting('TimeZone') = 'Asia/Tokyo', current_setting('TimeZone');
               assert current_setting('search_path') = 'app, public', current_setting('search_path');
               assert current_setting('server_encoding') = 'LATIN1', current_setting('server_encoding');
               assert exists (select from pg_roles where rolname = 'bystander' and not rolcanlogin);
               assert not (select rolsuper or rolcreaterole from pg_roles where rolname = current_user);
             end $$;
             create schema app;
             set timezone = utc;
             create type t as enum ('a');
             reset timezone;
             do $$ begin assert current_setting('TimeZone') = 'Asia/Tokyo'; end $$;
             discard all;
             do $$ begin assert current_setting('search_path') = 'app, public'; end $$;
             alter type t owner to like_live;
             create type u as enum ('a');
             alter type u owner to bystander;",
        )],
        Some(&side),
    )
    .unwrap();
    let all = names(&loaded);
    assert!(has(&loaded, "type app.t"), "{all:?}");
    // The role that applies is not spelled out, any other one is.
    assert!(!has(&loaded, "owner of type app.t") && has(&loaded, "owner of type app.u"), "{all:?}");
}

#[test]
fn a_locale_that_is_not_here_is_told() {
    let server = shared();
    server.admin("create database odd_locale");
    let url = server.url("odd_locale");
    let side = Live::open(&url).unwrap().side;
    let loaded = common::beside(&[("a.sql", "create type t as enum ('a');")], Some(&side)).unwrap();
    assert!(has(&loaded, "type public.t"));
}

#[test]
fn a_scratch_database_is_made_and_dropped() {
    let server = shared();
    server.admin("create role maker login createdb");
    server.admin("create database scratch_live owner maker");
    let url = server.url_as("maker", "scratch_live");
    let side = Live::open(&url).unwrap().side;
    let (_folder, source) = file(
        "create type t as enum ('a'); create table x (a t, b int default f()); create function f() returns int language sql as 'select 1';",
    );
    for shadow in [Shadow::Scratch, Shadow::Url(url.clone())] {
        let request = Request {
            sources: std::slice::from_ref(&source),
            beside: Some(&side),
            shadow,
            ..Request::default()
        };
        let loaded = load(&request).unwrap();
        assert!(has(&loaded, "type public.t"), "{:?}", names(&loaded));
        assert!(!names(&loaded).iter().any(|n| n.starts_with("owner ")), "{:?}", names(&loaded));
    }
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let left = client
        .query_one("select count(*) from pg_database where datname like 'ordain_scratch%'", &[])
        .unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
    let live = client.query_one("select count(*) from pg_class where relname = 'x'", &[]).unwrap();
    assert_eq!(live.get::<_, i64>(0), 0);

    // A superuser's rights are not lent without a word.
    let side = Live::open(&server.url("scratch_live")).unwrap().side;
    let request = Request {
        sources: std::slice::from_ref(&source),
        beside: Some(&side),
        shadow: Shadow::Scratch,
        ..Request::default()
    };
    let message = load(&request).unwrap_err().to_string();
    assert!(message.contains("--shadow-superuser"), "{message}");
    load(&Request { shadow_superuser: true, ..request }).unwrap();
}

#[test]
fn snapshots_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    let loaded = common::sql(
        "create type t as enum ('a'); create view v as select 'a'::t; -- ordain: renamed from w",
    )
    .unwrap();
    snapshot::write(&loaded.catalog, &path).unwrap();
    assert_eq!(snapshot::read(&path).unwrap(), loaded.catalog);
    let sources = [Source::Snapshot(path.clone())];
    let again = load(&Request { sources: &sources, ..Request::default() }).unwrap();
    assert_eq!(again.catalog, loaded.catalog);
    assert!(again.says_all_access);

    for (text, expected) in [
        ("{", "is not a snapshot"),
        ("{\"ordain_snapshot\": 99, \"catalog\": {}}", "format 99"),
        ("[]", "is not a snapshot"),
    ] {
        fs::write(&path, text).unwrap();
        let message = snapshot::read(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn sources_merge_and_conflicts_name_both() {
    let (_a, one) = file("create type a as enum ('x');");
    let (_b, two) = file("create view v as select 'x'::a, 'y'::c; create type b as enum ('y');");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    snapshot::write(&common::sql("create type a as enum ('z');").unwrap().catalog, &path).unwrap();
    let sources = [one.clone(), two, Source::Exec("echo 'create type c as enum ($$y$$);'".into())];
    let loaded = load(&Request { sources: &sources, ..Request::default() }).unwrap();
    assert!(
        has(&loaded, "type public.a")
            && has(&loaded, "type public.b")
            && has(&loaded, "type public.c")
    );

    let (_c, again) = file("create type a as enum ('x');");
    let message = load(&Request { sources: &[one.clone(), again], ..Request::default() })
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("already exists") && message.contains("defines it first"),
        "{message}"
    );
    let alike = "create or replace function f(int) returns int language sql as 'select 1'; create table if not exists t (a int);";
    let (_d, first) = file(alike);
    let (_e, same) = file(alike);
    load(&Request { sources: &[first.clone(), same], ..Request::default() }).unwrap();
    for other in [
        "create or replace function public.f(b int) returns int language sql as 'select 2';",
        "set search_path = public; create table if not exists public.t (a bigint);",
    ] {
        let (_f, second) = file(other);
        let message = load(&Request { sources: &[first.clone(), second], ..Request::default() })
            .unwrap_err()
            .to_string();
        assert!(message.contains("is made by another source too, and not alike"), "{message}");
    }
    let (_g, overload) =
        file("create or replace function f(text) returns int language sql as 'select 2';");
    load(&Request { sources: &[first, overload], ..Request::default() }).unwrap();

    let sources = [one.clone(), Source::Snapshot(path)];
    let error = load(&Request { sources: &sources, ..Request::default() }).unwrap_err();
    assert!(matches!(error, LoadError::Conflict { .. }), "{error}");
    assert!(error.to_string().contains("a.sql") && error.to_string().contains("s.json"), "{error}");
}

#[test]
fn commands_that_fail_are_told() {
    for (command, expected) in
        [("exit 3", "ended with exit code 3"), ("printf '\\377'", "not UTF-8")]
    {
        let sources = [Source::Exec(command.into())];
        let message =
            load(&Request { sources: &sources, ..Request::default() }).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}
