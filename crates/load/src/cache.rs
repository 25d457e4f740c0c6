//! Results by content: the same files against the same kind of server are read once.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use crate::{Loaded, Request, Source, shadow, sql::files::Texts};

/// Where results and templates are kept: `ordain` in `XDG_CACHE_HOME` or `~/.cache`. None without a home.
pub fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(base.join("ordain"))
}

/// At most so many results, and so many bytes of them.
const ENTRIES: usize = 64;
const BYTES: u64 = 256 << 20;

/// Files that were read, and looked up in the cache, before they are asked for.
#[derive(Debug)]
pub struct Ahead(Mutex<Option<Known>>);

/// What [`Ahead`] holds: the files, the place of their result, and the result where the cache has it.
#[derive(Debug)]
pub(crate) struct Known {
    pub texts: Texts,
    pub entry: Entry,
    pub found: Option<Loaded>,
}

impl Ahead {
    /// What the cache has for the files that a request names, where it names nothing else. Looking it up takes a
    /// while where the schema is large, and needs no server.
    pub fn look(request: &Request) -> Option<Self> {
        let asked = !request.fresh && !request.sources.is_empty();
        let folder = request.cache.as_deref().filter(|_| asked)?;
        let mut texts = Texts::default();
        for source in request.sources {
            let Source::Sql(path) = source else { return None };
            // whoever asks in earnest hears what is wrong with it
            texts.add_path(path).ok()?;
        }
        let entry = Entry::new(folder, &texts, request);
        let found = entry.get();
        Some(Self(Mutex::new(Some(Known { texts, entry, found }))))
    }

    /// All of it, once: the request must name the same files, beside the same live side.
    pub(crate) fn take(&self) -> Option<Known> {
        self.0.lock().ok()?.take()
    }
}

/// The place of one result.
#[derive(Debug)]
pub(crate) struct Entry {
    file: PathBuf,
}

impl Entry {
    pub fn new(folder: &Path, texts: &Texts, request: &Request) -> Self {
        Self { file: folder.join("catalogs").join(format!("{}.json", key(texts, request))) }
    }

    pub fn get(&self) -> Option<Loaded> {
        let bytes = fs::read(&self.file).ok()?;
        let mut loaded: Loaded = serde_json::from_slice(&bytes).ok()?;
        loaded.cached = true;
        // The newest are kept.
        if let Ok(file) = fs::File::options().append(true).open(&self.file) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(loaded)
    }

    /// Only a convenience: a cache that cannot be written must not stop anything.
    pub fn put(&self, loaded: &Loaded) {
        let Some(folder) = self.file.parent() else { return };
        let Ok(bytes) = serde_json::to_vec(loaded) else { return };
        if fs::create_dir_all(folder).is_ok() && crate::snapshot::put(&self.file, &bytes).is_ok() {
            let _ = prune(folder);
        }
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
