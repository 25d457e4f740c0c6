//! `sqlalchemy:package.module:attribute`: models, read by the project's own interpreter.
//!
//! A program of ours (`program/`) runs there. It imports the modules and writes the DDL that SQLAlchemy would send to
//! an empty PostgreSQL, with what DDL cannot say: where enums are spelled, what is used and made elsewhere.

mod python;
mod scope;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::LoadError;

pub(crate) use scope::only;

/// What the program is run with.
#[derive(Clone, Debug, Default)]
pub struct ModelOptions {
    /// `--python`; None to look for the project's.
    pub python: Option<PathBuf>,
    /// `--translate-schema`.
    pub translate: Vec<Translation>,
}

/// What models call a schema, and what it is called here; None is no schema at all.
pub type Translation = (Option<String>, Option<String>);

/// What models say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Models {
    /// Major and minor version of SQLAlchemy.
    pub sqlalchemy: (u32, u32),
    pub statements: Vec<String>,
    /// Schemas in which something is made; None is the default one.
    pub schemas: BTreeSet<Option<String>>,
    pub tables: Vec<Named>,
    /// Tables that are referred to and made by somebody else.
    pub elsewhere: Vec<Named>,
    /// `create_type=False`.
    pub types_elsewhere: Vec<Named>,
    pub enums: Vec<ModelEnum>,
    /// Words of further kinds of which the models say that nothing else of them may be there.
    pub kinds: Vec<String>,
    pub warnings: Vec<String>,
}

/// A name in a schema, or in the default one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    pub schema: Option<String>,
    pub name: String,
}

/// An enum as the models have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEnum {
    pub schema: Option<String>,
    pub name: String,
    pub labels: Vec<String>,
    /// (name, value) of the Python class behind it; empty without one.
    pub members: Vec<(String, String)>,
    /// The first column that uses it: `orders.status`.
    pub r#where: String,
    /// False with `create_type=False`.
    pub created: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Failed { error: String, advice: Vec<String>, said: String },
    Models(Box<Models>),
}

#[derive(Serialize)]
struct Wanted<'a> {
    specs: Vec<&'a str>,
    translate: &'a [Translation],
    /// Major and minor of the server that the DDL is for.
    version: [u32; 2],
}

const PROGRAM: &str = concat!(
    include_str!("program/start.py"),
    include_str!("program/drivers.py"),
    include_str!("program/targets.py"),
    include_str!("program/record.py"),
    include_str!("program/kinds.py"),
    include_str!("program/ddl.py"),
    include_str!("program/extras.py"),
    include_str!("program/main.py"),
);

/// Reads all of these sources (what follows `sqlalchemy:`, each one or several `module:attribute`, separated by
/// commas) at once, so that they may share metadata. `server_version` is `server_version_num`.
pub(crate) fn read(
    sources: &[&str],
    options: &ModelOptions,
    server_version: u32,
) -> Result<Models, LoadError> {
    let specs: Vec<&str> = sources
        .iter()
        .flat_map(|s| s.split(','))
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .collect();
    let name = format!("sqlalchemy:{}", specs.join(","));
    let version = [server_version / 10_000, server_version % 10_000];
    let wanted = Wanted { specs, translate: &options.translate, version };
    let wanted = serde_json::to_string(&wanted)
        .map_err(|e| LoadError::Models { name: name.clone(), message: e.to_string() })?;
    let interpreter = python::find(options.python.as_deref(), Path::new("."));
    let printed = python::run(&interpreter, PROGRAM, &wanted)
        .map_err(|message| LoadError::Models { name: name.clone(), message })?;
    match serde_json::from_slice(&printed) {
        Ok(Answer::Models(models)) => Ok(*models),
        Ok(Answer::Failed { error, advice, said }) => {
            let mut message = error;
            let said = said.trim_end();
            if !said.is_empty() {
                message.push_str(&format!("\nit printed before:\n{}", indented(said)));
            }
            for line in advice {
                message.push_str(&format!("\nhint: {line}"));
            }
            Err(LoadError::Models { name, message })
        }
        Err(_) => Err(LoadError::Models {
            name,
            message: format!(
                "{} ended without a result: the project may end the program when it is imported",
                interpreter.shown()
            ),
        }),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

impl Models {
    /// All statements as one text.
    pub(crate) fn sql(&self) -> String {
        let mut sql = self.statements.join(";\n\n");
        if !sql.is_empty() {
            sql.push_str(";\n");
        }
        sql
    }

    /// The error, with what to do where the server misses what the models use and do not make.
    pub(crate) fn explained(&self, error: LoadError) -> LoadError {
        let LoadError::Sql(mut errors) = error else { return error };
        let used: Vec<String> = self
            .elsewhere
            .iter()
            .chain(&self.types_elsewhere)
            .map(|named| match &named.schema {
                Some(schema) => format!("\"{schema}.{}\" does not exist", named.name),
                None => format!("\"{}\" does not exist", named.name),
            })
            .collect();
        for error in &mut errors {
            if used.iter().any(|missing| error.message.ends_with(missing)) {
                error.notes.push(
                    "hint: none of these models makes it: name the metadata that does as well (a second --to), \
                     or compare with a database that has it"
                        .to_owned(),
                );
            }
        }
        LoadError::Sql(errors)
    }
}
