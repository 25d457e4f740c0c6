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

/// A label, or an array of labels of any dimension; `None` when nothing in it changes.
fn constant(value: &str, labels: &Labels) -> Option<String> {
    if let Some(new) = labels.get(value) {
        return Some(new.clone());
    }
    if !value.starts_with('{') {
        return None;
    }
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '{' | '}' | ',') {
            out.push(c);
            continue;
        }
        let mut element = String::new();
        if c == '"' {
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                element.push(if c == '\\' { chars.next()? } else { c });
            }
        } else {
            element.push(c);
            while let Some(c) = chars.next_if(|c| !matches!(c, '{' | '}' | ',')) {
                element.push(c);
            }
            if element.eq_ignore_ascii_case("null") {
                out.push_str(&element);
                continue;
            }
        }
        out.push_str(&array_element(labels.get(&element).unwrap_or(&element)));
    }
    (out != value).then_some(out)
}

/// As `array_out` writes it.
fn array_element(text: &str) -> String {
    let special = |c: char| matches!(c, '{' | '}' | ',' | '"' | '\\') || c.is_ascii_whitespace();
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text.contains(special) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
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
        ] {
            assert_eq!(expression(old, &labels), new);
        }
    }
}
