//! What people and other programs read: a plan as text, SQL, JSON or Alembic revisions; drift as text; a catalog as SQL files.
//!
//! Knows how things look; knows no database, no planner and no terminal. Every text comes with a
//! [`Palette`]: plain for files, colours for terminals.

pub mod alembic;
mod changes;
mod diff;
mod files;
mod json;
mod numbers;
mod palette;
mod refusal;
mod sql;
mod summary;
mod text;
mod visible;

pub use changes::changes;
pub use files::{File, files, script};
pub use json::{ReadError, json, read};
pub use palette::Palette;
pub use refusal::refusals;
pub use sql::{SqlOptions, sql};
pub use summary::{Summary, must_be_allowed};
pub use text::text;
pub use visible::visible;
