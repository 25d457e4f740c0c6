//! What the server said to a statement, and whether waiting may cure it.

use postgres::error::{DbError, ErrorPosition, SqlState};

use crate::{SqlError, sql::script::Statement};

/// What the server said to a statement.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub code: SqlState,
    pub message: String,
    /// Byte offset into what was sent.
    pub offset: usize,
    pub notes: Vec<String>,
}

impl Failure {
    pub fn new(error: &DbError, sql: &str) -> Self {
        let position = match error.position() {
            Some(ErrorPosition::Original(at)) => *at as usize,
            _ => 1,
        };
        let offset = sql.char_indices().nth(position.saturating_sub(1)).map_or(0, |(i, _)| i);
        let mut notes: Vec<String> = Vec::new();
        notes.extend(error.detail().map(|d| format!("detail: {d}")));
        notes.extend(error.hint().map(|h| format!("hint: {h}")));
        if let Some(context) = error.where_() {
            notes.push(format!("in: {}", context.lines().next().unwrap_or_default()));
        }
        Self { code: error.code().clone(), message: error.message().to_owned(), offset, notes }
    }

    pub fn at(self, statement: &Statement) -> SqlError {
        let mut error = statement.span.text.error(statement.span.start + self.offset, self.message);
        error.notes = self.notes;
        error
    }

    /// Whether it may be cured by what other statements do.
    pub fn may_pass(&self) -> bool {
        const CURABLE: &[SqlState] = &[
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::UNDEFINED_OBJECT,
            SqlState::UNDEFINED_FUNCTION,
            SqlState::UNDEFINED_PARAMETER,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::UNDEFINED_PSTATEMENT,
            // A foreign key before the key it refers to, GROUP BY a key that is not there yet.
            SqlState::INVALID_FOREIGN_KEY,
            SqlState::GROUPING_ERROR,
            SqlState::INVALID_COLUMN_REFERENCE,
            // A label that is added later, or that was added a moment ago.
            SqlState::INVALID_TEXT_REPRESENTATION,
            SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE,
            // A cast that is made later.
            SqlState::CANNOT_COERCE,
            SqlState::DATATYPE_MISMATCH,
            // A shell type before its definition, an index that is not attached yet.
            SqlState::INVALID_OBJECT_DEFINITION,
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            SqlState::WRONG_OBJECT_TYPE,
            SqlState::INVALID_TABLE_DEFINITION,
        ];
        CURABLE.contains(&self.code)
    }

    pub fn is_missing(&self) -> bool {
        matches!(
            self.code,
            SqlState::UNDEFINED_TABLE
                | SqlState::UNDEFINED_COLUMN
                | SqlState::UNDEFINED_OBJECT
                | SqlState::UNDEFINED_FUNCTION
                | SqlState::INVALID_SCHEMA_NAME
        )
    }

    /// The last name of what is missing: `relation "s.t" does not exist` → t.
    pub fn missing_name(&self) -> Option<&str> {
        let path = self.missing_path()?;
        Some(path.rsplit('.').next().unwrap_or(path))
    }

    /// What is missing, with its schema if it was said: `relation "s.t" does not exist` → s.t.
    pub fn missing_path(&self) -> Option<&str> {
        let named = match self.message.split_once('"') {
            Some((_, rest)) => rest.split_once('"')?.0,
            None => {
                let (_, rest) = self.message.split_once(' ')?;
                rest.split_once('(').map_or(rest, |(name, _)| name)
            }
        };
        Some(named.split_whitespace().next()?.trim_end_matches("[]"))
    }
}
