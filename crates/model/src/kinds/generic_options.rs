//! `OPTIONS (host 'a', port '1')` of foreign-data wrappers, servers, user mappings and foreign tables. Manual: CREATE
//! SERVER.

use std::collections::BTreeMap;

use crate::quote;

/// Option → value. Their order does not count.
pub type GenericOptions = BTreeMap<String, String>;

/// From the server's `{host=a,port=1}`.
pub fn parse(pairs: Vec<String>) -> GenericOptions {
    let split = |pair: String| match pair.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (pair, String::new()),
    };
    pairs.into_iter().map(split).collect()
}

/// ` OPTIONS (…)` with its leading space; empty when there are none.
pub fn clause(options: &GenericOptions) -> String {
    list(options.iter().map(|(name, value)| pair(name, value)).collect())
}

/// ` OPTIONS (ADD …, SET …, DROP …)` with its leading space; empty when nothing differs.
pub fn changes(from: &GenericOptions, to: &GenericOptions) -> String {
    let gone = from.keys().filter(|name| !to.contains_key(*name));
    let gone = gone.map(|name| format!("DROP {}", quote::ident(name)));
    let set = to.iter().filter_map(|(name, value)| match from.get(name) {
        None => Some(format!("ADD {}", pair(name, value))),
        Some(old) if old != value => Some(format!("SET {}", pair(name, value))),
        Some(_) => None,
    });
    list(gone.chain(set).collect())
}

fn pair(name: &str, value: &str) -> String {
    format!("{} {}", quote::ident(name), quote::literal(value))
}

fn list(items: Vec<String>) -> String {
    if items.is_empty() { String::new() } else { format!(" OPTIONS ({})", items.join(", ")) }
}

/// Takes out what must not be shown or stored, and says which options those were.
pub fn without_secrets(options: GenericOptions) -> (GenericOptions, Vec<String>) {
    let is_secret = |name: &String| {
        let name = name.to_lowercase();
        ["password", "secret", "token"].iter().any(|word| name.contains(word))
    };
    let (secret, open): (GenericOptions, GenericOptions) =
        options.into_iter().partition(|(name, _)| is_secret(name));
    (open, secret.into_keys().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[&str]) -> GenericOptions {
        parse(pairs.iter().map(|pair| (*pair).to_owned()).collect())
    }

    #[test]
    fn only_differences_are_said() {
        let (a, b) = (options(&["a=1", "b=2", "C c=x"]), options(&["a=1", "b='3", "d=p=q"]));
        assert_eq!(clause(&a), " OPTIONS (\"C c\" 'x', a '1', b '2')");
        assert_eq!(changes(&a, &b), " OPTIONS (DROP \"C c\", SET b '''3', ADD d 'p=q')");
        assert_eq!(changes(&a, &a), "");
    }

    #[test]
    fn secrets_are_named_and_not_kept() {
        let (open, secret) = without_secrets(options(&["user=me", "Password=x", "sslpassword=y"]));
        assert_eq!(open, options(&["user=me"]));
        assert_eq!(secret, ["Password", "sslpassword"]);
    }
}
