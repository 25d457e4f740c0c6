//! When no revision is written, and when one has no way back.

use ordain_tests::Run;

use crate::project::Project;

fn complains(run: &Run, text: &str) {
    assert!(run.stderr.contains(text), "{text:?} was not said\n{}", run.told());
}

const TABLE: &str = "CREATE TABLE t (a integer);";

#[test]
fn a_database_behind_the_head() {
    let project = Project::new("new", "psycopg2");
    project.alembic(&["revision", "-m", "one", "--rev-id", "one"]).expect(0);
    let run = project.revision("more", TABLE, &[]).expect(3);
    complains(&run, "the database is at no revision, and the project's head is one");
    complains(&run, "alembic upgrade head");
    project.alembic(&["upgrade", "head"]).expect(0);
    project.revision("more", TABLE, &["--rev-id", "two"]).expect(0);
    complains(
        &project.revision("more", TABLE, &[]).expect(3),
        "is at one, and the project's head is two",
    );
    project.alembic(&["stamp", "head"]).expect(0);
    std::fs::remove_dir_all(project.path("migrations/versions")).unwrap();
    complains(&project.revision("more", TABLE, &[]).expect(3), "revision two is in no file");
}

#[test]
fn several_heads() {
    let project = Project::new("new", "psycopg2");
    for name in ["left", "right"] {
        project
            .alembic(&["revision", "-m", name, "--rev-id", name, "--head", "base", "--splice"])
            .expect(0);
    }
    project.alembic(&["upgrade", "heads"]).expect(0);
    let run = project.revision("more", TABLE, &[]).expect(3);
    complains(&run, "several heads: left, right");
    complains(&run, "--head REVISION");
    let run = project.revision("more", TABLE, &["--head", "rig"]).expect(0);
    assert!(
        project.written(&run)[0]
            .1
            .contains("down_revision: Union[str, Sequence[str], None] = 'right'")
    );
    project.alembic(&["upgrade", "heads"]).expect(0);
    project.revision("more", TABLE, &["--head", "middle"]).expect(1);
}

#[test]
fn nothing_to_do_writes_nothing() {
    let project = Project::new("new", "psycopg2");
    project.database.execute(TABLE);
    let run = project.revision("nothing", TABLE, &[]).expect(0);
    assert_eq!(run.stdout, "Nothing to do: the two sides are equal. No revision was written.\n");
    assert_eq!(std::fs::read_dir(project.path("migrations/versions")).unwrap().count(), 0);
}

#[test]
fn data_in_the_way() {
    let project = Project::new("new", "psycopg2");
    project.database.execute(TABLE);
    project.database.execute("INSERT INTO t VALUES (NULL)");
    let run = project.revision("not null", "CREATE TABLE t (a integer NOT NULL);", &[]).expect(3);
    complains(&run, "the data stand in its way");
    assert_eq!(std::fs::read_dir(project.path("migrations/versions")).unwrap().count(), 0);
}

/// The way back is none that PostgreSQL could go: the revision says why, and does not pretend.
#[test]
fn no_way_back_is_said() {
    let project = Project::new("new", "psycopg2");
    project.database.execute("CREATE EXTENSION citext VERSION '1.4'; CREATE TABLE t (a citext);");
    let wanted = "CREATE EXTENSION citext VERSION '1.5'; CREATE TABLE t (a citext, b integer);";
    let run = project.revision("newer", wanted, &[]).expect(0);
    complains(&run, "there is no way back");
    let text = project.written(&run).remove(0).1;
    assert!(
        text.contains("raise NotImplementedError(") && text.contains("cannot be undone: "),
        "{text}"
    );
    project.alembic(&["upgrade", "head"]).expect(0);
    let back = project.alembic(&["downgrade", "base"]).expect(1);
    complains(&back, "cannot be undone");
}

/// The way back is tried on a throw-away server; what cannot be built there is said.
#[test]
fn a_way_back_that_was_not_proven() {
    let project = Project::new("new", "psycopg2");
    project.database.execute("CREATE TABLE kept (a integer); CREATE TABLE t (a integer)");
    let url = project.database.url();
    let run = |args: &[&str]| project.ordain.run_in(&project.path(""), args);
    run(&["inspect", &url, "--format", "json", "--out", "now.json"]).expect(0);
    std::fs::write(project.path("to.sql"), "CREATE TABLE kept (a integer);").unwrap();
    let revision = |name: &str, more: &[&str]| {
        let all = ["revision", "-m", name, "--from", "now.json", "--to", "to.sql", "--dry-run"];
        run(&[&all, more].concat()).expect(0)
    };
    let proven = revision("proven", &[]);
    assert!(!proven.stderr.contains("was not tried"), "{}", proven.told());
    assert!(proven.stdout.contains("op.create_table"), "{}", proven.told());
    // A state that no server can be in.
    let snapshot = std::fs::read_to_string(project.path("now.json")).unwrap();
    let odd = snapshot.replace("\"type_name\":\"integer\"", "\"type_name\":\"no_such_type\"");
    assert_ne!(odd, snapshot);
    std::fs::write(project.path("now.json"), odd).unwrap();
    std::fs::write(project.path("to.sql"), "").unwrap();
    let unproven = revision("unproven", &[]);
    complains(&unproven, "the way back is planned, but was not tried");
    complains(&unproven, "no_such_type");
    let unasked = revision("unasked", &["--no-rehearsal"]);
    assert!(!unasked.stderr.contains("was not tried"), "{}", unasked.told());
}
