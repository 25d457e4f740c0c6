//! Any source → [`Catalog`]: live databases, SQL files (through a shadow database), snapshots.
//!
//! Knows files, psql's ways with them, and throw-away servers. Knows no system catalog (the introspector reads
//! them), no plan, and no terminal.

mod cache;
mod error;
mod exec;
mod hints;
mod live;
mod merge;
mod replay;
mod shadow;
pub mod snapshot;
mod source;
mod sql;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use ordain_introspect::ReadOptions;
use ordain_model::{Catalog, Kind, ObjectId};
use serde::{Deserialize, Serialize};

pub use cache::default_folder as default_cache;
pub use error::{LoadError, ShadowError, SqlError};
pub use live::{LiveSide, load_live};
pub use shadow::Shadow;
pub use source::Source;

use shadow::stage;
use sql::{files::Texts, script::Script};

/// What to load, and with what.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// One or more; several are merged.
    pub sources: &'a [Source],
    /// The live side that the sources will be compared with: the shadow is made like it.
    pub beside: Option<&'a LiveSide>,
    pub shadow: Shadow,
    /// Files may run as a superuser on a shadow server that is not ours.
    pub shadow_superuser: bool,
    /// Where templates of servers and results are kept; None keeps nothing.
    pub cache: Option<PathBuf>,
    /// Neither takes a result from the cache nor leaves one there.
    pub fresh: bool,
    /// Becomes true when the user wants to stop: no further statement runs, and the shadow is taken away.
    pub stop: Option<&'static AtomicBool>,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Loaded {
    pub catalog: Catalog,
    /// What was skipped, with file and line.
    pub notices: Vec<String>,
    /// Roles in GRANT, REVOKE, OWNER TO and ALTER DEFAULT PRIVILEGES; PUBLIC is `public`.
    pub roles_named: BTreeSet<String>,
    /// Whether the source says of everything who may use it (live, snapshot) or only of what it mentions (SQL).
    pub says_all_access: bool,
    /// Whether anything in it grants or revokes.
    pub says_privileges: bool,
    /// Whether anything in it names an owner.
    pub says_owners: bool,
    /// Words of the only kinds that the source can speak of; empty means all.
    pub only_kinds: Vec<String>,
    /// Whether it came from the cache; no server was started then.
    #[serde(skip)]
    pub cached: bool,
}

impl Loaded {
    /// A source that knows everything of a database.
    pub(crate) fn whole(catalog: Catalog) -> Self {
        Self {
            catalog,
            says_all_access: true,
            says_privileges: true,
            says_owners: true,
            ..Self::default()
        }
    }

    /// A database in which nothing was made yet.
    pub fn empty() -> Self {
        let public = ObjectId::global(Kind::Schema, "public");
        let mut catalog = Catalog::default();
        let schema = ordain_model::kinds::schema::Schema {};
        catalog.objects.insert(public, schema.into());
        Self { catalog, ..Self::default() }
    }
}

/// Loads and merges sources. A live database can only stand alone.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    let mut parts: Vec<(String, Loaded)> = Vec::new();
    let mut texts = Texts::default();
    for source in request.sources {
        let part = match source {
            Source::Live(_) if request.sources.len() > 1 => return Err(LoadError::LiveMerged),
            Source::Live(_) => load_live(source.connection().unwrap_or_default())?.0,
            Source::Snapshot(path) => Loaded::whole(snapshot::read(path)?),
            Source::Model(_) => return Err(LoadError::ModelUnsupported(source.to_string())),
            Source::Empty => Loaded::empty(),
            Source::Sql(path) => {
                texts.add_path(path)?;
                continue;
            }
            Source::Exec(command) => {
                texts.add_text(&source.to_string(), exec::run(command)?)?;
                continue;
            }
        };
        parts.push((source.to_string(), part));
    }
    if !texts.units.is_empty() {
        let names: Vec<String> = request
            .sources
            .iter()
            .filter(|s| matches!(s, Source::Sql(_) | Source::Exec(_)))
            .map(Source::to_string)
            .collect();
        parts.push((names.join(" and "), load_sql(texts, request)?));
    }
    merge::merge(parts)
}

/// All SQL goes through one shadow database, or comes from the cache.
fn load_sql(texts: Texts, request: &Request) -> Result<Loaded, LoadError> {
    let kept = request.cache.as_deref().filter(|_| !request.fresh);
    let cache = kept.map(|folder| cache::Entry::new(folder, &texts, request));
    if let Some(found) = cache.as_ref().and_then(cache::Entry::get) {
        return Ok(found);
    }
    let script = Script::new(texts).map_err(LoadError::Sql)?;
    let loaded = run_sql(&script, request, request.cache.as_deref())?;
    if let Some(cache) = cache {
        cache.put(&loaded);
    }
    Ok(loaded)
}

fn run_sql(script: &Script, request: &Request, cache: Option<&Path>) -> Result<Loaded, LoadError> {
    let mut stage = stage::set(&stage::Wanted {
        shadow: &request.shadow,
        superuser: request.shadow_superuser,
        live: request.beside,
        roles: script.mentions.all().collect(),
        cache,
    })?;
    stage.stop = request.stop;
    let mut notices = script.notices.clone();
    notices.append(&mut stage.notices);
    let outcome = replay::replay(&mut stage, script)?;
    notices.extend(outcome.notices);
    stage.analyze(script.statements.len());
    let options = ReadOptions { applier: stage.applier.clone(), sizes: false };
    let reader = stage.engine.as_mut().unwrap_or(&mut stage.runner);
    let mut catalog = ordain_introspect::read(reader, &options)
        .map_err(|source| LoadError::Read { what: "the shadow database".into(), source })?;
    catalog.hints =
        hints::hints(script, &catalog, &outcome.search_paths).map_err(LoadError::Sql)?;
    Ok(Loaded {
        catalog,
        notices,
        roles_named: script.mentions.managed.clone(),
        says_privileges: script.mentions.privileges,
        says_owners: script.mentions.owners,
        ..Loaded::default()
    })
}
