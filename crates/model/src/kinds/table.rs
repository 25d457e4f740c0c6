//! Tables, ordinary and partitioned. Manual: CREATE TABLE, ALTER TABLE, 5.11 Table Partitioning.
//!
//! Columns, constraints and indexes are objects of their own, and so is what makes a table a partition or a child.

// Long because every property of a table changes by a statement of its own.

use serde::{Deserialize, Serialize};

use super::{family, options, persistence, table_transfer};
use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, How, Kind, Lock, Object, ObjectId, Only,
    ReadError, Replace, Row, Slot, Step, Survival, Verb, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Table {
    pub unlogged: bool,
    /// `RANGE (a, lower(b))`.
    pub partition_key: Option<String>,
    /// The key's plain columns with their types, which cannot be altered: `a integer`.
    pub partition_columns: Vec<String>,
    /// The composite type of a typed table.
    pub of_type: Option<ObjectId>,
    /// `heap`; a partitioned table may have one for its partitions from 17 on.
    pub access_method: Option<String>,
    /// `None` for the database's own.
    pub tablespace: Option<String>,
    /// Storage parameters, those of the TOAST table with `toast.`; their order is not compared.
    pub options: Vec<String>,
    pub row_security: bool,
    pub force_row_security: bool,
    pub replica_identity: ReplicaIdentity,
}

/// What of an old row logical replication sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    Default,
    Full,
    Nothing,
    /// The index or constraint that says so itself.
    Index,
}

impl ReplicaIdentity {
    fn read(code: &str) -> Result<Self, ReadError> {
        match code {
            "d" => Ok(Self::Default),
            "f" => Ok(Self::Full),
            "n" => Ok(Self::Nothing),
            "i" => Ok(Self::Index),
            other => Err(ReadError::Value { what: "replica identity", value: other.to_owned() }),
        }
    }

    fn action(self) -> Option<&'static str> {
        match self {
            Self::Default => Some("REPLICA IDENTITY DEFAULT"),
            Self::Full => Some("REPLICA IDENTITY FULL"),
            Self::Nothing => Some("REPLICA IDENTITY NOTHING"),
            Self::Index => None,
        }
    }
}

impl Definition for Table {
    const QUERY: &'static str = include_str!("table.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::qualified(Kind::Table, &row.text()?, &row.text()?);
        let table = Self {
            unlogged: row.flag()?,
            partition_key: row.opt_text()?,
            partition_columns: row.texts()?,
            of_type: row.opt_object()?,
            access_method: row.opt_text()?,
            tablespace: row.opt_text()?,
            options: row.texts()?,
            row_security: row.flag()?,
            force_row_security: row.flag()?,
            replica_identity: ReplicaIdentity::read(&row.text()?)?,
        };
        Ok((id, table))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let unlogged = if self.unlogged { "UNLOGGED " } else { "" };
        let parents = inherited(cx, id);
        let create = Step::create(id, format!("CREATE {unlogged}TABLE {}", id.sql()))
            .frame(self.tail(&parents), true)
            .needs(inherited_parts(cx, &parents))
            .provides(cx.to.members(Kind::Inheritance, id).map(|(link, _)| link.clone()))
            .undo(format!("DROP TABLE {}", id.sql()));
        let mut steps = vec![create];
        let mut action = |text: &str| {
            steps.push(Step::action(Verb::Alter, id, &family::head_only(cx, id), text));
        };
        if let Some(of) = &self.of_type {
            action(&format!("OF {}", of.sql()));
        }
        if self.row_security {
            action("ENABLE ROW LEVEL SECURITY");
        }
        if self.force_row_security {
            action("FORCE ROW LEVEL SECURITY");
        }
        if self.replica_identity != ReplicaIdentity::Default
            && let Some(text) = self.replica_identity.action()
        {
            action(text);
        }
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step =
            Step::drop(id, format!("DROP TABLE {}", id.sql())).lock(Lock::AccessExclusive, id);
        vec![match table_transfer::is_moved(cx, id) {
            true => step,
            false => step
                .hazard(HazardKind::DeletesData, format!("all rows of {} are lost", id.sql()))
                .irreversible("the rows are gone"),
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self {
            unlogged,
            partition_key: _,
            partition_columns: _,
            of_type,
            access_method,
            tablespace,
            options,
            row_security,
            force_row_security,
            replica_identity,
        } = self;
        if self.is_keyed_unlike(to) {
            return Alter::Replace(Replace::Aside);
        }
        let partitioned = to.partition_key.is_some();
        if *access_method != to.access_method && cx.major() < 15 {
            return Alter::Replace(Replace::Aside);
        }
        if partitioned && *unlogged != to.unlogged {
            // the server ignores SET LOGGED here until 17 and refuses it from 18 on
            return Alter::Replace(Replace::Aside);
        }
        let head = family::head_only(cx, id);
        let action = |text: String| {
            Step::action(Verb::Alter, id, &head, &text).lock(Lock::AccessExclusive, id)
        };
        let rewrite = |step: Step| {
            step.hazard(HazardKind::RewritesTable, format!("{} is written anew", id.sql()))
                .hazard(HazardKind::BlocksReads, format!("{} is locked meanwhile", id.sql()))
        };
        let mut steps = Vec::new();
        if *of_type != to.of_type {
            steps.push(match &to.of_type {
                Some(of) => action(format!("OF {}", of.sql())),
                // before, not with, what a typed table allows nobody to do to its columns
                None => Step::alter(id, format!("{} NOT OF", family::head(id)))
                    .lock(Lock::AccessExclusive, id)
                    .releases(cx.from.members(Kind::Column, id).map(|(column, _)| column.clone())),
            });
        }
        if *unlogged != to.unlogged {
            let word = if to.unlogged { "UNLOGGED" } else { "LOGGED" };
            let step = rewrite(action(format!("SET {word}")));
            steps.push(persistence::change(step, id, to.unlogged, cx));
            steps.extend(persistence::brought_back(id, to.unlogged, cx));
        }
        if *access_method != to.access_method {
            let step = match &to.access_method {
                Some(name) => action(format!("SET ACCESS METHOD {}", quote::ident(name))),
                None => action("SET ACCESS METHOD DEFAULT".into()),
            };
            steps.push(if partitioned { step } else { rewrite(step) });
        }
        if *tablespace != to.tablespace {
            let name = to.tablespace.as_deref().unwrap_or("pg_default");
            let sql = format!("{head} SET TABLESPACE {}", quote::ident(name));
            let step = Step::alter(id, sql).lock(Lock::AccessExclusive, id);
            steps.push(if partitioned { step } else { rewrite(step) });
        }
        let (set, reset) = options::change(options, &to.options);
        let light = |text: String| {
            Step::action(Verb::Alter, id, &head, &text).lock(Lock::ShareUpdateExclusive, id)
        };
        if !set.is_empty() {
            steps.push(light(format!("SET ({set})")));
        }
        if !reset.is_empty() {
            steps.push(light(format!("RESET ({reset})")));
        }
        if *row_security != to.row_security {
            steps.push(if to.row_security {
                action("ENABLE ROW LEVEL SECURITY".into()).hazard(
                    HazardKind::BreaksClients,
                    format!("only rows of {} that a policy allows can be seen", id.sql()),
                )
            } else {
                action("DISABLE ROW LEVEL SECURITY".into()).hazard(
                    HazardKind::LoosensAccess,
                    format!("the policies on {} no longer apply", id.sql()),
                )
            });
        }
        if *force_row_security != to.force_row_security {
            steps.push(if to.force_row_security {
                action("FORCE ROW LEVEL SECURITY".into())
            } else {
                action("NO FORCE ROW LEVEL SECURITY".into()).hazard(
                    HazardKind::LoosensAccess,
                    format!("the policies on {} no longer apply to its owner", id.sql()),
                )
            });
        }
        if *replica_identity != to.replica_identity
            && let Some(text) = to.replica_identity.action()
        {
            // An index that was it and goes on as a plain one has nothing to do itself.
            let indexes = [Kind::Constraint, Kind::Index]
                .into_iter()
                .flat_map(|kind| cx.from.members(kind, id))
                .map(|(index, _)| index.clone());
            let freed = *replica_identity == ReplicaIdentity::Index;
            steps.push(action(text.into()).provides(indexes.filter(|_| freed)));
        }
        Alter::InPlace(steps)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        match (&self.of_type, &what.how) {
            // members say themselves what a change does to them
            (None, _) | (_, How::Altered) => Survival::Keep,
            (Some(of), _) if *of != what.object => Survival::Keep,
            (Some(of), _) => {
                // the server changes no column of a typed table
                let columns = |catalog: &crate::Catalog| -> Vec<ObjectId> {
                    catalog.members(Kind::Column, id).map(|(id, _)| id.clone()).collect()
                };
                let head = family::head(id);
                let not_of = Step::alter(id, format!("{head} NOT OF"))
                    .lock(Lock::AccessExclusive, id)
                    .releases(columns(cx.from))
                    .releases([of.clone()])
                    .releases(match &what.how {
                        How::Aside(aside) => Some(aside.clone()),
                        _ => None,
                    })
                    .without_edges();
                let again = Step::alter(id, format!("{head} OF {}", of.sql()))
                    .lock(Lock::AccessExclusive, id)
                    .needs(columns(cx.to))
                    .needs([of.clone()]);
                Survival::Follow(vec![not_of, again])
            }
        }
    }

    fn transfer(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
        table_transfer::transfer(id, aside, cx)
    }

    fn step_aside(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
        let mut steps = self.rename(id, aside);
        for (column_id, object) in cx.from.members(Kind::Column, id) {
            if let Object::Column(column) = object {
                steps.extend(column.sequence_aside(column_id, aside));
            }
        }
        steps
    }

    fn adopt(&mut self, current: &Self, only: &Only) {
        if !only.kinds.contains(Kind::Policy.word()) {
            self.row_security |= current.row_security;
            self.force_row_security |= current.force_row_security;
        }
        if self.replica_identity == ReplicaIdentity::Default {
            self.replica_identity = current.replica_identity;
        }
    }

    fn canonical(&mut self) {
        self.options.sort();
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        rename_relation("TABLE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id), Slot::new("pg_type", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        self.partition_key.iter_mut().chain(&mut self.partition_columns).collect()
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        self.of_type.iter_mut().collect()
    }
}

impl Table {
    /// Whether rows are spread over partitions in another way.
    pub(super) fn is_keyed_unlike(&self, other: &Self) -> bool {
        self.partition_key != other.partition_key
            || self.partition_columns != other.partition_columns
    }

    /// Whether a column decides in which partition a row is.
    pub(super) fn is_key(&self, column: &str) -> bool {
        self.partition_key
            .iter()
            .flat_map(|key| tokens::chains(key))
            .any(|chain| chain.parts.len() == 1 && !chain.called && chain.parts[0] == column)
    }

    fn tail(&self, parents: &[ObjectId]) -> String {
        let mut tail = String::new();
        if !parents.is_empty() {
            let names: Vec<String> = parents.iter().map(ObjectId::sql).collect();
            tail += &format!(" INHERITS ({})", names.join(", "));
        }
        if let Some(key) = &self.partition_key {
            tail += &format!(" PARTITION BY {key}");
        }
        if let Some(name) = self.access_method.as_ref().filter(|name| *name != "heap") {
            tail += &format!(" USING {}", quote::ident(name));
        }
        if !self.options.is_empty() {
            tail += &format!(" WITH ({})", options::sql(&self.options));
        }
        if let Some(name) = &self.tablespace {
            tail += &format!(" TABLESPACE {}", quote::ident(name));
        }
        tail
    }
}

/// All that a child has from its parents.
pub(super) fn inherited_parts(cx: &Context, parents: &[ObjectId]) -> Vec<ObjectId> {
    let of = |parent: &ObjectId| {
        let columns = cx.to.members(Kind::Column, parent).map(|(id, _)| id.clone());
        let checks = cx.to.members(Kind::Constraint, parent).map(|(id, _)| id.clone());
        columns.chain(checks).chain([parent.clone()]).collect::<Vec<_>>()
    };
    parents.iter().flat_map(of).collect()
}

/// What a plain child inherits from in the desired state, in order.
pub(super) fn inherited(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let mut links: Vec<_> = cx
        .to
        .members(Kind::Inheritance, table)
        .filter_map(|(_, object)| match object {
            Object::Inheritance(link) => Some((link.position, link.parent.clone())),
            _ => None,
        })
        .collect();
    links.sort();
    links.into_iter().map(|(_, parent)| parent).collect()
}

/// A new last name, a new schema, or both.
pub(super) fn rename_relation(word: &str, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
    let mut steps = Vec::new();
    let moved = id.with_schema(to.schema().unwrap_or_default());
    let mut step = |sql: String, undo: String| {
        steps.push(
            Step::new(Verb::Rename, to, sql)
                .hazard(HazardKind::BreaksClients, format!("{} is now {}", id.sql(), to.sql()))
                .lock(Lock::AccessExclusive, to)
                .undo(undo),
        );
    };
    if moved != *id {
        let (old, new) = (id.schema().unwrap_or_default(), to.schema().unwrap_or_default());
        step(
            format!("ALTER {word} {} SET SCHEMA {}", id.sql(), quote::ident(new)),
            format!("ALTER {word} {} SET SCHEMA {}", moved.sql(), quote::ident(old)),
        );
    }
    if moved != *to {
        step(
            format!("ALTER {word} {} RENAME TO {}", moved.sql(), to.base_sql()),
            format!("ALTER {word} {} RENAME TO {}", to.sql(), id.base_sql()),
        );
    }
    steps
}
