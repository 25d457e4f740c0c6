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

/// The binaries of a major version, or the newest ones. `ORDAIN_PG_BIN` (folders as in PATH) is looked at first
/// and wins over others of the same version.
pub(crate) fn find(major: Option<u32>) -> Result<Binaries, ShadowError> {
    let mut best: Option<Binaries> = None;
    let mut seen = BTreeSet::new();
    for folder in candidates() {
        let Ok(folder) = fs::canonicalize(&folder) else { continue };
        if !seen.insert(folder.clone()) {
            continue;
        }
        let Some(found) = probe(&folder) else { continue };
        if major == Some(found.major) {
            return Ok(found);
        }
        if best.as_ref().is_none_or(|b| b.major < found.major) {
            best = Some(found);
        }
    }
    match (major, best) {
        (None, Some(best)) => Ok(best),
        _ => Err(ShadowError::NoBinaries {
            major,
            looked: "in ORDAIN_PG_BIN, PATH and the places that packages use".into(),
        }),
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for variable in ["ORDAIN_PG_BIN", "PATH"] {
        let Some(value) = env::var_os(variable) else { continue };
        for folder in env::split_paths(&value) {
            // A link to a program (Debian's pg_wrapper, a package manager's shim) leads to its neighbours.
            for program in ["initdb", "postgres", "pg_ctl"] {
                if let Ok(real) = fs::canonicalize(folder.join(program)) {
                    folders.extend(real.parent().map(Path::to_owned));
                }
            }
        }
    }
    for (place, last) in PLACES {
        let place = Path::new(place);
        let starred = place.to_str().and_then(|p| p.strip_suffix('*'));
        let listed = match starred {
            Some(_) => place.parent().unwrap_or(place),
            None => place,
        };
        folders.push(place.join(last));
        let prefix = starred.map(|p| p.rsplit('/').next().unwrap_or_default().to_owned());
        let mut versions: Vec<PathBuf> = fs::read_dir(listed)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
                match (&prefix, name) {
                    (Some(prefix), Some(name)) => name.starts_with(prefix.as_str()),
                    (None, Some(name)) => {
                        name.starts_with(|c: char| c.is_ascii_digit())
                            || name.starts_with("postgresql")
                    }
                    _ => false,
                }
            })
            .map(|path| path.join(last))
            .collect();
        versions.sort();
        folders.extend(versions);
    }
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
    for folder in candidates() {
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
