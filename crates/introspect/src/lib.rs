//! database → [`Catalog`](ordain_model::Catalog). The only reader of PostgreSQL's system catalogs: OIDs end here.
//!
//! Knows how to connect, how to run every kind's query and how `pg_depend` becomes edges. Knows no SQL file,
//! no plan, and nothing about any single kind: what is read of one stands in that kind's own files.

mod address;
mod beside;
pub mod connect;
mod edges;
mod error;
mod read;
mod row;
mod template;
mod unmodelled;

pub use beside::Another;
pub use error::{ReadError, describe};
pub use read::{ReadOptions, read, read_with, read_within};
