//! `alembic revision --autogenerate` and `alembic check` with the plugin of `python/`.

use std::fs;

use ordain_tests::{Run, case::root, ordain::finish, sqltext};

use crate::project::{Driver, Project, schema};

pub const BEFORE: &str = r#"
import enum
from sqlalchemy import CheckConstraint, Column, Enum, Index, Integer, MetaData, String, Table, text

class Status(enum.Enum):
    open = "open"
    done = "done"

metadata = MetaData()
orders = Table(
    "orders", metadata,
    Column("id", Integer, primary_key=True),
    Column("state", Enum(Status, name="status"), nullable=False, server_default="open"),
    Column("kind", Enum("a", "b", name="kind", native_enum=False, create_constraint=True, length=5)),
    Column("data", String, server_default=text("'{\"a\":1, \"b\": \"100%\"}'"), default=lambda: "x"),
    CheckConstraint("data like '%a%' or id > 1", name="sane"),
)
"#;

/// A label that is the default at once, another check, another label in a CHECK, a comment of two lines.
pub fn after() -> String {
    BEFORE
        .replace("    open = ", "    draft = \"draft\"\n    open = ")
        .replace(
            "server_default=\"open\"",
            "server_default=\"draft\", comment=\"one \\n  two: 100%\\t:x\"",
        )
        .replace("\"a\", \"b\"", "\"a\", \"b\", \"c\"")
        .replace("id > 1", "id > 2")
        + "Index(\"orders_open\", orders.c.id, postgresql_where=text(\"state = 'draft'\"))\n"
}

struct Plugged {
    project: Project,
}

impl Plugged {
    /// A project whose env.py imports `models.py`, with the plugin installed beside it.
    fn new(environment: &str, driver: Driver, says_import: bool) -> Self {
        let project = Project::new(environment, driver);
        let plugin = project.path("plugin");
        let mut pip = project.command("python");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--target",
        ]);
        finish(pip.arg(&plugin).arg(root().join("python"))).expect(0);
        project.edit("migrations/env.py", |text| {
            let import = if says_import {
                "import sys; sys.path.insert(0, 'plugin')\nimport ordain_alembic\n"
            } else {
                ""
            };
            text.replace(
                "target_metadata = None",
                &format!("{import}from models import metadata as target_metadata"),
            )
        });
        fs::write(project.path("models.py"), BEFORE).unwrap();
        Self { project }
    }

    fn alembic(&self, args: &[&str]) -> Run {
        let mut alembic = self.project.command("alembic");
        alembic.env("PYTHONPATH", self.project.path("plugin"));
        alembic.env("ORDAIN", env!("CARGO_BIN_EXE_ordain"));
        let probe = self.project.ordain.command(&["--version"]);
        for (key, value) in probe.get_envs() {
            if let Some(value) = value {
                alembic.env(key, value);
            }
        }
        finish(alembic.args(args))
    }

    /// Models are what the database has: autogenerate, upgrade, check, downgrade, upgrade.
    fn cycle(&self, models: &str, files: usize) -> Vec<String> {
        fs::write(self.project.path("models.py"), models).unwrap();
        let before = schema(&self.project.database);
        let check = self.alembic(&["check"]);
        assert!(
            check.code != 0 && check.stderr.contains("New upgrade operations detected"),
            "{}",
            check.told()
        );
        let count = || {
            fs::read_dir(self.project.path("migrations/versions"))
                .unwrap()
                .flatten()
                .filter(|e| e.path().is_file())
                .count()
        };
        let there = count();
        self.alembic(&["revision", "--autogenerate", "-m", "change"]).expect(0);
        assert_eq!(count() - there, files);
        self.alembic(&["upgrade", "head"]).expect(0);
        let after = schema(&self.project.database);
        assert_ne!(before, after);
        self.alembic(&["check"]).expect(0);
        self.alembic(&["downgrade", &format!("-{files}")]).expect(0);
        let back = schema(&self.project.database);
        if let Some(difference) = sqltext::difference(&before, &back) {
            panic!("the way back: {difference}");
        }
        self.alembic(&["upgrade", "head"]).expect(0);
        assert_eq!(schema(&self.project.database), after);
        self.alembic(&["check"]).expect(0);
        after
    }

    fn both(&self) {
        self.cycle(BEFORE, 1);
        let after = self.cycle(&after(), 2);
        assert!(after.iter().any(|s| s.contains("'draft'::public.status")), "{after:#?}");
        assert!(after.iter().any(|s| s.contains("one \n  two: 100%\t:x")), "{after:#?}");
        assert_eq!(self.project.offline(), after);
    }
}

#[test]
fn autogenerate_and_check_are_ordains() {
    Plugged::new("new", "psycopg", false).both();
}

#[test]
fn with_an_async_environment() {
    let plugged = Plugged::new("new", "asyncpg", false);
    plugged.cycle(BEFORE, 1);
}

/// What other libraries declare is made once: by ordain.
#[test]
fn beside_libraries_that_compare_too() {
    let libraries = r#"
from alembic_utils.pg_function import PGFunction
from alembic_utils.replaceable_entity import register_entities
from sqlalchemy_declarative_extensions import Row, Rows, View, Views, register_alembic_events

register_entities([PGFunction("public", "up(a text)", "returns text language sql as $$ select upper(a) || ':b' $$")])
metadata.info["views"] = Views().are(View("opened", "SELECT id FROM orders WHERE state = 'open'"))
metadata.info["rows"] = Rows(ignore_unspecified=True).are(Row("orders", id=7, state="done", kind="a", data="a"))
register_alembic_events(databases=False, roles=False)
"#;
    for (environment, says_import) in [("models", false), ("middle", true)] {
        let plugged = Plugged::new(environment, "psycopg", says_import);
        fs::write(plugged.project.path("models.py"), format!("{BEFORE}{libraries}")).unwrap();
        plugged.alembic(&["revision", "--autogenerate", "-m", "all"]).expect(0);
        plugged.alembic(&["upgrade", "head"]).expect(0);
        // Rows are none of ordain's: that library still brings its own.
        plugged.alembic(&["revision", "--autogenerate", "-m", "rows"]).expect(0);
        plugged.alembic(&["upgrade", "head"]).expect(0);
        plugged.alembic(&["check"]).expect(0);
        let database = &plugged.project.database;
        assert_eq!(database.value("SELECT up(state::text) FROM orders WHERE id = 7"), "DONE:b");
        assert_eq!(database.value("SELECT count(*) FROM opened"), "0");
        plugged.alembic(&["downgrade", "base"]).expect(0);
        assert_eq!(schema(database), Vec::<String>::new());
    }
}

/// A hook may give revisions ids of its own; the two of one change stay behind each other.
#[test]
fn with_a_hook_that_numbers() {
    let plugged = Plugged::new("new", "psycopg", false);
    let numbered = |ids: &str| {
        let hook = format!("def numbered(context, revision, directives):\n{ids}\n\n");
        move |text: String| {
            let text = text
                .replace("def run_migrations_online", &format!("{hook}def run_migrations_online"));
            text.replace(
                "target_metadata=target_metadata\n        )",
                "target_metadata=target_metadata,\n            process_revision_directives=numbered)",
            )
        }
    };
    plugged.cycle(BEFORE, 1);
    let env = fs::read_to_string(plugged.project.path("migrations/env.py")).unwrap();
    plugged.project.edit(
        "migrations/env.py",
        numbered("    for directive in directives:\n        directive.rev_id = 'same'"),
    );
    fs::write(plugged.project.path("models.py"), after()).unwrap();
    let run = plugged.alembic(&["revision", "--autogenerate", "-m", "change"]);
    assert!(run.code != 0 && run.stderr.contains("gives both the id 'same'"), "{}", run.told());
    fs::write(plugged.project.path("migrations/env.py"), env).unwrap();
    plugged.project.edit("migrations/env.py", numbered("    directives[0].rev_id = '0002'"));
    plugged.cycle(&after(), 2);
}

/// `target_metadata` may be a list: one desired state, in which each may refer to the others.
#[test]
fn several_metadata() {
    let plugged = Plugged::new("new", "psycopg", false);
    plugged.project.edit("migrations/env.py", |text| {
        text.replace(
            "from models import metadata as target_metadata",
            "import models\ntarget_metadata = [models.metadata, models.more]",
        )
    });
    let more = "
more = MetaData(schema='app')
Table('customers', more, Column('id', Integer, primary_key=True),
    Column('first', Integer, ForeignKey('public.orders.id')))
";
    plugged.project.database.execute("CREATE SCHEMA app");
    let models = format!("from sqlalchemy import ForeignKey, Integer\n{BEFORE}{more}");
    let after = plugged.cycle(&models, 1);
    let has = |text: &str| after.iter().any(|statement| statement.contains(text));
    assert!(has("CREATE TABLE app.customers") && has("CREATE TABLE public.orders"), "{after:#?}");
    assert!(has("REFERENCES public.orders"), "{after:#?}");
}

#[test]
fn before_there_were_plugins() {
    for (environment, driver) in [("middle", "psycopg"), ("old", "psycopg2")] {
        Plugged::new(environment, driver, true).both();
    }
}

#[test]
fn without_the_program_it_says_so() {
    let plugged = Plugged::new("new", "psycopg", false);
    let mut alembic = plugged.project.command("alembic");
    alembic.env("PYTHONPATH", plugged.project.path("plugin")).env("ORDAIN", "");
    alembic.env("PATH", "/nonexistent");
    let run = finish(alembic.args(["check"]));
    assert!(run.stderr.contains("the program `ordain` was not found"), "{}", run.told());
}
