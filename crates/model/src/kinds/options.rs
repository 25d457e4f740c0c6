//! Storage parameters and the like: `name=value` as `reloptions` and `attoptions` hold them.
//!
//! They have an order: that in which they were set, and pg_dump writes them in.

use crate::quote;

/// `a=1, toast.b='x y'`, as it stands in WITH (…) and SET (…).
pub(super) fn sql(options: &[String]) -> String {
    options.iter().map(|option| option_sql(option)).collect::<Vec<_>>().join(", ")
}

/// ` WITH (fillfactor=70)` with its leading space; empty when there are none.
pub(super) fn with_clause(options: &[String]) -> String {
    match options {
        [] => String::new(),
        _ => format!(" WITH ({})", sql(options)),
    }
}

/// The value of one of them.
pub(super) fn get<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    options.iter().find_map(|option| match option.split_once('=') {
        Some((n, value)) if n == name => Some(value),
        _ => None,
    })
}

/// What `SET (…)` and `RESET (…)` have to say to turn one list into the other, in its order; either may be
/// empty. SET keeps what it does not name and puts what it names last (`transformRelOptions`).
pub(super) fn change(from: &[String], to: &[String]) -> (String, String) {
    let mut old = from.iter();
    let kept = to.iter().take_while(|option| old.any(|o| o == *option)).count();
    let names: Vec<&str> = to.iter().map(|option| name(option)).collect();
    let gone = from.iter().map(|option| name(option)).filter(|name| !names.contains(name));
    let reset: Vec<String> = gone.map(name_sql).collect();
    (sql(&to[kept..]), reset.join(", "))
}

/// The same as whole actions.
pub(super) fn changes(from: &[String], to: &[String]) -> Vec<String> {
    let (set, reset) = change(from, to);
    let action = |verb: &str, list: String| (!list.is_empty()).then(|| format!("{verb} ({list})"));
    [action("SET", set), action("RESET", reset)].into_iter().flatten().collect()
}

fn name(option: &str) -> &str {
    option.split_once('=').map_or(option, |(name, _)| name)
}

/// `toast.autovacuum_enabled`: each part is a name of its own.
fn name_sql(name: &str) -> String {
    name.split('.').map(quote::ident).collect::<Vec<_>>().join(".")
}

/// Numbers and the usual words read best bare; the grammar takes anything as a string.
fn option_sql(option: &str) -> String {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let word = matches!(value, "true" | "false" | "on" | "off" | "local" | "cascaded" | "auto");
    let number = value.parse::<f64>().is_ok_and(f64::is_finite) && !value.starts_with('+');
    let value = if word || number { value.to_owned() } else { quote::literal(value) };
    format!("{}={value}", name_sql(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[&str]) -> Vec<String> {
        pairs.iter().map(|pair| (*pair).to_owned()).collect()
    }

    #[test]
    fn clauses_are_written_as_the_grammar_takes_them() {
        let some = options(&["fillfactor=70", "toast.autovacuum_enabled=false", "x=a=b"]);
        assert_eq!(
            with_clause(&some),
            " WITH (fillfactor=70, toast.autovacuum_enabled=false, x='a=b')"
        );
        assert_eq!(with_clause(&[]), "");
    }

    #[test]
    fn only_differences_are_set_and_reset() {
        let (from, to) = (options(&["a=1", "b=2", "c=3"]), options(&["a=1", "b=3", "d=on"]));
        assert_eq!(changes(&from, &to), ["SET (b=3, d=on)", "RESET (c)"]);
        assert!(changes(&to, &to).is_empty());
    }

    #[test]
    fn the_order_is_brought_about() {
        let (from, to) = (options(&["a=1", "b=2"]), options(&["b=2", "a=1"]));
        assert_eq!(changes(&from, &to), ["SET (a=1)"]);
        let to = options(&["c=3", "a=1", "b=2"]);
        assert_eq!(changes(&from, &to), ["SET (c=3, a=1, b=2)"]);
    }
}
