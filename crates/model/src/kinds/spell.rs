//! Pieces of SQL that several kinds of relations spell the same way.

use crate::{ObjectId, tokens};

/// The expression in parentheses, which are not doubled where the whole of it already stands in a pair.
pub(super) fn parens(expression: &str) -> String {
    if is_wrapped(expression) { expression.to_owned() } else { format!("({expression})") }
}

pub(super) fn is_wrapped(expression: &str) -> bool {
    let mut depth = 0_i32;
    let tokens = tokens::tokenize(expression);
    let last = tokens.len().saturating_sub(1);
    tokens.iter().enumerate().all(|(n, token)| {
        depth += nesting(token);
        (n == 0 && token.is_symbol('(')) || (n > 0 && (depth > 0 || n == last))
    }) && depth == 0
        && last > 0
}

fn nesting(token: &tokens::Token) -> i32 {
    match () {
        () if token.is_symbol('(') || token.is_symbol('[') => 1,
        () if token.is_symbol(')') || token.is_symbol(']') => -1,
        () => 0,
    }
}

/// The parts between commas that are in no parentheses.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for token in tokens::tokenize(text) {
        depth += nesting(&token);
        if depth == 0 && token.is_symbol(',') {
            parts.push(text[start..token.start].trim().to_owned());
            start = token.end;
        }
    }
    parts.push(text[start..].trim().to_owned());
    parts
}

/// The first pair of parentheses, on the outermost level, that follows the key word: where the word starts,
/// and from the opening parenthesis to the closing one, inclusive.
pub(super) fn clause(text: &str, word: &str) -> Option<(usize, std::ops::Range<usize>)> {
    let (mut depth, mut word_at, mut open) = (0, None, None);
    for token in tokens::tokenize(text) {
        if depth == 0 && token.is_word(word) {
            word_at = word_at.or(Some(token.start));
        }
        let before = depth;
        depth += nesting(&token);
        match (word_at, open) {
            (Some(_), None) if before == 0 && depth == 1 => open = Some(token.start),
            (Some(at), Some(open)) if depth == 0 => return Some((at, open..token.end)),
            _ => {}
        }
    }
    None
}

/// Whether the whole of it is the call of one function: `public.f(a, b)`.
pub(super) fn is_call(expression: &str) -> bool {
    let tokens = tokens::tokenize(expression);
    let Some(open) = tokens.iter().position(|token| token.is_symbol('(')) else { return false };
    let name = tokens[..open].iter().enumerate();
    let mut name = name.map(|(n, token)| match n % 2 {
        0 => token.is_identifier(),
        _ => token.is_symbol('.'),
    });
    open % 2 == 1 && name.all(|fits| fits) && is_wrapped(&expression[tokens[open].start..])
}

/// `a, "B"` from column ids.
pub(super) fn columns(ids: &[ObjectId]) -> String {
    ids.iter().map(ObjectId::base_sql).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_are_not_doubled() {
        for (expression, sql) in [
            ("(a > 0)", "(a > 0)"),
            ("f(a)", "(f(a))"),
            ("(a) + (b)", "((a) + (b))"),
            ("a", "(a)"),
            ("((a)::text <> ')'::text)", "((a)::text <> ')'::text)"),
        ] {
            assert_eq!(parens(expression), sql);
        }
    }

    #[test]
    fn lists_and_clauses_are_cut_outside_parentheses_and_strings() {
        assert_eq!(split_list("a, f(b, c), 'x,y'::text"), ["a", "f(b, c)", "'x,y'::text"]);
        let text = "USING gist (r WITH &&) INCLUDE (b) WITH (fillfactor='60') WHERE ((b > 1))";
        let (at, range) = clause(text, "where").expect("there is one");
        assert_eq!((&text[at..at + 5], &text[range]), ("WHERE", "((b > 1))"));
        let (_, range) = clause(text, "with").expect("there is one");
        assert_eq!(&text[range], "(fillfactor='60')");
    }
}
