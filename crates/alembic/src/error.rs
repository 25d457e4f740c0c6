//! Why a project can't be read or written.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error(
        "there is no Alembic project here: neither alembic.ini nor [tool.alembic] in pyproject.toml"
    )]
    NoProject,
    #[error("{} can't be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} can't be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{}, {what}", path.display())]
    Settings { path: PathBuf, what: String },
    #[error("{} is no folder, and script_location says that the migrations are there", .0.display())]
    NoScripts(PathBuf),
    #[error(
        "the package of script_location = {0} was not found in prepend_sys_path, here, or in src"
    )]
    NoPackage(String),
    #[error("{}, line {line}: {what}", path.display())]
    Revision { path: PathBuf, line: usize, what: String },
    #[error("revision {id} is in {} and in {}", first.display(), second.display())]
    Twice { id: String, first: PathBuf, second: PathBuf },
    #[error("{} names revision {missing}, which is in no file", path.display())]
    Missing { path: PathBuf, missing: String },
    #[error("the revisions need each other in a circle: {0}")]
    Circle(String),
    #[error("the project has several heads: {}", .0.join(", "))]
    Heads(Vec<String>),
    #[error("{0} is no revision of this project")]
    NoSuchRevision(String),
    #[error("{0} is no head: other revisions come after it")]
    NoHead(String),
    #[error("several version_locations, and no revision yet that says which of them is meant")]
    WhichLocation,
    #[error("{} is not among the version_locations", .0.display())]
    OtherLocation(PathBuf),
    #[error("file_template = {template}: {what}")]
    FileTemplate { template: String, what: String },
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    #[error("timezone = {0} is unknown on this machine")]
    Timezone(String),
    #[error(
        "the project's environment migrates several databases (the functions of script.py.mako take engine_name)"
    )]
    Multidb,
}

impl ProjectError {
    /// What to do about it; empty where the message says all.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoProject => {
                "say --config path/to/alembic.ini, or make a project with `alembic init`"
            }
            Self::Heads(_) => {
                "say which one with --head REVISION, or join them first with `alembic merge heads`"
            }
            Self::WhichLocation | Self::OtherLocation(_) => {
                "say --version-path with one of the version_locations"
            }
            Self::Revision { .. } => {
                "ordain runs no code of the project, so these names must be plain literals"
            }
            Self::NoPackage(_) => "write script_location as a path: %(here)s/migrations",
            Self::Multidb => {
                "make a plan for each database, and put `ordain plan --format alembic` into the file"
            }
            _ => "",
        }
    }
}
