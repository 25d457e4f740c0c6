//! `ordain revision` towards models, beside things that no model knows.

use std::fs;

use ordain_tests::{Run, sqltext};

use crate::plugin::{BEFORE, after};
use crate::project::{Project, schema};

fn revision(project: &Project, models: &str, message: &str) -> Run {
    fs::write(project.path("models.py"), models).unwrap();
    let url = project.database.url();
    let python = project.command("python").get_program().to_string_lossy().into_owned();
    let args = ["revision", "-m", message, "--from", &url, "--to", "sqlalchemy:models:metadata"];
    let mut all = args.to_vec();
    all.extend(["--python", &python]);
    let run = project.ordain.run_in(&project.path(""), &all);
    assert!(!run.stderr.contains("was not tried"), "{}", run.told());
    run
}

#[test]
fn models_there_and_back() {
    let project = Project::new("new", "psycopg2");
    revision(&project, BEFORE, "the first").expect(0);
    project.alembic(&["upgrade", "head"]).expect(0);
    project.database.execute(
        "CREATE VIEW by_hand AS SELECT id FROM orders; CREATE TABLE app_log (a integer);
         GRANT SELECT ON orders TO PUBLIC;",
    );
    let before = schema(&project.database);
    // The table of no model is in the models' schema, so it would go: it is left out.
    fs::write(project.path("ordain.toml"), "exclude = \"public.app_log\"\n").unwrap();
    let run = revision(&project, &after(), "the change").expect(0);
    assert_eq!(project.written(&run).len(), 2, "{}", run.told());
    project.alembic(&["upgrade", "head"]).expect(0);
    let reached = schema(&project.database);
    let again = revision(&project, &after(), "again").expect(0);
    assert!(again.stdout.starts_with("Nothing to do"), "{}", again.told());
    for statement in before.iter().filter(|s| s.contains("by_hand") || s.starts_with("GRANT")) {
        assert!(reached.contains(statement), "{statement}\n{reached:#?}");
    }
    project.alembic(&["downgrade", "-2"]).expect(0);
    if let Some(difference) = sqltext::difference(&before, &schema(&project.database)) {
        panic!("the way back: {difference}");
    }
    project.alembic(&["upgrade", "head"]).expect(0);
    assert_eq!(schema(&project.database), reached);
}
