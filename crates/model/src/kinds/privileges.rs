//! Who may do what with an object. Manual: 5.7 Privileges, GRANT, REVOKE.
//!
//! Holds what differs from the access list that every such object is made with, grantee by grantee: so there is no
//! object where nobody granted or revoked anything. A member of the table, function, … or of the column; for a
//! view's column a member of the view with the column's name, for the sequence behind an identity column a member of
//! the column named `sequence`.

// Long because lists of what is held, their differences and the statements that say them are one calculation.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};

use super::{
    acl::{self, Grantee, Held},
    default_privileges, hard, identity, soft,
};
use crate::{
    Alter, Context, Definition, Dependency, HazardKind, Kind, Managed, Object, ObjectId, ReadError,
    Row, Scope, Side, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Privileges {
    /// By grantee; those who hold exactly what they are born with are not listed.
    pub entries: Vec<Entry>,
    /// Where they are on what is no object here.
    pub foreign: Option<Box<Foreign>>,
}

/// What belongs to an extension, or to the server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Foreign {
    pub extension: Option<String>,
    /// What it is born with, as the extension's script or initdb leaves it.
    pub born: Vec<Entry>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub grantee: Grantee,
    /// Everything that the grantee holds; empty when all was revoked.
    pub held: Held,
}

/// What is left of a definition when only the entries of roles that count are: `less` puts them into it.
pub fn managed<'a, T: Clone>(
    whole: &'a T,
    entries: &[Entry],
    roles: &Managed,
    less: impl FnOnce(Vec<Entry>) -> T,
) -> Option<Cow<'a, T>> {
    let counts = |entry: &&Entry| match (roles, &entry.grantee) {
        (Managed::None, _) => false,
        (Managed::All, _) | (_, Grantee::Owner | Grantee::Applier) => true,
        (Managed::Roles(roles), Grantee::Role(role)) => roles.contains(role),
        (Managed::Roles(roles), Grantee::Public) => {
            roles.iter().any(|role| role.eq_ignore_ascii_case("public"))
        }
    };
    match entries.iter().filter(counts).count() {
        0 => None,
        all if all == entries.len() => Some(Cow::Borrowed(whole)),
        _ => Some(Cow::Owned(less(entries.iter().filter(counts).cloned().collect()))),
    }
}

impl Privileges {
    fn held(&self, of: &ObjectId, grantee: &Grantee, major: u32) -> Held {
        let entry = self.entries.iter().find(|entry| entry.grantee == *grantee);
        match (entry, &self.foreign) {
            (Some(entry), _) => entry.held.clone(),
            (None, Some(foreign)) => {
                let born = foreign.born.iter().find(|entry| entry.grantee == *grantee);
                born.map(|entry| entry.held.clone()).unwrap_or_default()
            }
            (None, None) => acl::born_with(of, grantee, major),
        }
    }

    /// As it was before anyone granted or revoked.
    fn untouched(&self) -> Self {
        Self { entries: Vec::new(), foreign: self.foreign.clone() }
    }

    /// The list as ALTER … OWNER leaves it, where this plan does that: what the new owner held before is added to what
    /// owners hold (`aclnewowner` in acl.c).
    fn owned_anew(&self, id: &ObjectId, cx: &Context) -> Self {
        let of = &target(id, cx);
        let Some((_, new)) = new_owner(id, cx) else { return self.clone() };
        let newcomer = new.map_or(Grantee::Applier, Grantee::Role);
        let mut entries = self.entries.clone();
        let Some(place) = entries.iter().position(|entry| entry.grantee == newcomer) else {
            return self.clone();
        };
        let joined = entries.remove(place);
        let mut held = self.held(of, &Grantee::Owner, cx.major());
        for (word, on) in joined.held {
            *held.entry(word).or_default() |= on;
        }
        entries.retain(|entry| entry.grantee != Grantee::Owner);
        if held != acl::born_with(of, &Grantee::Owner, cx.major()) {
            entries.push(Entry { grantee: Grantee::Owner, held });
        }
        Self { entries, foreign: None }
    }

    /// From one list to the other: first what is taken, then what is given.
    fn changes(&self, id: &ObjectId, to: &Self, cx: &Context, side: Side) -> Vec<Change> {
        let of = &target(id, cx);
        let grantees: BTreeSet<&Grantee> =
            self.entries.iter().chain(&to.entries).map(|e| &e.grantee).collect();
        let (mut taken, mut given) = (Vec::new(), Vec::new());
        for grantee in grantees {
            let old = self.held(of, grantee, cx.major());
            let new = to.held(of, grantee, cx.major());
            let change = |words: Vec<&String>, kind| Change {
                kind,
                words: words.into_iter().cloned().collect(),
                grantee: grantee.clone(),
                role: role(grantee, id.root(), cx, side),
            };
            taken.push(change(
                old.keys().filter(|word| !new.contains_key(*word)).collect(),
                What::Revoke,
            ));
            let weaker = |word: &&String| old[*word] && new.get(*word) == Some(&false);
            taken.push(change(old.keys().filter(weaker).collect(), What::RevokeOption));
            let plain = |word: &&String| !new[*word] && !old.contains_key(*word);
            given.push(change(new.keys().filter(plain).collect(), What::Grant));
            let stronger = |word: &&String| new[*word] && old.get(*word) != Some(&true);
            given.push(change(new.keys().filter(stronger).collect(), What::GrantOption));
        }
        taken.into_iter().chain(given).filter(|change| !change.words.is_empty()).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Grant,
    GrantOption,
    Revoke,
    RevokeOption,
}

/// One statement to be.
struct Change {
    kind: What,
    words: Vec<String>,
    grantee: Grantee,
    role: String,
}

impl Change {
    fn sql(&self, id: &ObjectId, cx: &Context) -> String {
        let words = spelled(&self.words, id, cx);
        let (on, role) = (on(&target(id, cx)), &self.role);
        match self.kind {
            What::Grant => format!("GRANT {words} ON {on} TO {role}"),
            What::GrantOption => format!("GRANT {words} ON {on} TO {role} WITH GRANT OPTION"),
            What::Revoke => format!("REVOKE {words} ON {on} FROM {role}"),
            What::RevokeOption => format!("REVOKE GRANT OPTION FOR {words} ON {on} FROM {role}"),
        }
    }

    fn hazard(&self, step: Step, id: &ObjectId) -> Step {
        let words = self.words.join(", ");
        match self.kind {
            What::Grant | What::GrantOption if self.grantee == Grantee::Public => step.hazard(
                HazardKind::LoosensAccess,
                format!("every role gets {words} on {}", id.path()),
            ),
            What::Grant | What::GrantOption => step,
            What::Revoke | What::RevokeOption => step.hazard(
                HazardKind::BreaksClients,
                format!("{} loses {words} on {}", self.role, id.path()),
            ),
        }
    }
}

/// Old and new owner (None: the role that applies) of what changes hands.
fn new_owner(id: &ObjectId, cx: &Context) -> Option<(Option<String>, Option<String>)> {
    let owner = |side: Side| match cx.catalog(side).get(&owner_id(id)) {
        Some(Object::Owner(owner)) => Some(owner.role.clone()),
        _ => None,
    };
    let (old, new) = (owner(Side::From), owner(Side::To));
    (old != new && cx.from.contains(id.root())).then_some((old, new))
}

fn owner_id(id: &ObjectId) -> ObjectId {
    ObjectId::member(Kind::Owner, id.root(), "")
}

/// What the privileges are on: the object, a column, or the sequence behind it.
fn target(id: &ObjectId, cx: &Context) -> ObjectId {
    identity::sequence_of(id, cx).unwrap_or_else(|| id.parent().unwrap_or(id).clone())
}

/// The column, where they are on one.
fn column(id: &ObjectId) -> Option<String> {
    let of = id.parent().unwrap_or(id);
    if identity::of_sequence(id).is_some() {
        return None;
    }
    match of.kind() {
        Kind::Column => Some(of.base_sql()),
        _ => (!id.base().is_empty()).then(|| id.base_sql()),
    }
}

/// What REVOKE takes from a table it takes from the columns: theirs come after this.
fn whole(id: &ObjectId) -> Option<ObjectId> {
    column(id).map(|_| ObjectId::member(Kind::Privileges, id.root(), ""))
}

fn on(target: &ObjectId) -> String {
    let of = target.root();
    let keyword = match of.kind() {
        Kind::View | Kind::MaterializedView | Kind::ForeignTable => "TABLE",
        Kind::Server => "FOREIGN SERVER",
        Kind::Domain => "TYPE",
        Kind::Aggregate => return format!("FUNCTION {}", of.sql().replace("(*)", "()")),
        kind => kind.keyword(),
    };
    format!("{keyword} {}", of.sql())
}

fn spelled(words: &[String], id: &ObjectId, cx: &Context) -> String {
    if let Some(column) = column(id) {
        let each: Vec<String> = words.iter().map(|word| format!("{word} ({column})")).collect();
        return each.join(", ");
    }
    let all = acl::all_of(target(id, cx).kind(), cx.major());
    if all.len() == words.len() {
        return "ALL".to_owned();
    }
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_by_key(|word| all.iter().position(|w| w == word));
    words.join(", ")
}

fn role(grantee: &Grantee, root: &ObjectId, cx: &Context, side: Side) -> String {
    match grantee {
        Grantee::Public => "PUBLIC".to_owned(),
        Grantee::Role(role) => quote::ident(role),
        Grantee::Applier => "CURRENT_ROLE".to_owned(),
        Grantee::Owner => match cx.catalog(side).get(&ObjectId::member(Kind::Owner, root, "")) {
            Some(Object::Owner(owner)) => quote::ident(&owner.role),
            _ => "CURRENT_ROLE".to_owned(),
        },
    }
}

/// What a REVOKE on a whole table takes from the same role on its columns, and the desired state keeps.
fn restored(change: &Change, id: &ObjectId, cx: &Context) -> Vec<Step> {
    let of = id.parent().unwrap_or(id);
    if !matches!(change.kind, What::Revoke) || of.parent().is_some() || !id.base().is_empty() {
        return Vec::new();
    }
    let columns = cx
        .to
        .members(Kind::Column, of)
        .map(|(column, _)| ObjectId::member(Kind::Privileges, column, ""));
    let view_columns = cx
        .to
        .members(Kind::Privileges, of)
        .map(|(id, _)| id.clone())
        .filter(|id| !id.base().is_empty());
    let mut steps = Vec::new();
    for of_column in columns.chain(view_columns) {
        // those that differ are dealt with by themselves
        let (Some(from), Some(Object::Privileges(to))) =
            (cx.from.get(&of_column), cx.to.get(&of_column))
        else {
            continue;
        };
        if !matches!(from, Object::Privileges(from) if from == to) {
            continue;
        }
        for entry in to.entries.iter().filter(|entry| entry.grantee == change.grantee) {
            let lost = entry.held.iter().filter(|(word, _)| change.words.contains(word));
            for (kind, on) in [(What::Grant, false), (What::GrantOption, true)] {
                let words: Vec<String> =
                    lost.clone().filter(|(_, o)| **o == on).map(|(w, _)| w.clone()).collect();
                if !words.is_empty() {
                    let again = Change {
                        kind,
                        words,
                        grantee: change.grantee.clone(),
                        role: change.role.clone(),
                    };
                    steps.push(Step::alter(id, again.sql(&of_column, cx)));
                }
            }
        }
    }
    steps
}

fn steps(
    id: &ObjectId,
    from: &Privileges,
    to: &Privileges,
    cx: &Context,
    new: impl Fn(String) -> Step,
) -> Vec<Step> {
    let mut all = Vec::new();
    for change in from.changes(id, to, cx, Side::To) {
        all.push(change.hazard(new(change.sql(id, cx)), id));
        all.extend(restored(&change, id, cx));
    }
    all
}

/// What an object that this plan creates differs in from what the server gives, before anyone grants or revokes.
fn born(of: &ObjectId, cx: &Context) -> Privileges {
    let entry =
        |grantee: Grantee| Entry { held: default_privileges::born_with(of, &grantee, cx), grantee };
    let grantees = default_privileges::grantees(of, cx).into_iter();
    // what the owner to be is given then is his as the owner
    let owner = match cx.to.get(&owner_id(&ObjectId::member(Kind::Privileges, of, ""))) {
        Some(Object::Owner(owner)) => Some(Grantee::Role(owner.role.clone())),
        _ => None,
    };
    let differs = |entry: &Entry| {
        Some(&entry.grantee) != owner.as_ref()
            && entry.held != acl::born_with(of, &entry.grantee, cx.major())
    };
    Privileges { entries: grantees.map(entry).filter(differs).collect(), foreign: None }
}

/// Takes back what default privileges give to an object that is created and that the desired state does not give it.
pub fn correct(of: &ObjectId, cx: &Context) -> Vec<Step> {
    let sequence = match cx.to.get(of) {
        Some(Object::Column(column)) => column.identity.as_ref(),
        _ => None,
    };
    let id = ObjectId::member(Kind::Privileges, of, sequence.map_or("", |_| identity::SEQUENCE));
    if of.parent().is_some() && sequence.is_none() || cx.to.contains(&id) {
        return Vec::new();
    }
    let steps = steps(&id, &born(&target(&id, cx), cx), &BORN, cx, |sql| Step::alter(of, sql));
    steps.into_iter().map(|step| Step { hazards: Vec::new(), ..step }.without_edges()).collect()
}

/// The id that it would have as an object. Of types only that they are types is told.
fn foreign(word: &str, schema: Option<String>, name: &str, arguments: &str) -> ObjectId {
    let schema = schema.unwrap_or_default();
    let kind = match word {
        "type" => Kind::BaseType,
        word => Kind::ALL.iter().copied().find(|kind| kind.word() == word).unwrap_or(Kind::Table),
    };
    match kind {
        Kind::Function | Kind::Procedure | Kind::Aggregate => {
            ObjectId::routine(kind, &schema, name, arguments)
        }
        Kind::Schema | Kind::Language | Kind::ForeignDataWrapper | Kind::Server => {
            ObjectId::global(kind, name)
        }
        kind => ObjectId::qualified(kind, &schema, name),
    }
}

const BORN: Privileges = Privileges { entries: Vec::new(), foreign: None };

impl Definition for Privileges {
    const QUERY: &'static str = include_str!("privileges.sql");
    const CATALOG: &'static str = "pg_class";
    const OF: Option<&'static str> = Some("on");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let of = row.object();
        let part = row.text()?;
        let (items, born) = (row.texts()?, row.texts()?);
        let (owner, applier) = (row.text()?, row.texts()?);
        let (mut held, born) =
            (acl::parse(&items, &owner, &applier), acl::parse(&born, &owner, &applier));
        for grantee in born.keys() {
            held.entry(grantee.clone()).or_default();
        }
        let none = BTreeMap::new();
        let differs = |entry: &Entry| entry.held != *born.get(&entry.grantee).unwrap_or(&none);
        let entry = |(grantee, held)| Entry { grantee, held };
        let entries: Vec<Entry> = held.into_iter().map(entry).filter(differs).collect();
        if entries.is_empty() {
            // nothing to say: left out like a satellite without a parent
            return Err(ReadError::Unknown { class: 0, object: 0, sub: 0 });
        }
        if !row.flag()? {
            return Ok((
                ObjectId::member(Kind::Privileges, &of?, &part),
                Self { entries, foreign: None },
            ));
        }
        let extension = row.opt_text()?;
        let of = foreign(&row.text()?, row.opt_text()?, &row.text()?, &row.text()?);
        let born = born.into_iter().map(entry).collect();
        let foreign = Some(Box::new(Foreign { extension, born }));
        Ok((ObjectId::member(Kind::Privileges, &of, &part), Self { entries, foreign }))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        // grants are made by the owner that is there then; REVOKE on a table takes from its columns
        let root = id.root();
        let mut edges = vec![soft(id, &ObjectId::member(Kind::Owner, root, ""))];
        if column(id).is_some() {
            edges.push(soft(id, &ObjectId::member(Kind::Privileges, root, "")));
        }
        let extension = self.foreign.iter().filter_map(|foreign| foreign.extension.as_ref());
        edges.extend(extension.map(|name| hard(id, &ObjectId::global(Kind::Extension, name))));
        edges
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let new = |sql| Step::create(id, sql).needs(whole(id));
        if self.foreign.is_some() {
            return steps(id, &self.untouched(), self, cx, new);
        }
        let born = born(&target(id, cx), cx);
        let of = id.parent().unwrap_or(id);
        let part = of.parent().is_some() || !id.base().is_empty();
        if born == BORN || part && identity::of_sequence(id).is_none() {
            return steps(id, &BORN, self, cx, new);
        }
        if cx.comes(of) {
            return steps(id, &born, self, cx, new);
        }
        // it is there already, or built anew by this plan: what is taken and given suits both
        let either = |step: &Step| step.sql.starts_with("REVOKE");
        let mut all = steps(id, &born, self, cx, new);
        let known: BTreeSet<String> = all.iter().map(|step| step.sql.clone()).collect();
        let more =
            steps(id, &BORN, self, cx, new).into_iter().filter(|step| !known.contains(&step.sql));
        let (taken, given): (Vec<Step>, Vec<Step>) = more.partition(either);
        let first_grant = all.iter().position(|step| !either(step)).unwrap_or(all.len());
        all.splice(first_grant..first_grant, taken);
        all.extend(given);
        all
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        if identity::loses_sequence(id, cx) {
            return Vec::new();
        }
        let steps =
            steps(id, &self.owned_anew(id, cx), &self.untouched(), cx, |sql| Step::drop(id, sql));
        let owner = new_owner(id, cx).map(|_| owner_id(id));
        let extension = self.foreign.as_ref().and_then(|foreign| foreign.extension.as_ref());
        let goes_with = extension.map(|name| ObjectId::global(Kind::Extension, name));
        let goes_with = goes_with.as_ref().unwrap_or(id.parent().unwrap_or(id));
        let step = |step: Step| step.with(goes_with).needs(owner.clone());
        steps.into_iter().map(step).collect()
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { entries: _, foreign: _ } = self;
        let Self { entries: _, foreign: _ } = to;
        let owner = new_owner(id, cx).map(|_| owner_id(id));
        let step = |sql| Step::alter(id, sql).needs(owner.clone()).needs(whole(id));
        Alter::InPlace(steps(id, &self.owned_anew(id, cx), to, cx, step))
    }

    fn retain(&self, scope: &Scope) -> Option<Cow<'_, Self>> {
        let less = |entries| Self { entries, ..self.clone() };
        managed(self, &self.entries, &scope.privileges, less)
    }
}
