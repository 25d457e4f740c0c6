//! From paths to texts: folders are walked, `\i` and `\ir` are followed, other psql commands are judged.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    LoadError, SqlError,
    sql::{
        lex::{Piece, cut},
        text::{Span, Text, place},
    },
};

/// One file that the user named, or that a folder of theirs holds, with all that it includes.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Which of the sources it is from.
    pub source: usize,
    pub items: Vec<Item>,
}

/// What a unit holds, in the order in which psql would come across it.
#[derive(Debug)]
pub(crate) enum Item {
    Statement(Span),
    /// `-- ordain: …`
    Remark(Span, String),
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub units: Vec<Unit>,
    /// How many there are.
    pub sources: usize,
    /// What was read, in order: all that the outcome depends on.
    pub texts: Vec<Arc<Text>>,
    pub notices: Vec<String>,
    pub errors: Vec<SqlError>,
}

/// More than this is a file that includes itself.
const INCLUDES: usize = 50;

impl Texts {
    /// A file, or every `.sql` file of a folder in the order of their paths.
    pub fn add_path(&mut self, path: &Path) -> Result<(), LoadError> {
        let mut files = Vec::new();
        let io = |source| LoadError::File { path: path.into(), source };
        if fs::metadata(path).map_err(io)?.is_dir() {
            walk(path, &mut files)?;
            if files.is_empty() {
                return Err(LoadError::NoSql(path.into()));
            }
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        for file in files {
            let mut unit = Unit { source: self.sources, items: Vec::new() };
            self.read(&file, &mut unit, 0)?;
            self.units.push(unit);
        }
        self.sources += 1;
        Ok(())
    }

    /// SQL that came from elsewhere; `\i` is relative to the current folder.
    pub fn add_text(&mut self, name: &str, text: String) -> Result<(), LoadError> {
        let mut unit = Unit { source: self.sources, items: Vec::new() };
        self.cut(Path::new("."), Text { name: name.into(), text }, &mut unit, 0)?;
        self.units.push(unit);
        self.sources += 1;
        Ok(())
    }

    fn read(&mut self, path: &Path, unit: &mut Unit, depth: usize) -> Result<(), LoadError> {
        let bytes =
            fs::read(path).map_err(|source| LoadError::File { path: path.into(), source })?;
        let text = decode(path, bytes)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        self.cut(folder, Text { name: path.display().to_string(), text }, unit, depth)
    }

    fn cut(
        &mut self,
        folder: &Path,
        text: Text,
        unit: &mut Unit,
        depth: usize,
    ) -> Result<(), LoadError> {
        let text = Arc::new(text);
        self.texts.push(text.clone());
        let span = |start, end| Span { text: text.clone(), start, end };
        let mut unclosed = usize::MAX;
        for piece in cut(&text.text) {
            match piece {
                // All that follows an open quote is no statement.
                Piece::Statement(range) if range.contains(&unclosed) => {}
                Piece::Statement(range) => {
                    unit.items.push(Item::Statement(span(range.start, range.end)));
                }
                Piece::Remark { at, text } => unit.items.push(Item::Remark(span(at, at), text)),
                Piece::Unclosed { at, what } => {
                    unclosed = at;
                    self.errors.push(text.error(at, format!("this {what} is never closed")));
                }
                Piece::Meta { at, name, rest } => match name.as_str() {
                    "i" | "include" | "ir" | "include_relative" => {
                        let named = PathBuf::from(unquote(&rest));
                        let relative = name.ends_with('r') || name.ends_with("relative");
                        let path = if relative { folder.join(named) } else { named };
                        if depth >= INCLUDES {
                            let message = "files include each other without end";
                            self.errors.push(text.error(at, message));
                        } else if let Err(error) = self.read(&path, unit, depth + 1) {
                            match error {
                                LoadError::File { path, source } => self
                                    .errors
                                    .push(text.error(at, format!("{}: {source}", path.display()))),
                                other => return Err(other),
                            }
                        }
                    }
                    "connect" | "c" | "restrict" | "unrestrict" => {
                        self.notices.push(format!("{}: \\{name} was skipped", text.line(at)));
                    }
                    // `\.` without a COPY before it: the end of rows that a COPY with options began.
                    _ => {
                        let mut error =
                            text.error(at, format!("the psql command \\{name} cannot be run here"));
                        error
                            .notes
                            .push("only \\i, \\ir, \\connect and \\restrict are understood".into());
                        self.errors.push(error);
                    }
                },
            }
        }
        Ok(())
    }
}

/// UTF-8 with or without a byte order mark.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, LoadError> {
    let not_utf8 = |bytes: &[u8], at: usize| {
        let (line, column) = place(&String::from_utf8_lossy(&bytes[..at]), usize::MAX);
        LoadError::NotUtf8 { path: path.into(), line, column }
    };
    match String::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            Some(at) => Err(not_utf8(text.as_bytes(), at)),
            None => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(not_utf8(error.as_bytes(), at))
        }
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let io = |source| LoadError::File { path: folder.into(), source };
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sql")) {
            files.push(path);
        }
    }
    Ok(())
}

/// The argument of a psql command: bare, or in single quotes.
fn unquote(rest: &str) -> String {
    match rest.strip_prefix('\'') {
        Some(quoted) => {
            let end = quoted.rfind('\'').unwrap_or(quoted.len());
            quoted[..end].replace("''", "'")
        }
        None => rest.split_whitespace().next().unwrap_or_default().to_owned(),
    }
}
