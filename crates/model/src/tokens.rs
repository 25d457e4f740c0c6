//! SQL cut into tokens, as PostgreSQL's scanner does it (manual: 4.1 Lexical Structure;
//! `src/backend/parser/scan.l`).
//!
//! Good for SQL expressions, statements and the bodies of sql and plpgsql functions. Strings are read as under
//! `standard_conforming_strings = on`, which is how the server spells them. Never fails: what is left open
//! at the end of the text ends there.

// Long because one scanner with all forms of PostgreSQL's lexical structure.

use std::borrow::Cow;

use crate::quote;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// An identifier or key word without quotes; its value is folded to lower case.
    Word,
    /// A quoted identifier; its value is the name.
    Quoted,
    /// A string constant of any form (`'…'`, `E'…'`, `U&'…'`); its value is what it means.
    String,
    /// A dollar-quoted string; its value is what stands between the tags.
    Dollar,
    /// A bit string, `B'…'` or `X'…'`; its value is the digits.
    Bits,
    Number,
    /// `$1`.
    Parameter,
    /// One character of anything else.
    Symbol,
    /// `-- …` without the line's end, or `/* … */` with what is nested in it.
    Comment,
}

/// Text between `start` and `end` (bytes).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
    /// What it means, see [`TokenKind`]; the text itself where nothing else is said.
    pub value: Cow<'a, str>,
}

impl Token<'_> {
    pub fn is_identifier(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Quoted)
    }

    pub fn is_symbol(&self, symbol: char) -> bool {
        self.kind == TokenKind::Symbol && self.value.starts_with(symbol)
    }

    /// Whether it is this key word (in lower case), not a quoted name spelled like it.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.value == word
    }
}

/// All tokens in order, comments included, white space not.
pub fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut scanner = Scanner { text, at: 0 };
    std::iter::from_fn(|| scanner.next()).collect()
}

/// Identifiers joined by dots: `a`, `public.t`, `t.a`, `"S".t.a`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain<'a> {
    /// Unquoted, words folded to lower case. Never empty.
    pub parts: Vec<Cow<'a, str>>,
    pub start: usize,
    pub end: usize,
    /// A field of an expression: `(x).a`, `b[1].a`.
    pub field: bool,
    /// An opening parenthesis follows: most likely a function.
    pub called: bool,
}

/// All chains of identifiers outside strings and comments, key words included.
pub fn chains(text: &str) -> Vec<Chain<'_>> {
    let tokens: Vec<Token> =
        tokenize(text).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if !tokens[i].is_identifier() {
            i += 1;
            continue;
        }
        let first = i;
        let mut parts = vec![tokens[i].value.clone()];
        while i + 2 < tokens.len() && tokens[i + 1].is_symbol('.') && tokens[i + 2].is_identifier()
        {
            parts.push(tokens[i + 2].value.clone());
            i += 2;
        }
        let before = |n: usize| first.checked_sub(n).map(|at| &tokens[at]);
        found.push(Chain {
            parts,
            start: tokens[first].start,
            end: tokens[i].end,
            field: before(1).is_some_and(|token| token.is_symbol('.'))
                && before(2).is_some_and(|token| token.is_symbol(')') || token.is_symbol(']')),
            called: tokens.get(i + 1).is_some_and(|token| token.is_symbol('(')),
        });
        i += 1;
    }
    found
}

/// Where the parenthesis that opens at `open` is closed.
pub fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is_symbol('(') {
            depth += 1;
        } else if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// An expression in parentheses: itself where they are around all of it, as the server often puts them.
pub fn parenthesised(expression: &str) -> String {
    let tokens = tokenize(expression);
    let open = tokens.first().is_some_and(|token| token.is_symbol('('));
    if open && closing(&tokens, 0) == Some(tokens.len() - 1) {
        expression.to_owned()
    } else {
        format!("({expression})")
    }
}

/// The text with each chain of identifiers for which `new` has another spelling replaced by it. All else,
/// strings and comments included, stays as it is.
pub fn replace_identifiers(text: &str, new: &impl Fn(&Chain) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for chain in chains(text) {
        if let Some(replacement) = new(&chain) {
            out.push_str(&text[done..chain.start]);
            out.push_str(&replacement);
            done = chain.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// The text with each string constant for which `new` has another value replaced by it (not inside of
/// dollar-quoted strings).
pub fn replace_literals(text: &str, new: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for token in tokenize(text) {
        if token.kind == TokenKind::String
            && let Some(replacement) = new(&token.value)
        {
            out.push_str(&text[done..token.start]);
            out.push_str(&quote::literal(&replacement));
            done = token.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Whether a string literal in `sql` is `label`, or the text of an array, a row or a range with it inside.
pub fn mentions(sql: &str, label: &str) -> bool {
    may_say(sql, label)
        && literals(sql).into_iter().any(|literal| {
            literal == label || (literal.starts_with(['{', '(', '[']) && may_say(&literal, label))
        })
}

/// A quick look: false where a text surely says a name or a value nowhere, however it is quoted or escaped.
pub fn may_say(text: &str, value: &str) -> bool {
    value.split(['\'', '"', '\\']).all(|part| text.contains(part))
}

/// The values of all string constants, those inside of dollar-quoted strings included.
pub fn literals(text: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    collect_literals(text, 0, &mut found);
    found.into_iter()
}

/// Bodies nest: DO in a function in a script. Deeper than this nobody writes.
const DEEPEST: usize = 8;

fn collect_literals(text: &str, depth: usize, found: &mut Vec<String>) {
    for token in tokenize(text) {
        match token.kind {
            TokenKind::String => found.push(token.value.into_owned()),
            TokenKind::Dollar => {
                if depth < DEEPEST {
                    collect_literals(&token.value, depth + 1, found);
                }
                found.push(token.value.into_owned());
            }
            _ => {}
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<Token<'a>> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let start = self.at;
        let first = self.rest().chars().next()?;
        let (kind, value) = match first {
            '-' if self.rest().starts_with("--") => {
                let length = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
                (TokenKind::Comment, self.take(length))
            }
            '/' if self.rest().starts_with("/*") => (TokenKind::Comment, self.block_comment()),
            '\'' => (TokenKind::String, self.quoted('\'')),
            '"' => (TokenKind::Quoted, self.quoted('"')),
            '$' => self.dollar(),
            '0'..='9' => (TokenKind::Number, self.number()),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit())
                && !self.text[..start].ends_with('.') =>
            {
                (TokenKind::Number, self.number())
            }
            _ if starts_word(first) => self.prefixed().unwrap_or_else(|| {
                let end = self.rest().find(|c| !continues_word(c)).unwrap_or(self.rest().len());
                (TokenKind::Word, folded(self.take(end)))
            }),
            _ => (TokenKind::Symbol, self.take(first.len_utf8())),
        };
        Some(Token { kind, start, end: self.at, value })
    }

    fn take(&mut self, length: usize) -> Cow<'a, str> {
        let taken = &self.rest()[..length];
        self.at += length;
        Cow::Borrowed(taken)
    }

    fn block_comment(&mut self) -> Cow<'a, str> {
        let bytes = self.rest().as_bytes();
        let (mut depth, mut i) = (0, 0);
        while i < bytes.len() {
            match &bytes[i..] {
                [b'/', b'*', ..] => {
                    depth += 1;
                    i += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => i += 1,
            }
        }
        self.take(i)
    }

    /// A quoted name or a plain string: the quote is escaped by doubling alone.
    fn quoted(&mut self, quote: char) -> Cow<'a, str> {
        self.at += 1;
        let inside = self.rest();
        let mut from = 0;
        loop {
            let Some(found) = inside[from..].find(quote) else {
                self.at = self.text.len();
                return undoubled(inside, quote);
            };
            let end = from + found;
            if inside[end + 1..].starts_with(quote) {
                from = end + 2;
            } else {
                self.at += end + 1;
                return undoubled(&inside[..end], quote);
            }
        }
    }

    /// `E'…'`, `U&'…'`, `U&"…"`, `N'…'`, `B'…'`, `X'…'`.
    fn prefixed(&mut self) -> Option<(TokenKind, Cow<'a, str>)> {
        let mut chars = self.rest().chars();
        let first = chars.next()?.to_ascii_lowercase();
        let second = chars.next()?;
        match (first, second) {
            ('e', '\'') => {
                self.at += 1;
                Some((TokenKind::String, Cow::Owned(self.escaped())))
            }
            ('n', '\'') => {
                self.at += 1;
                Some((TokenKind::String, self.quoted('\'')))
            }
            ('b' | 'x', '\'') => {
                self.at += 1;
                Some((TokenKind::Bits, self.quoted('\'')))
            }
            ('u', '&') => {
                let (quote, kind) = match chars.next()? {
                    '\'' => ('\'', TokenKind::String),
                    '"' => ('"', TokenKind::Quoted),
                    _ => return None,
                };
                self.at += 2;
                Some((kind, Cow::Owned(unicode(&self.quoted(quote)))))
            }
            _ => None,
        }
    }

    /// The inside of `E'…'`, with the backslashes resolved.
    fn escaped(&mut self) -> String {
        self.at += 1;
        let mut value = Vec::new();
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\'' if bytes.get(self.at) == Some(&b'\'') => {
                    self.at += 1;
                    value.push(b'\'');
                }
                b'\'' => break,
                b'\\' => self.escape(&mut value),
                other => value.push(other),
            }
        }
        String::from_utf8_lossy(&value).into_owned()
    }

    fn escape(&mut self, value: &mut Vec<u8>) {
        let Some(c) = self.rest().chars().next() else { return };
        self.at += c.len_utf8();
        let plain = match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => return self.code(value, 16, 2, false),
            'u' => return self.code(value, 16, 4, true),
            'U' => return self.code(value, 16, 8, true),
            '0'..='7' => {
                self.at -= 1;
                return self.code(value, 8, 3, false);
            }
            other => other,
        };
        value.extend(plain.encode_utf8(&mut [0; 4]).bytes());
    }

    /// A number of at most `most` digits: a byte, or a character.
    fn code(&mut self, value: &mut Vec<u8>, radix: u32, most: usize, character: bool) {
        let digits: String =
            self.rest().chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        self.at += digits.len();
        let number = u32::from_str_radix(&digits, radix).unwrap_or_default();
        if character {
            let c = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            value.extend(c.encode_utf8(&mut [0; 4]).bytes());
        } else {
            value.push((number & 0xff) as u8);
        }
    }

    /// `$1`, or a dollar-quoted string, or a lone `$`.
    fn dollar(&mut self) -> (TokenKind, Cow<'a, str>) {
        let rest = self.rest();
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return (TokenKind::Parameter, self.take(1 + digits));
        }
        let name = rest[1..].find(|c: char| c == '$' || !continues_word(c));
        let Some(tag) =
            name.filter(|end| rest[1 + end..].starts_with('$')).map(|end| &rest[..end + 2])
        else {
            return (TokenKind::Symbol, self.take(1));
        };
        let inside = &rest[tag.len()..];
        let length = inside.find(tag).unwrap_or(inside.len());
        self.at += (tag.len() * 2 + length).min(rest.len());
        (TokenKind::Dollar, Cow::Borrowed(&inside[..length]))
    }

    fn number(&mut self) -> Cow<'a, str> {
        let bytes = self.rest().as_bytes();
        let mut end = 0;
        while let Some(&byte) = bytes.get(end) {
            let next = bytes.get(end + 1);
            let goes_on = match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
                // `1..10` is a range in plpgsql.
                b'.' => next != Some(&b'.') && !bytes[..end].contains(&b'.'),
                b'+' | b'-' => {
                    matches!(bytes.get(end.wrapping_sub(1)), Some(b'e' | b'E'))
                        && next.is_some_and(u8::is_ascii_digit)
                        && !bytes.starts_with(b"0x")
                }
                _ => false,
            };
            if !goes_on {
                break;
            }
            end += 1;
        }
        self.take(end)
    }
}

fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn continues_word(c: char) -> bool {
    starts_word(c) || c.is_ascii_digit() || c == '$'
}

/// The server folds ASCII alone in multi-byte encodings.
fn folded(word: Cow<'_, str>) -> Cow<'_, str> {
    if word.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        word
    }
}

fn undoubled(inside: &str, quote: char) -> Cow<'_, str> {
    if inside.contains(quote) {
        Cow::Owned(inside.replace(&format!("{quote}{quote}"), &quote.to_string()))
    } else {
        Cow::Borrowed(inside)
    }
}

/// The escapes of `U&`: `\XXXX`, `\+XXXXXX`, `\\`.
fn unicode(inside: &str) -> String {
    let mut out = String::new();
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (skip, length) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
        let code = rest
            .get(skip..skip + length)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) => {
                out.push(c);
                rest = &rest[skip + length..];
            }
            None => {
                out.push('\\');
                rest = rest.strip_prefix('\\').unwrap_or(rest);
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::TokenKind::{Bits, Comment, Dollar, Number, Parameter, Quoted, Word};
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, String)> {
        tokenize(text).into_iter().map(|t| (t.kind, t.value.into_owned())).collect()
    }

    #[test]
    fn every_kind_of_token_is_told_apart() {
        for (text, expected) in [
            ("Abc", (Word, "abc")),
            ("größe_Ä$1", (Word, "größe_Ä$1")),
            ("\"A \"\"b\"", (Quoted, "A \"b")),
            ("'it''s \\n'", (TokenKind::String, "it's \\n")),
            ("E'a\\'b\\n\\x41\\u00e4\\101'''", (TokenKind::String, "a'b\nAäA'")),
            ("U&'d\\0061t\\+000061'", (TokenKind::String, "data")),
            ("U&\"d\\0061t\"", (Quoted, "dat")),
            ("$$a 'b' $x$ c$$", (Dollar, "a 'b' $x$ c")),
            ("$t$a $$ b$t$", (Dollar, "a $$ b")),
            ("B'101'", (Bits, "101")),
            ("1.5e-3", (Number, "1.5e-3")),
            (".5", (Number, ".5")),
            ("$12", (Parameter, "$12")),
            ("-- x 'y'", (Comment, "-- x 'y'")),
            ("/* a /* b */ 'c */", (Comment, "/* a /* b */ 'c */")),
            ("'open", (TokenKind::String, "open")),
            ("$$open", (Dollar, "open")),
            ("/* open", (Comment, "/* open")),
        ] {
            assert_eq!(kinds(text), [(expected.0, expected.1.to_owned())], "{text}");
        }
    }

    #[test]
    fn positions_cover_the_text() {
        let text = "select  e'x', \"T\".a -- b\n, $1||$$é$$ from x..y, 1..2, a/b";
        let mut end = 0;
        for token in tokenize(text) {
            assert!(text[end..token.start].trim().is_empty());
            assert!(token.start < token.end);
            end = token.end;
        }
        assert_eq!(end, text.len());
    }

    #[test]
    fn chains_join_names_and_know_fields_and_calls() {
        let text = "public.F(x.\"A\" , (c).d) -- no.name\n for i in 1..n";
        let found: Vec<_> =
            chains(text).into_iter().map(|c| (c.parts.join("|"), c.field, c.called)).collect();
        assert_eq!(
            found,
            [
                ("public|f".into(), false, true),
                ("x|A".into(), false, false),
                ("c".to_owned(), false, false),
                ("d".into(), true, false),
                ("for".into(), false, false),
                ("i".into(), false, false),
                ("in".into(), false, false),
                ("n".into(), false, false),
            ]
        );
    }

    #[test]
    fn identifiers_are_replaced_and_strings_stay() {
        let text = "select public.a.x, 'public.a', \"a\" /* a */ from public . a";
        let new = replace_identifiers(text, &|chain| match &chain.parts[..] {
            [s, t] if s == "public" && t == "a" => Some("other.b".into()),
            [s, t, c] if s == "public" && t == "a" => Some(format!("other.b.{c}")),
            _ => None,
        });
        assert_eq!(new, "select other.b.x, 'public.a', \"a\" /* a */ from other.b");
    }

    #[test]
    fn parentheses_are_added_only_where_none_are() {
        for (text, expected) in [
            ("a > 0", "(a > 0)"),
            ("(a > 0)", "(a > 0)"),
            ("(a) > (b)", "((a) > (b))"),
            ("(a = ')')", "(a = ')')"),
        ] {
            assert_eq!(parenthesised(text), expected);
        }
    }

    #[test]
    fn quoted_labels_are_mentioned() {
        assert!(mentions("x = 'it''s'::public.e", "it's"));
        assert!(mentions("x = '{\"a\\\"b\"}'::public.e[]", "a\"b"));
        assert!(!mentions("x = 'its'::public.e", "it's"));
    }

    #[test]
    fn literals_are_found_in_bodies_too() {
        let text = "create function f() as $$ select 'a', E'b\\'', \"no\" -- 'c'\n$$; x = 'it''s'";
        let found: Vec<_> = literals(text).filter(|value| !value.contains("select")).collect();
        assert_eq!(found, ["a", "b'", "it's"]);
        let new = replace_literals("x = 'a' or y = E'a' or z = 'b'", &|value| {
            (value == "a").then(|| "it's".into())
        });
        assert_eq!(new, "x = 'it''s' or y = 'it''s' or z = 'b'");
    }

    #[test]
    fn no_text_makes_it_panic() {
        let pieces = [
            "'", "\"", "$", "$$", "$a$", "E'", "U&'", "\\", "\\u12", "--", "/*", "*/", "é", "1.",
            ".", "\n",
        ];
        let mut seed = 7_usize;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..6 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                text.push_str(pieces[(seed >> 33) % pieces.len()]);
            }
            let _ = literals(&text).count();
            let _ = chains(&text);
        }
    }
}
