//! What is said of models that cannot be read, what else may stand beside them, and how they are found.

use std::fs;

use ordain_tests::{Database, Run};

use crate::World;

const MODELS: &str = r#"
import enum

from sqlalchemy import Column, Enum, Integer, MetaData, String, Table

print("noise on import")


class Status(enum.Enum):
    DRAFT = "draft"
    SENT = "sent"


metadata = MetaData()
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("status", Enum(Status), nullable=False, server_default="DRAFT"),
    Column("note", String(20)),
)
"#;

/// A project folder, and a database.
struct Project {
    world: World,
    folder: tempfile::TempDir,
    database: Database<'static>,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let world = World::new("models");
        let database = world.server.database();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { world, folder, database }
    }

    fn run(&self, command: &str, to: &[&str], more: &[&str]) -> Run {
        let url = self.database.url();
        let mut args = vec![command, "--from", &url];
        for to in to {
            args.extend(["--to", to]);
        }
        args.extend(more);
        self.world.run(self.folder.path(), &args)
    }

    fn apply(&self, to: &[&str], more: &[&str]) -> Run {
        let mut flags = vec!["--yes", "--allow", "all"];
        flags.extend(more);
        let run = self.run("apply", to, &flags).expect(0);
        self.run("check", to, more).expect(0);
        run
    }
}

fn says(run: &Run, texts: &[&str]) {
    for text in texts {
        assert!(run.stderr.contains(text), "{text:?} was not said\n{}", run.told());
    }
}

#[test]
fn what_a_project_prints_does_not_disturb() {
    let project = Project::new(&[("app/__init__.py", ""), ("app/models.py", MODELS)]);
    let run = project.apply(&["sqlalchemy:app.models:metadata"], &[]);
    assert!(!run.told().contains("noise"), "{}", run.told());
    // The usual name is found, and metadata that is named twice is read once.
    project.run("check", &["sqlalchemy:app.models"], &[]).expect(0);
    project.run("check", &["sqlalchemy:app.models:metadata,app.models:metadata"], &[]).expect(0);
}

#[test]
fn import_errors_are_shown_as_python_shows_them() {
    let project = Project::new(&[
        ("broken.py", "print('before')\nimport no_such_package\n"),
        ("typo.py", "x = 1\nif x\n"),
        ("ends.py", "import sys\nsys.exit(3)\n"),
        ("models.py", MODELS),
    ]);
    let run = project.run("plan", &["sqlalchemy:broken:metadata"], &[]).expect(1);
    says(&run, &["broken.py\", line 2", "ModuleNotFoundError: No module named 'no_such_package'"]);
    says(
        &run,
        &["it printed before:", "before", "no_such_package is not installed for", "--python"],
    );
    assert!(!run.stderr.contains("<frozen"), "{}", run.told());
    says(&project.run("plan", &["sqlalchemy:typo:m"], &[]).expect(1), &["SyntaxError", "line 2"]);
    says(&project.run("plan", &["sqlalchemy:ends:m"], &[]).expect(1), &["SystemExit: 3"]);
    let run = project.run("plan", &["sqlalchemy:models:Base"], &[]).expect(1);
    says(&run, &["models has no attribute Base", "metadata"]);
    let run = project.run("plan", &["sqlalchemy:models:Status"], &[]).expect(1);
    says(&run, &["which holds no tables"]);
    let run = project.run("plan", &["sqlalchemy:nowhere.models:Base"], &[]).expect(1);
    says(&run, &["No module named 'nowhere'", "run ordain in the folder where"]);
}

#[test]
fn one_type_name_with_two_sets_of_labels() {
    let project = Project::new(&[(
        "models.py",
        r#"
from sqlalchemy import Column, Enum, Integer, MetaData, Table

metadata = MetaData()
Table("a", metadata, Column("id", Integer, primary_key=True), Column("s", Enum("x", "y", name="kind")))
Table("b", metadata, Column("id", Integer, primary_key=True), Column("s", Enum("x", "z", name="kind")))
"#,
    )]);
    let run = project.run("plan", &["sqlalchemy:models:metadata"], &[]).expect(1);
    says(&run, &["type kind is spelled in two ways", "a.s: 'x', 'y'", "b.s: 'x', 'z'"]);
}

#[test]
fn a_default_that_is_a_value_and_no_label() {
    let models = MODELS.replace("server_default=\"DRAFT\"", "server_default=\"draft\"");
    let project = Project::new(&[("models.py", &models)]);
    let run = project.run("plan", &["sqlalchemy:models:metadata"], &[]).expect(1);
    says(
        &run,
        &["orders.status: its server default 'draft' is no label", "server_default='DRAFT'"],
    );
}

#[test]
fn sql_beside_models() {
    let view =
        "CREATE VIEW drafts AS SELECT id, mark(note) AS note FROM orders WHERE status = 'DRAFT';";
    let function = "CREATE FUNCTION mark(text) RETURNS text LANGUAGE sql AS 'SELECT $1 || ''!''';";
    let project = Project::new(&[
        ("models.py", MODELS),
        ("views/drafts.sql", view),
        ("views/mark.sql", function),
    ]);
    project.database.execute("CREATE VIEW left_over AS SELECT 1 AS a; CREATE TYPE pair AS (a int)");
    let both = ["sqlalchemy:models:metadata", "views"];
    project.apply(&both, &[]);
    // Views are spoken of now, composite types are not.
    assert_eq!(project.database.value("SELECT to_regclass('left_over') IS NULL"), "t");
    assert_eq!(project.database.value("SELECT to_regtype('pair') IS NULL"), "f");
    let run = project.run("plan", &["sqlalchemy:models:metadata"], &["--exit-code"]).expect(0);
    assert!(run.stdout.contains("Nothing to do"), "{}", run.told());

    fs::write(project.folder.path().join("views/orders.sql"), "CREATE TABLE orders (id int);")
        .unwrap();
    let run = project.run("plan", &both, &[]).expect(1);
    says(&run, &["views/orders.sql:1:", "not alike", "sqlalchemy:models:metadata:"]);
}

#[test]
fn what_is_said_twice_and_alike_is_one() {
    let shared = "Table('shared', metadata, Column('id', Integer, primary_key=True))";
    let head = "from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table\nmetadata = MetaData()\n";
    let users = "Table('uses', metadata, Column('a', Integer, index=True), Column('b', Integer, ForeignKey('nobodys.id')), Index('ix_uses_a', 'a'), Index('of_nothing'))";
    let project = Project::new(&[
        ("one.py", &format!("{head}{shared}\n{users}")),
        ("two.py", &format!("{head}{shared}\n")),
        ("three.py", &format!("{head}{}\n", shared.replace("Integer", "BigInteger"))),
    ]);
    let (one, two) = ("sqlalchemy:one:metadata", "sqlalchemy:two:metadata");
    let run = project.run("plan", &[one, two], &[]).expect(1);
    says(&run, &["relation \"nobodys\" does not exist", "name the metadata that does as well"]);
    project.database.execute("CREATE TABLE nobodys (id int PRIMARY KEY)");
    says(&project.apply(&[one, two], &[]), &["index of_nothing of table uses has no columns"]);
    let run = project.run("plan", &[one, "sqlalchemy:three:metadata"], &[]).expect(1);
    says(&run, &["table shared", "one:metadata", "three:metadata", "not alike"]);
}

#[test]
fn what_stands_in_the_way_is_named() {
    let project = Project::new(&[("models.py", MODELS)]);
    project.apply(&["sqlalchemy:models:metadata"], &[]);
    project.database.execute("CREATE VIEW notes AS SELECT note FROM orders");
    let models = MODELS.replace("    Column(\"note\", String(20)),\n", "");
    fs::write(project.folder.path().join("models.py"), models).unwrap();
    let run = project.run("plan", &["sqlalchemy:models:metadata"], &[]).expect(3);
    says(&run, &["column public.orders.note", "view public.notes", "outside the scope"]);
    assert_eq!(project.database.value("SELECT count(*) FROM notes"), "0");
}

#[test]
fn schemas_are_translated() {
    let models = MODELS.replace(
        "    Column(\"note\"",
        "    Column(\"kind\", Enum(\"a\", name=\"kind\", schema=\"tenant\")),\n    Column(\"note\"",
    );
    let models = models.replace("String(20)),\n)", "String(20)),\n    schema=\"tenant\",\n)");
    let project = Project::new(&[("models.py", &models)]);
    let flags = ["--translate-schema", "tenant=acme", "--translate-schema", "=shared"];
    project.apply(&["sqlalchemy:models:metadata"], &flags);
    let made = "SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid::regclass::text) FROM pg_class c WHERE relkind = 'r' AND c.oid >= 16384";
    assert_eq!(project.database.value(made), "acme.orders");
    assert_eq!(project.database.value("SELECT to_regtype('acme.kind') IS NULL"), "f");
    assert_eq!(project.database.value("SELECT to_regnamespace('tenant') IS NULL"), "t");
}

#[test]
fn other_libraries_beside_sqlalchemy() {
    let flask = r#"
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask("shop")
app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+asyncpg://nobody@nowhere/nothing"
db = SQLAlchemy(app)


class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"#;
    let sqlmodel = r#"
from typing import Optional

from sqlmodel import Field, SQLModel


class Hero(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str
"#;
    let declared = r#"
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base
from alembic_utils.pg_function import PGFunction
from alembic_utils.replaceable_entity import register_entities
from sqlalchemy_declarative_extensions import (
    Functions, Triggers, View, Views, declarative_database, register_sqlalchemy_events,
)
from sqlalchemy_declarative_extensions.dialects.postgresql import Function, Trigger


@declarative_database
class Base(declarative_base()):
    __abstract__ = True
    functions = Functions().are(
        Function("bump", "begin new.n := new.n % 7; return new; end", language="plpgsql", returns="trigger")
    )
    triggers = Triggers().are(Trigger.before("insert", on="t", execute="bump").named("bump").for_each_row())
    views = Views(ignore_unspecified=True).are(View("ones", "SELECT id FROM t WHERE n::text <> ':x%'"))


class T(Base):
    __tablename__ = "t"
    id = Column(Integer, primary_key=True)
    n = Column(Integer)


register_sqlalchemy_events(Base.metadata, views=True, functions=True, triggers=True)
register_entities([PGFunction("public", "up(a text)", "returns text language sql as $$ select upper(a) || ':b' $$")])
"#;
    let project =
        Project::new(&[("shop.py", flask), ("heroes.py", sqlmodel), ("declared.py", declared)]);
    project.apply(&["sqlalchemy:shop:db", "sqlalchemy:heroes:SQLModel"], &[]);
    assert_eq!(project.database.value("SELECT count(*) FROM thing, hero"), "0");
    project.database.execute("CREATE VIEW by_hand AS SELECT 1 AS a");
    project.apply(&["sqlalchemy:declared:Base"], &[]);
    project.database.execute("INSERT INTO t (id, n) VALUES (1, 9)");
    assert_eq!(project.database.value("SELECT n || up('x') FROM t JOIN ones USING (id)"), "2X:b");
    assert_eq!(project.database.value("SELECT a FROM by_hand"), "1");
}

#[test]
fn a_project_that_wants_its_driver_is_read_without_it() {
    let models = format!(
        "from sqlalchemy import create_engine\nengine = create_engine('postgresql+pg8000://u@h/d')\n\
         other = create_engine('postgresql+psycopg2://u@h/d')\n{MODELS}"
    );
    let project = Project::new(&[("models.py", &models)]);
    project.apply(&["sqlalchemy:models:metadata"], &[]);
    let connects = format!("{models}\nengine.connect()\n");
    fs::write(project.folder.path().join("models.py"), connects).unwrap();
    let run = project.run("plan", &["sqlalchemy:models:metadata"], &[]).expect(1);
    says(&run, &["connects to a database when it is imported"]);
}

#[test]
fn inherited_tables_come_in_any_order() {
    let project = Project::new(&[(
        "models.py",
        r#"
from sqlalchemy import DDL, Column, Date, Integer, MetaData, Table, event

metadata = MetaData()
Table("a_child", metadata, Column("more", Integer), postgresql_inherits="z_parent")
Table("z_parent", metadata, Column("id", Integer, primary_key=True))
day = Table("z_days", metadata, Column("day", Date, primary_key=True), postgresql_partition_by="RANGE (day)")
event.listen(
    metadata, "before_create", DDL("CREATE TABLE a_day PARTITION OF z_days FOR VALUES FROM ('2024-01-01') TO ('2024-01-02')")
)
"#,
    )]);
    project.apply(&["sqlalchemy:models:metadata"], &[]);
    let children = "SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid::regclass::text) FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid WHERE relkind = 'r'";
    assert_eq!(project.database.value(children), "a_child a_day");
}

#[test]
fn names_without_a_schema_are_where_the_search_path_says() {
    let models = "
from sqlalchemy import Column, Enum, ForeignKey, Integer, MetaData, Table

metadata = MetaData()
Table(
    't', metadata, Column('id', Integer, primary_key=True), Column('old', Integer, ForeignKey('legacy.id')),
    Column('e', Enum('a', name='e')),
)
";
    let project = Project::new(&[("models.py", models)]);
    let name = project.database.name();
    project.database.execute(&format!(
        "CREATE SCHEMA app; CREATE TABLE app.legacy (id int PRIMARY KEY); CREATE TABLE app.gone (id int);
         CREATE TABLE public.kept (id int); ALTER DATABASE {name} SET search_path = app, public"
    ));
    project.apply(&["sqlalchemy:models:metadata"], &[]);
    let tables = "SELECT string_agg(n.nspname || '.' || relname, ' ' ORDER BY nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND c.oid >= 16384";
    // What is referred to stays, what nothing mentions goes, and another schema is nobody's business.
    assert_eq!(project.database.value(tables), "app.legacy app.t public.kept");
}
