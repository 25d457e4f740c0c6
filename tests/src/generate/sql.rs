//! A schema as a script that runs from top to bottom, and rows for it.

use std::fmt::Write;

use super::{
    Rng,
    schema::{
        Column, Constraint, ConstraintKind, Filling, Partitions, Qualified, Routine, Schema, Table,
        Type, TypeDef, View,
    },
};
use crate::rows::quote;

fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Statements, one a line or more.
#[derive(Default)]
struct Script(String);

impl Script {
    fn add(&mut self, statement: impl AsRef<str>) {
        let _ = writeln!(self.0, "{};", statement.as_ref());
    }

    fn comment(&mut self, on: String, comment: &Option<String>) {
        if let Some(comment) = comment {
            self.add(format!("COMMENT ON {on} IS {}", literal(comment)));
        }
    }
}

pub fn script(schema: &Schema) -> String {
    let mut out = Script::default();
    for name in &schema.schemas {
        out.add(format!("CREATE SCHEMA {}", quote(name)));
    }
    types(schema, &mut out);
    for (name, sequence) in &schema.sequences {
        let maximum = sequence.maximum.map_or(String::new(), |m| format!(" MAXVALUE {m}"));
        let start = if sequence.increment < 0 { " MINVALUE -5000 START -1" } else { "" };
        let maximum = if sequence.increment < 0 { String::new() } else { maximum };
        let cycle = if sequence.cycle { " CYCLE" } else { "" };
        out.add(format!(
            "CREATE SEQUENCE {} INCREMENT {}{start}{maximum}{cycle}",
            name.sql(),
            sequence.increment
        ));
    }
    routines(schema, &mut out, false);
    let (parents, children): (Vec<_>, Vec<_>) =
        schema.tables.iter().partition(|(_, t)| t.parent.is_none());
    for (name, t) in parents.into_iter().chain(children) {
        table(name, t, &mut out);
    }
    for (name, sequence) in &schema.sequences {
        if let Some((table, column)) = &sequence.owned_by {
            out.add(format!(
                "ALTER SEQUENCE {} OWNED BY {}.{}",
                name.sql(),
                table.sql(),
                quote(column)
            ));
        }
    }
    for (name, t) in &schema.tables {
        constraints(name, t, &mut out, true);
    }
    routines(schema, &mut out, true);
    for view in &schema.views {
        self::view(view, &mut out);
    }
    for (name, t) in &schema.tables {
        satellites(name, t, &mut out);
    }
    out.0
}

fn types(schema: &Schema, out: &mut Script) {
    for (name, def) in &schema.types {
        if let TypeDef::Enum { labels, comment } = def {
            let labels: Vec<_> = labels.iter().map(|l| literal(l)).collect();
            out.add(format!("CREATE TYPE {} AS ENUM ({})", name.sql(), labels.join(", ")));
            out.comment(format!("TYPE {}", name.sql()), comment);
        }
    }
    for (name, def) in &schema.types {
        match def {
            TypeDef::Enum { .. } => {}
            TypeDef::Domain { base, check, not_null, comment } => {
                let check = check
                    .as_ref()
                    .map_or(String::new(), |c| format!(" CONSTRAINT rule CHECK ({c})"));
                let null = if *not_null { " NOT NULL" } else { "" };
                out.add(format!("CREATE DOMAIN {} AS {}{null}{check}", name.sql(), base.sql()));
                out.comment(format!("DOMAIN {}", name.sql()), comment);
            }
            TypeDef::Composite { attributes, comment } => {
                let list: Vec<_> =
                    attributes.iter().map(|(n, t)| format!("{} {}", quote(n), t.sql())).collect();
                out.add(format!("CREATE TYPE {} AS ({})", name.sql(), list.join(", ")));
                out.comment(format!("TYPE {}", name.sql()), comment);
            }
        }
    }
}

/// Those that need tables come `late`.
fn routines(schema: &Schema, out: &mut Script, late: bool) {
    for (name, routine) in &schema.routines {
        let name = name.sql();
        let is_late = matches!(
            routine,
            Routine::Count { .. } | Routine::SetOf { .. } | Routine::OfRow { .. }
        );
        if is_late != late {
            continue;
        }
        out.add(match routine {
            Routine::Number { add, atomic: true, strict: _ } => {
                format!("CREATE FUNCTION {name}(n integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n + {add}; END")
            }
            Routine::Number { add, strict, .. } => {
                let strict = if *strict { " STRICT" } else { "" };
                format!("CREATE FUNCTION {name}(n integer) RETURNS integer LANGUAGE sql IMMUTABLE{strict} AS $$ SELECT n + {add} $$")
            }
            Routine::OfType { r#type } => {
                format!("CREATE FUNCTION {name}(v {}) RETURNS text LANGUAGE sql STABLE AS $$ SELECT v::text $$", r#type.sql())
            }
            Routine::IsLabel { r#type, label } => format!(
                "CREATE FUNCTION {name}(v {0}) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT v = {1}::{0} $$",
                r#type.sql(),
                literal(label)
            ),
            Routine::Trigger { note } => {
                format!("CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN /* {note} */ RETURN coalesce(new, old); END $$")
            }
            Routine::Procedure { note } => {
                format!("CREATE PROCEDURE {name}(n integer DEFAULT {note}) LANGUAGE plpgsql AS $$ BEGIN PERFORM n; END $$")
            }
            Routine::Count { table } => {
                format!("CREATE FUNCTION {name}() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM {} $$", table.sql())
            }
            Routine::SetOf { table } => {
                format!("CREATE FUNCTION {name}() RETURNS SETOF {0} LANGUAGE sql STABLE AS $$ SELECT * FROM {0} $$", table.sql())
            }
            Routine::OfRow { table } => {
                format!("CREATE FUNCTION {name}(r {}) RETURNS text LANGUAGE sql STABLE AS $$ SELECT r::text $$", table.sql())
            }
        });
    }
}

fn column(column: &Column, number: usize) -> String {
    let mut text = format!("{} {}", quote(&column.name), column.r#type.sql());
    match &column.filling {
        Filling::Nothing => {}
        Filling::Literal(literal) => text.push_str(&format!(" DEFAULT {literal}")),
        Filling::NextVal(sequence) => {
            text.push_str(&format!(" DEFAULT nextval('{}')", sequence.sql().replace('\'', "''")))
        }
        Filling::Call(function) => text.push_str(&format!(" DEFAULT {}({number})", function.sql())),
        Filling::Identity { always } => {
            text.push_str(if *always {
                " GENERATED ALWAYS AS IDENTITY"
            } else {
                " GENERATED BY DEFAULT AS IDENTITY"
            });
        }
        Filling::Generated(from) => {
            text.push_str(&format!(" GENERATED ALWAYS AS ({} * 2) STORED", quote(from)))
        }
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    text
}

fn table(name: &Qualified, table: &Table, out: &mut Script) {
    let unlogged = if table.unlogged { "UNLOGGED " } else { "" };
    let columns: Vec<_> =
        table.columns.iter().enumerate().map(|(i, c)| format!("    {}", column(c, i))).collect();
    let inherits =
        table.parent.as_ref().map_or(String::new(), |p| format!(" INHERITS ({})", p.sql()));
    let by = table
        .partitions
        .as_ref()
        .map_or(String::new(), |p| format!(" PARTITION BY {} (id)", p.strategy));
    out.add(format!(
        "CREATE {unlogged}TABLE {} (\n{}\n){inherits}{by}",
        name.sql(),
        columns.join(",\n")
    ));
    if let Some(partitions) = &table.partitions {
        for (child, number) in &partitions.children {
            let child = Qualified(name.0.clone(), child.clone());
            out.add(format!(
                "CREATE TABLE {} PARTITION OF {} {}",
                child.sql(),
                name.sql(),
                bound(partitions, *number)
            ));
        }
    }
    out.comment(format!("TABLE {}", name.sql()), &table.comment);
    for column in &table.columns {
        out.comment(format!("COLUMN {}.{}", name.sql(), quote(&column.name)), &column.comment);
    }
    constraints(name, table, out, false);
}

fn bound(partitions: &Partitions, number: usize) -> String {
    match (partitions.strategy, number) {
        (_, 0) => "DEFAULT".to_owned(),
        ("RANGE", n) => format!("FOR VALUES FROM ({}) TO ({})", n * 10 - 10, n * 10),
        ("LIST", n) => format!("FOR VALUES IN ({n}, {})", n + 10),
        (_, n) => format!("FOR VALUES WITH (MODULUS 4, REMAINDER {})", n % 4),
    }
}

/// Foreign keys come when all tables are there.
fn constraints(of: &Qualified, table: &Table, out: &mut Script, foreign: bool) {
    for (name, Constraint { kind, comment }) in &table.constraints {
        let list =
            |columns: &[String]| columns.iter().map(|c| quote(c)).collect::<Vec<_>>().join(", ");
        let deferred = |yes: bool| if yes { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
        let text = match kind {
            ConstraintKind::Primary(columns) => format!("PRIMARY KEY ({})", list(columns)),
            ConstraintKind::Unique { columns, deferrable } => {
                format!("UNIQUE ({}){}", list(columns), deferred(*deferrable))
            }
            ConstraintKind::Check { sql, no_inherit, .. } => {
                format!("CHECK ({sql}){}", if *no_inherit { " NO INHERIT" } else { "" })
            }
            ConstraintKind::Foreign { column, table, action, deferrable, not_valid } => {
                let valid = if *not_valid { " NOT VALID" } else { "" };
                format!(
                    "FOREIGN KEY ({}) REFERENCES {} (id){action}{}{valid}",
                    quote(column),
                    table.sql(),
                    deferred(*deferrable)
                )
            }
            ConstraintKind::Exclude { column } => {
                format!("EXCLUDE USING btree ({} WITH =)", quote(column))
            }
        };
        if matches!(kind, ConstraintKind::Foreign { .. }) == foreign {
            out.add(format!("ALTER TABLE {} ADD CONSTRAINT {} {text}", of.sql(), quote(name)));
            out.comment(format!("CONSTRAINT {} ON {}", quote(name), of.sql()), comment);
        }
    }
}

fn satellites(of: &Qualified, table: &Table, out: &mut Script) {
    for (name, index) in &table.indexes {
        let unique = if index.unique { "UNIQUE " } else { "" };
        let include =
            index.include.as_ref().map_or(String::new(), |c| format!(" INCLUDE ({})", quote(c)));
        let predicate =
            index.predicate.as_ref().map_or(String::new(), |(_, p)| format!(" WHERE {p}"));
        out.add(format!(
            "CREATE {unique}INDEX {} ON {} USING {} ({}){include}{predicate}",
            quote(name),
            of.sql(),
            index.method,
            index.key
        ));
        let name = Qualified(of.0.clone(), name.clone());
        out.comment(format!("INDEX {}", name.sql()), &index.comment);
    }
    for (name, trigger) in &table.triggers {
        let time = if trigger.after { "AFTER" } else { "BEFORE" };
        let column = trigger.of.as_ref().map_or(String::new(), |c| format!(" OF {}", quote(c)));
        let each = if trigger.row { "ROW" } else { "STATEMENT" };
        let when = if trigger.when { " WHEN (old.* IS DISTINCT FROM new.*)" } else { "" };
        out.add(format!(
            "CREATE TRIGGER {} {time} UPDATE{column} ON {} FOR EACH {each}{when} EXECUTE FUNCTION {}()",
            quote(name),
            of.sql(),
            trigger.function.sql()
        ));
        if !trigger.enabled {
            out.add(format!("ALTER TABLE {} DISABLE TRIGGER {}", of.sql(), quote(name)));
        }
    }
    if table.row_security {
        out.add(format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", of.sql()));
    }
    for (name, policy) in &table.policies {
        let kind = if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        let column = quote(&policy.column);
        let using = policy
            .calls
            .as_ref()
            .map_or(format!("{column} IS NOT NULL"), |f| format!("{}({column}) > 0", f.sql()));
        out.add(format!(
            "CREATE POLICY {} ON {} AS {kind} FOR {} USING ({using})",
            quote(name),
            of.sql(),
            policy.command
        ));
    }
}

fn view(view: &View, out: &mut Script) {
    let keyword = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let options = if view.barrier { " WITH (security_barrier)" } else { "" };
    let mut columns: Vec<_> = view.columns.iter().map(|c| quote(c)).collect();
    if let Some(function) = &view.calls {
        columns.push(format!("{}(1) AS called", function.sql()));
    }
    let predicate = view.predicate.as_ref().map_or(String::new(), |(_, p)| format!(" WHERE {p}"));
    let name = view.name.sql();
    out.add(format!(
        "CREATE {keyword} {name}{options} AS SELECT {} FROM {}{predicate}",
        columns.join(", "),
        view.of.sql()
    ));
    out.comment(format!("{keyword} {name}"), &view.comment);
}

/// A few rows for every table; what a constraint forbids is left out.
pub fn rows(schema: &Schema, rng: &mut Rng) -> String {
    let mut out = Script::default();
    for (name, table) in &schema.tables {
        let inherited = table
            .parent
            .as_ref()
            .and_then(|p| schema.tables.get(p))
            .map_or(&[][..], |p| &p.columns);
        for number in 1..=3 {
            let cells = inherited
                .iter()
                .chain(&table.columns)
                .filter(|c| !matches!(c.filling, Filling::Identity { .. } | Filling::Generated(_)));
            let cells: Vec<_> = cells
                .filter_map(|c| Some((quote(&c.name), value(schema, &c.r#type, number, rng)?)))
                .collect();
            let (names, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
            let insert = if names.is_empty() {
                format!("INSERT INTO {} DEFAULT VALUES", name.sql())
            } else {
                format!(
                    "INSERT INTO {} ({}) VALUES ({})",
                    name.sql(),
                    names.join(", "),
                    values.join(", ")
                )
            };
            out.add(format!("DO $row$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; {insert}; EXCEPTION WHEN OTHERS THEN NULL; END $row$"));
        }
    }
    out.0
}

fn value(schema: &Schema, r#type: &Type, number: usize, rng: &mut Rng) -> Option<String> {
    match r#type {
        Type::Array(of) => {
            Some(format!("ARRAY[{}]::{}", value(schema, of, number, rng)?, r#type.sql()))
        }
        Type::Named(name) => match schema.types.get(name)? {
            TypeDef::Enum { labels, .. } => {
                Some(format!("{}::{}", literal(rng.pick::<String>(labels)), name.sql()))
            }
            TypeDef::Domain { base, .. } => value(schema, base, number, rng),
            TypeDef::Composite { attributes, .. } => {
                let parts: Option<Vec<_>> =
                    attributes.iter().map(|(_, t)| value(schema, t, number, rng)).collect();
                Some(format!("ROW({})::{}", parts?.join(", "), name.sql()))
            }
        },
        Type::Base(base) => Some(match base.split('(').next()? {
            "integer" | "bigint" | "smallint" => number.to_string(),
            "text" | "character varying" => format!("'v{number}'"),
            "numeric" => format!("{number}.25"),
            "boolean" => if number.is_multiple_of(2) { "true" } else { "false" }.to_owned(),
            "date" => format!("'2021-03-0{number}'"),
            "timestamp with time zone" => format!("'2021-03-0{number} 10:00+00'"),
            "uuid" => format!("'00000000-0000-0000-0000-00000000000{number}'"),
            "jsonb" => format!("'{{\"n\": {number}}}'"),
            _ => return None,
        }),
    }
}
