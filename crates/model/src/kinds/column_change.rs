//! How a column becomes another one in place. Manual: ALTER TABLE.

// Long because every property of a column changes in its own way, and their order in one ALTER TABLE is one idea.

use super::{
    attribute,
    column::{Column, Generated, NotNull, Storage},
    constraint_ties,
    convert::{self, Conversion, Helpers},
    family,
    identity::Identity,
    options, persistence, privileges,
    sequence::Sequence,
    spell,
};
use crate::{
    Alter, Context, Fold, HazardKind, Kind, Lock, Object, ObjectId, Replace, Side, Step, Verb,
    quote, spelled::Spelled,
};

impl Column {
    pub(super) fn change(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self {
            position: _,
            type_name,
            collation,
            not_null,
            generated,
            identity,
            storage: _,
            compression: _,
            statistics: _,
            options: _,
            local: _,
        } = self;
        if self.local && !to.local && family::inherits(cx, id.root()) {
            // What a child has of its own stays its own, whatever it inherits later.
            return Alter::Replace(Replace::Aside);
        }
        let Some(owned) = self.becomes_own(id, to, cx) else {
            return Alter::Replace(Replace::Aside);
        };
        let retyped = *type_name != to.type_name || *collation != to.collation;
        // ALTER TABLE looks at the column as it was before all of its actions to tell which type it may have.
        let apart = |step: Step| if retyped { Step { folds: Vec::new(), ..step } } else { step };
        let mut steps = owned;
        // first, so that the sequence's name is free
        match (identity, &to.identity) {
            (Some(_), None) => {
                steps.push(apart(self.act(id, &family::head(id.root()), "DROP IDENTITY")));
            }
            (Some(old), Some(new)) if old.sequence != new.sequence => {
                steps.push(rename_sequence(id, old, new));
            }
            _ => {}
        }
        match (generated, &to.generated) {
            (None, None) => {}
            (None, Some(_)) => return Alter::Replace(Replace::DropCreate),
            (Some(Generated { stored: false, .. }), None) => {
                return Alter::Replace(Replace::DropCreate);
            }
            (Some(_), Some(_)) if retyped => return Alter::Replace(Replace::DropCreate),
            (Some(_), None) => {
                steps.push(heirs(
                    apart(self.act(id, &family::head(id.root()), "DROP EXPRESSION")),
                    id,
                    cx,
                    |old, new| old.generated.is_some() && new.generated.is_none(),
                ));
            }
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) if old.stored == new.stored && cx.major() >= 17 => {
                let action = format!("SET EXPRESSION AS {}", spell::parens(&new.expression));
                let step = self.act(id, &family::head(id.root()), &action);
                let step = if new.stored { rewriting(step, id.root()) } else { step };
                steps.push(heirs(step, id, cx, |old, new| old.generated != new.generated));
            }
            (Some(_), Some(_)) => return Alter::Replace(Replace::DropCreate),
        }
        if not_null.is_some() && to.not_null.is_none() {
            // before the conversion: it may make nulls
            steps.push(self.drop_not_null(id, cx));
            steps.extend(self.kept_not_null(id, cx));
        }
        if let (Some(_), None) = (identity, &to.identity) {
            steps.extend(position_of_successor(id, cx));
        }
        let fill = cx.options.fill.get(id).filter(|_| not_null.is_none() && to.not_null.is_some());
        if retyped || fill.is_some() {
            if attribute::is_stored(cx, id.root()) {
                // the server changes no column of a table whose rows are values of other tables
                return Alter::Replace(Replace::Aside);
            }
            let (step, helpers) = self.retype(id, to, false, cx);
            steps.extend(helpers.created(id));
            steps.push(step);
            steps.extend(helpers.dropped(id));
        }
        match (not_null, &to.not_null) {
            (None, Some(new)) => steps.extend(self.set_not_null(id, to, new, fill.is_some(), cx)),
            (Some(old), Some(new)) => {
                steps.extend(change_not_null(id, old, new, cx));
            }
            _ => {}
        }
        match (identity, &to.identity) {
            (None, Some(new)) => {
                steps.extend(add_identity(id, new));
                steps.extend(persistence::of_identity(id, None, new, cx));
                steps.extend(privileges::correct(id, cx));
            }
            (Some(old), Some(new)) if old != new => {
                let [old_type, new_type] = [self, to].map(|column| column.type_name.as_str());
                steps.extend(change_identity(id, (old, old_type), (new, new_type)));
                steps.extend(persistence::of_identity(id, Some(old), new, cx));
            }
            _ => {}
        }
        // ALTER TYPE resets what the type says
        let now = match retyped || fill.is_some() {
            true => Self { storage: None, compression: None, ..self.clone() },
            false => self.clone(),
        };
        steps.extend(to.settings(id, cx, &now));
        // what it has from a parent only the parent changes, until that lets go of it
        if !self.local {
            let mut gone =
                family::inherited_from(cx, Side::From, Kind::Column, id.root(), id.base());
            gone.retain(|column| cx.goes(column));
            steps = steps.into_iter().map(|step| step.needs(gone.clone())).collect();
        }
        Alter::InPlace(steps)
    }

    /// What makes a column that a parent goes on to have the child's own as well: to be without that parent for a moment,
    /// said by the first of these columns. `None` where others would become the child's own with it.
    fn becomes_own(&self, id: &ObjectId, to: &Self, cx: &Context) -> Option<Vec<Step>> {
        if self.local || !to.local {
            return Some(Vec::new());
        }
        let child = id.root();
        let has = |parent: &ObjectId, column: &ObjectId| {
            cx.from.contains(&ObjectId::member(Kind::Column, parent, column.base()))
        };
        let mut parents = family::kept_parents(cx, child);
        parents.retain(|parent| {
            has(parent, id) && !cx.goes(&ObjectId::member(Kind::Column, parent, id.base()))
        });
        if parents.is_empty() {
            return Some(Vec::new());
        }
        let inherited = cx.from.members(Kind::Column, child).filter(|(column, object)| {
            matches!(object, Object::Column(old) if !old.local)
                && parents.iter().any(|parent| has(parent, column))
        });
        let columns: Vec<ObjectId> = inherited.map(|(column, _)| column.clone()).collect();
        let owned =
            |column: &ObjectId| matches!(cx.to.get(column), Some(Object::Column(new)) if new.local);
        if !columns.iter().all(owned) {
            return None;
        }
        let said = parents.iter().filter(|_| columns.first() == Some(id));
        let again = said.flat_map(|parent| {
            ["NO INHERIT", "INHERIT"].map(|word| {
                let sql = format!("{} {word} {}", family::head(child), parent.sql());
                Step::alter(id, sql).lock(Lock::AccessExclusive, child).provides(columns.clone())
            })
        });
        Some(again.collect())
    }

    fn act(&self, id: &ObjectId, head: &str, action: &str) -> Step {
        let action = format!("ALTER COLUMN {} {action}", id.base_sql());
        Step::action(Verb::Alter, id, head, &action).lock(Lock::AccessExclusive, id.root())
    }

    /// ALTER COLUMN TYPE, and the functions that it calls. `rebuilt`: the type stands anew under its old name.
    pub(super) fn retype(
        &self,
        id: &ObjectId,
        to: &Self,
        rebuilt: bool,
        cx: &Context,
    ) -> (Step, Helpers) {
        let (table, name) = (id.root(), id.base_sql());
        if table.kind() == Kind::ForeignTable {
            // the server holds no values of it, and takes no USING
            return (self.retype_foreign(id, to), Helpers::default());
        }
        let moves = rebuilt || self.type_name != to.type_name;
        let given = cx.options.using.get(id);
        let conversion = match (moves, given) {
            (true, None) => {
                Some(convert::conversion(cx, id, &name, &self.type_name, &to.type_name))
            }
            _ => None,
        };
        let fill =
            cx.options.fill.get(id).filter(|_| self.not_null.is_none() && to.not_null.is_some());
        let converted = given
            .cloned()
            .or_else(|| conversion.as_ref().and_then(|conversion| conversion.using.clone()));
        let using = match fill {
            Some(fill) => {
                let value = converted.unwrap_or_else(|| match moves {
                    true => format!("{name}::{}", to.type_name),
                    false => name.clone(),
                });
                Some(format!("coalesce({value}, {fill})"))
            }
            None => converted,
        };
        let mut action = format!("TYPE {}", to.type_name);
        if let Some(collation) = &to.collation {
            action += &format!(" COLLATE {collation}");
        }
        // a foreign table has no values to convert, and takes no USING
        if let Some(using) = using.as_ref().filter(|_| table.kind() == Kind::Table) {
            action += &format!(" USING {using}");
        }
        let mut step = self.act(id, &family::head(table), &action).disturbs();
        if rebuilt
            || given.is_some()
            || fill.is_some()
            || (moves && convert::rewrites(cx, &self.type_name, &to.type_name))
        {
            step = rewriting(step, table);
        }
        step = checked(step, id, &to.type_name, given.is_some(), conversion.as_ref());
        if let (Some(nulls), Some(_), None) =
            (conversion.as_ref().and_then(|c| c.nulls.as_ref()), &to.not_null, fill)
        {
            step = step.precheck(
                format!("SELECT count(*) FROM {} WHERE {nulls}", table.sql()),
                format!("rows of {} where {name} becomes null and must not", table.sql()),
                "map the label to another label, or let the column be null",
            );
        }
        let step = heirs(step, id, cx, |old, new| {
            rebuilt || old.type_name != new.type_name || old.collation != new.collation
        });
        (step, conversion.map(|conversion| conversion.helpers).unwrap_or_default())
    }

    fn retype_foreign(&self, id: &ObjectId, to: &Self) -> Step {
        let collate = to.collation.iter().map(|name| format!(" COLLATE {name}"));
        let action = format!("TYPE {}{}", to.type_name, collate.collect::<String>());
        self.act(id, &family::head(id.root()), &action).disturbs()
    }

    fn drop_not_null(&self, id: &ObjectId, cx: &Context) -> Step {
        let step = self
            .act(id, &not_null_head(cx, id.root()), "DROP NOT NULL")
            .needs(constraint_ties::primary_keys(cx, id));
        heirs(step, id, cx, |old, new| {
            recurses(cx, id.root()) && old.not_null.is_some() && new.not_null.is_none()
        })
    }

    /// Partitions that remain stricter than their parent, from which DROP NOT NULL has just reached them.
    fn kept_not_null(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        if !reaches_children(cx, id.root()) {
            return Vec::new();
        }
        let again = family::children(cx, Side::From, id.root()).into_iter().filter_map(|child| {
            let column = ObjectId::member(Kind::Column, &child, id.base());
            let keeps = |catalog: &crate::Catalog| {
                matches!(catalog.get(&column), Some(Object::Column(c)) if c.not_null.is_some())
            };
            (keeps(cx.from) && keeps(cx.to)).then(|| {
                let sql = format!(
                    "{} ALTER COLUMN {} SET NOT NULL",
                    family::head(&child),
                    column.base_sql()
                );
                Step::alter(id, sql).lock(Lock::AccessExclusive, &child)
            })
        });
        again.collect()
    }

    fn set_not_null(
        &self,
        id: &ObjectId,
        to: &Self,
        new: &NotNull,
        filled: bool,
        cx: &Context,
    ) -> Vec<Step> {
        let table = id.root();
        let head = not_null_head(cx, table);
        let mut step = match new.statement(id) {
            Some(action) => {
                Step::action(Verb::Alter, id, &head, &action).lock(Lock::AccessExclusive, table)
            }
            None => self.act(id, &head, "SET NOT NULL"),
        };
        if new.validated {
            step = step.hazard(HazardKind::ScansTable, format!("all of {} is read", table.sql()));
            let identity = self.identity.is_none() && to.identity.is_some();
            if !filled {
                let only = if head.contains(" ONLY ") { "ONLY " } else { "" };
                let advice = match identity {
                    true => "give these rows a value first",
                    false => GIVE_OR_FILL,
                };
                step = without_nulls(step, id, only, advice);
            }
        }
        vec![heirs(step, id, cx, |old, new| {
            recurses(cx, table) && old.not_null.is_none() && new.not_null.is_some()
        })]
    }

    /// Storage, compression, statistics target and options, from those of `now` to its own.
    pub(super) fn settings(&self, id: &ObjectId, cx: &Context, now: &Self) -> Vec<Step> {
        let head = family::head_only(cx, id.root());
        let mut steps = Vec::new();
        if self.storage != now.storage {
            let word = match self.storage {
                Some(storage) => storage.word(),
                None if cx.major() >= 16 => "DEFAULT",
                None => usual_storage(cx, &self.type_name).word(),
            };
            steps.push(self.act(id, &head, &format!("SET STORAGE {word}")));
        }
        if self.compression != now.compression {
            let method = self.compression.as_deref().unwrap_or("default");
            steps.push(self.act(id, &head, &format!("SET COMPRESSION {method}")));
        }
        let mut light = |action: String| {
            let step = self.act(id, &head, &action).lock(Lock::ShareUpdateExclusive, id.root());
            steps.push(step);
        };
        if self.statistics != now.statistics {
            light(format!("SET STATISTICS {}", self.statistics.unwrap_or(-1)));
        }
        let (set, reset) = options::change(&now.options, &self.options);
        if !set.is_empty() {
            light(format!("SET ({set})"));
        }
        if !reset.is_empty() {
            light(format!("RESET ({reset})"));
        }
        steps
    }
}

impl NotNull {
    /// ADD CONSTRAINT, where SET NOT NULL cannot say it (from 18 on).
    pub(super) fn statement(&self, column: &ObjectId) -> Option<String> {
        let name = self.name.as_ref()?;
        let usual = super::identity::object_name(column.root().base(), column.base(), "not_null");
        if *name == usual && !self.no_inherit && self.validated {
            return None;
        }
        let no_inherit = if self.no_inherit { " NO INHERIT" } else { "" };
        let not_valid = if self.validated { "" } else { " NOT VALID" };
        let (name, column) = (quote::ident(name), column.base_sql());
        Some(format!("ADD CONSTRAINT {name} NOT NULL {column}{no_inherit}{not_valid}"))
    }
}

fn rewriting(step: Step, table: &ObjectId) -> Step {
    step.hazard(HazardKind::RewritesTable, format!("{} is written anew", table.sql()))
        .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", table.sql()))
}

/// NOT NULL of a partitioned table holds in its partitions; from 18 on so it does everywhere. Before, a plain
/// child has its own.
fn reaches_children(cx: &Context, table: &ObjectId) -> bool {
    cx.major() >= 18 || family::is_partitioned(cx, Side::From, table)
}

/// Whether the NOT NULL of this child comes from its parent.
fn recurses(cx: &Context, child: &ObjectId) -> bool {
    family::kept_parents(cx, child).iter().any(|parent| reaches_children(cx, parent))
}

fn not_null_head(cx: &Context, table: &ObjectId) -> String {
    match reaches_children(cx, table) {
        true => family::head(table),
        false => family::head_only(cx, table),
    }
}

/// Nothing to run where a parent's column changes in the same way: the server does it in all children.
fn heirs(
    mut step: Step,
    id: &ObjectId,
    cx: &Context,
    changes: impl Fn(&Column, &Column) -> bool,
) -> Step {
    for parent in family::inherited_from(cx, Side::From, Kind::Column, id.root(), id.base()) {
        if let (Some(Object::Column(old)), Some(Object::Column(new))) =
            (cx.from.get(&parent), cx.to.get(&parent))
            && changes(old, new)
        {
            step = step.with(&parent);
        }
    }
    step
}

fn change_not_null(id: &ObjectId, old: &NotNull, new: &NotNull, cx: &Context) -> Vec<Step> {
    let NotNull { name, no_inherit, validated, local: _ } = old;
    let head = family::head(id.root());
    let mut steps = Vec::new();
    let (Some(old_name), Some(new_name)) = (name, &new.name) else { return steps };
    if old_name != new_name {
        let [old, new] = [old_name, new_name].map(|name| quote::ident(name));
        let step = Step::alter(id, format!("{head} RENAME CONSTRAINT {old} TO {new}"));
        let name = |column: &Column| column.not_null.as_ref().and_then(|n| n.name.clone());
        let same = |old: &Column, new: &Column| {
            name(old).as_ref() == Some(old_name) && name(new).as_ref() == Some(new_name)
        };
        let step = heirs(step, id, cx, same);
        // what it has from a parent has the parent's name for as long as it has it
        let has = |parent: &ObjectId| {
            let theirs = ObjectId::member(Kind::Column, parent, id.base());
            matches!(cx.from.get(&theirs), Some(Object::Column(c)) if c.not_null.is_some())
        };
        let stays = |link: &ObjectId| link.kind() == Kind::Inheritance || cx.unchanged(link);
        let held = family::ties(cx, id.root(), has).iter().any(stays);
        if !held || step.folds.iter().any(|fold| matches!(fold, Fold::With { .. })) {
            steps.push(step);
        }
    }
    let name = quote::ident(new_name);
    let action = |text: String| {
        Step::action(Verb::Alter, id, &head, &text).lock(Lock::AccessExclusive, id.root())
    };
    if *no_inherit != new.no_inherit {
        let word = if new.no_inherit { "NO INHERIT" } else { "INHERIT" };
        steps.push(action(format!("ALTER CONSTRAINT {name} {word}")));
    }
    if !*validated && new.validated {
        let table = id.root().sql();
        let step = action(format!("VALIDATE CONSTRAINT {name}"))
            .lock(Lock::ShareUpdateExclusive, id.root())
            .hazard(HazardKind::ScansTable, format!("all of {table} is read"));
        let step = without_nulls(step, id, "", "give these rows a value first");
        steps.push(step);
    } else if *validated && !new.validated {
        steps.push(Step::alter(id, format!("{head} ALTER COLUMN {} DROP NOT NULL", id.base_sql())));
        if let Some(text) = new.statement(id) {
            steps.push(Step::alter(id, format!("{head} {text}")));
        }
    }
    steps
}

/// What stored values may make of a new type: a hazard, and a query for those that it does not accept.
pub(super) fn checked(
    mut step: Step,
    id: &ObjectId,
    to: &str,
    by_hand: bool,
    conversion: Option<&Conversion>,
) -> Step {
    let (table, name) = (id.root().sql(), id.base_sql());
    if by_hand || conversion.is_some_and(|conversion| conversion.may_fail) {
        let what = format!("some values of {} may not convert to {to}", id.path());
        step = step.hazard(HazardKind::MayFailOnData, what);
    }
    if let Some(refused) = conversion.and_then(|conversion| conversion.refused.as_ref()) {
        step = step.precheck(
            format!("SELECT count(*) FROM {table} WHERE {}", refused.sql),
            format!("rows of {table} where {name} {}", refused.what),
            refused.advice.clone(),
        );
    }
    step
}

pub(super) const GIVE_OR_FILL: &str =
    "give these rows a value first, or say beside the column: -- ordain: fill <expression>";

/// A step that fails where a column holds nulls. `only`: `ONLY ` where children don't count.
pub(super) fn without_nulls(step: Step, id: &ObjectId, only: &str, advice: &str) -> Step {
    let (table, name) = (id.root().sql(), id.base_sql());
    step.hazard(HazardKind::MayFailOnData, format!("{table} may hold nulls in {name}")).precheck(
        format!("SELECT count(*) FROM {only}{table} WHERE {name} IS NULL"),
        format!("rows of {table} where {name} is null"),
        advice,
    )
}

fn add_identity(id: &ObjectId, new: &Identity) -> Vec<Step> {
    let (table, name) = (id.root(), id.base_sql());
    let clause = new.clause(table.base(), id.base());
    let action = format!("ALTER COLUMN {name} ADD {clause}");
    let default = ObjectId::member(Kind::Default, id, "");
    let add = Step::action(Verb::Create, id, &family::head(table), &action)
        .lock(Lock::AccessExclusive, table)
        .needs([default]);
    let sequence = new.sequence_sql(id);
    vec![add, position(id, &sequence, new.increment.unwrap_or(1), new.min, new.max)]
}

/// Lets a new sequence go on where the values of the column end.
fn position(
    id: &ObjectId,
    sequence: &str,
    increment: i64,
    min: Option<i64>,
    max: Option<i64>,
) -> Step {
    let (table, name) = (id.root().sql(), id.base_sql());
    let (last, bound) = match increment < 0 {
        true => (format!("min({name})"), format!("<= {}", max.unwrap_or(-1))),
        false => (format!("max({name})"), format!(">= {}", min.unwrap_or(1))),
    };
    let sql = format!(
        "SELECT pg_catalog.setval({}, {last}) FROM {table} HAVING {last} {bound}",
        quote::literal(sequence)
    );
    Step::alter(id, sql)
        .hazard(HazardKind::ScansTable, format!("the last value of {name} is looked up in {table}"))
        .with(id.root())
}

/// When an identity column becomes one with a sequence of its own (serial), that goes on where the identity ended.
fn position_of_successor(id: &ObjectId, cx: &Context) -> Vec<Step> {
    let default = ObjectId::member(Kind::Default, id, "");
    let sequences = cx.uses(Side::To, &default).iter().map(|edge| &edge.used);
    sequences
        .filter(|used| used.kind() == Kind::Sequence && cx.comes(used))
        .map(|used| position(id, &used.sql(), 1, None, None).needs([used.clone()]))
        .collect()
}

fn rename_sequence(id: &ObjectId, old: &Identity, new: &Identity) -> Step {
    let from = old.sequence_sql(id);
    Step::alter(id, format!("ALTER SEQUENCE {from} RENAME TO {}", quote::ident(&new.sequence)))
}

fn change_identity(id: &ObjectId, old: (&Identity, &str), new: (&Identity, &str)) -> Vec<Step> {
    let changes = old.0.changes(new.0);
    if changes.is_empty() {
        return Vec::new();
    }
    let name = new.0.sequence_sql(id);
    let [before, after] = [old, new].map(|(identity, of)| Sequence::behind(identity, of));
    let mut steps = before.make_room(&after, id, &name);
    let action = format!("ALTER COLUMN {} {changes}", id.base_sql());
    let step = Step::action(Verb::Alter, id, &family::head(id.root()), &action);
    let step = step.lock(Lock::AccessExclusive, id.root());
    let bounds = (old.0.min, old.0.max) != (new.0.min, new.0.max);
    steps.push(if bounds { before.stays_within(&after, step, &name) } else { step });
    steps
}

/// What SET STORAGE DEFAULT means on servers that do not have it (before 16).
fn usual_storage(cx: &Context, type_name: &str) -> Storage {
    let spelled = Spelled::parse(type_name);
    let base = spelled
        .qualified()
        .map(|(schema, name)| ObjectId::qualified(Kind::BaseType, &schema, &name));
    match (cx.user_type(Side::To, type_name), base.and_then(|id| cx.to.get(&id))) {
        _ if spelled.array => return Storage::Extended,
        (Some((_, Object::Domain(domain))), _) => return usual_storage(cx, &domain.base),
        (_, Some(Object::BaseType(base))) => return base.storage,
        _ => {}
    }
    match spelled.base.as_str() {
        "numeric" | "inet" | "cidr" => Storage::Main,
        _ => Storage::Extended,
    }
}
