//! Access lists: how the server prints their entries, and what each letter stands for. Manual: 5.7 Privileges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::ObjectId;

/// To whom a privilege is granted. Owner and applying role are symbolic, so that two databases compare.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    Public,
    Owner,
    /// The role that applies the plan, where it is not the owner.
    Applier,
    Role(String),
}

/// Privilege → whether its holder may grant it on.
pub type Held = BTreeMap<String, bool>;

/// Letters as in `aclitem`, in the manual's order.
const LETTERS: &[(char, &str)] = &[
    ('r', "SELECT"),
    ('a', "INSERT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('C', "CREATE"),
    ('c', "CONNECT"),
    ('T', "TEMPORARY"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
    ('m', "MAINTAIN"),
];

/// Entries as the server prints them (`"odd name"=ar*w/grantor`), by grantee. Who granted is not kept: what counts is
/// what a role may do.
pub fn parse(items: &[String], owner: &str, applier: &[String]) -> BTreeMap<Grantee, Held> {
    let mut all: BTreeMap<Grantee, Held> = BTreeMap::new();
    for item in items {
        let (name, rest) = grantee(item);
        let grantee = match name {
            name if name.is_empty() => Grantee::Public,
            name if name == owner => Grantee::Owner,
            name if applier.contains(&name) => Grantee::Applier,
            name => Grantee::Role(name),
        };
        let held = all.entry(grantee).or_default();
        let mut letters = rest.chars().take_while(|c| *c != '/').peekable();
        while let Some(letter) = letters.next() {
            let on = letters.next_if_eq(&'*').is_some();
            if let Some((_, word)) = LETTERS.iter().find(|(l, _)| *l == letter) {
                *held.entry((*word).to_owned()).or_default() |= on;
            }
        }
    }
    all
}

/// The name before `=`, unquoted, and what follows the sign.
fn grantee(item: &str) -> (String, &str) {
    let Some(quoted) = item.strip_prefix('"') else {
        let (name, rest) = item.split_once('=').unwrap_or((item, ""));
        return (name.to_owned(), rest);
    };
    let mut name = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                name.push('"');
            }
            '"' => return (name, quoted[at + 1..].trim_start_matches('=')),
            c => name.push(c),
        }
    }
    (name, "")
}

/// What a grantee holds on an object that nobody granted anything on (`acldefault`; for schema `public` what
/// initdb grants).
pub fn born_with(of: &ObjectId, grantee: &Grantee, major: u32) -> Held {
    let words: Vec<&str> = match (grantee, of.kind()) {
        (Grantee::Owner, kind) => all_of(kind, major),
        (Grantee::Public, Kind::Function | Kind::Procedure | Kind::Aggregate) => vec!["EXECUTE"],
        (
            Grantee::Public,
            Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType,
        ) => {
            vec!["USAGE"]
        }
        (Grantee::Public, Kind::Language) => vec!["USAGE"],
        (Grantee::Public, Kind::Schema) if of.base() == "public" && major >= 15 => vec!["USAGE"],
        (Grantee::Public, Kind::Schema) if of.base() == "public" => vec!["CREATE", "USAGE"],
        _ => Vec::new(),
    };
    words.into_iter().map(|word| (word.to_owned(), false)).collect()
}

/// What GRANT ALL grants.
pub fn all_of(kind: Kind, major: u32) -> Vec<&'static str> {
    match kind {
        Kind::Schema => vec!["CREATE", "USAGE"],
        Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => vec!["USAGE"],
        Kind::ForeignDataWrapper | Kind::Server | Kind::Language => vec!["USAGE"],
        Kind::Function | Kind::Procedure | Kind::Aggregate => vec!["EXECUTE"],
        Kind::Sequence => vec!["SELECT", "UPDATE", "USAGE"],
        Kind::Column => Vec::new(),
        _ => {
            let mut words =
                vec!["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
            words.extend((major >= 17).then_some("MAINTAIN"));
            words
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_the_server_prints_them() {
        let items = ["=r/own", "own=arwdDxt/own", "\"a\"\"b=c\"=r*U/own", "own2=X/own", "me=r/own"];
        let items: Vec<String> = items.iter().map(|s| (*s).to_owned()).collect();
        let all = parse(&items, "own", &["me".to_owned()]);
        assert_eq!(all[&Grantee::Public], Held::from([("SELECT".to_owned(), false)]));
        assert_eq!(all[&Grantee::Owner].len(), 7);
        let odd = &all[&Grantee::Role("a\"b=c".to_owned())];
        assert_eq!(odd, &Held::from([("SELECT".to_owned(), true), ("USAGE".to_owned(), false)]));
        assert!(all.contains_key(&Grantee::Applier));
    }
}
