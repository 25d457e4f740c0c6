//! Results by content: the same files against the same kind of server are read once.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use ordain_model::{Dependency, ObjectId, Strength};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Loaded, Request, shadow, sql::files::Texts};

/// Where results and templates are kept: `ordain` in `XDG_CACHE_HOME` or `~/.cache`. None without a home.
pub fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(base.join("ordain"))
}

/// At most so many results, and so many bytes of them.
const ENTRIES: usize = 64;
const BYTES: u64 = 256 << 20;

/// The place of one result.
pub(crate) struct Entry {
    file: PathBuf,
}

impl Entry {
    pub fn new(folder: &Path, texts: &Texts, request: &Request) -> Self {
        Self { file: folder.join("catalogs").join(format!("{}.json", key(texts, request))) }
    }

    pub fn get(&self) -> Option<Loaded> {
        let bytes = fs::read(&self.file).ok()?;
        let loaded = serde_json::from_slice::<Kept>(&bytes).ok()?.into_loaded()?;
        // The newest are kept.
        if let Ok(file) = fs::File::options().append(true).open(&self.file) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(loaded)
    }

    /// Only a convenience: a cache that cannot be written must not stop anything.
    pub fn put(&self, loaded: &Loaded) {
        let Some(folder) = self.file.parent() else { return };
        let Some(kept) = Kept::new(loaded) else { return };
        let Ok(bytes) = serde_json::to_vec(&kept) else { return };
        if fs::create_dir_all(folder).is_ok() && crate::snapshot::put(&self.file, &bytes).is_ok() {
            let _ = prune(folder);
        }
    }
}

/// A result as it is written. Edges are most of a catalog: they are kept as positions of their ends.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Without its edges.
    loaded: Loaded,
    /// User, used, whether it is hard; positions in the order of the objects.
    edges: Vec<(u32, u32, bool)>,
}

impl Kept {
    fn new(loaded: &Loaded) -> Option<Self> {
        let mut loaded = loaded.clone();
        let edges = std::mem::take(&mut loaded.catalog.edges);
        let place: HashMap<&ObjectId, u32> = loaded.catalog.objects.keys().zip(0..).collect();
        let at = |edge: &Dependency| {
            let (user, used) = (*place.get(&edge.user)?, *place.get(&edge.used)?);
            Some((user, used, edge.strength == Strength::Hard))
        };
        let edges = edges.iter().map(at).collect::<Option<_>>()?;
        Some(Self { loaded, edges })
    }

    fn into_loaded(self) -> Option<Loaded> {
        let Self { mut loaded, edges } = self;
        let ids: Vec<&ObjectId> = loaded.catalog.objects.keys().collect();
        let edge = |(user, used, hard): (u32, u32, bool)| {
            let end = |at: u32| Some((*ids.get(at as usize)?).clone());
            let strength = if hard { Strength::Hard } else { Strength::Soft };
            Some(Dependency { user: end(user)?, used: end(used)?, strength })
        };
        loaded.catalog.edges = edges.into_iter().map(edge).collect::<Option<_>>()?;
        loaded.cached = true;
        Some(loaded)
    }
}

/// Everything that the outcome depends on.
fn key(texts: &Texts, request: &Request) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(env!("CARGO_PKG_VERSION"));
    part(&build());
    for text in &texts.texts {
        part(&text.name);
        part(&text.text);
    }
    part(&format!("{} {}", request.shadow, request.shadow_superuser));
    match request.beside {
        Some(live) => {
            part(&format!(
                "{} {} {:?} {:?}",
                live.server_version, live.role, live.locale, live.settings
            ));
            part(&format!("{:?} {:?}", live.roles, live.tablespaces));
        }
        None => part("no live side"),
    }
    // What is installed here decides what the shadow is; a look at the folders is cheap.
    part(&shadow::binaries::state(request.beside.map(|live| live.major())));
    hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Tells builds of one version apart: a catalog that another build read may be read differently by this one.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let stamp = file.and_then(|file| Ok((file.len(), file.modified()?)));
    stamp.map_or_else(|_| String::new(), |(size, time)| format!("{size} {time:?}"))
}

fn prune(folder: &Path) -> std::io::Result<()> {
    let mut all: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some((data.modified().ok()?, data.len(), entry.path()))
        })
        .collect();
    all.sort();
    let mut bytes = 0;
    for (count, (_, size, path)) in all.iter().rev().enumerate() {
        bytes += size;
        if count > 0 && (count >= ENTRIES || bytes > BYTES) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
