//! Cuts a script into statements as psql does, so that files that psql reads can be read.
//!
//! Works on bytes and keeps offsets, so that every later message can point into the file. What a statement
//! means is not known here, with one exception that psql shares: the rows after `COPY … FROM stdin`.
//! Manual: 4.1 Lexical Structure; psql, "Meta-Commands".

use std::ops::Range;

/// One piece of a script, in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// Without the semicolon, and without blanks and comments on either side.
    Statement(Range<usize>),
    /// A backslash command: its name, and the rest of its line.
    Meta { at: usize, name: String, rest: String },
    /// `-- ordain: …`: the offset of the dashes, and what follows the colon.
    Remark { at: usize, text: String },
    /// A quote or comment that is opened here and never closed.
    Unclosed { at: usize, what: &'static str },
}

/// Cuts `text` into pieces.
pub(crate) fn cut(text: &str) -> Vec<Piece> {
    let mut lexer = Lexer { bytes: text.as_bytes(), text, at: 0, pieces: Vec::new() };
    lexer.run();
    lexer.pieces
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    pieces: Vec<Piece>,
}

/// What is known of the statement under the cursor.
#[derive(Default)]
struct Open {
    start: Option<usize>,
    /// Behind the last byte that is neither blank nor comment.
    end: usize,
    parens: usize,
    /// Depth of BEGIN ATOMIC … END and CASE … END within one.
    blocks: usize,
    /// The first words outside of parentheses, in lower case.
    words: Vec<String>,
}

/// More words than this are never looked at.
const WORDS: usize = 24;

impl Open {
    fn touch(&mut self, from: usize, to: usize) {
        self.start.get_or_insert(from);
        self.end = to;
    }

    fn word(&mut self, word: &str) {
        let word = word.to_ascii_lowercase();
        if self.parens == 0 && self.creates_routine() {
            match word.as_str() {
                "begin" => self.blocks += 1,
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
        }
        if self.parens == 0 && self.words.len() < WORDS {
            self.words.push(word);
        }
    }

    fn creates_routine(&self) -> bool {
        let mut words = self.words.iter().map(String::as_str);
        if words.next() != Some("create") {
            return false;
        }
        let mut next = words.next();
        if next == Some("or") {
            words.next();
            next = words.next();
        }
        matches!(next, Some("function" | "procedure"))
    }

    /// Whether rows follow the semicolon.
    fn copies_in(&self) -> bool {
        self.words.first().is_some_and(|w| w == "copy")
            && self.words.windows(2).any(|w| w[0] == "from" && w[1] == "stdin")
    }
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut open = Open::default();
        while let Some(&byte) = self.bytes.get(self.at) {
            let from = self.at;
            match byte {
                b if b.is_ascii_whitespace() => self.at += 1,
                b'-' if self.looking_at("--") => self.line_comment(),
                b'/' if self.looking_at("/*") => self.block_comment(),
                b'\'' => self.quoted(&mut open, from, b'\'', self.escapes(from)),
                b'"' => self.quoted(&mut open, from, b'"', false),
                b'$' => self.dollar(&mut open, from),
                b'\\' => self.meta(&mut open),
                b';' if open.parens == 0 && open.blocks == 0 => {
                    self.at += 1;
                    self.close(&mut open);
                }
                b if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 => {
                    self.identifier();
                    open.touch(from, self.at);
                    open.word(&self.text[from..self.at]);
                }
                b => {
                    match b {
                        b'(' | b'[' => open.parens += 1,
                        b')' | b']' => open.parens = open.parens.saturating_sub(1),
                        _ => {}
                    }
                    self.at += 1;
                    if b.is_ascii_digit() {
                        self.identifier();
                    }
                    open.touch(from, self.at);
                }
            }
        }
        self.close(&mut open);
    }

    fn looking_at(&self, what: &str) -> bool {
        self.bytes[self.at..].starts_with(what.as_bytes())
    }

    /// Ends the statement before the cursor and skips the rows that belong to it.
    fn close(&mut self, open: &mut Open) {
        let open = std::mem::take(open);
        let Some(start) = open.start else { return };
        self.pieces.push(Piece::Statement(start..open.end));
        if open.copies_in() {
            self.line();
            while self.at < self.bytes.len() {
                let line = self.line();
                if self.text[line].trim_end() == "\\." {
                    break;
                }
            }
        }
    }

    /// Moves behind the end of the line; returns what was passed over.
    fn line(&mut self) -> Range<usize> {
        let from = self.at;
        let rest = &self.bytes[from..];
        let end = rest.iter().position(|&b| b == b'\n').map_or(self.bytes.len(), |n| from + n);
        self.at = (end + 1).min(self.bytes.len());
        from..end
    }

    fn identifier(&mut self) {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || *b >= 0x80;
        while self.bytes.get(self.at).is_some_and(is_part) {
            self.at += 1;
        }
    }

    fn line_comment(&mut self) {
        let at = self.at;
        let line = self.line();
        let comment = self.text[line].trim_start_matches('-').trim();
        if let Some(text) = comment.strip_prefix("ordain:") {
            self.pieces.push(Piece::Remark { at, text: text.trim().to_owned() });
        }
    }

    fn block_comment(&mut self) {
        let from = self.at;
        let mut depth = 0;
        while self.at < self.bytes.len() {
            if self.looking_at("/*") {
                depth += 1;
                self.at += 2;
            } else if self.looking_at("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.at += 1;
            }
        }
        self.pieces.push(Piece::Unclosed { at: from, what: "comment" });
    }

    /// Whether the quote at `at` opens an `E''` string.
    fn escapes(&self, at: usize) -> bool {
        let before = |n: usize| at.checked_sub(n).map(|i| self.bytes[i]);
        matches!(before(1), Some(b'e' | b'E'))
            && !before(2).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80)
    }

    fn quoted(&mut self, open: &mut Open, from: usize, quote: u8, escapes: bool) {
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' && escapes {
                self.at += 1;
            } else if byte == quote {
                // A doubled quote opens the next part at once, which comes to the same.
                open.touch(from, self.at);
                return;
            }
        }
        self.at = self.bytes.len();
        open.touch(from, self.at);
        let what = if quote == b'"' { "quoted identifier" } else { "string" };
        self.pieces.push(Piece::Unclosed { at: from, what });
    }

    fn dollar(&mut self, open: &mut Open, from: usize) {
        let rest = &self.bytes[from + 1..];
        let tag = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80))
            .filter(|&n| rest[n] == b'$' && !rest.first().is_some_and(u8::is_ascii_digit));
        let Some(length) = tag else {
            // A parameter ($1) or a stray sign.
            self.at += 1;
            open.touch(from, self.at);
            return;
        };
        let delimiter = &self.text[from..from + length + 2];
        let body = from + delimiter.len();
        match self.text[body..].find(delimiter) {
            Some(end) => {
                self.at = body + end + delimiter.len();
                open.touch(from, self.at);
            }
            None => {
                self.at = self.bytes.len();
                open.touch(from, self.at);
                self.pieces.push(Piece::Unclosed { at: from, what: "dollar-quoted string" });
            }
        }
    }

    /// A backslash command takes its line. What stands before it stays open, as in psql.
    fn meta(&mut self, _open: &mut Open) {
        let at = self.at;
        let line = self.line();
        let text = &self.text[line][1..];
        let end = text.find(|c: char| c.is_whitespace() || c == '\\').unwrap_or(text.len());
        self.pieces.push(Piece::Meta {
            at,
            name: text[..end].to_owned(),
            rest: text[end..].trim().to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> Vec<&str> {
        let statement = |piece| match piece {
            Piece::Statement(range) => Some(&text[range]),
            _ => None,
        };
        cut(text).into_iter().filter_map(statement).collect()
    }

    #[test]
    fn quotes_hide_semicolons() {
        for one in [
            "select ';'",
            "select E'\\';'",
            "select 'a\\'",
            "select ';;' ';'",
            "select \";\" from t",
            "select $$;$$",
            "select $a$ ; $$ ; $a$",
            "select 1 /* ; /* ; */ ; */ + 1",
            "create rule r as on insert to t do (select 1; select 2)",
            "create function f() returns int language sql begin atomic select case 1 when 1 then 2 end; select 1; end",
            "select U&'\\0441;'",
            "select $1",
        ] {
            assert_eq!(statements(&format!("{one};\nselect 2")), [one, "select 2"], "{one}");
        }
    }

    #[test]
    fn begin_outside_of_a_routine_is_a_word() {
        assert_eq!(statements("begin; select 1; end;"), ["begin", "select 1", "end"]);
        assert_eq!(
            statements("create table t (\"begin\" int, begin int); select 1"),
            ["create table t (\"begin\" int, begin int)", "select 1"]
        );
    }

    #[test]
    fn rows_are_skipped() {
        let text = "COPY public.t (a, b) FROM stdin;\n1\t;\n'\n\\.\n\nselect 1;";
        assert_eq!(statements(text), ["COPY public.t (a, b) FROM stdin", "select 1"]);
    }

    #[test]
    fn commands_and_remarks_are_seen() {
        let text = "\\ir 'a b.sql'\n-- ordain: renamed from x\ncreate table t (); -- other\n";
        assert_eq!(
            cut(text),
            [
                Piece::Meta { at: 0, name: "ir".into(), rest: "'a b.sql'".into() },
                Piece::Remark { at: 14, text: "renamed from x".into() },
                Piece::Statement(40..57),
            ]
        );
    }

    #[test]
    fn what_is_never_closed_is_told() {
        let text = "select 1;\nselect 'abc;\n";
        assert!(cut(text).contains(&Piece::Unclosed { at: 17, what: "string" }));
        assert!(cut("/* a").contains(&Piece::Unclosed { at: 0, what: "comment" }));
    }
}
