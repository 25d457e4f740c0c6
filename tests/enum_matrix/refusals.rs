//! What is refused: at plan time, with the number of rows and what to say, and with nothing changed. The list in
//! docs/enum-changes.md names each of these.

use std::fs;

use ordain_tests::{case::root, dump, rows};

use crate::{judge::Pair, ordain, server};

/// Refused (exit 3), says these, changes nothing, writes no plan.
fn refused(pair: &Pair, says: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let live = Pair::loaded(server(), folder.path(), [&pair.from, &pair.rows]).unwrap();
    let before = (dump::schema(&live), rows::content(&live));
    let planned = pair.plan(&ordain(), &live, folder.path());
    let told = planned.run.told();
    assert_eq!(planned.run.code, 3, "{}: {told}", pair.name);
    assert!(planned.plan.is_none(), "{}: a refused plan was written", pair.name);
    for text in says {
        assert!(told.contains(text), "{}: {text:?} is not in\n{told}", pair.name);
    }
    assert!(
        before == (dump::schema(&live), rows::content(&live)),
        "{}: something changed",
        pair.name
    );
}

fn pair(name: &str, template: &str, before: &str, after: &str, rows: &str) -> Pair {
    let write = |labels: &str| {
        format!(
            "CREATE SCHEMA s;\nSET search_path = s;\nCREATE TYPE e AS ENUM ({labels});\n{template}\n"
        )
    };
    Pair {
        name: name.to_owned(),
        from: write(before),
        to: write(after),
        rows: rows.to_owned(),
        ..Pair::default()
    }
}

#[test]
fn a_label_with_rows_does_not_go_without_a_word() {
    let template = "CREATE TABLE t (e e); CREATE TABLE u (es e[], f e); CREATE DOMAIN d AS e; CREATE TYPE c AS (e e);
        CREATE TABLE v (d d, c c, cs c[]);";
    let rows = "INSERT INTO s.t VALUES ('a'), ('b'), ('b'); INSERT INTO s.u VALUES ('{a,b}', 'b'), (NULL, 'a');
        INSERT INTO s.v VALUES ('b', ROW('a'), NULL), ('a', ROW('b'), ARRAY[ROW('b')::s.c]);";
    let says = [
        "2 rows of s.t where e ",
        "1 rows of s.u where es ",
        "1 rows of s.u where f ",
        "1 rows of s.v where d ",
        "1 rows of s.v where c ",
        "1 rows of s.v where cs ",
        "'b'",
        "--map-label 's.e:OLD=NEW', or =NULL",
    ];
    refused(&pair("used", template, "'a', 'b'", "'a'", rows), &says);
    let mapped = Pair {
        flags: vec!["--map-label".into(), "s.e:b=nothing".into()],
        ..pair(
            "mapped to what is not there",
            "CREATE TABLE t (e e);",
            "'a', 'b'",
            "'a'",
            "INSERT INTO s.t VALUES ('b')",
        )
    };
    refused(&mapped, &["nothing"]);
}

#[test]
fn null_does_not_go_where_none_may_stand() {
    let pair = Pair {
        flags: vec!["--map-label".into(), "s.e:b=NULL".into()],
        ..pair(
            "to NULL",
            "CREATE TABLE t (e e NOT NULL);",
            "'a', 'b'",
            "'a'",
            "INSERT INTO s.t VALUES ('b')",
        )
    };
    refused(&pair, &["1 rows of s.t where e becomes null and must not"]);
}

#[test]
fn values_that_nothing_tells_how_to_convert() {
    let text = |name: &str, from: &str, rows: &str| Pair {
        name: name.to_owned(),
        from: format!("CREATE SCHEMA s; CREATE TABLE s.t (e {from});"),
        to: "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (e s.e);".into(),
        rows: rows.to_owned(),
        ..Pair::default()
    };
    let says =
        ["2 rows of s.t where e is none of the labels", "--map-label 's.e:OLD=NEW', or =NULL"];
    refused(&text("from text", "text", "INSERT INTO s.t VALUES ('a'), ('x'), ('y')"), &says);
    refused(&text("from integer", "integer", "INSERT INTO s.t VALUES (1)"), &["-- ordain: using"]);
}

#[test]
fn columns_that_the_server_cannot_change() {
    let template =
        fs::read_to_string(root().join("tests/enum_matrix/refused/two_parents.sql")).unwrap();
    let template =
        template.split("-- @rows").next().unwrap().replace("@E", "s.e").replace("%use", "a");
    let says =
        ["inherited from tables which do not inherit from each other: s.one, s.two", "NO INHERIT"];
    refused(&pair("two parents", &template, "'a', 'b'", "'b', 'a'", ""), &says);
}

#[test]
fn arrays_of_rows_with_more_than_one_dimension() {
    let pair = Pair {
        flags: vec!["--map-label".into(), "s.e:b=a".into()],
        ..pair(
            "two dimensions",
            "CREATE TYPE c AS (e e); CREATE TABLE t (cs c[]);",
            "'a', 'b'",
            "'a'",
            "INSERT INTO s.t VALUES (ARRAY[[ROW('a')::s.c], [ROW('b')::s.c]])",
        )
    };
    refused(&pair, &["1 rows of s.t where cs has more than one dimension"]);
}

/// The way back from a new label, with rows that have it: what becomes of them must be said, and then it converges.
#[test]
fn the_way_back_from_a_label_that_rows_have() {
    let (before, after) = ("'a', 'c'", "'a', 'b', 'c'");
    let template = "CREATE TABLE t (id int, e e);";
    let rows = "INSERT INTO s.t VALUES (1, 'b'), (2, 'c')";
    let back = pair("back", template, after, before, rows);
    refused(&back, &["1 rows of s.t where e ", "'b'", "--map-label"]);
    let said = Pair {
        flags: vec!["--map-label".into(), "s.e:b=c".into()],
        rows_after: "INSERT INTO s.t VALUES (1, 'c'), (2, 'c')".into(),
        ..back
    };
    said.judge(&ordain(), server()).unwrap();
}

/// Each step of a plan says how it is undone, or that it cannot be; the review says which tables are written anew,
/// and how large they are.
#[test]
fn what_the_review_says() {
    let folder = tempfile::tempdir().unwrap();
    let rebuilt = pair(
        "size",
        "CREATE TABLE t (e e);",
        "'a', 'b'",
        "'b', 'a'",
        "INSERT INTO s.t SELECT 'a' FROM generate_series(1, 4000); ANALYZE s.t",
    );
    let live = Pair::loaded(server(), folder.path(), [&rebuilt.from, &rebuilt.rows]).unwrap();
    let planned = rebuilt.plan(&ordain(), &live, folder.path());
    let told = planned.run.told();
    assert!(told.contains("REWRITES_TABLE") && told.contains("s.t is written anew"), "{told}");
    assert!(
        told.contains("4000 rows") || told.contains("4,000 rows") || told.contains("4k rows"),
        "{told}"
    );
    let grown = pair("why", "CREATE TABLE t (e e DEFAULT 'x');", "'a', 'x'", "'a', 'x', 'y'", "");
    let used = Pair { to: grown.to.replace("DEFAULT 'x'", "DEFAULT 'y'"), ..grown };
    let live = Pair::loaded(server(), folder.path(), [&used.from, ""]).unwrap();
    let planned = used.plan(&ordain(), &live, folder.path());
    let plan = planned.plan.unwrap();
    assert_eq!(plan["groups"].as_array().unwrap().len(), 2, "{plan:#}");
    let reason = plan["groups"][0]["reason"].as_str().unwrap();
    assert!(planned.run.stdout.contains(reason), "{}", planned.run.told());
    let undo = &plan["groups"][0]["steps"][0]["undo"]["irreversible"];
    assert!(undo.as_str().unwrap().contains("removes no label"), "{plan:#}");
}

/// What uses the type and is not ours stops the plan with its name.
#[test]
fn what_others_own_is_not_dropped() {
    let outside = Pair {
        flags: vec!["--schema".into(), "s".into()],
        ..pair(
            "outside the scope",
            "CREATE SCHEMA theirs; CREATE TABLE theirs.t (e e); CREATE TABLE u (e e);",
            "'a', 'b'",
            "'b', 'a'",
            "INSERT INTO theirs.t VALUES ('a')",
        )
    };
    refused(&outside, &["column theirs.t.e", "outside the scope"]);
    let member = pair(
        "an extension's",
        "CREATE EXTENSION citext; CREATE TABLE u (e e);",
        "'a', 'b'",
        "'b', 'a'",
        "",
    );
    let adopted = "CREATE TABLE s.t (e s.e); ALTER EXTENSION citext ADD TABLE s.t;";
    refused(&Pair { from: format!("{}{adopted}", member.from), ..member }, &["extension citext"]);
}

/// A canonical function is the range's own: neither can wait beside its successor.
#[test]
fn ranges_with_a_canonical_function() {
    let template = "CREATE TYPE r; CREATE FUNCTION canon(r) RETURNS r LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
        CREATE TYPE r AS RANGE (subtype = e, canonical = canon); CREATE TABLE t (r r);";
    refused(&pair("canonical", template, "'a', 'b'", "'b', 'a'", ""), &["type s.r", "canonical"]);
}
