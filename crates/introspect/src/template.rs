//! Fills in what a kind's query leaves open.

use ordain_model::quote;

/// `$SERVER_VERSION`, `$APPLIER` and the blocks that hold only from some major version on:
/// `--18` … `--/18` is kept from 18 on, `--<18` … `--/<18` before it.
///
/// `$APPLIER` becomes a `text[]` of the names that count as the applying role.
pub(crate) fn fill(query: &str, server_version: u32, applier: &[String]) -> String {
    let query = blocks(query, server_version / 10_000);
    let roles: Vec<String> = applier.iter().map(|role| quote::literal(role)).collect();
    query
        .replace("$SERVER_VERSION", &server_version.to_string())
        .replace("$APPLIER", &format!("array[{}]::text[]", roles.join(", ")))
}

fn blocks(query: &str, major: u32) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((before, marker, after)) = opening(rest) {
        let close = format!("--/{marker}");
        let Some(end) = after.find(&close) else { break };
        out.push_str(before);
        if holds(marker, major) {
            out.push_str(&blocks(&after[..end], major));
        }
        rest = &after[end + close.len()..];
    }
    out.push_str(rest);
    out
}

/// The first opening marker: what stands before it, the marker (`18` or `<18`), what follows.
fn opening(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("--") {
        let start = from + found + 2;
        let sign = usize::from(text[start..].starts_with('<'));
        let digits = text[start + sign..].bytes().take_while(u8::is_ascii_digit).count();
        let end = start + sign + digits;
        if digits > 0 && text[end..].starts_with(|c: char| c.is_whitespace()) {
            return Some((&text[..start - 2], &text[start..end], &text[end..]));
        }
        from = start;
    }
    None
}

fn holds(marker: &str, major: u32) -> bool {
    match marker.strip_prefix('<') {
        Some(below) => below.parse().is_ok_and(|below: u32| major < below),
        None => marker.parse().is_ok_and(|least: u32| major >= least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_the_version() {
        let query =
            "select 1\n--18\n, new\n--/18\n--<18\n, old\n--/<18\nfrom t -- 18 is a number\n";
        assert_eq!(fill(query, 180_001, &[]), "select 1\n\n, new\n\n\nfrom t -- 18 is a number\n");
        assert_eq!(fill(query, 150_001, &[]), "select 1\n\n\n, old\n\nfrom t -- 18 is a number\n");
    }

    #[test]
    fn roles_are_quoted() {
        let roles = ["it's".to_owned(), "b".to_owned()];
        assert_eq!(
            fill("$APPLIER $SERVER_VERSION", 140_000, &roles),
            "array['it''s', 'b']::text[] 140000"
        );
    }
}
