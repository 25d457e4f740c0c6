//! The few colours of the reviews.

use std::fmt;

use anstyle::{AnsiColor, Style};
use ordain_model::{HazardKind, Verb};

/// A style for each thing that stands out. [`Palette::plain`] has none, so that the same code writes both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    pub heading: Style,
    pub added: Style,
    pub removed: Style,
    pub changed: Style,
    pub danger: Style,
    pub warning: Style,
    pub hint: Style,
    pub dim: Style,
}

impl Palette {
    pub fn plain() -> Self {
        Self::default()
    }

    pub fn coloured() -> Self {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        Self {
            heading: Style::new().bold(),
            added: colour(AnsiColor::Green),
            removed: colour(AnsiColor::Red),
            changed: colour(AnsiColor::Yellow),
            danger: colour(AnsiColor::Red).bold(),
            warning: colour(AnsiColor::Yellow),
            hint: colour(AnsiColor::Cyan),
            dim: Style::new().dimmed(),
        }
    }

    pub(crate) fn hazard(&self, kind: HazardKind) -> Style {
        match kind {
            HazardKind::DeletesData | HazardKind::LoosensAccess | HazardKind::Irreversible => {
                self.danger
            }
            _ => self.warning,
        }
    }

    pub(crate) fn verb(&self, verb: Verb) -> Style {
        match verb {
            Verb::Create => self.added,
            Verb::Drop => self.removed,
            Verb::Alter | Verb::Rename | Verb::Transfer => self.changed,
        }
    }
}

/// `text` in `style`; without escape sequences when the style is plain.
pub(crate) fn paint<'a>(style: Style, text: impl fmt::Display + 'a) -> impl fmt::Display + 'a {
    Painted { style, text }
}

struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}
