//! `ordain inspect`: a source written out.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Exit;
use crate::error::Error;
use crate::flags::{InspectArgs, InspectFormat};
use crate::output::write_atomically;
use crate::session::Session;
use crate::stages::{self, for_the_rest};

pub fn run(args: &InspectArgs, session: &mut Session) -> Result<Exit, Error> {
    let loaded = for_the_rest(stages::inspect(session, &args.source)?);
    if args.format == InspectFormat::Json {
        let text = stages::snapshot(&loaded.catalog)?;
        return write_or_print(session, args.out.as_deref(), &text);
    }
    let plan = stages::plan_from_nothing(session, &loaded.catalog)?;
    let Some(folder) = &args.out else {
        return write_or_print(session, None, &ordain_review::script(&plan, &loaded.catalog));
    };
    let files = ordain_review::files(&plan, &loaded.catalog);
    if files.is_empty() {
        session.terminal.say("nothing is written: the source has no objects");
        return Ok(Exit::Done);
    }
    refuse_foreign_sql(folder, &files.iter().map(|f| f.path.as_str()).collect())?;
    for file in &files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|source| Error::Write { path: parent.to_owned(), source })?;
        }
        write_atomically(&path, &file.text)?;
    }
    session.terminal.say(&format!("{} files written to {}", files.len(), folder.display()));
    Ok(Exit::Done)
}

fn write_or_print(session: &mut Session, out: Option<&Path>, text: &str) -> Result<Exit, Error> {
    match out {
        Some(path) => {
            write_atomically(path, text)?;
            session.terminal.say(&format!("written to {}", path.display()));
        }
        None => session.terminal.raw(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

/// The folder is to be a source by itself: a file of an object that is gone would bring it back. Such files
/// are named, never deleted.
fn refuse_foreign_sql(folder: &Path, written: &BTreeSet<&str>) -> Result<(), Error> {
    let mut foreign = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(at) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&at) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|e| e == "sql") {
                let relative = path.strip_prefix(folder).unwrap_or(&path);
                let spelled: Vec<_> =
                    relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                if !written.contains(spelled.join("/").as_str()) {
                    foreign.push(path);
                }
            }
        }
    }
    foreign.sort();
    let Some(first) = foreign.first() else { return Ok(()) };
    Err(Error::usage(
        format!(
            "{} holds {} SQL files that this would not write, the first is {}",
            folder.display(),
            foreign.len(),
            first.display()
        ),
        "write into a new folder, or remove those files first: the folder is a source as a whole",
    ))
}
