//! SQL files → statements, each with what the replay must know of it. Talks to no server.

pub(crate) mod blocks;
pub(crate) mod class;
pub(crate) mod files;
pub(crate) mod lex;
pub(crate) mod makes;
pub(crate) mod parse;
pub(crate) mod remarks;
pub(crate) mod roles;
pub(crate) mod script;
pub(crate) mod text;
mod twice;
