//! One file a command.

pub mod apply;
pub mod check;
pub mod completions;
pub mod diff;
pub mod inspect;
pub mod man;
pub mod plan;
pub mod review;
pub mod revision;

use ordain_model::Plan;
use ordain_review::{Palette, SqlOptions};

use crate::flags::Format;
use crate::session::Session;

/// A plan in one of its three forms.
fn render(plan: &Plan, format: Format, session: &Session) -> String {
    match format {
        Format::Text => ordain_review::text(plan, &Palette::coloured()),
        Format::Sql => {
            ordain_review::sql(plan, &SqlOptions { lock_timeout: session.lock_timeout_sql() })
        }
        Format::Json => ordain_review::json(plan),
    }
}
