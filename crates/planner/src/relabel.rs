//! Renamed labels in the expressions that mention them, as the server spells them afterwards.

use std::collections::{BTreeMap, BTreeSet};

use ordain_model::{Catalog, ObjectId, Strength, quote, tokens};

/// Old label → new label.
pub type Labels = BTreeMap<String, String>;

/// Rewrites the texts of everything that uses the type, at any distance.
pub fn relabel(catalog: &mut Catalog, id: &ObjectId, labels: &Labels) {
    let mut users = BTreeSet::new();
    let mut queue = vec![id.clone()];
    while let Some(used) = queue.pop() {
        for edge in catalog.edges.iter().filter(|e| e.used == used) {
            if edge.strength == Strength::Hard && users.insert(edge.user.clone()) {
                queue.push(edge.user.clone());
            }
        }
    }
    for user in users {
        let Some(object) = catalog.objects.get_mut(&user) else { continue };
        for text in object.texts_mut() {
            let new = expression(text, labels);
            if new != *text {
                *text = new;
            }
        }
    }
}

/// An expression with its constants of the type spelled anew.
fn expression(text: &str, labels: &Labels) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let tokens = tokens::tokenize(text);
    for (n, token) in tokens.iter().enumerate() {
        let is_string = token.kind == tokens::TokenKind::String;
        if is_string
            && !is_of_another_type(&tokens[n + 1..])
            && let Some(new) = constant(&token.value, labels)
        {
            out.push_str(&text[done..token.start]);
            out.push_str(&quote::literal(&new));
            done = token.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Whether a cast to a built-in type follows, which the server spells without a schema.
fn is_of_another_type(rest: &[tokens::Token]) -> bool {
    match rest {
        [a, b, r#type, dot, ..] if a.is_symbol(':') && b.is_symbol(':') => {
            r#type.is_identifier() && !dot.is_symbol('.')
        }
        [a, b, r#type] => a.is_symbol(':') && b.is_symbol(':') && r#type.is_identifier(),
        _ => false,
    }
}

/// A label, or the text of an array, a range or a row with labels inside, whatever the depth; `None` when nothing in
/// it changes.
fn constant(value: &str, labels: &Labels) -> Option<String> {
    if let Some(new) = labels.get(value) {
        return Some(new.clone());
    }
    let array = value.starts_with('{');
    let structure = match value.chars().next()? {
        '{' => "{},",
        '[' | '(' => "[](),",
        _ => return None,
    };
    let mut out = String::with_capacity(value.len());
    let mut changed = false;
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        if structure.contains(c) {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let length = element_length(rest, structure);
        let (raw, after) = rest.split_at(length);
        let null = array && raw.eq_ignore_ascii_case("null");
        match constant(&unquoted(raw), labels).filter(|_| !null) {
            Some(new) => {
                changed = true;
                out.push_str(&element(&new, array));
            }
            None => out.push_str(raw),
        }
        rest = after;
    }
    changed.then_some(out)
}

/// How far an element goes, quoted or not.
fn element_length(text: &str, structure: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted && structure.contains(c) => return at,
            _ => {}
        }
    }
    text.len()
}

fn unquoted(raw: &str) -> String {
    let Some(inside) = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) else {
        return raw.to_owned();
    };
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '"' => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// As `array_out` writes it, or `range_out` and `record_out`, which double what they escape.
fn element(text: &str, array: bool) -> String {
    let special = match array {
        true => "{},\"\\",
        false => "[](),\"\\",
    };
    let special = |c: char| special.contains(c) || c.is_ascii_whitespace();
    let quoted =
        text.is_empty() || array && text.eq_ignore_ascii_case("null") || text.contains(special);
    if !quoted {
        return text.to_owned();
    }
    let (backslash, quote) = (text.replace('\\', "\\\\"), if array { "\\\"" } else { "\"\"" });
    format!("\"{}\"", backslash.replace('"', quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_the_type_follow_a_renamed_label() {
        let labels = Labels::from([("a".into(), "b c".into()), ("b".into(), "a".into())]);
        for (old, new) in [
            ("(x = 'a'::public.e)", "(x = 'b c'::public.e)"),
            ("(x = 'a'::text)", "(x = 'a'::text)"),
            ("FOR VALUES IN ('b', 'a')", "FOR VALUES IN ('a', 'b c')"),
            ("'{a,b,NULL}'::public.e[]", "'{\"b c\",a,NULL}'::public.e[]"),
            ("'{{a},{b}}'::public.e[]", "'{{\"b c\"},{a}}'::public.e[]"),
            ("'z'::public.e", "'z'::public.e"),
            ("'[a,z)'::public.r", "'[\"b c\",z)'::public.r"),
            ("'(b,1,\"a\")'::public.c", "'(a,1,\"b c\")'::public.c"),
            ("'{\"(b,1)\",\"(z,2)\"}'::public.c[]", "'{\"(a,1)\",\"(z,2)\"}'::public.c[]"),
        ] {
            assert_eq!(expression(old, &labels), new);
        }
    }
}
