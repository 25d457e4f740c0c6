//! Literals that would not arrive unharmed, said in another way.

use ordain_model::tokens::{Token, TokenKind, tokenize};

use super::escape::escaped;

/// The statement with each string that holds a tab, or a colon that [`escaped`] has no way for, as an `E'…'`
/// string: offline, Alembic writes four spaces for every tab.
pub(super) fn respelled(sql: &str) -> String {
    let safe = |text: &str| !text.contains('\t') && escaped(text).is_some();
    if safe(sql) {
        return sql.to_owned();
    }
    let mut out = String::with_capacity(sql.len() + 64);
    let mut done = 0;
    for token in tokenize(sql) {
        let text = &sql[token.start..token.end];
        if safe(text) {
            continue;
        }
        let Some(new) = spelled(&token) else { continue };
        out.push_str(&sql[done..token.start]);
        out.push_str(&new);
        done = token.end;
    }
    out.push_str(&sql[done..]);
    out
}

fn spelled(token: &Token) -> Option<String> {
    match token.kind {
        TokenKind::String | TokenKind::Dollar => {
            let text = token.value.replace('\\', "\\\\").replace('\'', "''").replace('\t', "\\t");
            let text = if escaped(&text).is_some() { text } else { text.replace(':', "\\x3a") };
            Some(format!("E'{text}'"))
        }
        TokenKind::Quoted => {
            let name = token.value.replace('\\', "\\\\").replace('"', "\"\"");
            Some(format!("U&\"{}\"", name.replace('\t', "\\0009").replace(':', "\\003A")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_in_literals_are_spelled_out() {
        assert_eq!(
            respelled("CREATE FUNCTION f()\n\tAS $$\n\tselect '\\n'\n$$"),
            "CREATE FUNCTION f()\n\tAS E'\n\\tselect ''\\\\n''\n'"
        );
        assert_eq!(respelled("SELECT \"a\tb\", 'it''s\t'"), "SELECT U&\"a\\0009b\", E'it''s\\t'");
        assert_eq!(respelled("SELECT ':a$:'"), "SELECT E'\\x3aa$\\x3a'");
        assert_eq!(respelled("SELECT 'a:b'"), "SELECT 'a:b'");
    }
}
