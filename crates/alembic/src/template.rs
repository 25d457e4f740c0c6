//! script.py.mako without Mako: the expressions that Alembic's own templates use.

use std::collections::BTreeMap;

/// What a template is filled with: names of Alembic's, values as Python or text.
pub(crate) struct Filling<'a> {
    pub message: &'a str,
    pub up_revision: &'a str,
    pub down_revision: Option<&'a str>,
    pub create_date: &'a str,
    pub imports: &'a str,
    pub upgrades: &'a str,
    pub downgrades: &'a str,
}

/// What Alembic writes, where the project has no template or one that needs Mako.
pub(crate) const PLAIN: &str = r#""""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

# revision identifiers, used by Alembic.
revision: str = ${repr(up_revision)}
down_revision: Union[str, Sequence[str], None] = ${repr(down_revision)}
branch_labels: Union[str, Sequence[str], None] = ${repr(branch_labels)}
depends_on: Union[str, Sequence[str], None] = ${repr(depends_on)}


def upgrade() -> None:
    """Upgrade schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Downgrade schema."""
    ${downgrades if downgrades else "pass"}
"#;

/// The file, or `None` where the template says more than these expressions.
pub(crate) fn filled(template: &str, filling: &Filling) -> Option<String> {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let down = filling.down_revision;
    // Calls of the body are indented already, and the place where they stand is, too.
    let upgrades = filling.upgrades.trim_start_matches(' ').trim_end();
    let downgrades = filling.downgrades.trim_start_matches(' ').trim_end();
    let values = BTreeMap::from([
        ("message", filling.message.to_owned()),
        ("up_revision", filling.up_revision.to_owned()),
        ("down_revision|comma,n", down.unwrap_or_default().to_owned()),
        ("down_revision", down.unwrap_or("None").to_owned()),
        ("create_date", filling.create_date.to_owned()),
        ("imports", filling.imports.to_owned()),
        ("repr(up_revision)", quoted(filling.up_revision)),
        ("repr(down_revision)", down.map_or("None".to_owned(), quoted)),
        ("repr(branch_labels)", "None".to_owned()),
        ("repr(depends_on)", "None".to_owned()),
        ("upgrades", upgrades.to_owned()),
        ("downgrades", downgrades.to_owned()),
    ]);
    let mut out = String::new();
    let lines = template.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("##"));
    let text: String = lines.collect();
    if text.contains("<%") || text.lines().any(|line| control(line.trim_start())) {
        return None;
    }
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        let (expression, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(values.get(bare(expression).as_str())?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// A control line of Mako: `%` and a word; `%%` is a percent sign, which Alembic's templates have no use for.
fn control(line: &str) -> bool {
    line.starts_with('%')
}

/// Without spaces; `x if x else "…"` is `x`, since neither function's body is ever empty.
fn bare(expression: &str) -> String {
    let expression = expression.split(" if ").next().unwrap_or_default();
    let squeezed: String = expression.chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.strip_suffix("|n").map(str::to_owned).unwrap_or(squeezed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling = Filling {
        message: "add it",
        up_revision: "b",
        down_revision: Some("a"),
        create_date: "2024",
        imports: "",
        upgrades: "    op.x()\n\n    op.y()\n",
        downgrades: "    op.z()\n",
    };

    #[test]
    fn alembics_own_template_is_filled() {
        let file = filled(PLAIN, &FILLING).expect("plain");
        assert!(file.starts_with("\"\"\"add it\n\nRevision ID: b\nRevises: a\n"), "{file}");
        assert!(
            file.contains("= 'a'\nbranch_labels: Union[str, Sequence[str], None] = None\n"),
            "{file}"
        );
        assert!(file.contains("schema.\"\"\"\n    op.x()\n\n    op.y()\n\n\ndef down"), "{file}");
        assert!(file.ends_with("    op.z()\n"), "{file}");
        let first = Filling { down_revision: None, ..FILLING };
        let file = filled(PLAIN, &first).expect("plain");
        assert!(file.contains("Revises: \n") && file.contains("None] = None\nbranch"), "{file}");
    }

    #[test]
    fn what_needs_mako_is_told() {
        for template in ["<%! import x %>", "% for x in y:\n${x}\n% endfor\n", "${config.x}"] {
            assert_eq!(filled(template, &FILLING), None, "{template}");
        }
        assert_eq!(
            filled("## gone\nhouse style ${message}", &FILLING).as_deref(),
            Some("house style add it")
        );
    }
}
