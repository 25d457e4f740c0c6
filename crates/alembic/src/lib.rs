//! An Alembic project on disk: its settings, the history of its revisions, and new files for it.
//!
//! Nothing of the project is run: settings, `env.py` and revisions are read as text. Knows no database and no
//! plan; what a revision does is given to it as Python.

mod assignments;
mod environment;
mod error;
mod file_name;
mod history;
mod ini;
mod percent;
mod project;
mod settings;
mod source;
mod template;
mod write;

pub use environment::Environment;
pub use error::ProjectError;
pub use history::{History, Script};
pub use project::Project;
pub use write::{NewFile, NewRevision, new_id, write};
