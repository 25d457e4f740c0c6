//! Python's `%` formatting with names: `%(slug)s`, `%(month).2d`, `%%`.

/// Replaces `%(name)s` alone, as `configparser` and `str % dict` do with settings.
///
/// # Errors
/// What is no such form, or what `value` says.
pub(crate) fn strings(
    text: &str,
    value: &dyn Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    format(text, &|name| value(name).map(Value::Text))
}

pub(crate) enum Value {
    Text(String),
    Number(i64),
}

/// # Errors
/// What is no such form, or what `value` says.
pub(crate) fn format(
    text: &str,
    value: &dyn Fn(&str) -> Result<Value, String>,
) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let bad = || "a % must be %% or begin a token like %(rev)s".to_owned();
        let (name, after) =
            after.strip_prefix('(').and_then(|after| after.split_once(')')).ok_or_else(bad)?;
        let end = after.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(bad)?;
        let (spec, conversion) = (&after[..end], &after[end..=end]);
        out.push_str(
            &one(spec, conversion, value(name)?).ok_or_else(|| {
                format!("%({name}){spec}{conversion} is no form that ordain knows")
            })?,
        );
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// One value in a form: flags `-`, `0`, a width, and for numbers the digits behind a point.
fn one(spec: &str, conversion: &str, value: Value) -> Option<String> {
    let flags = spec.len() - spec.trim_start_matches(['-', '0', ' ', '+', '#']).len();
    let (flags, size) = spec.split_at(flags);
    let (width, precision) = size.split_once('.').unwrap_or((size, ""));
    let parse = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse().ok() };
    let (width, precision): (usize, usize) = (parse(width)?, parse(precision)?);
    let text = match (conversion, value) {
        ("d" | "i", Value::Number(n)) => format!("{n:0precision$}"),
        ("s", Value::Number(n)) => n.to_string(),
        ("s", Value::Text(text)) if size.contains('.') => text.chars().take(precision).collect(),
        ("s", Value::Text(text)) => text,
        _ => return None,
    };
    Some(match (flags.contains('-'), flags.contains('0') && conversion != "s") {
        (true, _) => format!("{text:<width$}"),
        (false, true) => format!("{text:0>width$}"),
        (false, false) => format!("{text:>width$}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_python_formats() {
        let value = |name: &str| match name {
            "month" => Ok(Value::Number(3)),
            "slug" => Ok(Value::Text("add".into())),
            _ => Err(format!("{name}?")),
        };
        let done = |text: &str| format(text, &value);
        assert_eq!(done("%(month).2d-%(month)02d %(month)s%%").as_deref(), Ok("03-03 3%"));
        assert_eq!(done("%(slug)5s|%(slug)-5s|%(slug).1s").as_deref(), Ok("  add|add  |a"));
        for bad in ["%(other)s", "%d", "100%", "%(slug)d"] {
            assert!(done(bad).is_err(), "{bad}");
        }
    }
}
