//! The model: no more than the generator needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::rows::quote;

/// Schema and name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Qualified(pub String, pub String);

impl Qualified {
    pub fn sql(&self) -> String {
        format!("{}.{}", quote(&self.0), quote(&self.1))
    }
}

#[derive(Clone, Default, Debug)]
pub struct Schema {
    /// Besides public.
    pub schemas: BTreeSet<String>,
    pub types: BTreeMap<Qualified, TypeDef>,
    pub sequences: BTreeMap<Qualified, Sequence>,
    pub routines: BTreeMap<Qualified, Routine>,
    pub tables: BTreeMap<Qualified, Table>,
    /// Each uses tables and views before it.
    pub views: Vec<View>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeDef {
    Enum {
        labels: Vec<String>,
        comment: Option<String>,
    },
    /// Over a type that is no domain; the check is SQL on VALUE.
    Domain {
        base: Type,
        check: Option<String>,
        not_null: bool,
        comment: Option<String>,
    },
    Composite {
        attributes: Vec<(String, Type)>,
        comment: Option<String>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Type {
    Base(String),
    Named(Qualified),
    Array(Box<Type>),
}

#[derive(Clone, Debug)]
pub struct Sequence {
    pub increment: i32,
    pub maximum: Option<i32>,
    pub cycle: bool,
    /// Table and column.
    pub owned_by: Option<(Qualified, String)>,
}

#[derive(Clone, Debug)]
pub enum Routine {
    /// `(integer) → integer`, a body in a string or BEGIN ATOMIC.
    Number {
        add: usize,
        atomic: bool,
        strict: bool,
    },
    /// `(type) → text`
    OfType {
        r#type: Qualified,
    },
    /// `(label of an enum) → boolean`, which mentions a label in its body.
    IsLabel {
        r#type: Qualified,
        label: String,
    },
    /// `() → trigger`
    Trigger {
        note: usize,
    },
    /// `() → bigint`, counts the rows of a table.
    Count {
        table: Qualified,
    },
    /// `() → setof table`
    SetOf {
        table: Qualified,
    },
    /// `(table) → text`
    OfRow {
        table: Qualified,
    },
    Procedure {
        note: usize,
    },
}

#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub comment: Option<String>,
    pub unlogged: bool,
    /// Name → definition behind CONSTRAINT name; with the columns it needs.
    pub constraints: BTreeMap<String, Constraint>,
    pub indexes: BTreeMap<String, Index>,
    pub triggers: BTreeMap<String, Trigger>,
    pub policies: BTreeMap<String, Policy>,
    pub row_security: bool,
    pub partitions: Option<Partitions>,
    /// Inherits every column of this table, which is neither partitioned nor a child.
    pub parent: Option<Qualified>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub r#type: Type,
    pub not_null: bool,
    pub filling: Filling,
    pub comment: Option<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Filling {
    Nothing,
    /// An SQL literal of the column's type.
    Literal(String),
    NextVal(Qualified),
    Call(Qualified),
    Identity {
        always: bool,
    },
    /// From this integer column.
    Generated(String),
}

#[derive(Clone, Debug)]
pub struct Constraint {
    pub kind: ConstraintKind,
    pub comment: Option<String>,
}

#[derive(Clone, Debug)]
pub enum ConstraintKind {
    /// The columns; a partitioned table's must hold its key.
    Primary(Vec<String>),
    Unique {
        columns: Vec<String>,
        deferrable: bool,
    },
    /// SQL, and the column in it.
    Check {
        column: String,
        sql: String,
        no_inherit: bool,
    },
    /// To the primary key `id` of a table.
    Foreign {
        column: String,
        table: Qualified,
        action: &'static str,
        deferrable: bool,
        not_valid: bool,
    },
    Exclude {
        column: String,
    },
}

#[derive(Clone, Debug)]
pub struct Index {
    pub column: String,
    /// What stands in the parentheses.
    pub key: String,
    pub unique: bool,
    pub method: &'static str,
    pub include: Option<String>,
    /// SQL, and the column in it.
    pub predicate: Option<(String, String)>,
    pub comment: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Trigger {
    pub function: Qualified,
    pub after: bool,
    pub row: bool,
    pub of: Option<String>,
    pub when: bool,
    pub enabled: bool,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub command: &'static str,
    pub permissive: bool,
    /// A column of a type that is compared with itself.
    pub column: String,
    pub calls: Option<Qualified>,
}

#[derive(Clone, Debug)]
pub struct Partitions {
    /// "RANGE", "LIST" or "HASH" on the column `id`.
    pub strategy: &'static str,
    /// Name in the parent's schema → number of the bound; 0 is the default one.
    pub children: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
pub struct View {
    pub name: Qualified,
    pub of: Qualified,
    pub columns: Vec<String>,
    /// SQL, and the column in it.
    pub predicate: Option<(String, String)>,
    pub materialized: bool,
    pub barrier: bool,
    /// Besides the columns: calls a function `(integer) → integer`.
    pub calls: Option<Qualified>,
    pub comment: Option<String>,
}

impl Type {
    pub fn base(name: &str) -> Self {
        Self::Base(name.to_owned())
    }

    pub fn sql(&self) -> String {
        match self {
            Self::Base(name) => name.clone(),
            Self::Named(name) => name.sql(),
            Self::Array(of) => format!("{}[]", of.sql()),
        }
    }

    /// The user's type in it.
    pub fn named(&self) -> Option<&Qualified> {
        match self {
            Self::Base(_) => None,
            Self::Named(name) => Some(name),
            Self::Array(of) => of.named(),
        }
    }

    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Base(name) if name == "integer" || name == "bigint")
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Base(name) if name == "text" || name.starts_with("character varying"))
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn has_key(&self) -> bool {
        self.constraints
            .values()
            .any(|c| matches!(&c.kind, ConstraintKind::Primary(columns) if columns == &["id"]))
    }
}

impl Schema {
    pub fn labels(&self, r#type: &Type) -> Option<&[String]> {
        let Type::Named(name) = r#type else { return None };
        match self.types.get(name)? {
            TypeDef::Enum { labels, .. } => Some(labels),
            _ => None,
        }
    }

    /// Whether a name is taken among tables, views, sequences and types, which share names in part.
    pub fn is_taken(&self, name: &Qualified) -> bool {
        self.types.contains_key(name)
            || self.sequences.contains_key(name)
            || self.tables.contains_key(name)
            || self.views.iter().any(|view| view.name == *name)
            || self.tables.iter().any(|(table, t)| {
                table.0 == name.0
                    && (t.indexes.contains_key(&name.1)
                        || t.constraints.contains_key(&name.1)
                        || t.partitions.as_ref().is_some_and(|p| p.children.contains_key(&name.1)))
            })
    }
}
