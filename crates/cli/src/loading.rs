//! Sources, loaded: live databases, and whatever else beside them.

use std::io;
use std::time::Instant;

use ordain_load::{Ahead, Live, LiveSide, LoadError, Loaded, Source};
use ordain_model::Catalog;

use crate::cancel::{CANCELLED, cancelled, orderly};
use crate::error::Error;
use crate::session::Session;
use crate::stages::{redact, scope_of};

pub fn source(text: &str) -> Source {
    // Never fails: what is nothing else is a path.
    text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {})
}

/// Reads a live database; meanwhile the other side is looked for in the cache.
pub fn load_live(
    session: &mut Session,
    url: &str,
    name: &Source,
    others: &[Source],
) -> Result<(Loaded, LiveSide, Option<Ahead>), Error> {
    session.terminal.progress(&format!("reading {name}"));
    let began = Instant::now();
    let mut live = Live::open(url).map_err(Error::stage)?;
    let side = live.side.clone();
    let request = load_request(session, others, Some(&side), None)?;
    let (loaded, ahead) = std::thread::scope(|scope| {
        let ahead = scope.spawn(|| Ahead::look(&request));
        // compared with nothing it is only written out, and sizes are of the day
        let loaded = live.load(!others.is_empty());
        // a lookup that fails is made again where it is needed
        (loaded, ahead.join().ok().flatten())
    });
    let loaded = loaded.map_err(Error::stage)?;
    interrupted()?;
    told(session, &format!("read {name}"), &loaded, began);
    Ok((loaded, side, ahead))
}

/// What is to be loaded from `sources`, as the flags have it.
pub fn load_request<'a>(
    session: &Session,
    sources: &'a [Source],
    beside: Option<&'a LiveSide>,
    other: Option<&'a Catalog>,
) -> Result<ordain_load::Request<'a>, Error> {
    let shadow = session.options.shadow.as_deref().unwrap_or("auto");
    Ok(ordain_load::Request {
        sources,
        beside,
        shadow: shadow.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}),
        shadow_superuser: session.options.shadow_superuser,
        cache: ordain_load::default_cache(),
        fresh: !session.options.cache,
        stop: Some(&CANCELLED),
        models: ordain_load::ModelOptions {
            python: session.options.python.clone(),
            translate: session.options.translate_schema.clone(),
        },
        current: other,
        scope: scope_of(session, None, None, None)?,
        ahead: None,
    })
}

pub fn load_beside(
    session: &mut Session,
    sources: &[Source],
    beside: Option<&LiveSide>,
    other: Option<&Catalog>,
    ahead: Option<&Ahead>,
) -> Result<Loaded, Error> {
    let names: Vec<String> = sources.iter().map(Source::to_string).collect();
    session.terminal.progress(&format!("loading {}", names.join(" and ")));
    let began = Instant::now();
    let request = ordain_load::Request { ahead, ..load_request(session, sources, beside, other)? };
    let loaded = if request.shadow == ordain_load::Shadow::Auto {
        ordain_load::load(&request)
    } else {
        // A scratch database on somebody's server must be dropped again.
        orderly(|| ordain_load::load(&request))
    };
    let loaded = loaded.map_err(loading)?;
    interrupted()?;
    for notice in &loaded.notices {
        session.terminal.notice(notice);
    }
    let how = if loaded.cached { " (from the cache)" } else { "" };
    told(session, &format!("loaded {}{how}", names.join(" and ")), &loaded, began);
    Ok(loaded)
}

fn loading(error: LoadError) -> Error {
    match error {
        LoadError::Interrupted => Error::Interrupted,
        // Whoever misspells a source has most often misspelled a path.
        LoadError::File { path, source } if source.kind() == io::ErrorKind::NotFound => {
            let name = redact(&path.display().to_string());
            Error::usage(
                format!("there is no file or folder \"{name}\", and it is no other source either"),
                SOURCES,
            )
        }
        other => Error::stage(other),
    }
}

const SOURCES: &str = "a source is postgres://…, a .sql file, a folder of .sql files, a snapshot .json, \
                       exec:COMMAND, sqlalchemy:MODULE:NAME or empty:";

fn told(session: &mut Session, what: &str, loaded: &Loaded, began: Instant) {
    let (objects, seconds) = (loaded.catalog.objects.len(), began.elapsed().as_secs_f64());
    session.terminal.detail(&format!("{what}: {objects} objects, {seconds:.2} s"));
}

fn interrupted() -> Result<(), Error> {
    if cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
