//! The names that a revision file gives values to, read without running it.

use std::collections::BTreeMap;

/// What a name is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    None,
    Text(String),
    Texts(Vec<String>),
    /// Something that only Python could tell; the number of its line.
    Computed(usize),
}

/// Every assignment at the top of a module: `a = "b"`, `a: str = "b"`, `a = ("b", "c")`, `a = None`.
/// The last one of a name counts.
pub(crate) fn assignments(source: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for statement in statements(source) {
        let [Token::Word(name), rest @ ..] = &statement.tokens[..] else { continue };
        let value = match rest {
            [Token::Symbol('='), value @ ..] => value,
            // An annotation has brackets, commas and strings, but no "=" outside of brackets.
            [Token::Symbol(':'), annotated @ ..] => {
                let Some(at) = equals_sign(annotated) else { continue };
                &annotated[at + 1..]
            }
            _ => continue,
        };
        if matches!(value.first(), Some(Token::Symbol('='))) {
            continue;
        }
        let value = literal(value).unwrap_or(Value::Computed(statement.line));
        found.insert(name.clone(), value);
    }
    found
}

fn equals_sign(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_i32;
    tokens.iter().position(|token| {
        match token {
            Token::Symbol('(' | '[' | '{') => depth += 1,
            Token::Symbol(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        depth == 0 && *token == Token::Symbol('=')
    })
}

fn literal(tokens: &[Token]) -> Option<Value> {
    let whole: Vec<&Token> = tokens.iter().collect();
    match &whole[..] {
        [Token::Word(word)] if word == "None" => Some(Value::None),
        [Token::Symbol('(' | '[' | '{'), inner @ .., Token::Symbol(')' | ']' | '}')] => {
            let comma = inner.contains(&&Token::Symbol(','));
            let parts: Vec<&[&Token]> =
                inner.split(|token| **token == Token::Symbol(',')).collect();
            let parts: Vec<String> = parts
                .iter()
                .filter(|part| !part.is_empty())
                .map(|part| text(part))
                .collect::<Option<_>>()?;
            match (&whole[0], comma, &parts[..]) {
                // Parentheses alone make no tuple.
                (Token::Symbol('('), false, [one]) => Some(Value::Text(one.clone())),
                _ => Some(Value::Texts(parts)),
            }
        }
        tokens if tokens.contains(&&Token::Symbol(',')) => {
            let parts = tokens.split(|token| **token == Token::Symbol(','));
            let parts = parts.filter(|part| !part.is_empty()).map(text).collect::<Option<_>>()?;
            Some(Value::Texts(parts))
        }
        tokens => text(tokens).map(Value::Text),
    }
}

/// Strings beside each other are one.
fn text(tokens: &[&Token]) -> Option<String> {
    let mut whole = String::new();
    for token in tokens {
        let Token::Text(part) = token else { return None };
        whole.push_str(part);
    }
    (!tokens.is_empty()).then_some(whole)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Symbol(char),
}

struct Statement {
    line: usize,
    tokens: Vec<Token>,
}

/// The logical lines that are not indented.
fn statements(source: &str) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut scanner = Scanner { rest: source.trim_start_matches('\u{feff}'), line: 1 };
    while !scanner.rest.is_empty() {
        let top = !scanner.rest.starts_with([' ', '\t']);
        let line = scanner.line;
        let tokens = scanner.logical_line();
        if top && !tokens.is_empty() {
            all.push(Statement { line, tokens });
        }
    }
    all
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl Scanner<'_> {
    fn logical_line(&mut self) -> Vec<Token> {
        let (mut tokens, mut depth) = (Vec::new(), 0_usize);
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\n' => {
                    self.skip(1);
                    if depth == 0 {
                        return tokens;
                    }
                }
                ';' if depth == 0 => {
                    self.skip(1);
                    return tokens;
                }
                '#' => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
                '\\' if self.rest[1..].starts_with('\n') => self.skip(2),
                '"' | '\'' => tokens.push(Token::Text(self.string(false))),
                c if c.is_alphabetic() || c == '_' => tokens.push(self.word()),
                c if c.is_whitespace() => self.skip(c.len_utf8()),
                c => {
                    depth = match c {
                        '(' | '[' | '{' => depth + 1,
                        ')' | ']' | '}' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    self.skip(c.len_utf8());
                    tokens.push(Token::Symbol(c));
                }
            }
        }
        tokens
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.rest[..bytes].matches('\n').count();
        self.rest = &self.rest[bytes..];
    }

    /// A name, or a string with a prefix.
    fn word(&mut self) -> Token {
        let end =
            self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let word = self.rest[..end].to_owned();
        self.skip(end);
        let prefix = word.to_lowercase();
        if self.rest.starts_with(['"', '\'']) && prefix.chars().all(|c| "rbuft".contains(c)) {
            let raw = prefix.contains('r');
            let text = self.string(raw);
            // A value that is put together when the file runs.
            return if prefix.contains('f') { Token::Word(word) } else { Token::Text(text) };
        }
        Token::Word(word)
    }

    fn string(&mut self, raw: bool) -> String {
        let quote = &self.rest[..1];
        let triple = quote.repeat(3);
        let close = if self.rest.starts_with(&triple) { triple } else { quote.to_owned() };
        self.skip(close.len());
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            if self.rest.starts_with(&close) {
                self.skip(close.len());
                break;
            }
            if close.len() == 1 && c == '\n' {
                break;
            }
            if c == '\\' {
                let next = self.rest[1..].chars().next();
                if raw || !matches!(next, Some('\\' | '"' | '\'' | '\n')) {
                    text.push('\\');
                }
                self.skip(1);
                match next {
                    Some('\n') if !raw => self.skip(1),
                    Some(next) => {
                        text.push(next);
                        self.skip(next.len_utf8());
                    }
                    None => {}
                }
                continue;
            }
            text.push(c);
            self.skip(c.len_utf8());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_python_would() {
        let source = r#""""A docstring

Revises: x
down_revision = "not this"
"""
from alembic import op
revision: str = 'a1'  # "comment"
down_revision: Union[str, Sequence[str], None] = (
    "b" "2",  # one
    r'c3',
)
branch_labels = None
depends_on = ["d4"]; x = 1
other: dict = dict(a=1)
bare = "e", "f"
alone = ("g")
def upgrade():
    revision = "inner"
    op.execute("""
revision = 'text'
""")
if revision == "z": pass
late = f"{revision}"
"#;
        let found = assignments(source);
        let texts = |list: &[&str]| Value::Texts(list.iter().map(|s| (*s).to_owned()).collect());
        assert_eq!(found["revision"], Value::Text("a1".into()));
        assert_eq!(found["down_revision"], texts(&["b2", "c3"]));
        assert_eq!(found["branch_labels"], Value::None);
        assert_eq!(found["bare"], texts(&["e", "f"]));
        assert_eq!(found["alone"], Value::Text("g".into()));
        assert!(matches!(found["other"], Value::Computed(14)), "{:?}", found["other"]);
        assert!(matches!(found["late"], Value::Computed(_)));
    }
}
