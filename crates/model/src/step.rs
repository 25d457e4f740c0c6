//! One statement on its way into a plan, and what must be known about it.

use serde::{Deserialize, Serialize};

use crate::{Object, ObjectId};

/// A statement that a kind asks for. The planner orders steps, folds some into others, and numbers them.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The object that is created, altered or dropped.
    pub object: ObjectId,
    pub verb: Verb,
    /// One whole statement, names qualified, without the final semicolon.
    pub sql: String,
    /// Ways to say it as a part of another step, the preferred one first.
    pub folds: Vec<Fold>,
    /// For a CREATE that takes elements: `sql` is then what stands before the parenthesis.
    pub frame: Option<Frame>,
    pub uses: Uses,
    /// Objects besides `object` that exist, or are as the desired catalog has them, once this ran.
    pub provides: Vec<ObjectId>,
    /// The server refuses this step while dependents hold on to the object (ALTER COLUMN TYPE under a view):
    /// they are asked how they [`survive`](crate::Definition::survive).
    pub disturbs: bool,
    pub pace: Pace,
    pub boundary: Boundary,
    pub hazards: Vec<Hazard>,
    /// The strongest lock taken, on the object that it is taken on.
    pub lock: Option<(Lock, ObjectId)>,
    pub prechecks: Vec<Precheck>,
    pub undo: Undo,
    /// The object's state after this step where that is not yet the desired one; needed only for steps
    /// that may be committed early, to predict the fingerprint at the boundary.
    pub result: Option<Object>,
    /// Old label → new label: stored expressions that mention it are spelled with the new one from now on.
    pub rewords: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Rename,
    Drop,
    Create,
    Alter,
    /// Moves rows: INSERT … SELECT between an old and a new table.
    Transfer,
}

/// How a step can be a part of another one. Folding never changes the meaning; where it would close a
/// cycle the planner leaves the step by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Fold {
    /// An element in the parentheses of the CREATE of `of`. Elements are sorted by `rank`.
    Element { of: ObjectId, text: String, rank: (u8, i32) },
    /// Words behind the element or action that creates `of` (DEFAULT behind its column).
    Suffix { of: ObjectId, text: String },
    /// One action of an ALTER statement that takes several: the statement is `head` + actions joined by commas.
    Action { head: String, text: String },
    /// Nothing to run: the step of the same verb on `of` does it (a dropped table takes its columns along,
    /// a new column of a parent appears in its children).
    With { of: ObjectId },
}

/// What closes a CREATE that takes elements: `sql` + ` (` elements `)` + `tail`.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What follows the closing parenthesis, with its leading space.
    pub tail: String,
    /// Whether `()` is written when there are no elements (`CREATE TABLE t ()`).
    pub empty_parens: bool,
}

/// What a step needs to exist before it and what must outlive it.
#[derive(Clone, Debug, PartialEq)]
pub struct Uses {
    /// All edges of the object: the desired ones for a CREATE, the current ones for a DROP, both for an ALTER.
    pub edges: bool,
    /// These exist as the desired catalog has them before the step runs, if they come or change at all.
    pub needs: Vec<ObjectId>,
    /// The step runs before any of these is dropped or disturbed.
    pub releases: Vec<ObjectId>,
    /// None of these may be there while the step runs: whichever stays is dropped before it and created again.
    pub excludes: Vec<ObjectId>,
    pub literals: Literals,
}

/// Whether string literals in a step's SQL may be enum labels that the server looks up when the step runs:
/// those added by the same plan must then be committed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literals {
    /// Yes, where the object depends on the enum by edges.
    Typed,
    /// Yes, and edges do not tell which (SQL function bodies in strings).
    Untyped,
    /// No: comments, bodies that are only looked at when they run.
    Inert,
}

/// When a step runs among those that nothing else orders: what it does may act on all other statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    InTurn,
    /// Before them: default privileges, which new objects are born with; an event trigger that goes.
    First,
    /// After them: an event trigger that comes.
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    Transactional,
    /// Runs in a transaction, but its result can be used only after that has committed (ADD VALUE).
    CommitAfter,
    /// Refused inside a transaction block.
    Standalone,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hazard {
    pub kind: HazardKind,
    /// One sentence for the person who reviews, without a full stop.
    pub detail: String,
}

/// Published in docs/hazards.md; the names are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HazardKind {
    DeletesData,
    RewritesTable,
    ScansTable,
    BlocksReads,
    BlocksWrites,
    BuildsIndex,
    MayFailOnData,
    BreaksClients,
    Irreversible,
    CommitsEarly,
    LoosensAccess,
    UntrackedDependency,
}

/// Table-level lock modes, weakest first (manual: 13.3 Explicit Locking).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Lock {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

/// A question about the data that must be answered 0 before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precheck {
    /// Returns one bigint: the number of rows that stand in the way. Runs before the first step, so names
    /// are those of the current database (the planner translates renamed ones back).
    pub query: String,
    /// What the number counts: "rows of public.t where a is null".
    pub counts: String,
    /// What to do when it is not 0.
    pub advice: String,
}

/// How a step could be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// This SQL takes it back without loss.
    Sql(String),
    /// The schema can be brought back by a reverse plan; nothing is lost.
    Reverse,
    /// It can't, for this reason.
    Irreversible(String),
}

impl Step {
    pub fn new(verb: Verb, object: &ObjectId, sql: impl Into<String>) -> Self {
        Self {
            object: object.clone(),
            verb,
            sql: sql.into(),
            folds: Vec::new(),
            frame: None,
            uses: Uses {
                edges: true,
                needs: Vec::new(),
                releases: Vec::new(),
                excludes: Vec::new(),
                literals: Literals::Typed,
            },
            provides: Vec::new(),
            disturbs: false,
            pace: Pace::InTurn,
            boundary: Boundary::Transactional,
            hazards: Vec::new(),
            lock: None,
            prechecks: Vec::new(),
            undo: Undo::Reverse,
            result: None,
            rewords: None,
        }
    }

    pub fn create(object: &ObjectId, sql: impl Into<String>) -> Self {
        Self::new(Verb::Create, object, sql)
    }

    pub fn alter(object: &ObjectId, sql: impl Into<String>) -> Self {
        Self::new(Verb::Alter, object, sql)
    }

    pub fn drop(object: &ObjectId, sql: impl Into<String>) -> Self {
        Self::new(Verb::Drop, object, sql)
    }

    /// An action of `ALTER TABLE …` and the like: whole as `head action`, folded with its like otherwise.
    pub fn action(verb: Verb, object: &ObjectId, head: &str, action: &str) -> Self {
        Self::new(verb, object, format!("{head} {action}"))
            .fold(Fold::Action { head: head.to_owned(), text: action.to_owned() })
    }

    pub fn fold(mut self, fold: Fold) -> Self {
        self.folds.push(fold);
        self
    }

    /// Prefer this fold over those given so far.
    pub fn fold_first(mut self, fold: Fold) -> Self {
        self.folds.insert(0, fold);
        self
    }

    /// Nothing to run where the same verb happens to `of`.
    pub fn with(self, of: &ObjectId) -> Self {
        self.fold_first(Fold::With { of: of.clone() })
    }

    pub fn frame(mut self, tail: impl Into<String>, empty_parens: bool) -> Self {
        self.frame = Some(Frame { tail: tail.into(), empty_parens });
        self
    }

    /// More that must exist before it than its edges say.
    pub fn needs(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        self.uses.needs.extend(ids);
        self
    }

    /// More that must not be dropped or disturbed before it ran than its edges say.
    pub fn releases(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        self.uses.releases.extend(ids);
        self
    }

    /// What cannot be there meanwhile.
    pub fn excludes(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        self.uses.excludes.extend(ids);
        self
    }

    /// Only what [`needs`](Step::needs) and [`releases`](Step::releases) say.
    pub fn without_edges(mut self) -> Self {
        self.uses.edges = false;
        self
    }

    pub fn literals(mut self, literals: Literals) -> Self {
        self.uses.literals = literals;
        self
    }

    pub fn provides(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        self.provides.extend(ids);
        self
    }

    pub fn disturbs(mut self) -> Self {
        self.disturbs = true;
        self
    }

    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }

    pub fn hazard(mut self, kind: HazardKind, detail: impl Into<String>) -> Self {
        self.hazards.push(Hazard { kind, detail: detail.into() });
        self
    }

    pub fn lock(mut self, lock: Lock, on: &ObjectId) -> Self {
        self.lock = Some((lock, on.clone()));
        self
    }

    pub fn precheck(
        mut self,
        query: impl Into<String>,
        counts: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        self.prechecks.push(Precheck {
            query: query.into(),
            counts: counts.into(),
            advice: advice.into(),
        });
        self
    }

    pub fn undo(mut self, sql: impl Into<String>) -> Self {
        self.undo = Undo::Sql(sql.into());
        self
    }

    pub fn irreversible(mut self, why: impl Into<String>) -> Self {
        self.undo = Undo::Irreversible(why.into());
        self
    }

    pub fn rewords(mut self, old: &str, new: &str) -> Self {
        self.rewords = Some((old.to_owned(), new.to_owned()));
        self
    }

    pub fn result(mut self, object: impl Into<Object>) -> Self {
        self.result = Some(object.into());
        self
    }
}
