//! PostgreSQL servers that are installed on this machine.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::ShadowError;

/// A folder with `initdb` and `postgres`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
    /// What `postgres --version` prints.
    pub version: String,
}

/// Where packages put the binaries; `*` is a version.
const PLACES: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", "bin"),
    ("/usr/lib/postgresql-*", "bin"),
    ("/usr/pgsql-*", "bin"),
    ("/usr/local/pgsql", "bin"),
    ("/usr/local/opt", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/opt/local/lib", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];

/// The binaries of a major version, or the newest ones. What `ORDAIN_PG_BIN` (folders as in PATH) points at wins
/// over all others that would do.
pub(crate) fn find(major: Option<u32>) -> Result<Binaries, ShadowError> {
    let (named, found) = candidates();
    best(named, major).or_else(|| best(found, major)).ok_or_else(|| ShadowError::NoBinaries {
        major,
        looked: "in ORDAIN_PG_BIN, PATH and the places that packages use".into(),
    })
}

fn best(folders: Vec<PathBuf>, major: Option<u32>) -> Option<Binaries> {
    let mut best: Option<Binaries> = None;
    let mut seen = BTreeSet::new();
    for folder in folders {
        let Ok(folder) = fs::canonicalize(&folder) else { continue };
        if !seen.insert(folder.clone()) {
            continue;
        }
        let Some(found) = probe(&folder) else { continue };
        if major == Some(found.major) {
            return Some(found);
        }
        if major.is_none() && best.as_ref().is_none_or(|b| b.major < found.major) {
            best = Some(found);
        }
    }
    best
}

/// Folders that `ORDAIN_PG_BIN` names, and all others; not all of them exist.
fn candidates() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut found = from_variable("PATH");
    for (place, last) in PLACES {
        found.extend(versions_of(Path::new(place), last));
    }
    (from_variable("ORDAIN_PG_BIN"), found)
}

fn from_variable(name: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in env::split_paths(&env::var_os(name).unwrap_or_default()) {
        // A link to a program (Debian's pg_wrapper, a package manager's shim) leads to its neighbours.
        for program in ["initdb", "postgres", "pg_ctl"] {
            if let Ok(real) = fs::canonicalize(folder.join(program)) {
                folders.extend(real.parent().map(Path::to_owned));
            }
        }
    }
    folders
}

/// `place/last`, and `place/VERSION/last` for every version there; a `*` at the end of the place stands for one.
fn versions_of(place: &Path, last: &str) -> Vec<PathBuf> {
    let prefix = place.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix('*'));
    let listed = if prefix.is_some() { place.parent().unwrap_or(place) } else { place };
    let is_version = |name: &str| match prefix {
        Some(prefix) => name.starts_with(prefix),
        None => {
            name.starts_with(|c: char| c.is_ascii_digit())
                || ["postgresql", "pgsql"].iter().any(|p| name.starts_with(p))
        }
    };
    let mut folders: Vec<PathBuf> = fs::read_dir(listed)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| is_version(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path().join(last))
        .collect();
    folders.push(place.join(last));
    folders.sort();
    folders
}

fn probe(folder: &Path) -> Option<Binaries> {
    if !folder.join("initdb").exists() {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version
        .split_whitespace()
        .find(|w| w.starts_with(|c: char| c.is_ascii_digit()))?
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()?;
    Some(Binaries { folder: folder.to_owned(), major, version })
}

/// Which server would be used, and which extensions it has: text that changes when either does.
///
/// Runs nothing: starting `postgres --version` for every folder would cost more than all else on a warm path.
pub(crate) fn state(major: Option<u32>) -> String {
    let mut text = format!("{major:?}\n");
    let mut seen = BTreeSet::new();
    let (named, found) = candidates();
    for folder in named.into_iter().chain(found) {
        let Ok(folder) = fs::canonicalize(&folder) else { continue };
        let Ok(server) = fs::metadata(folder.join("postgres")) else { continue };
        if !seen.insert(folder.clone()) {
            continue;
        }
        text.push_str(&format!(
            "{} {} {:?}\n",
            folder.display(),
            server.len(),
            server.modified().ok()
        ));
        for place in ["../share/extension", "../share/postgresql/extension"] {
            text.push_str(&modified(&folder.join(place)));
        }
        // Debian keeps them apart from the binaries.
        if let Some(version) = folder.parent().and_then(|p| p.file_name()) {
            let place = Path::new("/usr/share/postgresql").join(version).join("extension");
            text.push_str(&modified(&place));
        }
    }
    text
}

fn modified(folder: &Path) -> String {
    match fs::metadata(folder).and_then(|m| m.modified()) {
        Ok(time) => format!("{} {time:?}\n", folder.display()),
        Err(_) => String::new(),
    }
}
