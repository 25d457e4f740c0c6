//! What is special to Python, to SQLAlchemy, to a driver or to Alembic's offline mode arrives as it is.

use crate::project::{Project, schema, schema_of};

const SQL: &str = "
CREATE TABLE \"Odd %s :name\" (
    id integer PRIMARY KEY,
    data jsonb DEFAULT '{\"a\":1, \"b\": [\"x:y\", null], \"c\":true}',
    pattern text DEFAULT '^\\d+:\\d+\\:\\w$' CHECK (pattern LIKE '%a%' OR pattern ~ '\\:x|:y' OR pattern = '100%%'),
    slice integer[] DEFAULT ('{1,2,3}'::integer[])[(1):2],
    quotes text DEFAULT '\"\"\" '''''' \\\\ %(x)s {0} :a$b :a$: $1',
    at time DEFAULT '12:30:00', odd text DEFAULT E'tab\\there\\r\\nnext\\u00a0:\\u00e9'
);
COMMENT ON TABLE \"Odd %s :name\" IS E'first :line\\n  second\\tline\\\\:x\\n\\n\"\"\"';
CREATE FUNCTION say(a text) RETURNS text LANGUAGE plpgsql AS $f$
declare
\tb text := ':x';
begin
\traise notice 'at % of %%', a;  -- :comment\r
\treturn format('%s:%I', a, b) || $$\"\"\"$$ || '\\:';
end
$f$;
CREATE VIEW v AS SELECT say('a:b') AS \"a\tb\", '%' AS p, '{\"k\":2}'::jsonb ->> 'k' AS k;
";

#[test]
fn literals_arrive_unharmed() {
    let project = Project::new("new", "psycopg2");
    let run = project.revision("literals", SQL, &[]).expect(0);
    let text = project.written(&run).remove(0).1;
    let wanted = schema_of(SQL, &project.path(""));
    project.alembic(&["upgrade", "head"]).expect(0);
    assert_eq!(schema(&project.database), wanted, "{text}");
    for driver in ["psycopg", "asyncpg"] {
        if driver == "asyncpg" {
            project.alembic(&["init", "-t", "async", "other"]).expect(0);
            std::fs::copy(project.path("other/env.py"), project.path("migrations/env.py")).unwrap();
        }
        assert_eq!(project.on_a_new_database(driver), wanted, "{driver}\n{text}");
    }
    assert_eq!(project.offline(), wanted, "offline\n{text}");
    let run = project.revision("again", SQL, &[]).expect(0);
    assert!(run.stdout.starts_with("Nothing to do"), "{}", run.told());
}

#[test]
fn literals_arrive_unharmed_in_older_versions() {
    let project = Project::new("old", "psycopg2");
    project.revision("literals", SQL, &[]).expect(0);
    let wanted = schema_of(SQL, &project.path(""));
    assert_eq!(project.on_a_new_database("psycopg2"), wanted);
    assert_eq!(project.offline(), wanted, "offline");
}
