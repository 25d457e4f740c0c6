//! Columns whose types SQLAlchemy spells as the server does.

use ordain_model::tokens::TokenKind;

use super::operation::Parser;
use super::python::literal;

/// What [`Column::is_postgresql`] needs.
pub(super) const POSTGRESQL: &str = "from sqlalchemy.dialects import postgresql";

pub(super) struct Column {
    name: String,
    class: String,
    default: Option<String>,
    nullable: bool,
    /// An integer that a primary key would make a serial one.
    serial: bool,
    pub is_postgresql: bool,
}

impl Column {
    /// `name type [NOT NULL] [DEFAULT expression]` to the end of the tokens.
    pub fn of(parser: &mut Parser) -> Option<Self> {
        let name = parser.name()?.to_owned();
        let ends = |word: &str| matches!(word, "not" | "default");
        let length = parser
            .tokens
            .iter()
            .position(|token| token.kind == TokenKind::Word && ends(&token.value))
            .unwrap_or(parser.tokens.len());
        let (first, last) = (parser.tokens.first()?, parser.tokens.get(length.checked_sub(1)?)?);
        let class = class(&parser.sql[first.start..last.end])?;
        parser.tokens = &parser.tokens[length..];
        let nullable = !parser.words(&["not", "null"]);
        let default = match parser.words(&["default"]) {
            true => {
                let (first, last) = (parser.tokens.first()?, parser.tokens.last()?);
                let text = &parser.sql[first.start..last.end];
                // Parts of a column that follow its default would be taken for a part of it.
                let words = ["generated", "collate", "constraint", "not", "check", "references"];
                let more = parser.tokens.iter().any(|token| words.iter().any(|w| token.is_word(w)));
                (!more && is_plain(text)).then(|| text.to_owned()).map(Some)?
            }
            false => parser.tokens.is_empty().then_some(None)?,
        };
        let is_postgresql = class.starts_with("postgresql.");
        let serial = ["sa.BigInteger()", "sa.Integer()", "sa.SmallInteger()"].contains(&&*class);
        Some(Self { name, class, default, nullable, serial, is_postgresql })
    }

    /// `sa.Column(…)`; within `op.create_table` a primary key must not make it a serial one.
    pub fn code(&self, in_table: bool) -> String {
        let mut parts = vec![literal(&self.name), self.class.clone()];
        if let Some(default) = &self.default {
            parts.push(format!("server_default=sa.text({})", literal(default)));
        }
        if in_table && self.serial {
            parts.push("autoincrement=False".to_owned());
        }
        parts.push(format!("nullable={}", if self.nullable { "True" } else { "False" }));
        format!("sa.Column({})", parts.join(", "))
    }
}

/// One line without what `text()` or a driver would read otherwise; casts are fine.
fn is_plain(expression: &str) -> bool {
    !expression.contains(['%', '\\', '\n', '\r', '\t'])
        && !expression.replace("::", "").contains(':')
}

/// The class that compiles to this type on every version from 1.4 on.
fn class(spelled: &str) -> Option<String> {
    let plain = match spelled {
        "bigint" => "sa.BigInteger()",
        "integer" => "sa.Integer()",
        "smallint" => "sa.SmallInteger()",
        "text" => "sa.Text()",
        "boolean" => "sa.Boolean()",
        "date" => "sa.Date()",
        "bytea" => "sa.LargeBinary()",
        "real" => "sa.REAL()",
        "numeric" => "sa.Numeric()",
        "character varying" => "sa.String()",
        "timestamp with time zone" => "sa.DateTime(timezone=True)",
        "timestamp without time zone" => "sa.DateTime()",
        "time without time zone" => "sa.Time()",
        "uuid" => "postgresql.UUID()",
        "json" => "postgresql.JSON()",
        "jsonb" => "postgresql.JSONB()",
        "double precision" => "postgresql.DOUBLE_PRECISION()",
        _ => return with_size(spelled),
    };
    Some(plain.to_owned())
}

fn with_size(spelled: &str) -> Option<String> {
    let (name, size) = spelled.strip_suffix(')')?.split_once('(')?;
    let numbers: Vec<u32> =
        size.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    match (name, &numbers[..]) {
        ("character varying", [n]) => Some(format!("sa.String(length={n})")),
        ("numeric", [p, s]) => Some(format!("sa.Numeric(precision={p}, scale={s})")),
        _ => None,
    }
}
