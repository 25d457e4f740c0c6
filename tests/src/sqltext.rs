//! Just enough SQL lexing to cut a `pg_dump` file into statements and compare two of them.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    Space,
    Comment,
    /// Strings, dollar-quoted ones included, and quoted identifiers.
    Quoted,
    Word,
    Other,
}

/// The tokens of a text; put together again they are the text.
fn tokens(sql: &str) -> Vec<(Token, &str)> {
    let mut out = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            c if c.is_whitespace() => (Token::Space, run_of(rest, char::is_whitespace)),
            '-' if rest.starts_with("--") => {
                (Token::Comment, rest.find('\n').unwrap_or(rest.len()))
            }
            '/' if rest.starts_with("/*") => (Token::Comment, block_comment(rest)),
            '\\' if out.last().is_none_or(|(_, t): &(Token, &str)| t.ends_with('\n')) => {
                (Token::Comment, rest.find('\n').unwrap_or(rest.len()))
            }
            '\'' => (Token::Quoted, quoted(rest, '\'', false)),
            '"' => (Token::Quoted, quoted(rest, '"', false)),
            'e' | 'E' if rest[1..].starts_with('\'') => {
                (Token::Quoted, 1 + quoted(&rest[1..], '\'', true))
            }
            '$' => dollar(rest),
            c if is_word(c) => (Token::Word, run_of(rest, |c| is_word(c) || c == '$')),
            c => (Token::Other, c.len_utf8()),
        };
        let (text, after) = rest.split_at(length);
        out.push((token, text));
        rest = after;
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || !c.is_ascii()
}

fn run_of(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.find(|c| !of(c)).unwrap_or(text.len())
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a quoted token; a doubled quote stands for itself.
fn quoted(text: &str, quote: char, backslashes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if backslashes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return at + 1,
            }
        }
    }
    text.len()
}

fn dollar(text: &str) -> (Token, usize) {
    let tag = 1 + run_of(&text[1..], is_word);
    if !text[tag..].starts_with('$') || text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return (Token::Other, 1);
    }
    let mark = &text[..=tag];
    match text[mark.len()..].find(mark) {
        Some(end) => (Token::Quoted, end + 2 * mark.len()),
        None => (Token::Other, 1),
    }
}

/// The statements of a script, without the comments between them and without psql's meta-commands.
pub fn statements(sql: &str) -> Vec<String> {
    let (mut out, mut current) = (Vec::new(), String::new());
    let (mut parens, mut atomic, mut previous) = (0, 0, String::new());
    for (token, text) in tokens(sql) {
        match token {
            Token::Space | Token::Comment if current.is_empty() => continue,
            Token::Other if text == "(" => parens += 1,
            Token::Other if text == ")" => parens -= 1,
            Token::Other if text == ";" && parens <= 0 && atomic == 0 => {
                out.push(std::mem::take(&mut current).trim().to_owned());
                continue;
            }
            Token::Word => {
                let word = text.to_ascii_uppercase();
                match word.as_str() {
                    "ATOMIC" if previous == "BEGIN" => atomic = 1,
                    "CASE" if atomic > 0 => atomic += 1,
                    "END" if atomic > 0 => atomic -= 1,
                    _ => {}
                }
                previous = word;
            }
            _ => {}
        }
        current.push_str(text);
    }
    if !current.trim().is_empty() {
        out.push(current.trim().to_owned());
    }
    out.retain(|s| !s.is_empty());
    out
}

/// `CREATE TABLE` with the elements of its list in alphabetical order.
fn sorted_elements(statement: &str) -> String {
    let (mut head, mut items, mut tail) = (String::new(), vec![String::new()], String::new());
    let (mut depth, mut part) = (0, 0);
    for (token, text) in tokens(statement) {
        match (token, text, part) {
            (Token::Other, "(", _) => {
                depth += 1;
                if part == 0 {
                    part = 1;
                    continue;
                }
            }
            (Token::Other, ")", _) => {
                depth -= 1;
                if part == 1 && depth == 0 {
                    part = 2;
                    continue;
                }
            }
            (Token::Other, ",", 1) if depth == 1 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        match part {
            0 => head.push_str(text),
            1 => items.last_mut().expect("never empty").push_str(text),
            _ => tail.push_str(text),
        }
    }
    if part != 2 {
        return statement.to_owned();
    }
    let items: BTreeSet<_> = items.iter().map(|item| item.trim().to_owned()).collect();
    format!("{head}(\n    {}\n){tail}", Vec::from_iter(items).join(",\n    "))
}

/// What a dump says, as a sorted list: without session settings, whatever the order of columns and statements.
pub fn normalise(dump: &str) -> Vec<String> {
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let mut out = Vec::new();
    for statement in statements(dump) {
        if let Some(setting) = statement.strip_prefix("SET ") {
            if let Some((name, value)) = setting.split_once(" = ") {
                settings.insert(name.to_owned(), value.to_owned());
            }
            continue;
        }
        if statement.starts_with("SELECT pg_catalog.set_config(") {
            continue;
        }
        let table = is_create_table(&statement);
        let mut text = if table { sorted_elements(&statement) } else { statement.clone() };
        if table || statement.starts_with("CREATE MATERIALIZED VIEW") {
            // These two settings are how a dump says a property of the table.
            for name in ["default_tablespace", "default_table_access_method"] {
                if let Some(value) =
                    settings.get(name).filter(|v| !["''", "\"\"", "heap"].contains(&v.as_str()))
                {
                    text.push_str(&format!(" /* {name} = {value} */"));
                }
            }
        }
        out.push(text);
    }
    out.sort();
    out
}

fn is_create_table(statement: &str) -> bool {
    let words: Vec<_> = statement.split_whitespace().take(3).collect();
    words.first() == Some(&"CREATE") && words.iter().skip(1).any(|w| *w == "TABLE")
}

/// What only one of two sorted lists holds, as a message; `None` when they are equal.
pub fn difference(goal: &[String], result: &[String]) -> Option<String> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for statement in goal {
        *counts.entry(statement).or_default() += 1;
    }
    for statement in result {
        *counts.entry(statement).or_default() -= 1;
    }
    let of = |sign: i64, mark: &str| {
        let some = counts.iter().filter(move |(_, n)| n.signum() == sign);
        some.map(|(s, _)| format!("{mark} {}\n", s.replace('\n', "\n  "))).collect::<String>()
    };
    let message = of(1, "missing:") + &of(-1, "extra:  ");
    (!message.is_empty()).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_semicolons_outside_of_everything() {
        let sql = "-- a; comment\nCREATE TABLE \"a;b\" (x text DEFAULT ';'); /* ; /* ; */ */ SELECT E'\\';', $x$;$x$;\n\\restrict abc;\n\
                   CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\nSELECT 3";
        let got = statements(sql);
        assert_eq!(got.len(), 4, "{got:#?}");
        assert_eq!(got[0], "CREATE TABLE \"a;b\" (x text DEFAULT ';')");
        assert!(got[2].ends_with("SELECT 2; END"));
    }

    #[test]
    fn column_order_and_settings_do_not_count_but_names_do() {
        let a = "SET x = 1;\nCREATE TABLE t (\n    a integer,\n    b numeric(4,2)\n);";
        let b = "CREATE TABLE t (\n    b numeric(4,2),\n    a integer\n);";
        assert_eq!(difference(&normalise(a), &normalise(b)), None);
        let c = "CREATE TABLE t (\n    b numeric(4,3),\n    a integer\n);";
        assert!(difference(&normalise(a), &normalise(c)).is_some());
    }
}
