//! Files in a folder of their own, loaded through a real shadow server.
#![allow(dead_code, clippy::unwrap_used)]

use std::{fs, path::Path};

use ordain_load::{LiveSide, LoadError, Loaded, Request, Source, load};
use ordain_model::{Kind, ObjectId};

/// Loads files given as (path, text), as one folder.
pub fn folder(files: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    beside(files, None)
}

pub fn beside(files: &[(&str, &str)], live: Option<&LiveSide>) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    of(folder.path(), live)
}

pub fn of(path: &Path, live: Option<&LiveSide>) -> Result<Loaded, LoadError> {
    load(&Request {
        sources: &[Source::Sql(path.to_owned())],
        beside: live,
        // Templates are shared by all tests; results are not kept.
        cache: Some(std::env::temp_dir().join("ordain-load-tests")),
        fresh: true,
        ..Request::default()
    })
}

pub fn sql(text: &str) -> Result<Loaded, LoadError> {
    folder(&[("a.sql", text)])
}

/// The message, without the folder that differs each time.
pub fn error(outcome: Result<Loaded, LoadError>) -> String {
    let text = outcome.expect_err("this must fail").to_string();
    text.lines()
        .map(|line| match line.split_once("/a.sql:") {
            Some((_, rest)) => format!("a.sql:{rest}\n"),
            None => format!("{line}\n"),
        })
        .collect()
}

pub fn names(loaded: &Loaded) -> Vec<String> {
    loaded.catalog.objects.keys().map(ToString::to_string).collect()
}

pub fn has(loaded: &Loaded, name: &str) -> bool {
    names(loaded).iter().any(|n| n == name)
}

pub fn schema(name: &str) -> ObjectId {
    ObjectId::global(Kind::Schema, name)
}
