//! Statements that an operation of Alembic says as exactly: `op.drop_column(…)` for `ALTER TABLE … DROP COLUMN …`.
//!
//! Only where the operation compiles to the same statement, whatever the project's settings are. So a name is one
//! that needs no quotes, constraints and indexes go through `op.f()` (no naming convention is laid over them), and
//! what is not told completely by the few forms below stays DDL.

use std::collections::BTreeSet;

use ordain_model::tokens::{Token, TokenKind, tokenize};

use super::column::{Column, POSTGRESQL};
use super::python::{call, literal};

/// A call, indented as a statement of a function, with a final newline.
pub(super) struct Operation {
    pub code: String,
    pub imports: BTreeSet<String>,
}

impl Operation {
    pub fn of(sql: &str) -> Option<Self> {
        let tokens = tokenize(sql);
        let mut parser = Parser { sql, tokens: &tokens };
        let imports = &mut BTreeSet::new();
        let (name, arguments) = parser.statement(imports)?;
        // What is left over says something that the operation does not.
        parser
            .tokens
            .is_empty()
            .then(|| Self { code: call(name, &arguments), imports: std::mem::take(imports) })
    }
}

type Call = (&'static str, Vec<String>);

pub(super) struct Parser<'a> {
    pub sql: &'a str,
    pub tokens: &'a [Token<'a>],
}

impl<'a> Parser<'a> {
    fn statement(&mut self, imports: &mut BTreeSet<String>) -> Option<Call> {
        if self.words(&["drop", "table"]) {
            let (schema, table) = self.qualified()?;
            return Some(("op.drop_table", vec![literal(table), keyword("schema", schema)]));
        }
        if self.words(&["drop", "index"]) {
            let (schema, index) = self.qualified()?;
            return Some(("op.drop_index", vec![f(index), keyword("schema", schema)]));
        }
        if self.words(&["create", "table"]) {
            return self.create_table(imports);
        }
        let unique = self.words(&["create", "unique", "index"]);
        if unique || self.words(&["create", "index"]) {
            let index = self.name()?;
            self.words(&["on"]).then_some(())?;
            let (schema, table) = self.qualified()?;
            let columns = list(&self.names()?);
            let unique = format!("unique={}", if unique { "True" } else { "False" });
            let arguments =
                vec![f(index), literal(table), columns, unique, keyword("schema", schema)];
            return Some(("op.create_index", arguments));
        }
        self.words(&["alter", "table"]).then_some(())?;
        let (schema, table) = self.qualified()?;
        self.action(schema, table, imports)
    }

    /// The one action of an ALTER TABLE.
    fn action(
        &mut self,
        schema: &str,
        table: &str,
        imports: &mut BTreeSet<String>,
    ) -> Option<Call> {
        let schema_is = keyword("schema", schema);
        if self.words(&["drop", "column"]) {
            return Some((
                "op.drop_column",
                vec![literal(table), literal(self.name()?), schema_is],
            ));
        }
        if self.words(&["drop", "constraint"]) {
            return Some(("op.drop_constraint", vec![f(self.name()?), literal(table), schema_is]));
        }
        if self.words(&["rename", "to"]) {
            return Some((
                "op.rename_table",
                vec![literal(table), literal(self.name()?), schema_is],
            ));
        }
        if self.words(&["rename", "column"]) {
            let old = literal(self.name()?);
            self.words(&["to"]).then_some(())?;
            let new = keyword("new_column_name", self.name()?);
            return Some(("op.alter_column", vec![literal(table), old, new, schema_is]));
        }
        if self.words(&["alter", "column"]) {
            let column = literal(self.name()?);
            let change = match () {
                () if self.words(&["set", "not", "null"]) => "nullable=False",
                () if self.words(&["drop", "not", "null"]) => "nullable=True",
                () if self.words(&["drop", "default"]) => "server_default=None",
                () => return None,
            };
            return Some((
                "op.alter_column",
                vec![literal(table), column, change.to_owned(), schema_is],
            ));
        }
        if self.words(&["add", "column"]) {
            let column = Column::of(self)?;
            self.tokens = &[];
            imports.extend(column.is_postgresql.then(|| POSTGRESQL.to_owned()));
            return Some(("op.add_column", vec![literal(table), column.code(false), schema_is]));
        }
        self.words(&["add", "constraint"]).then_some(())?;
        let name = f(self.name()?);
        match self.constraint()? {
            Constraint::Key(kind, columns) => {
                let (call, _) = kind.spelled();
                Some((call, vec![name, literal(table), list(&columns), schema_is]))
            }
            Constraint::Foreign { columns, schema: there, table: target, targets, actions } => {
                let mut arguments =
                    vec![name, literal(table), literal(target), list(&columns), list(&targets)];
                arguments
                    .extend([keyword("source_schema", schema), keyword("referent_schema", there)]);
                arguments.extend(actions);
                Some(("op.create_foreign_key", arguments))
            }
        }
    }

    fn create_table(&mut self, imports: &mut BTreeSet<String>) -> Option<Call> {
        let (schema, table) = self.qualified()?;
        let mut arguments = vec![literal(table)];
        for element in self.elements()? {
            let mut element = Parser { sql: self.sql, tokens: element };
            if !element.words(&["constraint"]) {
                let column = Column::of(&mut element)?;
                imports.extend(column.is_postgresql.then(|| POSTGRESQL.to_owned()));
                arguments.push(column.code(true));
                continue;
            }
            let name = format!("name={}", f(element.name()?));
            arguments.push(match element.constraint()? {
                Constraint::Key(kind, columns) => {
                    let (_, class) = kind.spelled();
                    let columns: Vec<String> =
                        columns.iter().map(|column| literal(column)).collect();
                    format!("{class}({}, {name})", columns.join(", "))
                }
                Constraint::Foreign { columns, schema, table, targets, actions } => {
                    let targets: Vec<String> =
                        targets.iter().map(|column| format!("{schema}.{table}.{column}")).collect();
                    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
                    let mut all = vec![list(&columns), list(&targets), name];
                    all.extend(actions);
                    format!("sa.ForeignKeyConstraint({})", all.join(", "))
                }
            });
            element.tokens.is_empty().then_some(())?;
        }
        arguments.push(keyword("schema", schema));
        Some(("op.create_table", arguments))
    }

    fn constraint(&mut self) -> Option<Constraint<'a>> {
        if self.words(&["primary", "key"]) {
            return Some(Constraint::Key(Key::Primary, self.names()?));
        }
        if self.words(&["unique"]) {
            return Some(Constraint::Key(Key::Unique, self.names()?));
        }
        self.words(&["foreign", "key"]).then_some(())?;
        let columns = self.names()?;
        self.words(&["references"]).then_some(())?;
        let (schema, table) = self.qualified()?;
        let targets = self.names()?;
        let mut actions = Vec::new();
        for (event, argument) in [("update", "onupdate"), ("delete", "ondelete")] {
            if self.words(&["on", event]) {
                let known = ["cascade", "restrict", "set null", "set default"];
                let action =
                    known.iter().find(|words| self.words(&words.split(' ').collect::<Vec<_>>()))?;
                actions.push(keyword(argument, &action.to_uppercase()));
            }
        }
        Some(Constraint::Foreign { columns, schema, table, targets, actions })
    }

    /// Takes these key words, if they are next.
    pub fn words(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(..words.len());
        let all = next
            .is_some_and(|next| next.iter().zip(words).all(|(token, word)| token.is_word(word)));
        if all {
            self.tokens = &self.tokens[words.len()..];
        }
        all
    }

    fn symbol(&mut self, symbol: char) -> bool {
        let is = self.tokens.first().is_some_and(|token| token.is_symbol(symbol));
        if is {
            self.tokens = &self.tokens[1..];
        }
        is
    }

    /// A name without quotes.
    pub fn name(&mut self) -> Option<&'a str> {
        let token = self.tokens.first().filter(|token| token.kind == TokenKind::Word)?;
        let text = &self.sql[token.start..token.end];
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        text.chars().all(plain).then(|| self.tokens = &self.tokens[1..])?;
        Some(text)
    }

    fn qualified(&mut self) -> Option<(&'a str, &'a str)> {
        let schema = self.name()?;
        self.symbol('.').then_some(())?;
        Some((schema, self.name()?))
    }

    /// `(a, b)`.
    fn names(&mut self) -> Option<Vec<&'a str>> {
        let mut names = Vec::new();
        for element in self.elements()? {
            let mut element = Parser { sql: self.sql, tokens: element };
            names.push(element.name()?);
            element.tokens.is_empty().then_some(())?;
        }
        Some(names)
    }

    /// What stands between parentheses, cut at its commas; at least one.
    fn elements(&mut self) -> Option<Vec<&'a [Token<'a>]>> {
        let (mut depth, mut start, mut found) = (0_usize, 1, Vec::new());
        for (at, token) in self.tokens.iter().enumerate() {
            let text = token.value.chars().next().filter(|_| token.kind == TokenKind::Symbol);
            match text {
                Some('(' | '[') => depth += 1,
                Some(')' | ']') => depth = depth.checked_sub(1)?,
                _ => {}
            }
            let ends = depth == 0;
            if ends || depth == 1 && text == Some(',') {
                found.push(self.tokens.get(start..at).filter(|element| !element.is_empty())?);
                start = at + 1;
            }
            if ends {
                self.tokens = &self.tokens[start..];
                return Some(found);
            }
        }
        None
    }
}

enum Constraint<'a> {
    Key(Key, Vec<&'a str>),
    Foreign {
        columns: Vec<&'a str>,
        schema: &'a str,
        table: &'a str,
        targets: Vec<&'a str>,
        /// `ondelete="CASCADE"`
        actions: Vec<String>,
    },
}

enum Key {
    Primary,
    Unique,
}

impl Key {
    /// The operation, and the class within `op.create_table`.
    fn spelled(&self) -> (&'static str, &'static str) {
        match self {
            Self::Primary => ("op.create_primary_key", "sa.PrimaryKeyConstraint"),
            Self::Unique => ("op.create_unique_constraint", "sa.UniqueConstraint"),
        }
    }
}

/// A name as it is.
fn f(name: &str) -> String {
    format!("op.f({})", literal(name))
}

fn keyword(name: &str, value: &str) -> String {
    format!("{name}={}", literal(value))
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    format!("[{}]", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(sql: &str) -> Option<String> {
        Operation::of(sql).map(|operation| operation.code.trim().to_owned())
    }

    #[test]
    fn forms_that_are_exact() {
        let cases = [
            ("DROP TABLE public.t", "op.drop_table(\"t\", schema=\"public\")"),
            ("DROP INDEX app.i", "op.drop_index(op.f(\"i\"), schema=\"app\")"),
            (
                "ALTER TABLE public.t DROP COLUMN a",
                "op.drop_column(\"t\", \"a\", schema=\"public\")",
            ),
            (
                "ALTER TABLE public.t ALTER COLUMN a SET NOT NULL",
                "op.alter_column(\"t\", \"a\", nullable=False, schema=\"public\")",
            ),
            (
                "CREATE UNIQUE INDEX i ON public.t (a, b)",
                "op.create_index(op.f(\"i\"), \"t\", [\"a\", \"b\"], unique=True, schema=\"public\")",
            ),
            (
                "ALTER TABLE public.t ADD COLUMN a character varying(20) NOT NULL DEFAULT 'x'::text",
                "op.add_column(\n        \"t\",\n        sa.Column(\"a\", sa.String(length=20), server_default=sa.text(\"'x'::text\"), nullable=False),\n        schema=\"public\",\n    )",
            ),
            (
                "CREATE TABLE public.t (\n    id bigint NOT NULL,\n    at timestamp with time zone,\n    CONSTRAINT t_pkey PRIMARY KEY (id),\n    CONSTRAINT t_fkey FOREIGN KEY (id) REFERENCES public.r (id) ON DELETE SET NULL\n)",
                "op.create_table(\n        \"t\",\n        sa.Column(\"id\", sa.BigInteger(), autoincrement=False, nullable=False),\n        sa.Column(\"at\", sa.DateTime(timezone=True), nullable=True),\n        sa.PrimaryKeyConstraint(\"id\", name=op.f(\"t_pkey\")),\n        sa.ForeignKeyConstraint([\"id\"], [\"public.r.id\"], name=op.f(\"t_fkey\"), ondelete=\"SET NULL\"),\n        schema=\"public\",\n    )",
            ),
        ];
        for (sql, wanted) in cases {
            assert_eq!(code(sql).as_deref(), Some(wanted), "{sql}");
        }
    }

    #[test]
    fn all_else_stays_ddl() {
        for sql in [
            "DROP TABLE public.\"T\"",
            "DROP TABLE public.t CASCADE",
            "DROP VIEW public.v",
            "CREATE INDEX i ON public.t (lower(a))",
            "CREATE INDEX i ON public.t (a DESC)",
            "CREATE INDEX i ON public.t (a) WHERE (a > 1)",
            "CREATE INDEX i ON public.t USING gin (a)",
            "ALTER TABLE public.t DROP COLUMN a, DROP COLUMN b",
            "ALTER TABLE public.t ADD COLUMN a public.status",
            "ALTER TABLE public.t ADD COLUMN a integer[]",
            "ALTER TABLE public.t ADD COLUMN a text COLLATE pg_catalog.\"C\"",
            "ALTER TABLE public.t ADD COLUMN a text DEFAULT ':x'::text",
            "ALTER TABLE public.t ADD COLUMN a text DEFAULT '100%'::text",
            "ALTER TABLE public.t ADD CONSTRAINT c CHECK (a > 1)",
            "ALTER TABLE public.t ADD CONSTRAINT c UNIQUE (a) DEFERRABLE",
            "ALTER TABLE public.t ADD CONSTRAINT c UNIQUE NULLS NOT DISTINCT (a)",
            "ALTER TABLE public.t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES public.r (a) NOT VALID",
            "CREATE TABLE public.t ()",
            "CREATE TABLE public.t (\n    a integer GENERATED ALWAYS AS IDENTITY\n)",
            "CREATE TABLE public.t (\n    a integer\n) PARTITION BY LIST (a)",
            "CREATE UNLOGGED TABLE public.t (\n    a integer\n)",
        ] {
            assert_eq!(code(sql), None, "{sql}");
        }
    }
}
