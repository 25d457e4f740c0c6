//! Every command on a real server: what it prints, what it writes, how it ends.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use ordain_tests::{Database, Ordain, Run, server::shared};

const NOW: &str = "
CREATE TYPE status AS ENUM ('new', 'done');
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer bigint NOT NULL REFERENCES customers,
    state status DEFAULT 'new',
    note text
);
CREATE INDEX orders_customer ON orders (customer);
COMMENT ON TABLE orders IS 'what they want';
CREATE VIEW open_orders AS SELECT id, customer FROM orders WHERE state = 'new';
CREATE FUNCTION next_id(a integer) RETURNS integer LANGUAGE plpgsql AS $$
begin
  return a + 1;
end
$$;
";

/// A folder with `schema.sql`, and a database.
struct Bench {
    folder: tempfile::TempDir,
    database: Database<'static>,
    ordain: Ordain,
}

impl Bench {
    fn new() -> Self {
        let database = shared().database();
        database.execute(NOW);
        let folder = tempfile::tempdir().unwrap();
        Self { folder, database, ordain: Ordain::new(env!("CARGO_BIN_EXE_ordain")) }
    }

    fn wanted(&self, change: impl FnOnce(String) -> String) -> &Self {
        fs::write(self.path("schema.sql"), change(NOW.to_owned())).unwrap();
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// `--from` the database `--to schema.sql`.
    fn compare(&self, command: &str, more: &[&str]) -> Run {
        let url = self.database.url();
        let mut args = vec![command, "--from", &url, "--to", "schema.sql"];
        args.extend(more);
        self.run(&args)
    }

    fn run(&self, args: &[&str]) -> Run {
        let run = self.ordain.run_in(self.folder.path(), args);
        assert!(!run.stderr.contains("panicked"), "{}", run.told());
        run
    }
}

fn contains(run: &Run, text: &str) {
    assert!(run.stdout.contains(text), "{text:?} is not in what was printed\n{}", run.told());
}

fn complains(run: &Run, text: &str) {
    assert!(run.stderr.contains(text), "{text:?} was not said\n{}", run.told());
}

#[test]
fn equal_sides() {
    let bench = Bench::new();
    bench.wanted(|sql| sql);
    contains(&bench.compare("check", &[]).expect(0), "No difference.\n");
    contains(&bench.compare("diff", &[]).expect(0), "No difference.\n");
    let plan = bench.compare("plan", &["--exit-code", "--out", "plan.json"]).expect(0);
    contains(&plan, "Nothing to do");
    let json = fs::read_to_string(bench.path("plan.json")).unwrap();
    assert!(json.contains("\"groups\": []"), "{json}");
    contains(&bench.compare("apply", &[]).expect(0), "Nothing to do");
    assert_eq!(bench.compare("check", &["--quiet"]).expect(0).stdout, "");
}

#[test]
fn differences_are_told_and_counted() {
    let bench = Bench::new();
    bench.wanted(|sql| {
        sql.replace("note text", "note text, paid boolean").replace("a + 1", "a + 2")
    });
    let diff = bench.compare("diff", &[]).expect(0);
    contains(&diff, "+ column public.orders.paid: boolean\n");
    contains(&diff, "  -   return a + 1;\n  +   return a + 2;\n");
    contains(&diff, "2 differences\n");
    contains(&bench.compare("check", &[]).expect(2), "2 differences\n");
    assert_eq!(bench.compare("check", &["-q"]).expect(2).stdout, "");
    bench.compare("plan", &[]).expect(0);
    bench.compare("plan", &["--exit-code"]).expect(2);
}

#[test]
fn a_plan_goes_through_a_file() {
    let bench = Bench::new();
    let change = |sql: String| sql.replace("note text", "note text, paid boolean");
    bench.wanted(change);
    let url = bench.database.url();
    let sql = bench.compare("plan", &["--out", "plan.anything", "--format", "sql"]).expect(0);
    contains(&sql, "ALTER TABLE public.orders ADD COLUMN paid boolean;\n");
    contains(&sql, "BEGIN;\n");
    let review = bench.run(&["review", "plan.anything", "--format", "sql"]).expect(0);
    assert_eq!(review.stdout, sql.stdout);
    // The same two states make the same bytes.
    bench.compare("plan", &["--out", "again.json"]).expect(0);
    let bytes = |name: &str| fs::read(bench.path(name)).unwrap();
    assert_eq!(bytes("plan.anything"), bytes("again.json"));
    assert_eq!(bench.compare("plan", &["--format", "json"]).stdout.as_bytes(), bytes("again.json"));

    let dry = bench.run(&["apply", "again.json", "--database", &url, "--dry-run"]).expect(0);
    complains(&dry, "nothing was changed");
    bench.compare("check", &[]).expect(2);
    let done = bench.run(&["apply", "again.json", "--database", &url, "--yes"]).expect(0);
    complains(&done, "applied: 1 step in 1 transaction");
    bench.compare("check", &[]).expect(0);
    // A second time the database is not the one that the plan was made for.
    bench.run(&["apply", "again.json", "--database", &url, "--yes"]).expect(3);
}

#[test]
fn the_sql_form_runs_in_psql() {
    let bench = Bench::new();
    bench.wanted(|sql| {
        sql.replace("'done')", "'done', 'lost')")
            .replace("WHERE state = 'new'", "WHERE state <> 'lost'")
            .replace("a + 1", "a + 2")
    });
    let sql = bench.compare("plan", &["--format", "sql"]).expect(0).stdout;
    // The new label is used, so it must be committed first.
    assert_eq!(sql.matches("\nCOMMIT;\n").count(), 2, "{sql}");
    fs::write(bench.path("plan.sql"), sql).unwrap();
    bench.database.run_file(&bench.path("plan.sql")).unwrap();
    contains(&bench.compare("check", &[]).expect(0), "No difference.");
}

#[test]
fn the_way_back() {
    let bench = Bench::new();
    bench.wanted(|sql| sql.replace("customers", "clients").replace("note text", "remark text"));
    let hints = [
        "--rename",
        "table:public.customers=clients",
        "--rename",
        "column:public.orders.note=remark",
    ];
    let there = bench.compare("plan", &hints).expect(0);
    contains(&there, "ALTER TABLE public.customers RENAME TO clients;");
    let mut flags = hints.to_vec();
    flags.push("--reverse");
    let back = bench.compare("plan", &flags).expect(0);
    contains(&back, "ALTER TABLE public.clients RENAME TO customers;");
    contains(&back, "RENAME COLUMN remark TO note;");
    assert!(!back.stdout.contains("DELETES_DATA"), "{}", back.told());
}

#[test]
fn hazards_must_be_allowed() {
    let bench = Bench::new();
    bench.wanted(|sql| sql.replace(",\n    note text", ""));
    let refused = bench.compare("apply", &["--yes"]).expect(3);
    complains(&refused, "nobody allowed: DELETES_DATA");
    complains(&refused, "hint: read the plan; then allow them with --allow DELETES_DATA");
    contains(&refused, "DROP COLUMN note");
    bench.compare("apply", &["--yes", "--allow", "LOOSENS_ACCESS"]).expect(3);
    // Allowed, but nobody to ask.
    complains(&bench.compare("apply", &["--allow", "all"]).expect(3), "no terminal");
    bench.compare("check", &[]).expect(2);
    bench.compare("apply", &["--yes", "--allow", "DELETES_DATA"]).expect(0);
    bench.compare("check", &[]).expect(0);
}

#[test]
fn data_in_the_way_are_counted_and_no_file_is_written() {
    let bench = Bench::new();
    bench
        .database
        .execute("INSERT INTO customers VALUES (1, 'a'); INSERT INTO orders VALUES (1, 1), (2, 1)");
    bench.wanted(|sql| sql.replace("note text", "note text NOT NULL"));
    fs::write(bench.path("plan.json"), "the plan of yesterday").unwrap();
    let refused = bench.compare("plan", &["--out", "plan.json"]).expect(3);
    complains(&refused, "error: the plan is refused: the data stand in its way");
    complains(&refused, "2 rows of public.orders");
    contains(&refused, "ALTER COLUMN note SET NOT NULL");
    let kept = fs::read_to_string(bench.path("plan.json")).unwrap();
    assert_eq!(kept, "the plan of yesterday");
    // What another program would read and run is not there at all.
    assert_eq!(bench.compare("plan", &["--format", "sql"]).expect(3).stdout, "");
    // Comparing never refuses.
    bench.compare("diff", &[]).expect(0);
    bench.compare("check", &[]).expect(2);
    let left: Vec<_> = fs::read_dir(bench.folder.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_database_becomes_a_folder_and_a_folder_a_source() {
    let bench = Bench::new();
    let url = bench.database.url();
    let inspect = |source: &str, more: &[&str]| {
        let mut args = vec!["inspect", source];
        args.extend(more);
        bench.run(&args).expect(0)
    };
    inspect(&url, &["--out", "schema"]);
    let orders = fs::read_to_string(bench.path("schema/schemas/public/tables/orders.sql")).unwrap();
    for text in ["CREATE TABLE public.orders (", "CREATE INDEX orders_customer", "COMMENT ON TABLE"]
    {
        assert!(orders.contains(text), "{text}\n{orders}");
    }
    for file in ["types/status.sql", "views/open_orders.sql", "functions/next_id.sql"] {
        assert!(Path::new(&bench.path("schema/schemas/public").join(file)).exists(), "{file}");
    }
    let whole = inspect(&url, &[]).stdout;
    assert_eq!(inspect("schema", &[]).stdout, whole);
    bench.run(&["check", "--from", &url, "--to", "schema"]).expect(0);
    // And so does a snapshot.
    inspect(&url, &["--format", "json", "--out", "snapshot.json"]);
    assert_eq!(inspect("snapshot.json", &[]).stdout, whole);
    bench.run(&["check", "--from", "snapshot.json", "--to", "schema"]).expect(0);
    // Written again: the same files. With another file in it: not written.
    inspect(&url, &["--out", "schema"]);
    fs::write(bench.path("schema/mine.sql"), "").unwrap();
    let refused = bench.run(&["inspect", &url, "--out", "schema"]).expect(1);
    complains(&refused, "mine.sql");
    // It runs by itself.
    fs::write(bench.path("whole.sql"), whole).unwrap();
    let fresh = shared().database();
    fresh.run_file(&bench.path("whole.sql")).unwrap();
    bench.run(&["check", "--from", &fresh.url(), "--to", &url]).expect(0);
}

#[test]
fn settings_say_it_once() {
    let bench = Bench::new();
    bench.wanted(|sql| sql.replace("note text", "note text, paid boolean"));
    let settings = format!(
        "from = {:?}\nto = 'schema.sql'\ndatabase = {0:?}\nexclude = ['public.orders']\n",
        bench.database.url()
    );
    fs::write(bench.path("ordain.toml"), settings).unwrap();
    bench.run(&["check"]).expect(0);
    // A flag replaces the list of the file.
    bench.run(&["check", "--exclude", "nothing"]).expect(2);
    bench.run(&["plan", "--exclude", "nothing", "--out", "plan.json"]).expect(0);
    bench.run(&["apply", "plan.json", "--yes"]).expect(0);
    bench.run(&["check", "--exclude", "nothing"]).expect(0);
}

/// A sequence goes along with the table that owns it, also out of the scope.
#[test]
fn an_excluded_table_keeps_its_sequence() {
    let bench = Bench::new();
    bench.wanted(|sql| sql);
    bench.database.execute("CREATE TABLE legacy (id serial PRIMARY KEY)");
    bench.database.execute("CREATE SEQUENCE stray");
    let plan = bench.compare("plan", &["--exclude", "legacy", "--format", "sql"]).expect(0);
    contains(&plan, "DROP SEQUENCE public.stray");
    assert!(!plan.stdout.contains("legacy"), "{}", plan.told());
}

#[test]
fn what_is_left_alone_is_named() {
    let bench = Bench::new();
    bench.database.execute("GRANT SELECT ON orders TO PUBLIC");
    bench.wanted(|sql| sql);
    let plan = bench.compare("plan", &[]).expect(0);
    contains(&plan, "Nothing to do");
    contains(&plan, "privileges of public");
    contains(&bench.compare("plan", &["--privileges", "all"]).expect(0), "REVOKE SELECT");
}

#[test]
fn no_password_is_ever_printed() {
    let bench = Bench::new();
    bench.wanted(|sql| sql);
    let url = "postgres://someone:hunter2@127.0.0.1:1/none?connect_timeout=2";
    for args in [
        vec!["plan", "--from", url, "--to", "schema.sql"],
        vec!["check", "--from", "schema.sql", "--to", url],
        vec!["inspect", url, "-v"],
        vec!["plan", "--from", "empty:", "--to", "schema.sql", "--no-cache", "--shadow", url],
    ] {
        let run = bench.run(&args).expect(1);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("error:") && !said.contains("hunter2"), "{}", run.told());
    }
}

/// Not among the fixtures: on the way back the parent that comes again is the last one, and PostgreSQL puts none first.
#[test]
fn a_parent_that_is_the_first_one_now_brings_its_columns() {
    let bench = Bench::new();
    let tables =
        "CREATE TABLE a (); CREATE TABLE b (z integer); CREATE TABLE c () INHERITS (a, b);";
    bench.database.execute(tables);
    let grown = tables.replace("z integer", "z integer, q integer DEFAULT 3").replace("a, b", "b");
    bench.wanted(|sql| sql + &grown);
    bench.compare("apply", &["--yes"]).expect(0);
    bench.compare("check", &[]).expect(0);
}

/// `auto` manages the roles that the desired state names, `all` every role, `none` nobody's rights.
#[test]
fn whose_rights_are_managed() {
    let bench = Bench::new();
    let roles = ["rights_kept", "rights_named"];
    for role in roles {
        shared().admin(&format!("CREATE ROLE {role}"));
    }
    bench.database.execute(
        "GRANT SELECT ON customers TO rights_kept; ALTER TABLE orders OWNER TO rights_kept",
    );
    bench.wanted(|sql| sql + "GRANT INSERT ON customers TO rights_named; ALTER VIEW open_orders OWNER TO rights_named;");
    let says = |privileges: &str, owners: &str| {
        let flags = ["--privileges", privileges, "--owners", owners, "--format", "sql"];
        bench.compare("plan", &flags).expect(0).stdout
    };
    let (granted, revoked) =
        ("INSERT ON TABLE public.customers TO rights_named", "FROM rights_kept");
    let (given, taken) = ("open_orders OWNER TO rights_named", "orders OWNER TO CURRENT_ROLE");
    for (which, there) in [
        ("auto", [true, false, true, false]),
        ("all", [true, true, true, true]),
        ("none", [false, false, false, false]),
    ] {
        let sql = says(which, which);
        let found = [granted, revoked, given, taken].map(|text| sql.contains(text));
        assert_eq!(found, there, "{which}\n{sql}");
    }
    let mixed = says("none", "auto");
    assert!(!mixed.contains(granted) && mixed.contains(given), "{mixed}");
}
