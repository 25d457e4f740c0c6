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

/// Every assignment at the top of a module: `a = "b"`, `a: str = "b"`, `a = ("b", "c")`, `a = c = None`,
/// `a, c = "b", None`. The last one of a name counts.
pub(crate) fn assignments(source: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for statement in statements(source) {
        let sides = split(&statement.tokens, '=');
        let [targets @ .., value] = &sides[..] else { continue };
        // "==" leaves nothing between its signs.
        if sides.iter().any(|side| side.is_empty()) {
            continue;
        }
        let computed = |value: &[Token]| literal(value).unwrap_or(Value::Computed(statement.line));
        for target in targets {
            if let [Token::Word(name)] | [Token::Word(name), Token::Symbol(':'), ..] = target {
                found.insert(name.clone(), computed(value));
                continue;
            }
            let names: Option<Vec<&String>> = items(target)
                .into_iter()
                .map(|item| if let [Token::Word(name)] = item { Some(name) } else { None })
                .collect();
            let Some(names) = names else { continue };
            let values = items(value);
            for (i, name) in names.iter().enumerate() {
                let value = values.get(i).filter(|_| values.len() == names.len());
                let value = value.map_or(Value::Computed(statement.line), |value| computed(value));
                found.insert((*name).clone(), value);
            }
        }
    }
    found
}

/// Cuts at a sign that stands outside of brackets.
fn split(tokens: &[Token], sign: char) -> Vec<&[Token]> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(' | '[' | '{') => depth += 1,
            Token::Symbol(')' | ']' | '}') => depth -= 1,
            Token::Symbol(c) if *c == sign && depth == 0 => {
                parts.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[from..]);
    parts
}

/// The items of a tuple, list or set, in brackets or without.
fn items(tokens: &[Token]) -> Vec<&[Token]> {
    let inner = match tokens {
        [Token::Symbol('(' | '[' | '{'), inner @ .., Token::Symbol(')' | ']' | '}')]
            if split(tokens, ',').len() == 1 =>
        {
            inner
        }
        other => other,
    };
    let mut all = split(inner, ',');
    // A comma may end the list.
    if all.last().is_some_and(|last| last.is_empty()) {
        all.pop();
    }
    all
}

fn literal(tokens: &[Token]) -> Option<Value> {
    if let [Token::Word(word)] = tokens {
        return (word == "None").then_some(Value::None);
    }
    let parts: Vec<String> = items(tokens).into_iter().map(text).collect::<Option<_>>()?;
    // Parentheses alone make no tuple.
    let is_list = tokens.contains(&Token::Symbol(','))
        || matches!(tokens.first(), Some(Token::Symbol('[' | '{')));
    match &parts[..] {
        [one] if !is_list => Some(Value::Text(one.clone())),
        _ => Some(Value::Texts(parts)),
    }
}

/// Strings beside each other are one.
fn text(tokens: &[Token]) -> Option<String> {
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
v, w = both()
(
    first, second
) = third = "o", None
x, y = "p", (
    "q", "r",
)
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
        assert_eq!(found["first"], Value::Text("o".into()));
        assert_eq!(found["second"], Value::None);
        assert_eq!(found["third"], Value::Computed(18));
        assert_eq!(found["y"], texts(&["q", "r"]));
        assert!(
            matches!(found["v"], Value::Computed(_)) && matches!(found["w"], Value::Computed(_))
        );
    }
}
