//! How hints are written on the command line and beside objects.

use ordain_model::Hint;

use super::HintError;

/// Parses the value of `--rename`: `KIND:OLD=NEW`, identifiers quoted as in SQL; labels are literal text unless
/// they begin with a quote.
pub fn parse_rename(text: &str) -> Result<Hint, HintError> {
    let bad = || HintError::Rename { text: text.to_owned() };
    let (kind, rest) = text.split_once(':').ok_or_else(bad)?;
    let kind = kind.trim().to_lowercase();
    let (old, new) = if kind == "label" {
        let at = find_outside_quotes(rest, ':').ok_or_else(bad)?;
        let (old, new) = label_pair(&rest[at + 1..]).ok_or_else(bad)?;
        (format!("{}:{old}", &rest[..at]), label(new).ok_or_else(bad)?)
    } else {
        let at = find_outside_quotes(rest, '=').ok_or_else(bad)?;
        (rest[..at].trim().to_owned(), rest[at + 1..].trim().to_owned())
    };
    if kind.is_empty() || old.is_empty() || new.is_empty() {
        return Err(bad());
    }
    Ok(Hint::Rename { kind, old, new })
}

/// Parses the value of `--map-label`: `SCHEMA.TYPE:OLD=NEW`, or `=NULL`; `'NULL'` in quotes is a label.
pub fn parse_map_label(text: &str) -> Result<Hint, HintError> {
    let bad = || HintError::MapLabel { text: text.to_owned() };
    let at = find_outside_quotes(text, ':').ok_or_else(bad)?;
    let (old, new) = label_pair(&text[at + 1..]).ok_or_else(bad)?;
    let new = match new.eq_ignore_ascii_case("null") {
        true => None,
        false => Some(label(new).ok_or_else(bad)?),
    };
    Ok(Hint::MapLabel { r#type: text[..at].trim().to_owned(), old, new })
}

/// `OLD=NEW`, the old one taken for what it means, the new one as written.
fn label_pair(text: &str) -> Option<(String, &str)> {
    let end = match text.starts_with('\'') {
        true => literal_end(text)?,
        false => text.find('=')?,
    };
    let new = text[end..].strip_prefix('=')?;
    Some((label(&text[..end])?, new))
}

/// A label: literal text unless it begins with a quote.
fn label(text: &str) -> Option<String> {
    if !text.starts_with('\'') {
        return Some(text.to_owned());
    }
    let end = literal_end(text)?;
    (end == text.len()).then(|| text[1..end - 1].replace("''", "'"))
}

/// The position behind a string constant at the start of a text.
fn literal_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\'' {
            match chars.peek() {
                Some((_, '\'')) => _ = chars.next(),
                _ => return Some(at + 1),
            }
        }
    }
    None
}

pub(super) fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == wanted && !quoted).then_some(at)
    })
}

/// A dotted path of identifiers, quoted as in SQL, with the arguments of a routine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub parts: Vec<String>,
    pub args: Option<String>,
}

pub(super) fn path(text: &str) -> Result<Path, HintError> {
    let bad = |reason| HintError::Name { text: text.to_owned(), reason };
    let (names, args) = match find_outside_quotes(text, '(') {
        Some(at) => {
            let args = text[at + 1..].trim_end().strip_suffix(')');
            let args = args.ok_or_else(|| bad("the closing parenthesis is missing"))?;
            (&text[..at], Some(args.split(',').map(str::trim).collect::<Vec<_>>().join(", ")))
        }
        None => (text, None),
    };
    let mut parts = Vec::new();
    let mut rest = names.trim();
    loop {
        let end = find_outside_quotes(rest, '.').unwrap_or(rest.len());
        let part = rest[..end].trim();
        parts.push(match part.strip_prefix('"') {
            Some(inner) => inner
                .strip_suffix('"')
                .ok_or_else(|| bad("a quote is not closed"))?
                .replace("\"\"", "\""),
            None => part.to_lowercase(),
        });
        if parts.last().is_some_and(String::is_empty) {
            return Err(bad("a part of it is empty"));
        }
        if end == rest.len() {
            return Ok(Path { parts, args });
        }
        rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_are_parsed() {
        let rename = |kind: &str, old: &str, new: &str| {
            Ok(Hint::Rename { kind: kind.into(), old: old.into(), new: new.into() })
        };
        assert_eq!(parse_rename("table:public.a=b"), rename("table", "public.a", "b"));
        assert_eq!(parse_rename("table:public.\"a=b\"=c"), rename("table", "public.\"a=b\"", "c"));
        assert_eq!(parse_rename("label:public.s:A=B"), rename("label", "public.s:A", "B"));
        assert_eq!(
            parse_rename("label:public.s:'a=b'='c:d'"),
            rename("label", "public.s:a=b", "c:d")
        );
        assert!(parse_rename("table public.a=b").is_err());
        assert!(parse_rename("table:a").is_err());
    }

    #[test]
    fn maps_are_parsed() {
        let map = |old: &str, new: Option<&str>| {
            let new = new.map(str::to_owned);
            Ok(Hint::MapLabel { r#type: "public.s".into(), old: old.into(), new })
        };
        assert_eq!(parse_map_label("public.s:A=B"), map("A", Some("B")));
        assert_eq!(parse_map_label("public.s:A=NULL"), map("A", None));
        assert_eq!(parse_map_label("public.s:A='NULL'"), map("A", Some("NULL")));
        assert_eq!(parse_map_label("public.s:'it''s'=ok"), map("it's", Some("ok")));
    }

    #[test]
    fn paths_are_parsed() {
        let parts = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            path("Public.\"A.b\".C"),
            Ok(Path { parts: parts(&["public", "A.b", "c"]), args: None })
        );
        let routine = Path { parts: parts(&["s", "f"]), args: Some("integer, text".into()) };
        assert_eq!(path("s.f(integer,text)"), Ok(routine));
        assert!(path("a..b").is_err());
        assert!(path("\"a").is_err());
    }
}
