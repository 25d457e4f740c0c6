//! Any source → [`Catalog`]: live databases, SQL files (through a shadow database), snapshots.
//!
//! Knows files, psql's ways with them, and throw-away servers. Knows no system catalog (the introspector reads
//! them), no plan, and no terminal.

mod cache;
mod elsewhere;
mod error;
mod exec;
mod hints;
mod live;
mod merge;
mod models;
mod rehearsal;
mod replay;
mod shadow;
pub mod snapshot;
mod source;
mod sql;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use ordain_introspect::ReadOptions;
use ordain_model::{Catalog, Kind, ObjectId, Only, Scope, covered};
use serde::{Deserialize, Serialize};

pub use cache::{Ahead, default_folder as default_cache};
pub use error::{LoadError, ShadowError, SqlError};
pub use live::{Live, LiveSide};
pub use models::{ModelEnum, ModelOptions, Models, Named, Translation};
pub use rehearsal::Rehearsal;
pub use shadow::Shadow;
pub use source::Source;

use cache::{Entry, Known};
use elsewhere::Elsewhere;
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
    pub models: ModelOptions,
    /// The other side, from which is taken what lies outside of the scope and is used.
    pub current: Option<&'a Catalog>,
    /// What flags say of the scope.
    pub scope: Scope,
    /// The same sources, beside the same live side, as far as they were read already.
    pub ahead: Option<&'a Ahead>,
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
    /// What the source can speak of, where that is not everything.
    pub only: Option<Only>,
    /// What models say of their enums.
    pub enums: Vec<ModelEnum>,
    /// Where names without a schema are made.
    pub default_schema: String,
    /// Words of the kinds that files (not models) make.
    pub kinds_of_files: BTreeSet<String>,
    /// Whole objects that are there only because something uses them, taken from the other side.
    pub copied: BTreeSet<ObjectId>,
    /// How they were made; a cached result holds only while that is the same.
    pub copies: Vec<String>,
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
    let known = request.ahead.and_then(Ahead::take);
    let files_are_read = known.is_some();
    let (mut texts, looked) = match known {
        Some(Known { texts, entry, found }) => (texts, Some((entry, found))),
        None => (Texts::default(), None),
    };
    let models = models_of(request)?;
    if let Some((name, models)) = &models {
        texts.add_text(name, models.sql())?;
    }
    let first_other = texts.units.len();
    for source in request.sources {
        let part = match source {
            Source::Live(_) if request.sources.len() > 1 => return Err(LoadError::LiveMerged),
            Source::Live(_) => Live::open(source.connection().unwrap_or_default())?.load(true)?,
            Source::Snapshot(path) => Loaded::whole(snapshot::read(path)?),
            Source::Model(_) => continue,
            Source::Empty => Loaded::empty(),
            Source::Sql(_) if files_are_read => continue,
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
    let models = models.map(|(_, models)| models);
    let mut others: BTreeSet<String> = parts.iter().flat_map(|(_, part)| words(part)).collect();
    if !texts.units.is_empty() {
        let names: Vec<String> = request
            .sources
            .iter()
            .filter(|s| matches!(s, Source::Sql(_) | Source::Exec(_) | Source::Model(_)))
            .map(Source::to_string)
            .collect();
        let loaded = load_sql(texts, first_other, request, models.as_ref(), looked);
        let loaded = loaded.map_err(|error| match &models {
            Some(models) => models.explained(error),
            None => error,
        })?;
        others.extend(loaded.kinds_of_files.iter().cloned());
        parts.push((names.join(" and "), loaded));
    }
    let mut loaded = merge::merge(parts)?;
    if let Some(models) = models {
        let default = default_schema(request);
        loaded.only =
            Some(models::only(&models, default, &others, &loaded.catalog, &loaded.copied));
        loaded.notices.extend(models.warnings);
        loaded.enums = models.enums;
        default.clone_into(&mut loaded.default_schema);
    }
    Ok(loaded)
}

fn words(part: &Loaded) -> BTreeSet<String> {
    part.catalog.objects.keys().map(|id| id.kind().word().to_owned()).collect()
}

/// All model sources, read at once.
fn models_of(request: &Request) -> Result<Option<(String, Models)>, LoadError> {
    let specs: Vec<&str> = request.sources.iter().filter_map(Source::model).collect();
    if specs.is_empty() {
        return Ok(None);
    }
    let read = models::read(&specs, &request.models, server_version(request));
    // Ctrl-C stops the project's interpreter as well.
    if request.stop.is_some_and(|stop| stop.load(Ordering::SeqCst)) {
        return Err(LoadError::Interrupted);
    }
    let mut models = read?;
    // Names without a schema are made where they would be made on the other side.
    let default = default_schema(request);
    if models.schemas.contains(&None) && default != "public" {
        let schema = ordain_model::quote::ident(default);
        models.statements.insert(0, format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    }
    Ok(Some((format!("sqlalchemy:{}", specs.join(",")), models)))
}

fn default_schema<'a>(request: &Request<'a>) -> &'a str {
    request.beside.map_or("public", |live| live.default_schema.as_str())
}

/// Of the server that files are run on, as far as that is known before one is started.
fn server_version(request: &Request) -> u32 {
    let newest = || shadow::binaries::find(None).map_or(0, |found| found.major * 10_000);
    request.beside.map_or_else(newest, |live| live.server_version)
}

/// What may be copied from the other side: what flags or models leave out of the scope.
fn elsewhere<'a>(request: &'a Request, models: Option<&Models>) -> Option<Elsewhere<'a>> {
    let catalog = request.current?;
    let scope = &request.scope;
    let covers = covered(catalog, scope);
    let limited = !scope.schemas.is_empty() || !scope.exclude.is_empty();
    let may: Box<dyn Fn(&ObjectId) -> bool + 'a> = match models {
        None if !limited => return None,
        None => Box::new(move |id| !covers(id)),
        Some(models) => {
            let default = default_schema(request);
            let tables = models.tables_that_must_be_said(default);
            Box::new(move |id| (limited && !covers(id)) || !tables.covers(id))
        }
    };
    Some(Elsewhere { catalog, may })
}

/// All SQL goes through one shadow database, or comes from the cache. Units from `first_other` on are no models.
fn load_sql(
    texts: Texts,
    first_other: usize,
    request: &Request,
    models: Option<&Models>,
    looked: Option<(Entry, Option<Loaded>)>,
) -> Result<Loaded, LoadError> {
    let elsewhere = elsewhere(request, models);
    let look = |folder: &Path| {
        let entry = Entry::new(folder, &texts, request);
        let found = entry.get();
        (entry, found)
    };
    let kept = request.cache.as_deref().filter(|_| !request.fresh);
    let (cache, found) = looked.or_else(|| kept.map(look)).unzip();
    let unchanged = |found: &Loaded| match &elsewhere {
        Some(elsewhere) => elsewhere.statements(&found.copied) == found.copies,
        None => found.copied.is_empty(),
    };
    if let Some(found) = found.flatten().filter(unchanged) {
        return Ok(found);
    }
    let mut script = Script::new(texts).map_err(LoadError::Sql)?;
    if let Some(models) = models {
        script.implied = models.schemas.iter().flatten().cloned().collect();
        script.implied.insert(default_schema(request).to_owned());
    }
    let mut loaded = run_sql(&script, request, elsewhere.as_ref())?;
    loaded.kinds_of_files = script.kinds(first_other);
    if let Some(elsewhere) = &elsewhere {
        loaded.copies = elsewhere.statements(&loaded.copied);
    }
    if let Some(cache) = cache {
        cache.put(&loaded);
    }
    Ok(loaded)
}

fn run_sql(
    script: &Script,
    request: &Request,
    elsewhere: Option<&Elsewhere>,
) -> Result<Loaded, LoadError> {
    let mut stage = stage::set(&stage::Wanted {
        shadow: &request.shadow,
        superuser: request.shadow_superuser,
        live: request.beside,
        roles: script.mentions.all().collect(),
        cache: request.cache.as_deref(),
    })?;
    stage.stop = request.stop;
    let mut notices = script.notices.clone();
    notices.append(&mut stage.notices);
    let outcome = replay::replay(&mut stage, script, elsewhere)?;
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
        copied: outcome.copied,
        ..Loaded::default()
    })
}
