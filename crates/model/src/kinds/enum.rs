//! Enum types. Manual: 8.7 Enumerated Types, CREATE TYPE, ALTER TYPE.
//!
//! Labels are added and renamed in place. PostgreSQL removes and moves none: then the type is built anew beside the
//! old one, and everything that holds its values converts them (`convert.rs`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Boundary, Context, Definition, HazardKind, Kind, Literals, ObjectId, ReadError, Replace,
    Row, Slot, Step, Survival, Verb, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Enum {
    /// In their sort order.
    pub labels: Vec<String>,
}

impl Definition for Enum {
    const QUERY: &'static str = include_str!("enum.sql");
    const CATALOG: &'static str = "pg_type";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        Ok((ObjectId::qualified(Kind::Enum, &schema, &name), Self { labels: row.texts()? }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let labels: Vec<String> =
            self.labels.iter().map(|l| format!("\n    {}", quote::literal(l))).collect();
        let end = if labels.is_empty() { "" } else { "\n" };
        let sql = format!("CREATE TYPE {} AS ENUM ({}{end})", id.sql(), labels.join(","));
        vec![
            Step::create(id, sql)
                .literals(Literals::Inert)
                .provides(self.labels.iter().map(|label| ObjectId::member(Kind::Label, id, label)))
                .undo(format!("DROP TYPE {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP TYPE {}", id.sql()))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { labels: _ } = self;
        let Self { labels } = to;
        let renames = renames(cx, id, &self.labels);
        if needs_rebuild(cx, id, &self.labels, labels, &renames) {
            return Alter::Replace(Replace::Aside);
        }
        Alter::InPlace(InPlace::new(id, self, renames).run(labels))
    }

    fn survive(&self, _id: &ObjectId, _what: &crate::Disturbance, _cx: &Context) -> Survival {
        // it uses nothing but its schema
        Survival::ReplaceAside
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("TYPE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id)]
    }
}

/// Whether the type is built anew, its old labels living on until all values have moved.
pub fn is_rebuilt(cx: &Context, id: &ObjectId, from: &Enum) -> bool {
    match cx.to.get(id) {
        Some(crate::Object::Enum(to)) => {
            needs_rebuild(cx, id, &from.labels, &to.labels, &renames(cx, id, &from.labels))
        }
        _ => false,
    }
}

/// What the user said, without what does not apply.
fn renames(cx: &Context, id: &ObjectId, labels: &[String]) -> BTreeMap<String, String> {
    let said = cx.options.label_renames.get(id).cloned().unwrap_or_default();
    said.into_iter().filter(|(old, new)| old != new && labels.contains(old)).collect()
}

fn needs_rebuild(
    cx: &Context,
    id: &ObjectId,
    from: &[String],
    to: &[String],
    renames: &BTreeMap<String, String>,
) -> bool {
    let now: Vec<&String> = from.iter().map(|label| renames.get(label).unwrap_or(label)).collect();
    let kept: Vec<&String> = to.iter().filter(|label| now.contains(label)).collect();
    // one is lost, two became one, or the order differs
    if now != kept {
        return true;
    }
    cx.options.atomic && to.iter().any(|label| !now.contains(&label) && is_mentioned(cx, id, label))
}

/// Whether a text of the desired catalog, or a body in a string, might use the label before the plan has committed.
/// Texts and not steps are looked at: what a step asks of the rows depends on whether the type is built anew.
fn is_mentioned(cx: &Context, id: &ObjectId, label: &str) -> bool {
    cx.to.objects.iter().any(|(user, object)| {
        let says = |text: &str| tokens::mentions(text, label);
        !user.is_within(id)
            && (object.texts().iter().any(|text| says(text))
                || object.untracked().is_some_and(says))
    })
}

/// The labels as they are from step to step.
struct InPlace<'a> {
    id: &'a ObjectId,
    now: Vec<String>,
    /// Old → new, those still to be done.
    renames: BTreeMap<String, String>,
    /// A temporary name, and the label that waits under it.
    stand_in: Option<(String, String)>,
    steps: Vec<Step>,
}

impl<'a> InPlace<'a> {
    fn new(id: &'a ObjectId, from: &Enum, renames: BTreeMap<String, String>) -> Self {
        Self { id, now: from.labels.clone(), renames, stand_in: None, steps: Vec::new() }
    }

    /// New labels come first, as their use may need a commit; before them go only the renames that free their names.
    fn run(mut self, to: &[String]) -> Vec<Step> {
        let targets: BTreeSet<String> = self.renames.values().cloned().collect();
        let kept: BTreeSet<&String> =
            self.now.iter().filter(|l| !self.renames.contains_key(*l)).collect();
        let added: Vec<&String> =
            to.iter().filter(|label| !targets.contains(*label) && !kept.contains(label)).collect();
        let added: Vec<String> = added.into_iter().cloned().collect();
        for label in &added {
            if self.now.contains(label) {
                self.free(label);
            }
        }
        for (n, label) in to.iter().enumerate() {
            if added.contains(label) {
                self.add(n, label);
            }
        }
        while let Some(old) = self.renames.keys().next().cloned() {
            self.free(&old);
        }
        self.steps
    }

    /// Renames the holder of a label away, and first whatever holds the name that it gets.
    fn free(&mut self, old: &str) {
        let mut chain = vec![old.to_owned()];
        while let Some(new) = chain.last().and_then(|last| self.renames.get(last)).cloned() {
            if !self.now.contains(&new) {
                break;
            }
            if chain.contains(&new) {
                // a ring: its last member waits under a temporary name
                let stand_in = self.unused();
                self.rename(&new, &stand_in, None);
                self.stand_in = Some((stand_in.clone(), new.clone()));
                if let Some(target) = self.renames.remove(&new) {
                    self.renames.insert(stand_in.clone(), target);
                }
                let start = chain.iter().position(|label| *label == new).unwrap_or(0);
                chain[start] = stand_in;
                break;
            }
            chain.push(new);
        }
        while let Some(label) = chain.pop() {
            if let Some(new) = self.renames.remove(&label) {
                let called = match &self.stand_in {
                    Some((stand_in, before)) if *stand_in == label => before.clone(),
                    _ => label.clone(),
                };
                self.rename(&label, &new, Some(&called));
            }
        }
    }

    fn unused(&self) -> String {
        let taken =
            |name: &String| self.now.contains(name) || self.renames.values().any(|new| new == name);
        let mut n = 1;
        loop {
            let name = format!("ordain_{n}");
            if !taken(&name) {
                return name;
            }
            n += 1;
        }
    }

    /// `called` is how clients know the label that gets its final name by this.
    fn rename(&mut self, old: &str, new: &str, called: Option<&str>) {
        let sql = |old: &str, new: &str| {
            let (r#type, old, new) = (self.id.sql(), quote::literal(old), quote::literal(new));
            format!("ALTER TYPE {type} RENAME VALUE {old} TO {new}")
        };
        let mut step = Step::alter(self.id, sql(old, new))
            .literals(Literals::Inert)
            .without_edges()
            .provides([ObjectId::member(Kind::Label, self.id, new)])
            .rewords(old, new)
            .undo(sql(new, old));
        if let Some(called) = called {
            let (called, new) = (quote::literal(called), quote::literal(new));
            let detail = format!("clients and string bodies that say {called} must say {new}");
            step = step.hazard(HazardKind::BreaksClients, detail);
        }
        for label in &mut self.now {
            if label == old {
                new.clone_into(label);
            }
        }
        self.push(step);
    }

    fn add(&mut self, position: usize, label: &str) {
        // all labels before it in the desired order exist by now, and `now` is in that order
        let last = position == self.now.len();
        let anchor = match self.now.get(position.wrapping_sub(1)) {
            _ if last => String::new(),
            Some(before) => format!(" AFTER {}", quote::literal(before)),
            None => self
                .now
                .first()
                .map_or_else(String::new, |first| format!(" BEFORE {}", quote::literal(first))),
        };
        let sql =
            format!("ALTER TYPE {} ADD VALUE {}{anchor}", self.id.sql(), quote::literal(label));
        let step = Step::new(Verb::Alter, self.id, sql)
            .literals(Literals::Inert)
            // the type is where it was, whatever becomes of its schema
            .without_edges()
            .provides([ObjectId::member(Kind::Label, self.id, label)])
            .boundary(Boundary::CommitAfter)
            .irreversible(
                "PostgreSQL removes no label from a type; a reverse plan builds the type anew",
            );
        self.now.insert(position, label.to_owned());
        self.push(step);
    }

    fn push(&mut self, step: Step) {
        let state = Enum { labels: self.now.clone() };
        self.steps.push(step.result(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Options};

    fn steps(from: &[&str], to: &[&str], renames: &[(&str, &str)]) -> Option<Vec<String>> {
        let id = ObjectId::qualified(Kind::Enum, "public", "e");
        let labels = |l: &[&str]| Enum { labels: l.iter().map(|s| (*s).to_owned()).collect() };
        let mut options = Options::default();
        let pairs = renames.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        options.label_renames.insert(id.clone(), pairs.collect());
        let (a, b) = (Catalog::default(), Catalog::default());
        match labels(from).alter(&id, &labels(to), &Context::new(&a, &b, &options)) {
            Alter::InPlace(steps) => Some(
                steps
                    .into_iter()
                    .map(|s| s.sql.replace("ALTER TYPE public.e ", "").replace(" VALUE", ""))
                    .collect(),
            ),
            _ => None,
        }
    }

    #[test]
    fn labels_are_added_beside_labels_that_exist() {
        let check = |from: &[&str], to: &[&str], sql: &[&str]| {
            assert_eq!(steps(from, to, &[]).as_deref().unwrap_or_default(), sql);
        };
        check(&["a"], &["a", "b"], &["ADD 'b'"]);
        check(&["c"], &["a", "b", "c"], &["ADD 'a' BEFORE 'c'", "ADD 'b' AFTER 'a'"]);
        check(&["a", "d"], &["a", "b", "c", "d"], &["ADD 'b' AFTER 'a'", "ADD 'c' AFTER 'b'"]);
        check(&[], &["a", "b"], &["ADD 'a'", "ADD 'b'"]);
    }

    #[test]
    fn removed_and_moved_labels_build_the_type_anew() {
        assert_eq!(steps(&["a", "b"], &["b", "a"], &[]), None);
        assert_eq!(steps(&["a", "b"], &["b"], &[]), None);
    }

    #[test]
    fn renames_hold_all_at_once() {
        let check = |from: &[&str], to: &[&str], renames: &[(&str, &str)], sql: &[&str]| {
            assert_eq!(steps(from, to, renames).as_deref().unwrap_or_default(), sql);
        };
        check(&["a"], &["b"], &[("a", "b")], &["RENAME 'a' TO 'b'"]);
        check(
            &["a", "b"],
            &["b", "c"],
            &[("a", "b"), ("b", "c")],
            &["RENAME 'b' TO 'c'", "RENAME 'a' TO 'b'"],
        );
        check(
            &["a", "b"],
            &["b", "a"],
            &[("a", "b"), ("b", "a")],
            &["RENAME 'a' TO 'ordain_1'", "RENAME 'b' TO 'a'", "RENAME 'ordain_1' TO 'b'"],
        );
        // an old name is used again, and an anchor is still called as before
        check(
            &["a", "z"],
            &["a", "b", "y"],
            &[("a", "b"), ("z", "y")],
            &["RENAME 'a' TO 'b'", "ADD 'a' BEFORE 'b'", "RENAME 'z' TO 'y'"],
        );
    }
}
