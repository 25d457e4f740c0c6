//! Column defaults. Manual: 5.2 Default Values. Generation expressions belong to their column.

use serde::{Deserialize, Serialize};

use super::{convert, family, inheritance};
use crate::{
    Alter, Context, Definition, Disturbance, Fold, How, Kind, Lock, Object, ObjectId, ReadError,
    Row, Side, Step, Survival, Verb,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Default {
    pub expression: String,
}

impl Definition for Default {
    const QUERY: &'static str = include_str!("default.sql");
    const CATALOG: &'static str = "pg_attrdef";
    const OF: Option<&'static str> = Some("of");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (of, of_view) = (row.object()?, row.opt_text()?);
        let id = ObjectId::member(Kind::Default, &of, &of_view.unwrap_or_default());
        Ok((id, Self { expression: row.text()? }))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(column) = column(id) else {
            return vec![on_view(Verb::Create, id, &format!("SET DEFAULT {}", self.expression))];
        };
        let step = self.set(Verb::Create, id, column, cx);
        vec![match self.arrival(column, cx) {
            Arrival::Own => step.fold_first(Fold::Suffix {
                of: column.clone(),
                text: format!(" DEFAULT {}", self.expression),
            }),
            Arrival::With(of) => step.with(&of),
            Arrival::Inherited(table, theirs) => step.with(&table).needs([theirs]),
            Arrival::Apart => step,
        }]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(column) = column(id) else {
            return vec![on_view(Verb::Drop, id, "DROP DEFAULT").with(id.root())];
        };
        let action = format!("ALTER COLUMN {} DROP DEFAULT", column.base_sql());
        let table = column.root();
        vec![
            Step::action(Verb::Drop, id, &family::head_only(cx, table), &action)
                .lock(Lock::AccessExclusive, table)
                .with(column),
        ]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self { expression: _ } = self;
        let Some(column) = column(id) else {
            let action = format!("SET DEFAULT {}", to.expression);
            return Alter::InPlace(vec![on_view(Verb::Alter, id, &action)]);
        };
        Alter::InPlace(vec![to.set(Verb::Alter, id, column, cx)])
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        let Some(column) = column(id) else { return Survival::Replace };
        match what.how {
            How::Altered if what.object == *column => {
                // The server converts the default as well, where an assignment cast does it.
                let same = matches!(cx.to.get(id), Some(Object::Default(to)) if **to == *self);
                let types = match (cx.from.get(column), cx.to.get(column)) {
                    (Some(Object::Column(a)), Some(Object::Column(b))) => {
                        Some((&a.type_name, &b.type_name))
                    }
                    _ => None,
                };
                let follows = types.is_some_and(|(a, b)| {
                    a != b
                        && convert::conversion(cx, column, &column.base_sql(), a, b).cast
                            <= convert::Cast::Assignment
                });
                if same && follows { Survival::Keep } else { Survival::Replace }
            }
            How::Altered => Survival::Keep,
            _ => Survival::Replace,
        }
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        vec![&mut self.expression]
    }
}

/// The column, except for those of views: they are no objects, so such a default is a member of the view and
/// named by the column.
fn column(id: &ObjectId) -> Option<&ObjectId> {
    id.parent().filter(|parent| parent.kind() == Kind::Column)
}

fn on_view(verb: Verb, id: &ObjectId, action: &str) -> Step {
    let view = id.root();
    let sql = format!("ALTER VIEW {} ALTER COLUMN {} {action}", view.sql(), id.base_sql());
    Step::new(verb, id, sql).lock(Lock::AccessExclusive, view)
}

/// Parents from which a new column has its default.
fn through(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    match inheritance::is_made(table, cx) {
        false => family::kept_parents(cx, table),
        true if family::inherits(cx, table) => family::parents(cx, Side::To, table),
        true => Vec::new(),
    }
}

/// The default that a new column is given by way of its parents. What adds a column adds it to all that inherit, so that
/// it is the topmost parent's; INHERITS looks at the parent alone.
pub(super) fn brought(cx: &Context, column: &ObjectId) -> Option<ObjectId> {
    let is_added = !inheritance::is_made(column.root(), cx);
    through(cx, column.root()).iter().find_map(|parent| {
        let theirs = ObjectId::member(Kind::Column, parent, column.base());
        if !cx.to.contains(&theirs) {
            return None;
        }
        let above = through(cx, parent).into_iter();
        let mut above = above.map(|parent| ObjectId::member(Kind::Column, &parent, column.base()));
        match is_added && above.any(|id| cx.to.contains(&id)) {
            true => brought(cx, &theirs),
            false => Some(of(&theirs)).filter(|default| cx.to.contains(default)),
        }
    })
}

/// Takes away, as a step of `by`, the default that a new column was brought, where it is to have none.
pub(super) fn disowned(by: &ObjectId, column: &ObjectId, cx: &Context) -> Option<Step> {
    if cx.to.contains(&of(column)) {
        return None;
    }
    let brought = brought(cx, column)?;
    let action = format!("ALTER COLUMN {} DROP DEFAULT", column.base_sql());
    let head = family::head_only(cx, column.root());
    Some(Step::action(Verb::Alter, by, &head, &action).needs([brought]))
}

fn of(column: &ObjectId) -> ObjectId {
    ObjectId::member(Kind::Default, column, "")
}

impl Default {
    fn set(&self, verb: Verb, id: &ObjectId, column: &ObjectId, cx: &Context) -> Step {
        let action = format!("ALTER COLUMN {} SET DEFAULT {}", column.base_sql(), self.expression);
        let table = column.root();
        Step::action(verb, id, &family::head_only(cx, table), &action)
            .lock(Lock::AccessExclusive, table)
    }

    /// A new column of a parent brings its default along into the children, and so does INHERITS.
    fn arrival(&self, column: &ObjectId, cx: &Context) -> Arrival {
        let table = column.root();
        let existing = !inheritance::is_made(table, cx);
        let through = through(cx, table);
        let own = matches!(cx.to.get(column), Some(Object::Column(own)) if own.local && !existing);
        if own || through.is_empty() {
            return Arrival::Own;
        }
        let is_like =
            |id: &ObjectId| matches!(cx.to.get(id), Some(Object::Default(d)) if **d == *self);
        let theirs = brought(cx, column).filter(is_like);
        match theirs {
            Some(id) if !existing => Arrival::Inherited(table.clone(), id),
            Some(id) if cx.comes(column) => Arrival::With(id),
            _ if existing && !cx.comes(column) => Arrival::Own,
            _ => Arrival::Apart,
        }
    }
}

/// How a default gets to its column.
enum Arrival {
    /// Behind the column where that is new.
    Own,
    /// With this object.
    With(ObjectId),
    /// With the CREATE TABLE … INHERITS of its table, where the parent has this one by then.
    Inherited(ObjectId, ObjectId),
    /// By itself: the column comes from a parent.
    Apart,
}
