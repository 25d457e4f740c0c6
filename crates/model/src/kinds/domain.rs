//! Domains. Manual: 8.18 Domain Types, CREATE DOMAIN, ALTER DOMAIN.

use serde::{Deserialize, Serialize};

use super::{comment, domain_checks as checks};
use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, How, Kind, Object, ObjectId, ReadError,
    Replace, Row, Slot, Step, Survival, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Domain {
    /// As `format_type` spells it, modifiers included.
    pub base: String,
    /// Qualified; `None` for the base type's own.
    pub collation: Option<String>,
    pub default: Option<String>,
    pub not_null: bool,
    /// Where it is not the one that the server makes up (18 and later).
    pub not_null_name: Option<String>,
    /// By name.
    pub checks: Vec<DomainCheck>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DomainCheck {
    pub name: String,
    /// `CHECK ((VALUE > 0))`.
    pub definition: String,
    /// False for NOT VALID: values stored before may break it.
    pub validated: bool,
}

impl DomainCheck {
    fn spelled(&self) -> String {
        format!("CONSTRAINT {} {}", quote::ident(&self.name), self.definition)
    }

    fn add(&self, id: &ObjectId) -> String {
        let tail = if self.validated { "" } else { " NOT VALID" };
        format!("ALTER DOMAIN {} ADD {}{tail}", id.sql(), self.spelled())
    }

    fn drop(&self, id: &ObjectId) -> String {
        format!("ALTER DOMAIN {} DROP CONSTRAINT {}", id.sql(), quote::ident(&self.name))
    }
}

impl Domain {
    fn not_null_sql(&self) -> String {
        let name = self
            .not_null_name
            .as_ref()
            .map_or_else(String::new, |n| format!("CONSTRAINT {} ", quote::ident(n)));
        format!("{name}NOT NULL")
    }

    fn alter_default(&self, id: &ObjectId) -> String {
        let action =
            self.default.as_ref().map_or("DROP DEFAULT".to_owned(), |d| format!("SET DEFAULT {d}"));
        format!("ALTER DOMAIN {} {action}", id.sql())
    }

    fn change_default(&self, id: &ObjectId, to: &Self, steps: &mut Vec<Step>) {
        if self.default != to.default {
            steps.push(Step::alter(id, to.alter_default(id)).undo(self.alter_default(id)));
        }
    }

    fn change_not_null(&self, id: &ObjectId, to: &Self, cx: &Context, steps: &mut Vec<Step>) {
        let name = id.sql();
        match (self.not_null, to.not_null) {
            (true, false) => steps.push(
                Step::alter(id, format!("ALTER DOMAIN {name} DROP NOT NULL"))
                    .undo(format!("ALTER DOMAIN {name} SET NOT NULL")),
            ),
            (false, true) => {
                let sql = match &to.not_null_name {
                    Some(_) => format!("ALTER DOMAIN {name} ADD {}", to.not_null_sql()),
                    None => format!("ALTER DOMAIN {name} SET NOT NULL"),
                };
                let step = Step::alter(id, sql).undo(format!("ALTER DOMAIN {name} DROP NOT NULL"));
                steps.push(checks::not_null(step, id, cx));
            }
            (true, true) if self.not_null_name != to.not_null_name => {
                let named =
                    |d: &Self| d.not_null_name.clone().unwrap_or(format!("{}_not_null", id.base()));
                steps.push(rename_constraint(id, &named(self), &named(to)));
            }
            _ => {}
        }
    }

    /// Drops, renames, validations, then what is new.
    fn change_checks(&self, id: &ObjectId, to: &Self, cx: &Context, steps: &mut Vec<Step>) {
        let same = |a: &DomainCheck, b: &DomainCheck| {
            a.definition == b.definition && a.validated == b.validated
        };
        let mut new: Vec<&DomainCheck> =
            to.checks.iter().filter(|c| !self.checks.contains(c)).collect();
        for old in self.checks.iter().filter(|c| !to.checks.contains(c)) {
            if let Some(n) = new
                .iter()
                .position(|c| c.name == old.name && c.definition == old.definition && c.validated)
            {
                new.remove(n);
                let sql = format!(
                    "ALTER DOMAIN {} VALIDATE CONSTRAINT {}",
                    id.sql(),
                    quote::ident(&old.name)
                );
                steps.push(checks::validated(Step::alter(id, sql), id, old, cx));
                continue;
            }
            let taken = |name: &str| self.checks.iter().any(|c| c.name == name);
            if let Some(n) = new.iter().position(|c| same(c, old) && !taken(&c.name)) {
                steps.push(rename_constraint(id, &old.name, &new.remove(n).name));
                continue;
            }
            steps.push(Step::alter(id, old.drop(id)).undo(old.add(id)));
        }
        for check in new {
            let step = Step::alter(id, check.add(id)).undo(check.drop(id));
            steps.push(if check.validated { checks::validated(step, id, check, cx) } else { step });
            if self.checks.iter().any(|old| old.name == check.name) {
                let comment = comment::restored(id, &check.name, cx);
                steps.extend(comment.map(|sql| Step::alter(id, sql)));
            }
        }
    }
}

fn rename_constraint(id: &ObjectId, old: &str, new: &str) -> Step {
    let sql = |old: &str, new: &str| {
        format!(
            "ALTER DOMAIN {} RENAME CONSTRAINT {} TO {}",
            id.sql(),
            quote::ident(old),
            quote::ident(new)
        )
    };
    Step::alter(id, sql(old, new)).undo(sql(new, old))
}

/// Whether a text names the object (or a type whose label it might mention).
fn mentions(text: &str, what: &ObjectId) -> bool {
    tokens::chains(text).iter().any(|chain| chain.parts.iter().any(|part| part == what.base()))
}

impl Definition for Domain {
    const QUERY: &'static str = include_str!("domain.sql");
    const CATALOG: &'static str = "pg_type";
    const ANY: Option<&'static str> = Some("pg_type where oid >= 16384 and typtype = 'd'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        let mut domain = Self {
            base: row.text()?,
            collation: row.opt_text()?,
            default: row.opt_text()?,
            not_null: row.flag()?,
            not_null_name: row.opt_text()?,
            checks: Vec::new(),
        };
        let (names, definitions, validated) = (row.texts()?, row.texts()?, row.texts()?);
        for ((name, definition), validated) in names.into_iter().zip(definitions).zip(validated) {
            domain.checks.push(DomainCheck { name, definition, validated: validated == "yes" });
        }
        Ok((ObjectId::qualified(Kind::Domain, &schema, &name), domain))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let mut sql = format!("CREATE DOMAIN {} AS {}", id.sql(), self.base);
        if let Some(collation) = &self.collation {
            sql += &format!(" COLLATE {collation}");
        }
        if let Some(default) = &self.default {
            sql += &format!(" DEFAULT {default}");
        }
        if self.not_null {
            // beside its predecessor, which may have been renamed aside, the server would make up another name
            if self.not_null_name.is_none() && cx.major() >= 17 && cx.from.contains(id) {
                sql += &format!(" CONSTRAINT {}", quote::ident(&format!("{}_not_null", id.base())));
            }
            sql += &format!(" {}", self.not_null_sql());
        }
        for check in self.checks.iter().filter(|check| check.validated) {
            sql += &format!("\n    {}", check.spelled());
        }
        let mut steps = vec![Step::create(id, sql).undo(format!("DROP DOMAIN {}", id.sql()))];
        // CREATE DOMAIN knows no NOT VALID
        steps.extend(
            self.checks.iter().filter(|c| !c.validated).map(|check| Step::alter(id, check.add(id))),
        );
        steps
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP DOMAIN {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { base, collation, default: _, not_null: _, not_null_name: _, checks: _ } = self;
        let Self {
            base: new_base,
            collation: new_collation,
            default: _,
            not_null: _,
            not_null_name: _,
            checks: _,
        } = to;
        let stored = super::attribute::is_embedded(cx, id);
        if base != new_base || collation != new_collation {
            return Alter::Replace(if stored { Replace::Aside } else { Replace::DropCreate });
        }
        let mut steps = Vec::new();
        self.change_default(id, to, &mut steps);
        self.change_not_null(id, to, cx, &mut steps);
        self.change_checks(id, to, cx, &mut steps);
        // the server looks at all stored values, and cannot where they are parts of others
        if steps.iter().any(|s| s.hazards.iter().any(|h| h.kind == HazardKind::MayFailOnData))
            && checks::is_nested(cx, id)
        {
            return Alter::Replace(Replace::Aside);
        }
        Alter::InPlace(steps)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        let used = &what.object;
        let (released, to) = match (&what.how, cx.to.get(id)) {
            (How::Aside(aside), Some(Object::Domain(to))) => (aside, to),
            (_, Some(Object::Domain(to))) => (used, to),
            _ => return Survival::Replace,
        };
        if mentions(&self.base, used)
            || mentions(&to.base, used)
            || matches!(used.kind(), Kind::Schema)
        {
            return match super::attribute::is_embedded(cx, id) {
                true => Survival::ReplaceAside,
                false => Survival::Replace,
            };
        }
        // only its default or a check uses it: they let go and take hold again
        let (mut steps, mut taken) = (Vec::new(), Vec::new());
        let let_go = |sql: String| {
            Step::alter(id, sql).without_edges().releases([used.clone(), released.clone()])
        };
        let take = |sql: String| Step::alter(id, sql).needs([used.clone()]);
        if self.default.as_ref().is_some_and(|text| mentions(text, used)) {
            steps.push(let_go(format!("ALTER DOMAIN {} DROP DEFAULT", id.sql())));
            taken.push(take(to.alter_default(id)));
        }
        for check in self.checks.iter().filter(|check| mentions(&check.definition, used)) {
            steps.push(let_go(check.drop(id)));
            if let Some(new) = to.checks.iter().find(|c| c.name == check.name) {
                taken.push(take(new.add(id)));
            }
        }
        // all of it lets go before any of it takes hold
        steps.extend(taken);
        match steps.is_empty() {
            true if super::attribute::is_embedded(cx, id) => Survival::ReplaceAside,
            true => Survival::Replace,
            false => Survival::Follow(steps),
        }
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("DOMAIN", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { base, collation, default, not_null: _, not_null_name: _, checks } = self;
        std::iter::once(base)
            .chain(collation)
            .chain(default)
            .chain(checks.iter_mut().map(|check| &mut check.definition))
            .collect()
    }
}
