//! Expressions as the server spells them, said so that the server stores the same again.

use crate::tokens::{Token, TokenKind, closing, tokenize};

/// `a IN ('x', 'y')` of a `varchar` is stored with the array cast as a whole, and spelled
/// `(a)::text = ANY ((ARRAY['x'::character varying, …])::text[])`. Read again, the cast goes to each element
/// (`transformTypeCast` in `parse_expr.c`), which is another expression. Without the cast the server adds it where
/// it was. Bodies in strings stay as they are.
pub fn settled(sql: &str) -> String {
    let tokens: Vec<Token> =
        tokenize(sql).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let mut out = String::with_capacity(sql.len());
    let mut done = 0;
    for at in 0..tokens.len() {
        let any = tokens[at].is_word("any") || tokens[at].is_word("all");
        let Some((array, end)) = any.then(|| cast_array(&tokens, at + 1)).flatten() else {
            continue;
        };
        out.push_str(&sql[done..tokens[at + 1].start]);
        out.push_str(&format!("({})", &sql[tokens[array.0].start..tokens[array.1].end]));
        done = tokens[end].end;
    }
    out.push_str(&sql[done..]);
    out
}

/// `((ARRAY[…])::text[])` or `(ARRAY[…]::text[])`: where ARRAY and its last bracket are, and the parenthesis at the end.
fn cast_array(tokens: &[Token], open: usize) -> Option<((usize, usize), usize)> {
    let symbol = |at: usize, c: char| tokens.get(at).is_some_and(|token| token.is_symbol(c));
    let word = |at: usize, w: &str| tokens.get(at).is_some_and(|token| token.is_word(w));
    if !symbol(open, '(') {
        return None;
    }
    let end = closing(tokens, open)?;
    // … ::text[] )
    let cast = end.checked_sub(5)?;
    let is_cast = symbol(cast, ':')
        && symbol(cast + 1, ':')
        && word(cast + 2, "text")
        && symbol(cast + 3, '[')
        && symbol(cast + 4, ']');
    let inner = if symbol(open + 1, '(') { open + 2 } else { open + 1 };
    let last = if symbol(open + 1, '(') { cast.checked_sub(2)? } else { cast.checked_sub(1)? };
    let whole = inner == open + 1 || closing(tokens, open + 1) == Some(last + 1);
    let is_array = word(inner, "array") && symbol(inner + 1, '[') && symbol(last, ']');
    (is_cast && whole && is_array && brackets_close(tokens, inner + 1) == Some(last))
        .then_some(((inner, last), end))
}

fn brackets_close(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().enumerate().skip(open).find_map(|(at, token)| {
        depth = match token.is_symbol('[') {
            true => depth + 1,
            false => depth.saturating_sub(usize::from(token.is_symbol(']'))),
        };
        (depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cast_of_a_whole_array_is_left_to_the_server() {
        let cases = [
            (
                "CHECK ((a)::text = ANY ((ARRAY['x'::character varying, 'y]'::character varying])::text[]))",
                "CHECK ((a)::text = ANY (ARRAY['x'::character varying, 'y]'::character varying]))",
            ),
            (
                "WHERE a::text <> ALL (ARRAY[b.x[1], lower(c)::character varying]::text[]) AND d",
                "WHERE a::text <> ALL (ARRAY[b.x[1], lower(c)::character varying]) AND d",
            ),
        ];
        for (sql, wanted) in cases {
            assert_eq!(settled(sql), wanted);
        }
        for same in [
            "a = ANY (ARRAY['x'::text])",
            "a = ANY ((b)::text[])",
            "a = ANY ((ARRAY[1] || ARRAY[2])::text[])",
            "AS $$ select any ((ARRAY['x'])::text[]) $$",
        ] {
            assert_eq!(settled(same), same);
        }
    }
}
