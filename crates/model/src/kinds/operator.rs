//! Operators. Manual: CREATE OPERATOR, ALTER OPERATOR; 38.14 User-Defined Operators.
//!
//! Commutators and negators name each other. The server makes a shell of the one that does not exist yet, links
//! the other way round when it is made, and unlinks when it is dropped; so these links are no edges.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, Name, Object, ObjectId, ReadError, Replace, Row, Slot, Step,
    quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Operator {
    /// Qualified where it is not of the system, as all names of functions here.
    pub function: String,
    pub commutator: Option<ObjectId>,
    pub negator: Option<ObjectId>,
    pub restrict: Option<String>,
    pub join: Option<String>,
    pub hashes: bool,
    pub merges: bool,
}

impl Definition for Operator {
    const QUERY: &'static str = include_str!("operator.sql");
    const CATALOG: &'static str = "pg_operator";
    const ANY: Option<&'static str> = Some("pg_operator where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        let (left, right) = (row.text()?, row.text()?);
        let operator = |schema: &str, name: &str, left: &str, right: &str| {
            ObjectId::routine(Kind::Operator, schema, name, &format!("{left}, {right}"))
        };
        let function = row.text()?;
        let commutator = row.opt_text()?.zip(row.opt_text()?);
        let negator = row.opt_text()?.zip(row.opt_text()?);
        Ok((
            operator(&schema, &name, &left, &right),
            Self {
                function,
                commutator: commutator
                    .map(|(schema, name)| operator(&schema, &name, &right, &left)),
                negator: negator.map(|(schema, name)| operator(&schema, &name, &left, &right)),
                restrict: row.opt_text()?,
                join: row.opt_text()?,
                hashes: row.flag()?,
                merges: row.flag()?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Self { function, commutator, negator, restrict, join, hashes, merges } = self;
        let (left, right) = operands(id);
        let mut said = vec![format!("FUNCTION = {function}")];
        let mut say = |word: &str, value: Option<String>| {
            said.extend(value.map(|value| format!("{word} = {value}")));
        };
        say("LEFTARG", left);
        say("RIGHTARG", right);
        say("COMMUTATOR", commutator.as_ref().map(spelled));
        say("NEGATOR", negator.as_ref().map(spelled));
        say("RESTRICT", restrict.clone());
        say("JOIN", join.clone());
        said.extend(hashes.then(|| "HASHES".to_owned()));
        said.extend(merges.then(|| "MERGES".to_owned()));
        let sql = format!("CREATE OPERATOR {} (\n    {}\n)", name(id), said.join(",\n    "));
        let undo = format!("DROP OPERATOR {}", id.sql());
        vec![Step::create(id, sql).provides(self.linked(cx)).undo(undo)]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, format!("DROP OPERATOR {}", id.sql())).provides(self.linked(cx))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let links = [
            (&self.commutator, &to.commutator, linked_by_commutator as Link),
            (&self.negator, &to.negator, linked_by_negator as Link),
        ];
        let by_server =
            links.iter().all(|(old, new, link)| old == new || follows(id, old, new, *link, cx));
        if !by_server
            || self.function != to.function
            || self.hashes != to.hashes
            || self.merges != to.merges
        {
            return Alter::Replace(Replace::DropCreate);
        }
        let set = |from: &Self, to: &Self| {
            let pairs =
                [("RESTRICT", &from.restrict, &to.restrict), ("JOIN", &from.join, &to.join)];
            let changed = pairs.iter().filter(|(_, old, new)| old != new);
            let said: Vec<String> = changed
                .map(|(word, _, new)| format!("{word} = {}", new.as_deref().unwrap_or("NONE")))
                .collect();
            (!said.is_empty())
                .then(|| format!("ALTER OPERATOR {} SET ({})", id.sql(), said.join(", ")))
        };
        let step = set(self, to).zip(set(to, self));
        Alter::InPlace(
            step.map(|(sql, undo)| Step::alter(id, sql).undo(undo)).into_iter().collect(),
        )
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        // PostgreSQL gives no operator another name.
        if id.base() != to.base() { Vec::new() } else { super::rename_or_move("OPERATOR", id, to) }
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { function, commutator: _, negator: _, restrict, join, hashes: _, merges: _ } =
            self;
        std::iter::once(function).chain(restrict).chain(join).collect()
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        self.commutator.iter_mut().chain(&mut self.negator).collect()
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let schema = id.schema().unwrap_or_default();
        let arguments = match id.name() {
            Name::Routine { args, .. } => args,
            _ => "",
        };
        vec![Slot { space: "pg_operator", name: format!("{schema}\0{}\0{arguments}", id.base()) }]
    }
}

impl Operator {
    /// Those that stay, and whose links the server changes along with this one.
    fn linked(&self, cx: &Context) -> Vec<ObjectId> {
        let stays = |id: &&ObjectId| cx.from.contains(id) && cx.to.contains(id);
        self.commutator.iter().chain(&self.negator).filter(stays).cloned().collect()
    }
}

/// `schema.===`: the name is no identifier and takes no quotes.
fn name(id: &ObjectId) -> String {
    format!("{}.{}", quote::ident(id.schema().unwrap_or_default()), id.base())
}

fn spelled(id: &ObjectId) -> String {
    format!("OPERATOR({})", name(id))
}

/// The operands' types; a prefix operator has no left one.
fn operands(id: &ObjectId) -> (Option<String>, Option<String>) {
    let arguments = match id.name() {
        Name::Routine { args, .. } => args,
        _ => "",
    };
    // a comma inside of quotes belongs to a name
    let mut quoted = false;
    let comma = arguments.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ',' && !quoted
    });
    let (left, right) = comma.map_or((arguments, ""), |(at, _)| arguments.split_at(at));
    let right = right.trim_start_matches(',').trim_start();
    (Some(left).filter(|left| *left != "NONE").map(str::to_owned), Some(right.to_owned()))
}

type Link = fn(&Operator) -> Option<&ObjectId>;

fn linked_by_commutator(operator: &Operator) -> Option<&ObjectId> {
    operator.commutator.as_ref()
}

fn linked_by_negator(operator: &Operator) -> Option<&ObjectId> {
    operator.negator.as_ref()
}

/// Whether the other operator, which comes or goes, makes or takes away the link by itself.
fn follows(
    id: &ObjectId,
    old: &Option<ObjectId>,
    new: &Option<ObjectId>,
    link: Link,
    cx: &Context,
) -> bool {
    let gone = old.as_ref().is_none_or(|old| cx.goes(old));
    let comes = new.as_ref().is_none_or(|new| match cx.to.get(new) {
        Some(Object::Operator(other)) => cx.comes(new) && link(other) == Some(id),
        _ => false,
    });
    gone && comes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_found_in_the_id() {
        let operands = |arguments: &str| {
            operands(&ObjectId::routine(Kind::Operator, "public", "===", arguments))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(operands("integer, text"), (some("integer"), some("text")));
        assert_eq!(operands("NONE, public.t"), (None, some("public.t")));
        assert_eq!(operands("s.\"a, b\", s.\"c,\""), (some("s.\"a, b\""), some("s.\"c,\"")));
    }
}
