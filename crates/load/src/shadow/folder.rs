//! Folders for throw-away servers: where they are made, who owns them, and who removes them after a crash.

use std::{
    env,
    fs::{self, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, flock, statvfs},
    process::{Pid, Signal, geteuid, kill_process},
};

use crate::ShadowError;

/// Begins the name of every such folder.
const PREFIX: &str = "ordain-shadow-";
/// Room in memory below which the disk is used: a table takes about 60 kB.
const ROOM: u64 = 2 << 30;

/// The unprivileged user that the server runs as when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub uid: u32,
    pub gid: u32,
}

impl Owner {
    /// None when we are not root: the server then runs as we do. `nobody` comes first: it has no rights
    /// anywhere, while `postgres` may be trusted by a real server on this machine.
    pub fn needed() -> Result<Option<Self>, ShadowError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let find = |name: &str| {
            users.lines().find_map(|line| {
                let mut fields = line.split(':');
                let same = fields.next() == Some(name);
                let uid = fields.nth(1)?.parse().ok()?;
                let gid = fields.next()?.parse().ok()?;
                same.then_some(Self { uid, gid })
            })
        };
        find("nobody").or_else(|| find("postgres")).map(Some).ok_or(ShadowError::NoUser)
    }
}

/// A private folder that goes when this is dropped. While we live we hold a lock on a file in it; a folder whose
/// lock is free belongs to no one and is removed by whoever comes next.
#[derive(Debug)]
pub(crate) struct Folder {
    pub path: PathBuf,
    pub owner: Option<Owner>,
    _lock: File,
}

impl Folder {
    pub fn new() -> Result<Self, ShadowError> {
        let owner = Owner::needed()?;
        let base = base();
        sweep(&base);
        let path = base.join(format!("{PREFIX}{}", random_hex(6)?));
        let what = format!("making {}", path.display());
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(ShadowError::io(&what))?;
        let mut lock = File::create(path.join("lock")).map_err(ShadowError::io(&what))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|e| ShadowError::io(&what)(e.into()))?;
        // For people who wonder whose it is.
        writeln!(lock, "{}", std::process::id()).map_err(ShadowError::io(&what))?;
        let folder = Self { path, owner, _lock: lock };
        folder.give(&folder.path)?;
        Ok(folder)
    }

    /// Makes the server's user the owner of one file or folder in here.
    pub fn give(&self, path: &Path) -> Result<(), ShadowError> {
        let Some(Owner { uid, gid }) = self.owner else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(uid), Some(gid))
            .map_err(ShadowError::io(format!("giving away {}", path.display())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The server's supervisor removes it too; whoever is second finds nothing.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Memory where there is room for it, else the folder for temporary files. Short: a socket's path ends at 107 bytes.
fn base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let room = statvfs(memory).map(|s| s.f_bavail * s.f_frsize).unwrap_or_default();
    let writable = rustix::fs::access(memory, rustix::fs::Access::WRITE_OK).is_ok();
    if room >= ROOM && writable {
        return memory.to_owned();
    }
    let named = env::temp_dir();
    if named.as_os_str().len() < 60 { named } else { "/tmp".into() }
}

/// Removes what a crash left behind.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let path = entry.path();
        let abandoned = match File::open(path.join("lock")) {
            Ok(lock) => flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
            // Made and not yet locked, or half removed.
            Err(_) => entry
                .metadata()
                .and_then(|m| m.modified())
                .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > Duration::from_secs(60))),
        };
        if abandoned {
            stop_orphan(&path.join("data"));
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Stops the server of an abandoned data folder, if that is what runs under the recorded number.
fn stop_orphan(data: &Path) {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return };
    let Some(pid) = text.lines().next().and_then(|l| l.trim().parse::<i32>().ok()) else { return };
    // A server's current folder is its data folder.
    let same = match (fs::metadata(format!("/proc/{pid}/cwd")), fs::metadata(data)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    };
    if let (true, Some(pid)) = (same, Pid::from_raw(pid)) {
        let _ = kill_process(pid, Signal::QUIT);
    }
}

/// From the system's generator; `bytes` of them.
pub(crate) fn random_hex(bytes: usize) -> Result<String, ShadowError> {
    use std::io::Read;
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom")
        .and_then(|mut f| f.read_exact(&mut buffer))
        .map_err(ShadowError::io("reading /dev/urandom"))?;
    Ok(buffer.iter().map(|b| format!("{b:02x}")).collect())
}
