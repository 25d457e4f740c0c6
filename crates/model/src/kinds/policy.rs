//! Row security policies. Manual: CREATE POLICY, ALTER POLICY; 5.9 Row Security Policies.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, HazardKind, Kind, Lock, Object, ObjectId, ReadError, Replace, Row,
    Slot, Step, Verb, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// Permissive policies are joined by OR, restrictive ones by AND.
    pub permissive: bool,
    pub command: Command,
    /// Sorted; empty means PUBLIC.
    pub roles: Vec<String>,
    pub using: Option<String>,
    pub check: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

impl Definition for Policy {
    const QUERY: &'static str = include_str!("policy.sql");
    const CATALOG: &'static str = "pg_policy";
    const ANY: Option<&'static str> = Some("pg_policy where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let table = row.object()?;
        let id = ObjectId::member(Kind::Policy, &table, &row.text()?);
        Ok((
            id,
            Self {
                permissive: row.flag()?,
                command: Command::parse(&row.text()?)?,
                roles: row.texts()?,
                using: row.opt_text()?,
                check: row.opt_text()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let table = id.root();
        let mut sql = format!("CREATE POLICY {} ON {}", id.sql(), table.sql());
        if !self.permissive {
            sql += " AS RESTRICTIVE";
        }
        if self.command != Command::All {
            sql += &format!(" FOR {}", self.command.sql());
        }
        if !self.roles.is_empty() {
            sql += &format!(" TO {}", self.roles_sql());
        }
        sql += &clause("USING", &self.using);
        sql += &clause("WITH CHECK", &self.check);
        let undo = format!("DROP POLICY {} ON {}", id.sql(), table.sql());
        let step = Step::create(id, sql).lock(Lock::AccessExclusive, table).undo(undo);
        let widens = match cx.from.get(id) {
            Some(Object::Policy(old)) => old.may_be_narrower_than(self),
            _ => self.permissive && guards(cx, table),
        };
        vec![if widens {
            step.hazard(
                HazardKind::LoosensAccess,
                format!("policy {} may admit rows of {} that were hidden", id.sql(), table.sql()),
            )
        } else {
            step
        }]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let table = id.root();
        let step = Step::drop(id, format!("DROP POLICY {} ON {}", id.sql(), table.sql()))
            .lock(Lock::AccessExclusive, table);
        let step = if cx.to.contains(table) && !cx.to.contains(id) {
            step.hazard(
                HazardKind::LoosensAccess,
                format!("policy {} no longer guards {}", id.sql(), table.sql()),
            )
        } else {
            step
        };
        vec![step.with(table)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { permissive, command, roles, using, check } = self;
        let Self {
            permissive: new_permissive,
            command: new_command,
            roles: new_roles,
            using: new_using,
            check: new_check,
        } = to;
        // ALTER POLICY neither takes an expression away nor changes what the policy is about.
        let removed =
            using.is_some() && new_using.is_none() || check.is_some() && new_check.is_none();
        if permissive != new_permissive || command != new_command || removed {
            return Alter::Replace(Replace::DropCreate);
        }
        let table = id.root();
        let mut sql = format!("ALTER POLICY {} ON {}", id.sql(), table.sql());
        if roles != new_roles {
            sql += &format!(" TO {}", to.roles_sql());
        }
        if using != new_using {
            sql += &clause("USING", new_using);
        }
        if check != new_check {
            sql += &clause("WITH CHECK", new_check);
        }
        let step = Step::alter(id, sql).lock(Lock::AccessExclusive, table);
        Alter::InPlace(vec![if self.may_be_narrower_than(to) {
            step.hazard(
                HazardKind::LoosensAccess,
                format!("policy {} may admit more rows of {} than before", id.sql(), table.sql()),
            )
        } else {
            step
        }])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let (old, new, table) = (id.base_sql(), to.base_sql(), to.root().sql());
        vec![
            Step::new(Verb::Rename, to, format!("ALTER POLICY {old} ON {table} RENAME TO {new}"))
                .undo(format!("ALTER POLICY {new} ON {table} RENAME TO {old}")),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_policy", name: format!("{}\0{}", id.root().path(), id.base()) }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { permissive: _, command: _, roles: _, using, check } = self;
        using.iter_mut().chain(check).collect()
    }
}

impl Policy {
    fn roles_sql(&self) -> String {
        match &self.roles[..] {
            [] => "PUBLIC".to_owned(),
            roles => roles.iter().map(|role| quote::ident(role)).collect::<Vec<_>>().join(", "),
        }
    }

    /// Whether the other may let somebody see or write more. Expressions are not compared beyond being equal.
    fn may_be_narrower_than(&self, other: &Self) -> bool {
        if self == other {
            return false;
        }
        if self.using != other.using
            || self.check != other.check
            || !self.permissive && other.permissive
            || self.command != other.command
        {
            return true;
        }
        let covers = |these: &[String], those: &[String]| {
            these.is_empty() || !those.is_empty() && those.iter().all(|role| these.contains(role))
        };
        if other.permissive {
            !covers(&self.roles, &other.roles)
        } else {
            !covers(&other.roles, &self.roles)
        }
    }
}

/// Whether row security hides rows of the table now.
fn guards(cx: &Context, table: &ObjectId) -> bool {
    matches!(cx.from.get(table), Some(Object::Table(table)) if table.row_security)
}

fn clause(words: &str, expression: &Option<String>) -> String {
    expression.iter().map(|text| format!("\n    {words} {}", tokens::parenthesised(text))).collect()
}

impl Command {
    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "*" => Ok(Self::All),
            "r" => Ok(Self::Select),
            "a" => Ok(Self::Insert),
            "w" => Ok(Self::Update),
            "d" => Ok(Self::Delete),
            other => Err(ReadError::Value { what: "polcmd", value: other.to_owned() }),
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}
