//! Fills in what a kind's query leaves open.

use ordain_model::quote;

/// `$SERVER_VERSION`, `$APPLIER` and the blocks that hold only from some major version on:
/// `--18` … `--/18` is kept from 18 on, `--<18` … `--/<18` before it; `--superuser` … `--/superuser` where the
/// reader is one, `--<superuser` … `--/<superuser` where not.
///
/// `$APPLIER` becomes a `text[]` of the names that count as the applying role.
pub(crate) fn fill(query: &str, reader: &Reader, applier: &[String]) -> String {
    let server_version = reader.server_version;
    let query = blocks(query, reader);
    let roles: Vec<String> = applier.iter().map(|role| quote::literal(role)).collect();
    query
        .replace("$SERVER_VERSION", &server_version.to_string())
        .replace("$APPLIER", &format!("array[{}]::text[]", roles.join(", ")))
}

/// Who reads what server.
pub(crate) struct Reader {
    pub server_version: u32,
    pub superuser: bool,
}

fn blocks(query: &str, reader: &Reader) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((before, marker, after)) = opening(rest) {
        let close = format!("--/{marker}");
        let Some(end) = after.find(&close) else { break };
        out.push_str(before);
        if holds(marker, reader) {
            out.push_str(&blocks(&after[..end], reader));
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
        let rest = &text[start + sign..];
        let length = match rest.strip_prefix(SUPERUSER) {
            Some(_) => SUPERUSER.len(),
            None => rest.bytes().take_while(u8::is_ascii_digit).count(),
        };
        let end = start + sign + length;
        if length > 0 && text[end..].starts_with(|c: char| c.is_whitespace()) {
            return Some((&text[..start - 2], &text[start..end], &text[end..]));
        }
        from = start;
    }
    None
}

const SUPERUSER: &str = "superuser";

fn holds(marker: &str, reader: &Reader) -> bool {
    let major = reader.server_version / 10_000;
    match marker.strip_prefix('<') {
        None if marker == SUPERUSER => reader.superuser,
        Some(SUPERUSER) => !reader.superuser,
        Some(below) => below.parse().is_ok_and(|below: u32| major < below),
        None => marker.parse().is_ok_and(|least: u32| major >= least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(server_version: u32, superuser: bool) -> Reader {
        Reader { server_version, superuser }
    }

    #[test]
    fn blocks_follow_the_rights_of_the_reader() {
        let query = "--superuser\na\n--/superuser\n--<superuser\nb\n--/<superuser";
        assert_eq!(fill(query, &reader(150_001, true), &[]), "\na\n\n");
        assert_eq!(fill(query, &reader(150_001, false), &[]), "\n\nb\n");
    }

    #[test]
    fn blocks_follow_the_version() {
        let query =
            "select 1\n--18\n, new\n--/18\n--<18\n, old\n--/<18\nfrom t -- 18 is a number\n";
        assert_eq!(
            fill(query, &reader(180_001, true), &[]),
            "select 1\n\n, new\n\n\nfrom t -- 18 is a number\n"
        );
        assert_eq!(
            fill(query, &reader(150_001, true), &[]),
            "select 1\n\n\n, old\n\nfrom t -- 18 is a number\n"
        );
    }

    #[test]
    fn roles_are_quoted() {
        let roles = ["it's".to_owned(), "b".to_owned()];
        assert_eq!(
            fill("$APPLIER $SERVER_VERSION", &reader(140_000, true), &roles),
            "array['it''s', 'b']::text[] 140000"
        );
    }
}
