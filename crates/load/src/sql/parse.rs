//! One statement → its syntax tree, or the place where it stops being SQL.

use pg_query::NodeEnum;

use crate::{SqlError, sql::text::Span};

/// Parses one statement.
pub(crate) fn parse(span: &Span) -> Result<NodeEnum, SqlError> {
    let sql = span.sql();
    match pg_query::parse(sql, 0) {
        Ok(mut result) if result.protobuf.stmts.len() == 1 => {
            let node = result.protobuf.stmts.pop().and_then(|raw| raw.stmt).and_then(|n| n.node);
            node.ok_or_else(|| span.error("an empty statement"))
        }
        Ok(_) => Err(span.error("this is not one statement")),
        Err(error) => Err(span.text.error(span.start + place(sql), message(&error))),
    }
}

fn message(error: &pg_query::Error) -> String {
    match error {
        pg_query::Error::Parse(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where a statement that does not parse goes wrong. The parser tells the word but not which of its
/// occurrences; so this finds the shortest beginning of the statement that nothing could complete.
fn place(sql: &str) -> usize {
    let Ok(tokens) = pg_query::scan_tokens(sql) else { return scan_place(sql) };
    let ends: Vec<usize> = tokens.iter().map(|t| t.end as usize).collect();
    let hopeless = |count: usize| {
        let begun = sql.get(..ends[count - 1]).unwrap_or(sql);
        pg_query::parse(begun, 0).is_err_and(|e| !message(&e).contains("at end of input"))
    };
    if ends.is_empty() || !hopeless(ends.len()) {
        return sql.len();
    }
    let (mut fine, mut bad) = (0, ends.len());
    while bad - fine > 1 {
        let middle = (fine + bad) / 2;
        if hopeless(middle) { bad = middle } else { fine = middle }
    }
    tokens[bad - 1].start as usize
}

/// As [`place`], for what is no token at all.
fn scan_place(sql: &str) -> usize {
    let (mut fine, mut bad) = (0, sql.len());
    while bad - fine > 1 {
        let mut middle = (fine + bad) / 2;
        while !sql.is_char_boundary(middle) {
            middle += 1;
        }
        if middle >= bad {
            break;
        }
        let error = pg_query::scan_tokens(&sql[..middle]);
        let open = |e: &pg_query::Error| e.to_string().contains("unterminated");
        if error.as_ref().is_err_and(|e| !open(e)) { bad = middle } else { fine = middle }
    }
    fine
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sql::text::Text;

    fn error(sql: &str) -> Option<SqlError> {
        let text = Arc::new(Text { name: "a.sql".into(), text: sql.into() });
        parse(&Span { text, start: 0, end: sql.len() }).err()
    }

    #[test]
    fn the_right_occurrence_is_pointed_at() {
        let sql = "create table t (\n  a int,\n  b int int,\n  c int\n)";
        let found = error(sql).map(|e| (e.line, e.column, e.message));
        assert_eq!(found, Some((3, 9, "syntax error at or near \"int\"".into())));
        let found = error("creat table t ()").map(|e| (e.line, e.column));
        assert_eq!(found, Some((1, 1)));
        let found = error("create table t (").map(|e| (e.line, e.column));
        assert_eq!(found, Some((1, 17)));
        assert_eq!(error("select 1"), None);
    }
}
