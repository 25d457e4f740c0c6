//! Sets the stage: a database, the role that runs the files, the roles that they mention.

use std::{collections::BTreeSet, path::Path};

use ordain_model::quote;

use crate::{
    LiveSide, LoadError, ShadowError,
    shadow::{
        Ground, Shadow, Stage, Warned, binaries, cluster::Cluster, folder::random_hex, quiet,
        scratch::Scratch, template::Locale, watched,
    },
};

/// The role that applies when no live side says who that is.
const APPLIER: &str = "ordain_applier";

/// What the stage must have.
pub(crate) struct Wanted<'a> {
    pub shadow: &'a Shadow,
    pub superuser: bool,
    pub live: Option<&'a LiveSide>,
    /// Roles that the files mention.
    pub roles: BTreeSet<&'a str>,
    pub cache: Option<&'a Path>,
}

pub(crate) fn set(wanted: &Wanted) -> Result<Stage, LoadError> {
    match wanted.shadow {
        Shadow::Auto => Ok(private(wanted)?),
        Shadow::Scratch => {
            let live = wanted.live.ok_or(ShadowError::NoLiveServer)?;
            borrowed(&live.url, wanted)
        }
        Shadow::Url(url) => borrowed(url, wanted),
    }
}

fn private(wanted: &Wanted) -> Result<Stage, ShadowError> {
    let binaries = binaries::find(wanted.live.map(LiveSide::major))?;
    let locale = Locale::of(wanted.live);
    let mut notices = Vec::new();
    let cluster = Cluster::start(&binaries, &locale, wanted.cache, &mut notices)?;
    let login = cluster.login.clone();
    let failed = ShadowError::server("preparing the shadow database");
    let mut engine = quiet(&cluster.config(&login.role, &login.password)).map_err(failed)?;

    let runner_role = wanted.live.map_or(APPLIER, |live| live.role.as_str()).to_owned();
    let password = random_hex(16)?;
    let runner = quote::ident(&runner_role);
    let mut sql = format!(
        "create role {runner} login nosuperuser nocreaterole nocreatedb noreplication nobypassrls \
         connection limit 2 password {};\nalter database postgres owner to {runner};\n",
        quote::literal(&password)
    );
    if binaries.major < 15 {
        // Before 15 the bootstrap superuser owns it, which on the live side is who set the database up.
        sql.push_str(&format!("alter schema public owner to {runner};\n"));
    }
    let live_roles = wanted.live.iter().flat_map(|live| live.roles.iter().map(String::as_str));
    let stubs: BTreeSet<&str> = wanted.roles.iter().copied().chain(live_roles).collect();
    for role in stubs.into_iter().filter(|r| *r != runner_role && may_stub(r)) {
        sql.push_str(&stub(role, &runner_role));
    }
    for (name, value) in wanted.live.iter().flat_map(|live| &live.settings) {
        sql.push_str(&default_setting("postgres", name, value));
    }
    // Event triggers of the files must not run in the superuser's session.
    sql.push_str("set session_replication_role = replica;\n");
    engine.batch_execute(&sql).map_err(ShadowError::server("preparing the shadow database"))?;
    for space in wanted.live.iter().flat_map(|live| &live.tablespaces) {
        tablespace(&cluster, space, &runner, &mut engine)?;
    }
    let warned = Warned::default();
    let runner = watched(&cluster.config(&runner_role, &password), &warned)
        .map_err(ShadowError::server("logging in as the role that runs the files"))?;
    Ok(Stage {
        engine: Some(engine),
        runner,
        warned,
        applier: vec![runner_role.clone(), login.role],
        runner_role,
        major: binaries.major,
        notices,
        stop: None,
        ground: Ground::Private(cluster),
    })
}

fn borrowed(url: &str, wanted: &Wanted) -> Result<Stage, LoadError> {
    let locale = wanted.live.map(|live| &live.locale);
    let prepare = |database: &str| {
        let live = wanted.live.iter().flat_map(|live| &live.settings);
        let mut sql: String =
            live.map(|(name, value)| default_setting(database, name, value)).collect();
        sql.push_str(&default_setting(database, "check_function_bodies", "off"));
        sql
    };
    let (scratch, mut runner) = Scratch::new(url, locale, wanted.superuser, &prepare)?;
    let failed = ShadowError::server("preparing the scratch database");
    let row = runner
        .query_one(
            "select session_user::text, current_setting('server_version_num')::int4 / 10000",
            &[],
        )
        .map_err(failed)?;
    let runner_role: String = row.get(0);
    let mut applier = vec![runner_role.clone()];
    applier.extend(wanted.live.map(|live| live.role.clone()).filter(|r| *r != runner_role));
    Ok(Stage {
        engine: None,
        runner,
        warned: Warned::default(),
        applier,
        runner_role,
        major: row.get::<_, i32>(1) as u32,
        notices: Vec::new(),
        stop: None,
        ground: Ground::Scratch(scratch),
    })
}

/// Names that the server keeps for itself cannot be made, and must not be given to the files.
pub(crate) fn may_stub(role: &str) -> bool {
    !role.starts_with("pg_") && !matches!(role, "public" | "none" | "")
}

/// A role without rights, that the files' role may act for.
pub(crate) fn stub(role: &str, runner: &str) -> String {
    let (role, runner) = (quote::ident(role), quote::ident(runner));
    format!("create role {role} nologin;\ngrant {role} to {runner};\n")
}

/// A new session of the database starts with it.
fn default_setting(database: &str, name: &str, value: &str) -> String {
    let name = quote::ident(&name.to_lowercase());
    // A list of names must not become one name.
    let value = if name == "search_path" {
        match value.trim() {
            "" => "''".to_owned(),
            list => list.to_owned(),
        }
    } else {
        quote::literal(value)
    };
    // What this server refuses (a locale it lacks, a value that came with a minor version) is left as it is.
    format!(
        "do $ordain$ begin execute {}; exception when others then null; end $ordain$;\n",
        quote::literal(&format!("alter database {database} set {name} to {value}"))
    )
}

pub(crate) fn tablespace(
    cluster: &Cluster,
    name: &str,
    runner: &str,
    engine: &mut postgres::Client,
) -> Result<(), ShadowError> {
    let path = cluster.folder.path.join(format!("space-{}", random_hex(4)?));
    std::fs::create_dir(&path).map_err(ShadowError::io("making a tablespace"))?;
    cluster.folder.give(&path)?;
    let sql = format!(
        "create tablespace {} owner {runner} location {}",
        quote::ident(name),
        quote::literal(&path.display().to_string())
    );
    engine.batch_execute(&sql).map_err(ShadowError::server("making a tablespace"))
}
