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
use ordain_review::alembic::{self, Back, Revision};
use ordain_review::{Palette, SqlOptions};

use crate::flags::Format;
use crate::session::Session;

/// A plan in one of its forms.
fn render(plan: &Plan, format: Format, session: &Session) -> String {
    match format {
        Format::Text => ordain_review::text(plan, &Palette::coloured()),
        Format::Sql => {
            ordain_review::sql(plan, &SqlOptions { lock_timeout: session.lock_timeout_sql() })
        }
        Format::Json => ordain_review::json(plan),
        Format::Alembic => alembic::revisions("Written by ordain.", &without_way_back(plan)),
        Format::AlembicJson => alembic::revisions_json(&without_way_back(plan)),
    }
}

/// A saved plan as revisions. It holds one direction alone.
fn without_way_back(plan: &Plan) -> Vec<Revision<'_>> {
    let last = plan.groups.len().saturating_sub(1);
    let revision = |(i, group): (usize, _)| Revision {
        group,
        more_follow: i < last,
        commit_first: None,
        back: Back::None("this was written from a saved plan, which holds no way back".to_owned()),
    };
    plan.groups.iter().enumerate().map(revision).collect()
}
