//! A label that is added and used by the same change, wherever a label can stand.
//!
//! Each use is a pair of schemas that differ in the label alone: once in two groups, once with `--atomic` in one.

use ordain_tests::case::{for_each, report, threads};
use serde_json::Value;

use crate::{judge::Pair, ordain, server};

/// Name, what is there before and after, what is added with the label, oldest server.
const USES: [(&str, &str, &str, &str, u32); 22] = [
    (
        "default_of_existing_column",
        "CREATE TABLE t (id int, e e DEFAULT 'a');",
        "ALTER TABLE t ALTER COLUMN e SET DEFAULT 'x';",
        "",
        14,
    ),
    (
        "default_of_new_column",
        "CREATE TABLE t (id int);",
        "ALTER TABLE t ADD COLUMN e e DEFAULT 'x' NOT NULL;",
        "",
        14,
    ),
    (
        "default_of_domain",
        "CREATE DOMAIN d AS e; CREATE TABLE t (id int, d d);",
        "ALTER DOMAIN d SET DEFAULT 'x';",
        "",
        14,
    ),
    (
        "check_of_domain",
        "CREATE DOMAIN d AS e; CREATE TABLE t (id int, d d);",
        "ALTER DOMAIN d ADD CHECK (VALUE <> 'x');",
        "",
        14,
    ),
    ("new_check", "CREATE TABLE t (id int, e e);", "ALTER TABLE t ADD CHECK (e <> 'x');", "", 14),
    (
        "changed_check",
        "CREATE TABLE t (id int, e e);",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (e IN ('a', 'b', 'x'));",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (e IN ('a', 'b'));",
        14,
    ),
    (
        "partial_index",
        "CREATE TABLE t (id int, e e);",
        "CREATE INDEX i ON t (id) WHERE e = 'x';",
        "",
        14,
    ),
    (
        "expression_index",
        "CREATE TABLE t (id int, e e);",
        "CREATE INDEX i ON t ((e = 'x'));",
        "",
        14,
    ),
    (
        "view",
        "CREATE TABLE t (id int, e e);",
        "CREATE VIEW v AS SELECT id FROM t WHERE e = 'x';",
        "CREATE VIEW v AS SELECT id FROM t WHERE e = 'a';",
        14,
    ),
    (
        "materialized_view",
        "CREATE TABLE t (id int, e e);",
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM t WHERE e = 'x';",
        "",
        14,
    ),
    (
        "policy",
        "CREATE TABLE t (id int, e e); ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
        "CREATE POLICY p ON t USING (e = 'x');",
        "CREATE POLICY p ON t USING (e = 'a');",
        14,
    ),
    (
        "string_body",
        "CREATE TABLE t (id int, e e);",
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM @S.t WHERE e = 'x' $$;",
        "",
        14,
    ),
    (
        "atomic_body",
        "CREATE TABLE t (id int, e e);",
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE e = 'x'; END;",
        "",
        14,
    ),
    (
        "plpgsql_body",
        "CREATE TABLE t (id int, e e);",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE @S.t SET e = 'x'; END $$;",
        "",
        14,
    ),
    (
        "default_of_argument",
        "CREATE TABLE t (id int, e e);",
        "CREATE FUNCTION f(a e DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "",
        14,
    ),
    (
        "generated_column",
        "CREATE TABLE t (id int, e e);",
        "ALTER TABLE t ADD COLUMN g boolean GENERATED ALWAYS AS (e = 'x') STORED;",
        "",
        14,
    ),
    (
        "partition_bound",
        "CREATE TABLE t (id int, e e) PARTITION BY LIST (e); CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a', 'b');",
        "CREATE TABLE t_x PARTITION OF t FOR VALUES IN ('x');",
        "",
        14,
    ),
    (
        "trigger_when",
        "CREATE TABLE t (id int, e e); CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';",
        "CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW WHEN (new.e = 'x') EXECUTE FUNCTION g();",
        "",
        14,
    ),
    (
        "exclusion",
        "CREATE TABLE t (id int, e e);",
        "ALTER TABLE t ADD CONSTRAINT o EXCLUDE (id WITH =) WHERE (e = 'x');",
        "",
        14,
    ),
    (
        "rule",
        "CREATE TABLE t (id int, e e);",
        "CREATE RULE r AS ON DELETE TO t WHERE old.e = 'x' DO INSTEAD NOTHING;",
        "",
        14,
    ),
    (
        "default_of_array",
        "CREATE TABLE t (id int, e e);",
        "ALTER TABLE t ADD COLUMN es e[] DEFAULT '{a,x}';",
        "",
        14,
    ),
    (
        "extended_statistics",
        "CREATE TABLE t (id int, e e);",
        "CREATE STATISTICS s ON (e = 'x') FROM t;",
        "",
        14,
    ),
];

/// Whose body in a string the server does not read when it is made: one transaction does.
const NEEDS_NO_COMMIT: [&str; 1] = ["plpgsql_body"];

fn pair(name: &str, base: &str, added: &str, before: &str) -> Pair {
    let head = |labels: &str| {
        format!("CREATE SCHEMA s;\nSET search_path = s;\nCREATE TYPE e AS ENUM ({labels});\n")
    };
    let write =
        |labels: &str, last: &str| format!("{}{base}\n{last}\n", head(labels)).replace("@S", "s");
    Pair {
        name: name.to_owned(),
        from: write("'a', 'b'", before),
        to: write("'a', 'x', 'b'", added),
        rows: match base.contains("e e") {
            true => "INSERT INTO s.t (id, e) VALUES (1, 'a'), (2, 'b');".to_owned(),
            false => "INSERT INTO s.t (id) VALUES (1), (2);".to_owned(),
        },
        ..Pair::default()
    }
}

#[test]
fn a_new_label_is_used_by_the_change_that_adds_it() {
    let (ordain, server) = (ordain(), server());
    let mut all = Vec::new();
    for (name, base, added, before, min) in USES {
        if min <= server.major() && crate::wanted("use", name) {
            let groups = pair(name, base, added, before);
            let flags = vec!["--atomic".to_owned()];
            all.push((groups.clone(), false));
            all.push((Pair { name: format!("{name}, atomic"), flags, ..groups }, true));
        }
    }
    let failures = for_each(
        &all,
        threads(),
        |(pair, _)| pair.name.clone(),
        |(pair, atomic)| {
            let plan = pair.judge(&ordain, server)?;
            let count = plan["groups"].as_array().unwrap().len();
            let commits = !atomic && !NEEDS_NO_COMMIT.contains(&pair.name.as_str());
            match count == if commits { 2 } else { 1 } {
                true => in_groups(&plan),
                false => Err(format!("{count} groups\n{plan:#}")),
            }
        },
    );
    report("uses of a new label", all.len(), &failures);
}

/// Group 1 of two holds nothing but new labels, and says why it ends there.
fn in_groups(plan: &Value) -> Result<(), String> {
    let groups = plan["groups"].as_array().unwrap();
    let sql = |group: &Value| -> Vec<String> {
        let steps = group["steps"].as_array().unwrap().iter();
        steps.map(|s| s["sql"].as_str().unwrap().to_owned()).collect()
    };
    if groups.len() == 1 {
        return Ok(());
    }
    let first = sql(&groups[0]);
    if first != ["ALTER TYPE s.e ADD VALUE 'x' AFTER 'a'"] {
        return Err(format!("the first group is {first:?}"));
    }
    match groups[0]["reason"].as_str().unwrap_or_default().contains("committed") {
        true => Ok(()),
        false => Err(format!("the reason is {}", groups[0]["reason"])),
    }
}

/// What the server itself says of a label of a type that is made in the same transaction: it may be used at once, and
/// so may not, before a commit, a label added to it there. Measured, because it may differ between majors.
#[test]
fn labels_of_a_type_that_is_new_in_the_transaction() {
    let server = server();
    let tried = |sql: &str| {
        let database = server.database();
        let mut client = database.connect();
        client
            .batch_execute(sql)
            .map_err(|e| e.code().map_or(String::new(), |c| c.code().to_owned()))
    };
    let made = "BEGIN; CREATE TYPE e AS ENUM ('a');";
    assert_eq!(tried(&format!("{made} CREATE TABLE t (e e DEFAULT 'a'); COMMIT")), Ok(()));
    let added = tried(&format!(
        "{made} ALTER TYPE e ADD VALUE 'x'; CREATE TABLE t (e e DEFAULT 'x'); COMMIT"
    ));
    println!(
        "PostgreSQL {}: a label added to a type of the same transaction: {added:?}",
        server.major()
    );
    // ordain never adds a label to a type that its own plan creates, so either answer is fine; it must be one of these.
    assert!(added.as_ref().err().is_none_or(|code| code == "55P04"), "{added:?}");
    let existing = server.database();
    existing.execute("CREATE TYPE e AS ENUM ('a')");
    let mut client = existing.connect();
    let error = client.batch_execute(
        "BEGIN; ALTER TYPE e ADD VALUE 'x'; CREATE TABLE t (e e DEFAULT 'x'); COMMIT",
    );
    assert_eq!(error.unwrap_err().code().unwrap().code(), "55P04", "why there are two groups");
}
