//! Range types, each with its multirange type. Manual: 8.17.8 Defining New Range Types, CREATE TYPE.
//!
//! The server makes constructor functions of the same names along with both types; they are no objects here. They
//! keep their names when the types are renamed, so a rename takes them along by itself.

use serde::{Deserialize, Serialize};

use super::attribute::is_embedded;
use crate::{
    Alter, Context, Definition, Disturbance, Kind, Name, Object, ObjectId, ReadError, Refusal,
    Replace, Row, Slot, Step, Survival, Verb,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Range {
    /// As `format_type` spells it.
    pub subtype: String,
    /// Qualified; `None` for the subtype's default one.
    pub opclass: Option<String>,
    /// Qualified; `None` for the subtype's own.
    pub collation: Option<String>,
    /// Qualified name of a function.
    pub canonical: Option<String>,
    /// Qualified name of a function.
    pub subtype_diff: Option<String>,
    /// `None` where the multirange type has the name that the server makes up, in the same schema.
    pub multirange: Option<ObjectId>,
}

impl Definition for Range {
    const QUERY: &'static str = include_str!("range.sql");
    const CATALOG: &'static str = "pg_type";
    const ANY: Option<&'static str> = Some("pg_type where oid >= 16384 and typtype = 'r'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::Range, &row.text()?, &row.text()?);
        let subtype = row.text()?;
        let (opclass, collation) = (row.opt_text()?, row.opt_text()?);
        let (canonical, subtype_diff) = (row.opt_text()?, row.opt_text()?);
        let multirange = ObjectId::qualified(Kind::Range, &row.text()?, &row.text()?);
        let multirange = Some(multirange).filter(|name| *name != default_multirange(&id));
        Ok((id, Self { subtype, opclass, collation, canonical, subtype_diff, multirange }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let Self { subtype, opclass, collation, canonical, subtype_diff, multirange } = self;
        let said = [
            ("SUBTYPE", Some(subtype.clone())),
            ("SUBTYPE_OPCLASS", opclass.clone()),
            ("COLLATION", collation.clone()),
            ("CANONICAL", canonical.clone()),
            ("SUBTYPE_DIFF", subtype_diff.clone()),
            ("MULTIRANGE_TYPE_NAME", multirange.as_ref().map(ObjectId::sql)),
        ];
        let said: Vec<String> = said
            .into_iter()
            .filter_map(|(word, value)| Some(format!("\n    {word} = {}", value?)))
            .collect();
        let sql = format!("CREATE TYPE {} AS RANGE ({}\n)", id.sql(), said.join(","));
        vec![Step::create(id, sql).undo(drop_sql(self, id))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::drop(id, drop_sql(self, id))]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        if (Self { multirange: to.multirange.clone(), ..self.clone() }) == *to {
            let steps = rename_with(&self.multirange_id(id), &to.multirange_id(id), |_| {
                multirange_constructors(id)
            });
            return Alter::InPlace(steps.into_iter().map(|step| altering(step, id)).collect());
        }
        match self.rebuild(id, cx) {
            Survival::ReplaceAside => Alter::Replace(Replace::Aside),
            Survival::Refuse(refusal) => Alter::Refuse(refusal),
            _ => Alter::Replace(Replace::DropCreate),
        }
    }

    fn survive(&self, id: &ObjectId, _what: &Disturbance, cx: &Context) -> Survival {
        self.rebuild(id, cx)
    }

    fn step_aside(&self, id: &ObjectId, aside: &ObjectId, _cx: &Context) -> Vec<Step> {
        let mut steps = self.rename_range(id, aside);
        let (multirange, waits) = (self.multirange_id(id), default_multirange(aside));
        steps.extend(rename_with(&multirange, &waits, |_| multirange_constructors(aside)));
        steps
    }

    fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        self.canonical.as_ref()?;
        let shell = Step::create(id, format!("CREATE TYPE {}", id.sql()))
            .without_edges()
            .needs(id.schema().map(|schema| ObjectId::global(Kind::Schema, schema)));
        let mut steps = vec![shell];
        steps.extend(self.create(id, cx));
        Some(steps)
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        let mut steps = self.rename_range(id, to);
        if self.multirange.is_none() {
            let (old, new) = (default_multirange(id), default_multirange(to));
            steps.extend(rename_with(&old, &new, |_| multirange_constructors(to)));
        }
        steps
    }

    fn names_along(&self, id: &ObjectId, to: &ObjectId) -> Vec<(ObjectId, ObjectId)> {
        match self.multirange {
            None => vec![(default_multirange(id), default_multirange(to))],
            Some(_) => Vec::new(),
        }
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_type", id), Slot::new("pg_type", &self.multirange_id(id))]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self { subtype, opclass, collation, canonical, subtype_diff, multirange: _ } = self;
        let optional = [opclass, collation, canonical, subtype_diff].into_iter().flatten();
        std::iter::once(subtype).chain(optional).collect()
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        self.multirange.iter_mut().collect()
    }
}

impl Range {
    /// Whether a type, as it is spelled, is this range or its multirange, and the plan builds that anew.
    pub(super) fn is_rebuilt(&self, id: &ObjectId, spelled: &str, cx: &Context) -> bool {
        let named = spelled == id.sql() || spelled == self.multirange_id(id).sql();
        let same = |to: &Self| Self { multirange: to.multirange.clone(), ..self.clone() } == *to;
        named && matches!(cx.to.get(id), Some(Object::Range(to)) if !same(to))
    }

    pub(super) fn multirange_id(&self, id: &ObjectId) -> ObjectId {
        self.multirange.clone().unwrap_or_else(|| default_multirange(id))
    }

    fn rebuild(&self, id: &ObjectId, cx: &Context) -> Survival {
        match (is_embedded(cx, id), &self.canonical) {
            (false, _) => Survival::Replace,
            (true, None) => Survival::ReplaceAside,
            // The function takes the type itself, so neither can wait beside its successor.
            (true, Some(canonical)) => Survival::Refuse(Refusal {
                object: id.clone(),
                reason: format!(
                    "columns hold its values, and it and its canonical function {canonical} cannot be built anew beside the old ones"
                ),
                advice: "make a range type of another name, and move the columns over first".into(),
            }),
        }
    }

    fn rename_range(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        rename_with(id, to, |_| {
            let two = [self.subtype.as_str(); 2].join(", ");
            vec![two.clone(), format!("{two}, text")]
        })
    }
}

/// A canonical function and its range type depend on each other: PostgreSQL drops such a pair by CASCADE alone. All
/// other dependents have their own steps before.
fn drop_sql(range: &Range, id: &ObjectId) -> String {
    let cascade = if range.canonical.is_some() { " CASCADE" } else { "" };
    format!("DROP TYPE {}{cascade}", id.sql())
}

/// The arguments of a multirange type's constructors, for a range type of this name.
fn multirange_constructors(range: &ObjectId) -> Vec<String> {
    vec![String::new(), range.sql(), format!("{}[]", range.sql())]
}

/// Renames or moves a type together with the functions of its name that take these arguments.
fn rename_with(
    id: &ObjectId,
    to: &ObjectId,
    arguments: impl Fn(&ObjectId) -> Vec<String>,
) -> Vec<Step> {
    if id == to {
        return Vec::new();
    }
    let mut steps = super::rename_or_move("TYPE", id, to);
    for arguments in arguments(to) {
        let function = |id: &ObjectId| match id.name() {
            Name::Qualified { schema, name } => {
                ObjectId::routine(Kind::Function, schema, name, &arguments)
            }
            _ => id.clone(),
        };
        for mut step in super::rename_or_move("FUNCTION", &function(id), &function(to)) {
            step.object = to.clone();
            step.hazards.clear();
            steps.push(step);
        }
    }
    steps
}

fn altering(mut step: Step, id: &ObjectId) -> Step {
    step.verb = Verb::Alter;
    step.object = id.clone();
    step
}

/// What the server calls the multirange type of a range type (`makeMultirangeTypeName` in pg_type.c).
fn default_multirange(range: &ObjectId) -> ObjectId {
    let base = range.base();
    let cut = |text: &str, limit: usize| -> String {
        let mut end = text.len().min(limit);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    };
    let name = match base.find("range") {
        Some(at) => format!("{}multi{}", &base[..at], &base[at..]),
        None => format!("{}_multirange", cut(base, 52)),
    };
    range.with_base(&cut(&name, 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multirange_types_are_named_as_the_server_does() {
        for (range, multirange) in [
            ("floatrange", "floatmultirange"),
            ("span", "span_multirange"),
            ("range of ranges", "multirange of ranges"),
            (&"x".repeat(63), &format!("{}_multirange", "x".repeat(52))),
        ] {
            let id = ObjectId::qualified(Kind::Range, "s", range);
            assert_eq!(default_multirange(&id).base(), multirange);
        }
    }
}
