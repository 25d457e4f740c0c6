//! Subscriptions of logical replication. Manual: 31.2 Subscription, CREATE SUBSCRIPTION, ALTER SUBSCRIPTION.
//!
//! No plan connects to the publisher: a subscription is made disabled, without a slot of its own making, and goes
//! without taking its slot along. Passwords are neither read nor written. Whether it is enabled is not compared.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, HazardKind, Kind, ObjectId, ReadError, Refusal, Row, Slot, Step,
    quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Without its password. `None` where the reader is no superuser: then it is not compared.
    pub connection: Option<String>,
    /// Whether there was a password in it. Not compared.
    pub secret: bool,
    /// Their order does not count.
    pub publications: Vec<String>,
    pub slot: Option<String>,
    /// Option → value, those that are not the default.
    pub options: Vec<(String, String)>,
}

impl Definition for Subscription {
    const QUERY: &'static str = include_str!("subscription.sql");
    const CATALOG: &'static str = "pg_subscription";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::global(Kind::Subscription, &row.text()?);
        let connection = row.opt_text()?;
        let (publications, slot) = (row.texts()?, row.opt_text()?);
        let said = [
            ("binary", word(row.flag()?), "false"),
            ("streaming", row.text()?, "what the version says"),
            ("synchronous_commit", row.text()?, "off"),
            ("two_phase", word(row.flag()?), "false"),
            ("disable_on_error", word(row.flag()?), "false"),
            ("password_required", word(row.flag()?), "true"),
            ("run_as_owner", word(row.flag()?), "false"),
            ("origin", row.text()?, "any"),
            ("failover", word(row.flag()?), "false"),
        ];
        let options = said
            .into_iter()
            .filter(|(_, value, default)| value != default)
            .map(|(name, value, _)| (name.to_owned(), value))
            .collect();
        let open = connection.as_deref().map(without_password);
        let secret = open != connection;
        Ok((id, Self { connection: open, secret, publications, slot, options }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let mut options = vec!["connect = false".to_owned()];
        match &self.slot {
            None => options.push("slot_name = NONE".to_owned()),
            Some(slot) if slot != id.base() => {
                options.push(format!("slot_name = {}", quote::literal(slot)));
            }
            Some(_) => {}
        }
        options.extend(self.options.iter().map(option));
        let sql = format!(
            "CREATE SUBSCRIPTION {}\n    CONNECTION {}\n    PUBLICATION {}\n    WITH ({})",
            id.sql(),
            quote::literal(self.connection.as_deref().unwrap_or_default()),
            self.names(),
            options.join(", ")
        );
        let password = if self.secret { "give its connection the password, " } else { "" };
        vec![Step::create(id, sql).hazard(
            HazardKind::BreaksClients,
            format!("nothing is received until you {password}make its slot, and say ENABLE and REFRESH PUBLICATION"),
        )]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let mut steps = Vec::new();
        let last = Step::drop(id, format!("DROP SUBSCRIPTION {}", id.sql()));
        if let Some(slot) = &self.slot {
            // With a slot it would connect to the publisher, and refuse to run in a transaction.
            steps.push(Step::drop(id, format!("ALTER SUBSCRIPTION {} DISABLE", id.sql())));
            let sql = format!("ALTER SUBSCRIPTION {} SET (slot_name = NONE)", id.sql());
            steps.push(Step::drop(id, sql));
            steps.push(last.hazard(
                HazardKind::BreaksClients,
                format!(
                    "slot {} stays on the publisher and keeps its log: drop it there",
                    quote::ident(slot)
                ),
            ));
        } else {
            steps.push(last);
        }
        steps
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { connection, secret, publications: _, slot, options } = self;
        let Self {
            connection: new_connection,
            secret: _,
            publications: _,
            slot: new_slot,
            options: new,
        } = to;
        let refuse = |reason: &str, advice: &str| {
            let (reason, advice) = (reason.to_owned(), advice.to_owned());
            Alter::Refuse(Refusal { object: id.clone(), reason, advice })
        };
        let value = |options: &[(String, String)], name: &str| {
            options.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        for name in ["two_phase", "failover"] {
            if value(options, name) != value(new, name) {
                return refuse(
                    &format!("{name} is agreed upon with the publisher"),
                    "change it by hand, with the subscription disabled",
                );
            }
        }
        let head = format!("ALTER SUBSCRIPTION {}", id.sql());
        let mut steps = Vec::new();
        if let (Some(old), Some(new)) = (connection, new_connection)
            && old != new
        {
            if *secret {
                return refuse(
                    "its connection has a password, which no plan holds",
                    "say ALTER SUBSCRIPTION … CONNECTION by hand",
                );
            }
            steps.push(Step::alter(id, format!("{head} CONNECTION {}", quote::literal(new))));
        }
        if sorted(&self.publications) != sorted(&to.publications) {
            let sql = format!("{head} SET PUBLICATION {} WITH (refresh = false)", to.names());
            steps.push(Step::alter(id, sql).hazard(
                HazardKind::BreaksClients,
                format!(
                    "say {head} REFRESH PUBLICATION afterwards, which connects to the publisher"
                ),
            ));
        }
        let mut set: Vec<String> =
            new.iter().filter(|o| !options.contains(o)).map(option).collect();
        for (name, _) in options.iter().filter(|(name, _)| value(new, name).is_none()) {
            let default = match name.as_str() {
                "streaming" | "synchronous_commit" => "off",
                "password_required" => "true",
                "origin" => "any",
                _ => "false",
            };
            set.push(format!("{name} = {default}"));
        }
        if slot != new_slot {
            set.push(match new_slot {
                Some(slot) => format!("slot_name = {}", quote::literal(slot)),
                None => "slot_name = NONE".to_owned(),
            });
        }
        if !set.is_empty() {
            steps.push(Step::alter(id, format!("{head} SET ({})", set.join(", "))));
        }
        Alter::InPlace(steps)
    }

    fn canonical(&mut self) {
        self.secret = false;
        self.publications.sort();
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("SUBSCRIPTION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot { space: "pg_subscription", name: id.base().to_owned() }]
    }
}

impl Subscription {
    fn names(&self) -> String {
        self.publications.iter().map(|name| quote::ident(name)).collect::<Vec<_>>().join(", ")
    }
}

fn word(flag: bool) -> String {
    flag.to_string()
}

fn option((name, value): &(String, String)) -> String {
    format!("{name} = {value}")
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    names
}

/// A connection string of either form without `password=…` (manual: 34.1.1 Connection Strings).
fn without_password(connection: &str) -> String {
    match connection.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", uri_without_password(rest)),
        None => pairs_without_password(connection),
    }
}

fn uri_without_password(rest: &str) -> String {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    let Some((path, query)) = tail.split_once('?') else { return authority + tail };
    let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with("password=")).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{authority}{path}{mark}{}", kept.join("&"))
}

/// `host=a password='b c' dbname=d`: values in quotes may hold anything, a backslash escapes.
fn pairs_without_password(connection: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut rest = connection.trim_start();
    while !rest.is_empty() {
        let value = rest.find('=').map_or(rest.len(), |at| {
            let after = &rest[at + 1..];
            at + 1 + (after.len() - after.trim_start().len())
        });
        let quoted = rest[value..].starts_with('\'');
        let mut escaped = false;
        let end = rest[value..].char_indices().skip(usize::from(quoted)).find(|(_, c)| {
            let ends = !escaped && if quoted { *c == '\'' } else { c.is_whitespace() };
            escaped = !escaped && *c == '\\';
            ends
        });
        let end = end.map_or(rest.len(), |(at, _)| value + at + usize::from(quoted));
        let pair = &rest[..end];
        let name = pair.split('=').next().unwrap_or_default().trim();
        if name != "password" && name != "sslpassword" {
            kept.push(pair);
        }
        rest = rest[end..].trim_start();
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn no_form_of_connection_keeps_its_password() {
        for (with, without) in [
            ("host=a dbname=b", "host=a dbname=b"),
            ("host=a password=x dbname=b", "host=a dbname=b"),
            ("password = 'it\\'s here' host='a b'", "host='a b'"),
            ("postgresql://me:pw@h:5432/db", "postgresql://me@h:5432/db"),
            ("postgres://h/db?password=x&sslmode=require", "postgres://h/db?sslmode=require"),
            ("postgres://h/db?password=x", "postgres://h/db"),
        ] {
            assert_eq!(without_password(with), without);
        }
    }
}
