//! Revisions as Alembic itself runs them: there, back and there again, online with each driver and offline.
#![allow(clippy::unwrap_used)]

mod literals;
mod models;
mod plugin;
mod project;
mod refusals;
mod settings;
mod ways;
