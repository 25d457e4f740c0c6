//! Data folders that initdb made, kept to be copied: initdb takes half a second, a copy a few milliseconds.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{
    LiveSide, ShadowError,
    shadow::{
        binaries::Binaries,
        folder::{Folder, random_hex},
    },
};

/// How the databases of a cluster spell text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    pub encoding: String,
    /// `c` libc, `i` ICU, `b` built in.
    pub provider: char,
    pub collate: String,
    pub ctype: String,
    /// The locale's name where the provider is not libc.
    pub name: Option<String>,
    pub rules: Option<String>,
}

impl Locale {
    pub fn plain() -> Self {
        Self {
            encoding: "UTF8".into(),
            provider: 'c',
            collate: "C".into(),
            ctype: "C".into(),
            name: None,
            rules: None,
        }
    }

    pub fn of(live: Option<&LiveSide>) -> Self {
        live.map_or_else(Self::plain, |live| live.locale.clone())
    }

    fn options(&self) -> Vec<String> {
        let mut options = vec![
            format!("--encoding={}", self.encoding),
            format!("--lc-collate={}", self.collate),
            format!("--lc-ctype={}", self.ctype),
        ];
        match (self.provider, &self.name) {
            ('i', Some(name)) => {
                options.push("--locale-provider=icu".into());
                options.push(format!("--icu-locale={name}"));
            }
            ('b', Some(name)) => {
                options.push("--locale-provider=builtin".into());
                options.push(format!("--builtin-locale={name}"));
            }
            _ => {}
        }
        if let Some(rules) = &self.rules {
            options.push(format!("--icu-rules={rules}"));
        }
        options
    }
}

/// The superuser of a cluster: a name that no file can guess.
#[derive(Clone)]
pub(crate) struct Login {
    pub role: String,
    pub password: String,
}

/// Fills `folder/data`, from the cache where it can. `notices` says when the locale could not be had.
pub(crate) fn data(
    folder: &Folder,
    binaries: &Binaries,
    locale: &Locale,
    cache: Option<&Path>,
    notices: &mut Vec<String>,
) -> Result<Login, ShadowError> {
    let target = folder.path.join("data");
    let kept = cache.map(|cache| place(binaries, locale, cache));
    if let Some(kept) = &kept
        && let Some(login) = login_of(kept)
    {
        if copy(&kept.join("data"), &target, folder).is_ok() {
            notices.extend(fs::read_to_string(kept.join("notice")).ok());
            return Ok(login);
        }
        let _ = fs::remove_dir_all(&target);
    }
    let login = Login { role: format!("su_{}", random_hex(8)?), password: random_hex(16)? };
    let mut notice = None;
    if let Err(error) = initdb(folder, binaries, locale, &login, &target) {
        let plain = Locale { encoding: locale.encoding.clone(), ..Locale::plain() };
        if *locale == plain {
            return Err(error);
        }
        let _ = fs::remove_dir_all(&target);
        initdb(folder, binaries, &plain, &login, &target)?;
        notice = Some(format!(
            "the live side's locale ({}) is not available on this machine: the shadow database uses C",
            locale.name.as_ref().unwrap_or(&locale.collate)
        ));
    }
    if let Some(kept) = kept {
        // Only a convenience: a cache that cannot be written must not stop anything.
        let _ = keep(&target, &kept, &login, notice.as_deref());
    }
    notices.extend(notice);
    Ok(login)
}

/// Throws a kept template away.
pub(crate) fn forget(binaries: &Binaries, locale: &Locale, cache: Option<&Path>) {
    if let Some(cache) = cache {
        let _ = fs::remove_dir_all(place(binaries, locale, cache));
    }
}

fn place(binaries: &Binaries, locale: &Locale, cache: &Path) -> PathBuf {
    cache.join("templates").join(key(binaries, locale))
}

fn key(binaries: &Binaries, locale: &Locale) -> String {
    let text = format!("2\n{}\n{}\n{locale:?}", binaries.folder.display(), binaries.version);
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

fn initdb(
    folder: &Folder,
    binaries: &Binaries,
    locale: &Locale,
    login: &Login,
    target: &Path,
) -> Result<(), ShadowError> {
    let secret = folder.path.join("secret");
    fs::write(&secret, &login.password).map_err(ShadowError::io("writing a password file"))?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))
        .map_err(ShadowError::io("writing a password file"))?;
    folder.give(&secret)?;
    let mut command = Command::new(binaries.folder.join("initdb"));
    command
        .args(["--no-sync", "--no-instructions", "--wal-segsize=1", "--no-locale"])
        .args(["--auth-local=password", "--auth-host=reject", "--lc-messages=C"])
        .arg(format!("--username={}", login.role))
        .arg(format!("--pwfile={}", secret.display()))
        .args(locale.options())
        .arg("-D")
        .arg(target)
        .current_dir(&folder.path)
        .env("LC_ALL", "C")
        .env_remove("PGDATA");
    if let Some(owner) = folder.owner {
        command.uid(owner.uid).gid(owner.gid);
    }
    let output = command.output().map_err(|error| {
        let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
        let who = folder.owner.filter(|_| denied).map_or(String::new(), |owner| {
            format!(
                " as user {}, who must be able to read {}",
                owner.uid,
                binaries.folder.display()
            )
        });
        ShadowError::io(format!("running initdb{who}"))(error)
    })?;
    let _ = fs::remove_file(&secret);
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        return Err(ShadowError::Program { program: "initdb".into(), message });
    }
    Ok(())
}

fn login_of(kept: &Path) -> Option<Login> {
    let text = fs::read_to_string(kept.join("login")).ok()?;
    let (role, password) = text.trim().split_once(' ')?;
    Some(Login { role: role.to_owned(), password: password.to_owned() })
}

/// Puts a fresh data folder into the cache, whole or not at all.
fn keep(data: &Path, kept: &Path, login: &Login, notice: Option<&str>) -> std::io::Result<()> {
    let parent = kept.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let staging = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
    tree(data, &staging.path().join("data"), &|_| Ok(()))?;
    let secret = staging.path().join("login");
    fs::write(&secret, format!("{} {}", login.role, login.password))?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
    if let Some(notice) = notice {
        fs::write(staging.path().join("notice"), notice)?;
    }
    let staging = staging.keep();
    if fs::rename(&staging, kept).is_err() {
        // Another process was first.
        fs::remove_dir_all(&staging)?;
    }
    prune(parent)
}

/// Templates are small and few; the oldest go.
fn prune(folder: &Path) -> std::io::Result<()> {
    const KEPT: usize = 8;
    let mut all: Vec<_> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    all.sort();
    for (_, path) in all.iter().rev().skip(KEPT) {
        fs::remove_dir_all(path)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, folder: &Folder) -> std::io::Result<()> {
    tree(from, to, &|path| folder.give(path).map_err(std::io::Error::other))
}

/// Copies a data folder without the databases that nobody connects to.
fn tree(
    from: &Path,
    to: &Path,
    made: &dyn Fn(&Path) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut left: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = left.pop() {
        fs::create_dir(&to)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o700))?;
        made(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                if !is_template_database(&entry.path()) {
                    left.push((entry.path(), target));
                }
            } else {
                fs::copy(entry.path(), &target)?;
                made(&target)?;
            }
        }
    }
    Ok(())
}

/// template1 (OID 1) and template0: never connected to, so their files are not missed. `postgres` has the
/// highest OID of the three, on every version.
fn is_template_database(path: &Path) -> bool {
    let number = |p: &Path| p.file_name()?.to_str()?.parse::<u32>().ok();
    let Some(parent) = path.parent().filter(|p| p.ends_with("base")) else { return false };
    let all = fs::read_dir(parent).into_iter().flatten().flatten();
    let highest = all.filter_map(|e| number(&e.path())).max();
    number(path).is_some() && number(path) != highest
}
