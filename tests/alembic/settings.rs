//! Where a project's revisions are and what they are called.

use std::fs;

use crate::project::{Project, schema, schema_of};

const TABLE: &str = "CREATE TABLE t (a integer);";

#[test]
fn alembic_finds_what_the_settings_say() {
    let project = Project::new("new", "psycopg2");
    project.edit("alembic.ini", |text| {
        text.replace(
            "path_separator = os",
            "path_separator = os\nversion_locations = %(here)s/one:%(here)s/two\nrecursive_version_locations = true\n\
             file_template = %%(year)d/%%(month).2d_%%(day).2d_%%(rev)s-%%(slug)s\ntruncate_slug_length = 9\ntimezone = UTC",
        )
    });
    let run = project.revision("Add the table", TABLE, &[]).expect(1);
    assert!(run.stderr.contains("--version-path"), "{}", run.told());
    let two = project.path("two").display().to_string();
    let run = project
        .revision("Add the table", TABLE, &["--version-path", &two, "--rev-id", "abc"])
        .expect(0);
    let (name, text) = project.written(&run).remove(0);
    assert!(name.contains("/two/2") && name.ends_with("_abc-add_the_.py"), "{name}");
    assert!(
        text.contains("\"\"\"Add the table\n\nRevision ID: abc\nRevises: \nCreate Date: 2"),
        "{text}"
    );
    assert!(text.contains("+00:00\n"), "{text}");
    project.alembic(&["upgrade", "head"]).expect(0);
    assert_eq!(schema(&project.database), schema_of(TABLE, &project.path("")));
    let run = project.revision("more", "CREATE TABLE t (a bigint);", &[]).expect(0);
    assert!(project.written(&run)[0].0.contains("/two/"), "{}", run.told());
    project.alembic(&["upgrade", "head"]).expect(0);
}

#[test]
fn pyproject_alone() {
    let project = Project::new("new", "psycopg2");
    project.edit("alembic.ini", |text| {
        let lines = text.lines().filter(|line| !line.starts_with("script_location"));
        lines.map(|line| format!("{line}\n")).collect()
    });
    fs::write(
        project.path("pyproject.toml"),
        "[tool.alembic]\nscript_location = \"%(here)s/migrations\"\nversion_locations = [\"%(here)s/moved\"]\nfile_template = \"%%(slug)s\"\n",
    )
    .unwrap();
    let run = project.revision("add it", TABLE, &["--config", "pyproject.toml"]).expect(0);
    assert!(project.written(&run)[0].0.ends_with("/moved/add_it.py"), "{}", run.told());
    project.alembic(&["upgrade", "head"]).expect(0);
    assert_eq!(schema(&project.database), schema_of(TABLE, &project.path("")));
}

#[test]
fn the_projects_template_and_version_table() {
    let project = Project::new("new", "psycopg2");
    project.edit("migrations/script.py.mako", |text| {
        text.replace("\"\"\"${message}", "# House rules.\n\"\"\"${message}")
            .replace("Upgrade schema.", "There.")
    });
    project.edit("migrations/env.py", |text| {
        text.replace(
            "target_metadata=target_metadata",
            "target_metadata=target_metadata, version_table='revisions', version_table_schema=\"public\"",
        )
    });
    for (i, sql) in [TABLE, "CREATE TABLE t (a bigint);"].into_iter().enumerate() {
        let run = project.revision("it", sql, &[]).expect(0);
        let text = project.written(&run).remove(0).1;
        assert!(
            text.starts_with("# House rules.\n") && text.contains("\"\"\"There.\"\"\""),
            "{text}"
        );
        project.alembic(&["upgrade", "head"]).expect(0);
        assert_eq!(project.database.value("SELECT count(*) FROM revisions"), "1", "{i}");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = Project::new("new", "psycopg2");
    let run = project.revision("it", TABLE, &["--dry-run"]).expect(0);
    assert!(run.stdout.contains("def upgrade() -> None:"), "{}", run.told());
    assert_eq!(fs::read_dir(project.path("migrations/versions")).unwrap().count(), 0);
}

/// Without a project: functions to paste.
#[test]
fn plan_shows_revisions() {
    let project = Project::new("new", "psycopg2");
    fs::write(project.path("schema.sql"), TABLE).unwrap();
    let args = ["plan", "--from", "empty:", "--to", "schema.sql", "--format"];
    let run = |format: &str| {
        let mut args = args.to_vec();
        args.push(format);
        project.ordain.run_in(&project.path(""), &args).expect(0)
    };
    let shown = run("alembic").stdout;
    assert!(shown.contains("def downgrade() -> None:\n"), "{shown}");
    assert!(
        shown.contains("DROP TABLE public.t")
            || shown.contains("op.drop_table(\"t\", schema=\"public\")"),
        "{shown}"
    );
    fs::write(project.path("plan.json"), run("json").stdout).unwrap();
    let review = ["review", "plan.json", "--format", "alembic"];
    let review = project.ordain.run_in(&project.path(""), &review).expect(0).stdout;
    assert!(review.contains("raise NotImplementedError("), "{review}");
}
