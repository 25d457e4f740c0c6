//! Storage parameters and the like: `name=value` pairs as `reloptions`, `attoptions` and `proconfig` hold them.

use std::collections::BTreeMap;

use crate::quote;

/// Parameter → value, as the server spells both.
pub type Options = BTreeMap<String, String>;

/// From the server's `{fillfactor=70,check_option=local}`.
pub fn parse(pairs: Vec<String>) -> Options {
    pairs
        .into_iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (pair, String::new()),
        })
        .collect()
}

/// `(fillfactor=70, check_option=local)`; empty when there are none.
pub fn parenthesised(options: &Options) -> String {
    if options.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = options
        .iter()
        .map(|(name, value)| format!("{}={}", name_sql(name), value_sql(value)))
        .collect();
    format!("({})", pairs.join(", "))
}

/// ` WITH (fillfactor=70)` with its leading space; empty when there are none.
pub fn with_clause(options: &Options) -> String {
    match parenthesised(options) {
        none if none.is_empty() => none,
        some => format!(" WITH {some}"),
    }
}

/// The actions `SET (…)` and `RESET (…)` that turn one set of parameters into another; none when they are equal.
pub fn changes(from: &Options, to: &Options) -> Vec<String> {
    let set: Options = to
        .iter()
        .filter(|(name, value)| from.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let reset: Vec<String> =
        from.keys().filter(|name| !to.contains_key(*name)).map(|name| name_sql(name)).collect();
    let mut actions = Vec::new();
    if !set.is_empty() {
        actions.push(format!("SET {}", parenthesised(&set)));
    }
    if !reset.is_empty() {
        actions.push(format!("RESET ({})", reset.join(", ")));
    }
    actions
}

/// `toast.autovacuum_enabled`: each part is a name of its own.
fn name_sql(name: &str) -> String {
    name.split('.').map(quote::ident).collect::<Vec<_>>().join(".")
}

/// Numbers and the usual words read best bare; the grammar takes anything as a string.
fn value_sql(value: &str) -> String {
    let word = matches!(value, "true" | "false" | "on" | "off" | "local" | "cascaded" | "auto");
    if word || value.parse::<f64>().is_ok_and(f64::is_finite) && !value.starts_with('+') {
        value.to_owned()
    } else {
        quote::literal(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[&str]) -> Options {
        parse(pairs.iter().map(|pair| (*pair).to_owned()).collect())
    }

    #[test]
    fn clauses_are_written_as_the_grammar_takes_them() {
        let some = options(&["fillfactor=70", "toast.autovacuum_enabled=false", "x=a=b"]);
        assert_eq!(
            with_clause(&some),
            " WITH (fillfactor=70, toast.autovacuum_enabled=false, x='a=b')"
        );
        assert_eq!(with_clause(&options(&[])), "");
    }

    #[test]
    fn only_differences_are_set_and_reset() {
        let (from, to) = (options(&["a=1", "b=2", "c=3"]), options(&["a=1", "b=3", "d=on"]));
        assert_eq!(changes(&from, &to), ["SET (b=3, d=on)", "RESET (c)"]);
        assert!(changes(&to, &to).is_empty());
    }
}
