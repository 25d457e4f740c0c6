//! What the tests share: throw-away PostgreSQL servers, the `ordain` binary, `pg_dump` as the referee, and
//! rows that must still be there afterwards.
//!
//! Nothing here is ever a mock. A failure panics with what a person needs to repeat it.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

pub mod case;
pub mod database;
pub mod dump;
pub mod generate;
pub mod ordain;
pub mod python;
pub mod rows;
pub mod server;
pub mod sqltext;
pub mod tools;

pub use case::{Case, Outcome};
pub use database::Database;
pub use ordain::{Ordain, Run};
pub use server::Server;
