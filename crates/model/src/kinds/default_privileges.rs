//! What objects that a role makes are born with, besides what the server gives. Manual: ALTER DEFAULT PRIVILEGES.
//!
//! One object for each role, type of object and schema (a member of it) or none. In a schema they only add to
//! those of the whole database.

use std::{borrow::Cow, collections::BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    acl::{self, Grantee, Held},
    privileges::{Entry, managed},
};
use crate::{
    Alter, Context, Definition, HazardKind, Kind, Object, ObjectId, Pace, ReadError, Row, Scope,
    Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    /// Whose objects; `None` for the role that applies.
    pub role: Option<String>,
    pub objects: Objects,
    /// By grantee; those who hold exactly what the server gives are not listed.
    pub entries: Vec<Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objects {
    Tables,
    Sequences,
    Functions,
    Types,
    Schemas,
    /// 18 and later.
    LargeObjects,
}

impl Definition for DefaultPrivileges {
    const QUERY: &'static str = include_str!("default_privileges.sql");
    const CATALOG: &'static str = "pg_default_acl";
    const ANY: Option<&'static str> = Some("pg_default_acl where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let role = row.opt_text()?;
        let schema = row.opt_object()?;
        let objects = Objects::parse(&row.text()?)?;
        let (items, born) = (row.texts()?, row.texts()?);
        let (owner, applier) = (row.text()?, row.texts()?);
        let mut held = acl::parse(&items, &owner, &applier);
        let born = acl::parse(&born, &owner, &applier);
        for grantee in born.keys() {
            held.entry(grantee.clone()).or_default();
        }
        let none = Held::new();
        let entries = held
            .into_iter()
            .map(|(grantee, held)| Entry { grantee, held })
            .filter(|entry| entry.held != *born.get(&entry.grantee).unwrap_or(&none))
            .collect();
        let name = match &role {
            Some(role) => format!("{} of {role}", objects.word()),
            None => objects.word().to_owned(),
        };
        let id = match &schema {
            Some(schema) => ObjectId::member(Kind::DefaultPrivileges, schema, &name),
            None => ObjectId::global(Kind::DefaultPrivileges, &name),
        };
        Ok((id, Self { role, objects, entries }))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        self.steps(id, &[], &self.entries, cx, |sql| Step::create(id, sql))
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let steps = self.steps(id, &self.entries, &[], cx, |sql| Step::drop(id, sql));
        match id.parent() {
            Some(schema) => steps.into_iter().map(|step| step.with(schema)).collect(),
            None => steps,
        }
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { role: _, objects: _, entries: old } = self;
        let Self { role: _, objects: _, entries: new } = to;
        Alter::InPlace(self.steps(id, old, new, cx, |sql| Step::alter(id, sql)))
    }

    fn retain(&self, scope: &Scope) -> Option<Cow<'_, Self>> {
        let less = |entries| Self { entries, ..self.clone() };
        managed(self, &self.entries, &scope.privileges, less)
    }
}

impl DefaultPrivileges {
    /// From one list to the other: first what is taken, then what is given.
    fn steps(
        &self,
        id: &ObjectId,
        from: &[Entry],
        to: &[Entry],
        cx: &Context,
        new: impl Fn(String) -> Step,
    ) -> Vec<Step> {
        let grantees: BTreeSet<&Grantee> = from.iter().chain(to).map(|e| &e.grantee).collect();
        let (mut taken, mut given) = (Vec::new(), Vec::new());
        for grantee in grantees {
            let (old, new) = (self.held(id, from, grantee, cx), self.held(id, to, grantee, cx));
            let words = |held: &Held, keep: &dyn Fn(&String) -> bool| -> Vec<String> {
                held.keys().filter(|word| keep(word)).cloned().collect()
            };
            let say =
                |list: &mut Vec<(String, bool)>, head: &str, words: Vec<String>, tail: &str| {
                    if !words.is_empty() {
                        let to = if head.starts_with("GRANT") { "TO" } else { "FROM" };
                        let sql = format!(
                            "{} {head}{} ON {} {to} {}{tail}",
                            self.head(id),
                            self.spelled(&words, cx),
                            self.objects.word().to_uppercase(),
                            self.grantee(grantee)
                        );
                        list.push((sql, *grantee == Grantee::Public));
                    }
                };
            let gone = words(&old, &|word| !new.contains_key(word));
            say(&mut taken, "REVOKE ", gone, "");
            let weaker = words(&old, &|word| old[word] && new.get(word) == Some(&false));
            say(&mut taken, "REVOKE GRANT OPTION FOR ", weaker, "");
            let plain = words(&new, &|word| !new[word] && !old.contains_key(word));
            say(&mut given, "GRANT ", plain, "");
            let stronger = words(&new, &|word| new[word] && old.get(word) != Some(&true));
            say(&mut given, "GRANT ", stronger, " WITH GRANT OPTION");
        }
        let taken = taken.into_iter().map(|(sql, _)| new(sql));
        let given = given.into_iter().map(|(sql, to_public)| match to_public {
            true => new(sql).hazard(
                HazardKind::LoosensAccess,
                format!("every role gets this on new {}", self.objects.word()),
            ),
            false => new(sql),
        });
        taken.chain(given).map(|step| step.pace(Pace::First)).collect()
    }

    fn held(&self, id: &ObjectId, entries: &[Entry], grantee: &Grantee, cx: &Context) -> Held {
        match entries.iter().find(|entry| entry.grantee == *grantee) {
            Some(entry) => entry.held.clone(),
            None if id.parent().is_some() => Held::new(),
            None => self.objects.born_with(grantee, cx.major()),
        }
    }

    fn head(&self, id: &ObjectId) -> String {
        let role = self.role.as_ref().map(|role| format!(" FOR ROLE {}", quote::ident(role)));
        let schema = id.parent().map(|schema| format!(" IN SCHEMA {}", schema.sql()));
        let (role, schema) = (role.unwrap_or_default(), schema.unwrap_or_default());
        format!("ALTER DEFAULT PRIVILEGES{role}{schema}")
    }

    fn spelled(&self, words: &[String], cx: &Context) -> String {
        let all = self.objects.all(cx.major());
        if all.len() == words.len() {
            return "ALL".to_owned();
        }
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.sort_by_key(|word| all.iter().position(|w| w == word));
        words.join(", ")
    }

    fn grantee(&self, grantee: &Grantee) -> String {
        match grantee {
            Grantee::Public => "PUBLIC".to_owned(),
            Grantee::Role(role) => quote::ident(role),
            Grantee::Owner => {
                self.role.as_ref().map_or("CURRENT_ROLE".to_owned(), |role| quote::ident(role))
            }
            Grantee::Applier => "CURRENT_ROLE".to_owned(),
        }
    }
}

impl Objects {
    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Table | Kind::View | Kind::MaterializedView | Kind::ForeignTable => {
                Some(Self::Tables)
            }
            Kind::Sequence => Some(Self::Sequences),
            Kind::Function | Kind::Procedure | Kind::Aggregate => Some(Self::Functions),
            Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => {
                Some(Self::Types)
            }
            Kind::Schema => Some(Self::Schemas),
            _ => None,
        }
    }

    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "r" => Ok(Self::Tables),
            "S" => Ok(Self::Sequences),
            "f" => Ok(Self::Functions),
            "T" => Ok(Self::Types),
            "n" => Ok(Self::Schemas),
            "L" => Ok(Self::LargeObjects),
            other => Err(ReadError::Value { what: "defaclobjtype", value: other.to_owned() }),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Sequences => "sequences",
            Self::Functions => "functions",
            Self::Types => "types",
            Self::Schemas => "schemas",
            Self::LargeObjects => "large objects",
        }
    }

    /// What GRANT ALL grants.
    fn all(self, major: u32) -> Vec<&'static str> {
        match self {
            Self::Tables => acl::all_of(Kind::Table, major),
            Self::Sequences => acl::all_of(Kind::Sequence, major),
            Self::Functions => acl::all_of(Kind::Function, major),
            Self::Types => acl::all_of(Kind::Enum, major),
            Self::Schemas => acl::all_of(Kind::Schema, major),
            Self::LargeObjects => vec!["SELECT", "UPDATE"],
        }
    }

    /// What the server gives by itself (`acldefault`).
    fn born_with(self, grantee: &Grantee, major: u32) -> Held {
        let words = match (grantee, self) {
            (Grantee::Owner, _) => self.all(major),
            (Grantee::Public, Self::Functions | Self::Types) => self.all(major),
            _ => Vec::new(),
        };
        words.into_iter().map(|word| (word.to_owned(), false)).collect()
    }
}

/// What a grantee holds on an object that the applying role has just made, by the default privileges of the desired
/// state: they are in force before anything is created.
pub fn born_with(of: &ObjectId, grantee: &Grantee, cx: &Context) -> Held {
    let server = acl::born_with(of, grantee, cx.major());
    let Some(objects) = Objects::of(of.kind()) else { return server };
    let entry = |id: &ObjectId| match cx.to.get(id) {
        Some(Object::DefaultPrivileges(said)) => said
            .entries
            .iter()
            .find(|entry| entry.grantee == *grantee)
            .map(|entry| entry.held.clone()),
        _ => None,
    };
    let mut held =
        entry(&ObjectId::global(Kind::DefaultPrivileges, objects.word())).unwrap_or(server);
    if let Some(schema) = of.schema().filter(|_| of.kind() != Kind::Schema) {
        let schema = ObjectId::global(Kind::Schema, schema);
        let more = entry(&ObjectId::member(Kind::DefaultPrivileges, &schema, objects.word()));
        for (word, on) in more.into_iter().flatten() {
            *held.entry(word).or_default() |= on;
        }
    }
    held
}

/// All grantees that default privileges of the applying role speak of, for objects like this one.
pub fn grantees(of: &ObjectId, cx: &Context) -> BTreeSet<Grantee> {
    let Some(objects) = Objects::of(of.kind()) else { return BTreeSet::new() };
    let schema = of.schema().map(|schema| ObjectId::global(Kind::Schema, schema));
    let in_schema =
        schema.map(|schema| ObjectId::member(Kind::DefaultPrivileges, &schema, objects.word()));
    let ids = [Some(ObjectId::global(Kind::DefaultPrivileges, objects.word())), in_schema];
    let said = ids.into_iter().flatten().filter_map(|id| match cx.to.get(&id) {
        Some(Object::DefaultPrivileges(said)) => Some(said),
        _ => None,
    });
    said.flat_map(|said| said.entries.iter().map(|entry| entry.grantee.clone())).collect()
}
