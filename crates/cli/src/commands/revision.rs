//! `ordain revision`.

use std::collections::BTreeSet;

use ordain_alembic::{History, NewFile, NewRevision, Project, ProjectError, new_id, write};
use ordain_model::{Plan, quote};
use ordain_review::alembic::{Code, Revision, code, docstring};

use crate::Exit;
use crate::commands::render;
use crate::error::Error;
use crate::flags::{Format, RevisionArgs};
use crate::legs::legs;
use crate::rehearsal::rehearse;
use crate::revisions::{Before, revisions};
use crate::session::Session;
use crate::stages;

pub fn run(args: &RevisionArgs, session: &mut Session) -> Result<Exit, Error> {
    let project = Project::open(args.config.as_deref(), &args.name).map_err(project_error)?;
    let history = project.history().map_err(project_error)?;
    let head = history.head(args.head.as_deref()).map_err(project_error)?;
    let folder = project.folder(head, args.version_path.as_deref()).map_err(project_error)?;
    let (from, to) = session.sides(&args.sides)?;
    let mut pair = stages::load(session, &from, &to)?;
    match pair.live_url() {
        Some(url) => at_head(url, &project, &history)?,
        None => session.terminal.notice(
            "the current state is no database: whether it is at the project's head was not checked",
        ),
    }
    let (schema, table) = version_table(&project);
    pair.leave_alone(schema, table);
    let stages = stages::stages(session, &pair)?;
    if let Err(refused) = stages::check_data(session, &pair, &stages.plan) {
        let text = render(&stages.plan, Format::Text, session);
        session.terminal.out(&text)?;
        return Err(refused);
    }
    notices(session, &project, &stages.plan);
    if stages.plan.groups.is_empty() {
        session
            .terminal
            .out("Nothing to do: the two sides are equal. No revision was written.\n")?;
        return Ok(Exit::Done);
    }
    let mut legs = legs(&pair, stages)?;
    if !args.no_rehearsal {
        rehearse(session, &pair, &mut legs);
    }
    let before = Before {
        scripts: head.map(|head| history.up_to(&head.id)).unwrap_or_default(),
        commits_each: project.environment.commits_each,
    };
    let revisions = revisions(&legs, &before);
    let ids = ids(args.rev_id.as_deref(), revisions.len(), &history)?;
    let mut down = head.map(|head| head.id.clone());
    let (mut files, mut own_template) = (Vec::new(), true);
    for (i, (revision, id)) in revisions.iter().zip(ids).enumerate() {
        let message = message(&args.message, revision, i, revisions.len());
        let Code { upgrade, downgrade, imports } = code(revision);
        let docstring = docstring(&message);
        let imports = imports.into_iter().collect::<Vec<_>>().join("\n");
        let new =
            NewRevision { id: id.clone(), down, message, docstring, imports, upgrade, downgrade };
        let (file, own) = project.file(&new, &folder).map_err(project_error)?;
        own_template &= own;
        files.push(file);
        down = Some(id);
    }
    if !own_template {
        session.terminal.notice(
            "script.py.mako says things that only Mako can tell; the revision is written as Alembic's own template has it",
        );
    }
    finish(args, session, &files, &revisions)
}

fn finish(
    args: &RevisionArgs,
    session: &mut Session,
    files: &[NewFile],
    revisions: &[Revision],
) -> Result<Exit, Error> {
    if !args.dry_run {
        write(files).map_err(project_error)?;
    }
    for file in files {
        if args.dry_run {
            session
                .terminal
                .raw(format!("# {}\n{}\n", file.path.display(), file.text).as_bytes())?;
        } else {
            session.terminal.out(&format!("{}\n", file.path.display()))?;
        }
    }
    if revisions.iter().any(|revision| revision.commit_first.is_some()) {
        session.terminal.notice(
            "env.py runs all revisions in one transaction, so the revision that uses a new label begins with COMMIT AND CHAIN; transaction_per_migration=True in context.configure() makes that needless, --atomic makes it one revision",
        );
    }
    for revision in revisions {
        if let ordain_review::alembic::Back::None(why) = &revision.back {
            session.terminal.notice(&format!("there is no way back: {why}"));
        }
    }
    Ok(Exit::Done)
}

/// What the writer should know beside the file.
fn notices(session: &mut Session, project: &Project, plan: &Plan) {
    for notice in &plan.notices {
        session.terminal.notice(notice);
    }
    let percent = plan.groups.iter().flat_map(|g| &g.steps).any(|step| step.sql.contains('%'));
    if percent && project.environment.doubles_percents {
        session.terminal.notice(
            "env.py does not say dialect_opts={\"paramstyle\": \"named\"}: `alembic upgrade --sql` will double every % of this revision",
        );
    }
    if project.has_hooks {
        session.terminal.notice("post_write_hooks are not run: ordain runs nothing of the project");
    }
}

/// A database that has not run all revisions differs by what they do, and would do it twice.
fn at_head(url: &str, project: &Project, history: &History) -> Result<(), Error> {
    let table = match version_table(project) {
        (Some(schema), table) => quote::qualified(schema, table),
        (None, table) => quote::ident(table),
    };
    let mut client = ordain_introspect::connect::connect(url).map_err(Error::stage)?;
    let there: bool = client
        .query_one("SELECT to_regclass($1) IS NOT NULL", &[&table])
        .map_err(Error::stage)?
        .get(0);
    let mut recorded = BTreeSet::new();
    if there {
        let rows =
            client.query(&format!("SELECT version_num FROM {table}"), &[]).map_err(Error::stage)?;
        recorded.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    let wanted = history.recorded();
    if recorded == wanted {
        return Ok(());
    }
    let names = |ids: &BTreeSet<String>| match ids.len() {
        0 => "no revision".to_owned(),
        _ => ids.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let unknown = recorded.iter().find(|id| !history.scripts.contains_key(*id));
    let hint = match unknown {
        Some(id) => format!("revision {id} is in no file of the project: is this its database?"),
        None => "run `alembic upgrade head` first, or `alembic stamp head` where the database has all of it".to_owned(),
    };
    Err(Error::NotAtHead { at: names(&recorded), head: names(&wanted), hint })
}

/// The table in which Alembic keeps the database's revision: its schema, where env.py says one, and its name.
fn version_table(project: &Project) -> (Option<&str>, &str) {
    let environment = &project.environment;
    let name = environment.version_table.as_deref().unwrap_or("alembic_version");
    (environment.version_table_schema.as_deref(), name)
}

/// One id a revision: the one that was asked for is the last one's.
fn ids(asked: Option<&str>, count: usize, history: &History) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    for i in 0..count {
        let last = i + 1 == count;
        let id = match asked {
            Some(id) if last => id.to_owned(),
            Some(id) => format!("{id}_{}", i + 1),
            None => new_id().map_err(Error::stage)?,
        };
        if history.scripts.contains_key(&id) || id.contains(['@', '-', '+', ':']) || id.is_empty() {
            return Err(Error::usage(
                format!("{id:?} can be no id of a new revision"),
                "an id is new and has none of @ - + :",
            ));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// What each of several revisions of one plan is called.
fn message(asked: &str, _revision: &Revision, index: usize, of: usize) -> String {
    match index + 1 == of {
        true => asked.to_owned(),
        false => format!("{asked}: new labels"),
    }
}

fn project_error(error: ProjectError) -> Error {
    let refused = matches!(error, ProjectError::Heads(_));
    Error::Stage {
        exit: if refused { Exit::Refused } else { Exit::Error },
        hints: Some(error.hint().to_owned()).filter(|hint| !hint.is_empty()).into_iter().collect(),
        source: error.into(),
    }
}
