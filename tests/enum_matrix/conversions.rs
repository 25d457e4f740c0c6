//! Transitions of the type itself: what becomes an enum, what an enum becomes, how labels come and change places.

use ordain_tests::case::{for_each, report, threads};

use crate::{judge::Pair, ordain, server};

/// What the plan must not do.
#[derive(Clone, Copy, PartialEq)]
enum Cost {
    /// No table is written anew.
    InPlace,
    Rewrites,
}

/// Name, before, after, rows, the rows as they become (where values change), flags, cost. `e` is in schema `s`.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Cost,
);

const TRANSITIONS: [Row; 22] = [
    (
        "create",
        "",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'b');",
        "",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "several_leading",
        "CREATE TYPE e AS ENUM ('c'); CREATE TABLE t (e e);",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e e);",
        "INSERT INTO s.t VALUES ('c')",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "adjacent",
        "CREATE TYPE e AS ENUM ('a', 'd'); CREATE TABLE t (e e);",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c', 'd', 'e'); CREATE TABLE t (e e);",
        "INSERT INTO s.t VALUES ('d')",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "to_an_empty_one",
        "CREATE TYPE e AS ENUM (); CREATE TABLE t (e e);",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'b');",
        "INSERT INTO s.t VALUES (NULL)",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "becomes_empty",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (e e);",
        "CREATE TYPE e AS ENUM (); CREATE TABLE t (e e);",
        "INSERT INTO s.t VALUES (NULL)",
        "INSERT INTO s.t VALUES (NULL)",
        &[],
        Cost::Rewrites,
    ),
    (
        "swap",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'a', CHECK (e <> 'b'));",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE t (e e DEFAULT 'b', CHECK (e <> 'a'));",
        "INSERT INTO s.t VALUES ('a')",
        "INSERT INTO s.t VALUES ('b')",
        &["--rename", "label:s.e:a=b", "--rename", "label:s.e:b=a"],
        Cost::InPlace,
    ),
    (
        "chain",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e e DEFAULT 'a');",
        "CREATE TYPE e AS ENUM ('b', 'c', 'd'); CREATE TABLE t (e e DEFAULT 'b');",
        "INSERT INTO s.t VALUES ('a'), ('c')",
        "INSERT INTO s.t VALUES ('b'), ('d')",
        &["--rename", "label:s.e:a=b", "--rename", "label:s.e:b=c", "--rename", "label:s.e:c=d"],
        Cost::InPlace,
    ),
    (
        "old_name_of_a_new_label",
        "CREATE TYPE e AS ENUM ('a', 'z'); CREATE TABLE t (e e DEFAULT 'a');",
        "CREATE TYPE e AS ENUM ('a', 'b', 'z'); CREATE TABLE t (e e DEFAULT 'a');",
        "INSERT INTO s.t VALUES ('a')",
        "INSERT INTO s.t VALUES ('b')",
        &["--rename", "label:s.e:a=b"],
        Cost::InPlace,
    ),
    (
        "with_the_type",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'a', es e[] DEFAULT '{a}');",
        "CREATE TYPE f AS ENUM ('x', 'b'); CREATE TABLE t (e f DEFAULT 'x', es f[] DEFAULT '{x}');",
        "INSERT INTO s.t VALUES ('a', '{b,a}')",
        "INSERT INTO s.t VALUES ('x', '{b,x}')",
        &["--rename", "type:s.e=s.f", "--rename", "label:s.e:a=x"],
        Cost::InPlace,
    ),
    (
        "with_a_move",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'a');",
        "CREATE SCHEMA o; CREATE TYPE o.e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e o.e DEFAULT 'c');",
        "INSERT INTO s.t VALUES ('a')",
        "",
        &["--rename", "type:s.e=o.e"],
        Cost::InPlace,
    ),
    (
        "goes_with_its_last_user",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int, e e);",
        "CREATE TABLE t (id int);",
        "INSERT INTO s.t VALUES (1, 'a')",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "stays_with_another_user",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int, e e); CREATE TABLE u (e e);",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int); CREATE TABLE u (e e);",
        "INSERT INTO s.t VALUES (1, 'a')",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "from_text",
        "CREATE TABLE t (id int, e text DEFAULT 'a' CHECK (e IN ('a', 'b')));",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "INSERT INTO s.t VALUES (1, 'b')",
        "INSERT INTO s.t VALUES (1, 'b')",
        &[],
        Cost::Rewrites,
    ),
    (
        "from_varchar",
        "CREATE TABLE t (id int, e varchar(9) NOT NULL CONSTRAINT c CHECK (e IN ('a', 'b'))); CREATE INDEX i ON t (e) WHERE e = 'a';",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e NOT NULL); CREATE INDEX i ON t (e) WHERE e = 'a';",
        "INSERT INTO s.t VALUES (1, 'b')",
        "INSERT INTO s.t VALUES (1, 'b')",
        &[],
        Cost::Rewrites,
    ),
    (
        "from_text_with_a_map",
        "CREATE TABLE t (id int, e text);",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e);",
        "INSERT INTO s.t VALUES (1, 'B'), (2, 'a')",
        "INSERT INTO s.t VALUES (1, 'b'), (2, 'a')",
        &["--map-label", "s.e:B=b"],
        Cost::Rewrites,
    ),
    (
        "to_text",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a', es e[]);",
        "CREATE TABLE t (id int, e text DEFAULT 'a' CHECK (e IN ('a', 'b')), es text[]);",
        "INSERT INTO s.t VALUES (1, 'b', '{a}')",
        "INSERT INTO s.t VALUES (1, 'b', '{a}')",
        &[],
        Cost::Rewrites,
    ),
    (
        "to_another",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "CREATE TYPE f AS ENUM ('b', 'a', 'c'); CREATE TABLE t (id int, e f DEFAULT 'c');",
        "INSERT INTO s.t VALUES (1, 'b')",
        "INSERT INTO s.t VALUES (1, 'b')",
        &[],
        Cost::Rewrites,
    ),
    (
        "from_integer",
        "CREATE TABLE t (id int, e int DEFAULT 1);",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "INSERT INTO s.t VALUES (1, 2), (2, 1)",
        "INSERT INTO s.t VALUES (1, 'b'), (2, 'a')",
        &["--map-label", "s.e:1=a", "--map-label", "s.e:2=b"],
        Cost::Rewrites,
    ),
    (
        "becomes_a_domain",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "CREATE DOMAIN e AS text CHECK (VALUE <> 'z'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "INSERT INTO s.t VALUES (1, 'b')",
        "INSERT INTO s.t VALUES (1, 'b')",
        &[],
        Cost::Rewrites,
    ),
    (
        "was_a_domain",
        "CREATE DOMAIN e AS text CHECK (VALUE <> 'z'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "INSERT INTO s.t VALUES (1, 'b')",
        "INSERT INTO s.t VALUES (1, 'b')",
        &[],
        Cost::Rewrites,
    ),
    (
        "becomes_a_composite",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int);",
        "CREATE TYPE e AS (a text); CREATE TABLE t (id int, e e);",
        "INSERT INTO s.t VALUES (1)",
        "",
        &[],
        Cost::InPlace,
    ),
    (
        "was_a_composite",
        "CREATE TYPE e AS (a text); CREATE TABLE t (id int);",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int, e e DEFAULT 'a');",
        "INSERT INTO s.t (id) VALUES (1)",
        "INSERT INTO s.t (id) VALUES (1)",
        &[],
        Cost::InPlace,
    ),
];

#[test]
fn types_become_enums_and_enums_other_types() {
    let (ordain, server) = (ordain(), server());
    let written = |text: &str| format!("CREATE SCHEMA s;\nSET search_path = s;\n{text}\n");
    let all: Vec<(Pair, Cost)> = TRANSITIONS
        .iter()
        .filter(|row| crate::wanted("conversion", row.0))
        .map(|(name, from, to, rows, rows_after, flags, cost)| {
            let pair = Pair {
                name: (*name).to_owned(),
                from: written(from),
                to: written(to),
                rows: (*rows).to_owned(),
                rows_after: (*rows_after).to_owned(),
                flags: flags.iter().map(|f| (*f).to_owned()).collect(),
            };
            (pair, *cost)
        })
        .collect();
    let failures = for_each(
        &all,
        threads(),
        |(pair, _)| pair.name.clone(),
        |(pair, cost)| {
            let plan = pair.judge(&ordain, server)?;
            match plan.to_string().contains("REWRITES_TABLE") == (*cost == Cost::Rewrites) {
                true => Ok(()),
                false => Err(format!("rewrites, or should\n{plan:#}")),
            }
        },
    );
    report("conversions", all.len(), &failures);
}
