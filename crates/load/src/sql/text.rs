//! The texts that statements stand in, and places in them.

use std::sync::Arc;

use crate::SqlError;

/// A file, or the output of a command.
#[derive(Debug)]
pub(crate) struct Text {
    /// As messages name it.
    pub name: String,
    pub text: String,
}

impl Text {
    /// A message about the byte at `offset`.
    pub fn error(&self, offset: usize, message: impl Into<String>) -> SqlError {
        let (line, column) = place(&self.text, offset);
        let source_line = self.text.lines().nth(line - 1).unwrap_or_default().to_owned();
        SqlError {
            file: self.name.clone(),
            line,
            column,
            source_line,
            message: message.into(),
            notes: Vec::new(),
        }
    }

    /// `file:line`, for notices.
    pub fn line(&self, offset: usize) -> String {
        format!("{}:{}", self.name, place(&self.text, offset).0)
    }
}

/// Line and column (in characters) of a byte, both from 1.
pub(crate) fn place(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    (line, before[start..].chars().count() + 1)
}

/// A byte range of a text.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub text: Arc<Text>,
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn sql(&self) -> &str {
        &self.text.text[self.start..self.end]
    }

    pub fn error(&self, message: impl Into<String>) -> SqlError {
        self.text.error(self.start, message)
    }

    pub fn line(&self) -> String {
        self.text.line(self.start)
    }
}
