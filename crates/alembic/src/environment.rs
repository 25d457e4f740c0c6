//! What `env.py` says about transactions and the version table, as far as its text tells.

use std::collections::BTreeMap;

use crate::assignments::{Value, assignments};

/// Facts that are looked for in the text of `env.py`; comments do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `transaction_per_migration=True`, or a connection in autocommit: what a revision did is committed when the
    /// next one begins.
    pub commits_each: bool,
    /// Whether `--sql` would double every `%`: nothing says `paramstyle: named`.
    pub doubles_percents: bool,
    /// `version_table=…` where it is not alembic_version.
    pub version_table: Option<String>,
    pub version_table_schema: Option<String>,
}

impl Environment {
    pub(crate) fn read(text: &str) -> Self {
        let code: String = text.lines().map(without_comment).collect::<Vec<_>>().join("\n");
        let squeezed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let has = |word: &str| squeezed.contains(word);
        let names = assignments(text);
        Self {
            commits_each: has("transaction_per_migration=True")
                || has("\"transaction_per_migration\":True")
                || has("AUTOCOMMIT"),
            doubles_percents: !squeezed.replace('\'', "\"").contains("\"paramstyle\":\"named\"")
                && !has("paramstyle=\"named\""),
            version_table: argument(&squeezed, "version_table", &names),
            version_table_schema: argument(&squeezed, "version_table_schema", &names),
        }
    }
}

/// A `#` within a string counts as well; no harm is done then.
fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default()
}

/// The plain string that a keyword argument is given, or that the name has which it is given.
fn argument(squeezed: &str, name: &str, names: &BTreeMap<String, Value>) -> Option<String> {
    for (at, _) in squeezed.match_indices(&format!("{name}=")) {
        let alone =
            !squeezed[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let value = &squeezed[at + name.len() + 1..];
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let (true, Some(quote)) = (alone, quote) {
            return value[1..].split(quote).next().map(str::to_owned);
        }
        let end = value.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(value.len());
        if let (true, Some(Value::Text(text))) = (alone, names.get(&value[..end])) {
            return Some(text.clone());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_py_is_read_as_text() {
        let plain = Environment::read(
            "context.configure(url=url, dialect_opts={\"paramstyle\": \"named\"})\n",
        );
        assert_eq!(plain, Environment::default());
        let set = Environment::read(
            "context.configure(\n    connection=c,\n    version_table = 'versions',\n    version_table_schema=\"app\",\n    transaction_per_migration = True,  # each\n)\n",
        );
        assert!(set.commits_each && set.doubles_percents);
        assert_eq!(set.version_table.as_deref(), Some("versions"));
        assert_eq!(set.version_table_schema.as_deref(), Some("app"));
        assert!(!Environment::read("# transaction_per_migration=True\n").commits_each);
        assert_eq!(Environment::read("configure(version_table=NAME)").version_table, None);
        let named = Environment::read("NAME = 'versions'\nconfigure(version_table=NAME, x=1)");
        assert_eq!(named.version_table.as_deref(), Some("versions"));
    }
}
