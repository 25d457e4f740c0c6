//! The kinds of objects: one file pair each, `domain.rs` (what it is, how it changes) and `domain.sql`
//! (how it is read), and one line in the list below.
//!
//! The order of the list is the order of reading (a parent before its members) and, where the graph leaves
//! a choice, the order of creation in a plan.

// Long because the list of kinds, its macro and the trait that the macro dispatches to change together.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    Context, Dependency, HazardKind, ObjectId, Only, ReadError, Row, Scope, Side, Step, Strength,
    Verb, quote, spelled::Spelled,
};

pub mod acl;
mod backing;
mod column_change;
mod constraint_sql;
mod constraint_ties;
pub mod convert;
mod convert_check;
mod convert_helper;
mod domain_checks;
mod family;
mod future_rows;
pub mod generic_options;
mod identity;
pub mod options;
mod partition_bounds;
mod persistence;
mod routine;
mod spell;
mod table_transfer;

macro_rules! kinds {
    ($($variant:ident($module:ident): $word:literal, $keyword:literal;)+) => {
        $(pub mod $module;)+

        /// What sort of thing an object is.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($variant),+ }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];

            /// The word in hints, reviews and JSON: "table", "column", "type".
            pub fn word(self) -> &'static str {
                match self { $(Kind::$variant => $word),+ }
            }

            /// The SQL key words of COMMENT ON, ALTER, DROP: "TABLE", "MATERIALIZED VIEW".
            pub fn keyword(self) -> &'static str {
                match self { $(Kind::$variant => $keyword),+ }
            }

            /// The query that lists the objects of this kind, and the catalog whose OIDs it returns.
            pub fn query(self) -> (&'static str, &'static str) {
                match self { $(Kind::$variant => (<$module::$variant as Definition>::QUERY, <$module::$variant as Definition>::CATALOG)),+ }
            }

            /// [`Definition::ANY`].
            pub fn any(self) -> Option<&'static str> {
                match self { $(Kind::$variant => <$module::$variant as Definition>::ANY),+ }
            }

            /// [`Definition::OF`].
            pub fn of(self) -> Option<&'static str> {
                match self { $(Kind::$variant => <$module::$variant as Definition>::OF),+ }
            }

            /// Reads one row of [`query`](Kind::query).
            pub fn read(self, row: &mut dyn Row) -> Result<(ObjectId, Object), ReadError> {
                match self { $(Kind::$variant => {
                    let (id, definition) = <$module::$variant as Definition>::read(row)?;
                    Ok((id, definition.into()))
                }),+ }
            }
        }

        /// The definition of one object, without its name. Boxed: a default takes 24 bytes, an operator class 300.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        pub enum Object { $($variant(Box<$module::$variant>)),+ }

        $(impl From<$module::$variant> for Object {
            fn from(definition: $module::$variant) -> Self { Object::$variant(Box::new(definition)) }
        })+

        impl Object {
            pub fn kind(&self) -> Kind {
                match self { $(Object::$variant(_) => Kind::$variant),+ }
            }
            pub fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
                match self { $(Object::$variant(x) => x.edges(id)),+ }
            }
            pub fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
                let steps = match self { $(Object::$variant(x) => x.create(id, cx)),+ };
                foreign_table::without_rows(id, steps)
            }
            /// Steps behind its creation: what it is born with and should not have.
            pub fn correct(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
                privileges::correct(id, cx)
            }
            pub fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
                match self { $(Object::$variant(x) => Definition::drop(&**x, id, cx)),+ }
            }
            /// `to` is of the same kind (the id says so).
            pub fn alter(&self, id: &ObjectId, to: &Object, cx: &Context) -> Alter {
                let alter = match (self, to) {
                    $((Object::$variant(x), Object::$variant(y)) => x.alter(id, y, cx),)+
                    _ => Alter::Replace(Replace::DropCreate),
                };
                match alter {
                    Alter::InPlace(steps) => Alter::InPlace(foreign_table::without_rows(id, steps)),
                    other => other,
                }
            }
            pub fn needs_new_whole(&self, id: &ObjectId, cx: &Context) -> bool {
                match self { $(Object::$variant(x) => x.needs_new_whole(id, cx)),+ }
            }
            pub fn goes_only_with(&self, id: &ObjectId, cx: &Context) -> Vec<ObjectId> {
                match self { $(Object::$variant(x) => x.goes_only_with(id, cx)),+ }
            }
            pub fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
                let survival = match self { $(Object::$variant(x) => x.survive(id, what, cx)),+ };
                match survival {
                    Survival::Follow(steps) => Survival::Follow(foreign_table::without_rows(id, steps)),
                    other => other,
                }
            }
            pub fn transfer(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
                match self { $(Object::$variant(x) => x.transfer(id, aside, cx)),+ }
            }
            pub fn step_aside(&self, id: &ObjectId, aside: &ObjectId, cx: &Context) -> Vec<Step> {
                match self { $(Object::$variant(x) => x.step_aside(id, aside, cx)),+ }
            }
            pub fn goes_along(&self, id: &ObjectId) -> bool {
                match self { $(Object::$variant(x) => x.goes_along(id)),+ }
            }
            pub fn brings(&self) -> Option<(&str, &[String])> {
                match self { $(Object::$variant(x) => x.brings()),+ }
            }
            pub fn takes_along(&self) -> bool {
                match self { $(Object::$variant(x) => x.takes_along()),+ }
            }
            pub fn interchangeable(&self) -> bool {
                match self { $(Object::$variant(x) => x.interchangeable()),+ }
            }
            pub fn canonical(&mut self) {
                match self { $(Object::$variant(x) => x.canonical()),+ }
            }
            /// Whether two definitions are the same in everything that counts.
            pub fn alike(&self, other: &Object) -> bool {
                let canonical = |object: &Object| {
                    let mut object = object.clone();
                    object.canonical();
                    object
                };
                self == other || canonical(self) == canonical(other)
            }
            pub fn retain(&self, scope: &Scope) -> Option<Cow<'_, Object>> {
                Some(match self {
                    $(Object::$variant(x) => match x.retain(scope)? {
                        Cow::Borrowed(_) => Cow::Borrowed(self),
                        Cow::Owned(less) => Cow::Owned(less.into()),
                    }),+
                })
            }
            /// `current` is of the same kind (the id says so).
            pub fn adopt(&mut self, current: &Object, only: &Only) {
                match (self, current) {
                    $((Object::$variant(x), Object::$variant(y)) => x.adopt(y, only),)+
                    _ => {}
                }
            }
            pub fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
                match self { $(Object::$variant(x) => x.placeholder(id, cx)),+ }
            }
            pub fn dismantle(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
                match self { $(Object::$variant(x) => x.dismantle(id, cx)),+ }
            }
            pub fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
                match self { $(Object::$variant(x) => x.rename(id, to)),+ }
            }
            pub fn names_along(&self, id: &ObjectId, to: &ObjectId) -> Vec<(ObjectId, ObjectId)> {
                match self { $(Object::$variant(x) => x.names_along(id, to)),+ }
            }
            pub fn moves_with(&self, id: &ObjectId) -> Option<(ObjectId, ObjectId)> {
                match self { $(Object::$variant(x) => x.moves_with(id)),+ }
            }
            pub fn slots(&self, id: &ObjectId) -> Vec<Slot> {
                match self { $(Object::$variant(x) => x.slots(id)),+ }
            }
            /// The texts of [`texts_mut`](Object::texts_mut), to look at.
            pub fn texts(&self) -> Vec<String> {
                self.clone().texts_mut().into_iter().map(|text| text.clone()).collect()
            }
            pub fn texts_mut(&mut self) -> Vec<&mut String> {
                match self { $(Object::$variant(x) => x.texts_mut()),+ }
            }
            pub fn unparsed(&self) -> Option<&str> {
                match self { $(Object::$variant(x) => x.unparsed()),+ }
            }
            pub fn untracked(&self) -> Option<&str> {
                match self { $(Object::$variant(x) => x.untracked()),+ }
            }
            pub fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
                match self { $(Object::$variant(x) => x.ids_mut()),+ }
            }
        }
    };
}

kinds! {
    Schema(schema): "schema", "SCHEMA";
    Extension(extension): "extension", "EXTENSION";
    AccessMethod(access_method): "access method", "ACCESS METHOD";
    Language(language): "language", "LANGUAGE";
    Collation(collation): "collation", "COLLATION";
    Conversion(conversion): "conversion", "CONVERSION";
    ShellType(shell_type): "shell type", "TYPE";
    BaseType(base_type): "base type", "TYPE";
    Enum(r#enum): "type", "TYPE";
    Label(label): "label", "TYPE";
    Domain(domain): "domain", "DOMAIN";
    Composite(composite): "composite type", "TYPE";
    Range(range): "range type", "TYPE";
    Sequence(sequence): "sequence", "SEQUENCE";
    ForeignDataWrapper(foreign_data_wrapper): "foreign data wrapper", "FOREIGN DATA WRAPPER";
    Server(server): "server", "SERVER";
    UserMapping(user_mapping): "user mapping", "USER MAPPING";
    Table(table): "table", "TABLE";
    ForeignTable(foreign_table): "foreign table", "FOREIGN TABLE";
    View(view): "view", "VIEW";
    MaterializedView(materialized_view): "materialized view", "MATERIALIZED VIEW";
    Function(function): "function", "FUNCTION";
    Procedure(procedure): "procedure", "PROCEDURE";
    Aggregate(aggregate): "aggregate", "AGGREGATE";
    TextSearchParser(text_search_parser): "text search parser", "TEXT SEARCH PARSER";
    TextSearchTemplate(text_search_template): "text search template", "TEXT SEARCH TEMPLATE";
    TextSearchDictionary(text_search_dictionary): "text search dictionary", "TEXT SEARCH DICTIONARY";
    TextSearchConfiguration(text_search_configuration): "text search configuration", "TEXT SEARCH CONFIGURATION";
    Cast(cast): "cast", "CAST";
    Transform(transform): "transform", "TRANSFORM";
    Operator(operator): "operator", "OPERATOR";
    OperatorFamily(operator_family): "operator family", "OPERATOR FAMILY";
    OperatorClass(operator_class): "operator class", "OPERATOR CLASS";
    FamilyOperator(family_operator): "operator of a family", "OPERATOR FAMILY";
    FamilyFunction(family_function): "function of a family", "OPERATOR FAMILY";
    Column(column): "column", "COLUMN";
    Attribute(attribute): "attribute", "ATTRIBUTE";
    ColumnOptions(column_options): "column options", "COLUMN";
    Default(default): "default", "DEFAULT";
    OwnedBy(owned_by): "sequence owner", "SEQUENCE";
    Constraint(constraint): "constraint", "CONSTRAINT";
    Index(index): "index", "INDEX";
    PartitionOf(partition_of): "partition", "TABLE";
    IndexPartitionOf(index_partition_of): "index partition", "INDEX";
    Inheritance(inheritance): "inheritance", "TABLE";
    Trigger(trigger): "trigger", "TRIGGER";
    Rule(rule): "rule", "RULE";
    Statistics(statistics): "statistics", "STATISTICS";
    Policy(policy): "policy", "POLICY";
    Publication(publication): "publication", "PUBLICATION";
    PublishedTable(published_table): "published table", "PUBLICATION";
    PublishedSchema(published_schema): "published schema", "PUBLICATION";
    Subscription(subscription): "subscription", "SUBSCRIPTION";
    EventTrigger(event_trigger): "event trigger", "EVENT TRIGGER";
    DefaultPrivileges(default_privileges): "default privileges", "DEFAULT PRIVILEGES";
    Owner(owner): "owner", "OWNER";
    Privileges(privileges): "privileges", "PRIVILEGES";
    Comment(comment): "comment", "COMMENT";
}

/// What a kind knows about its objects. PostgreSQL's rules for one kind live in its file and nowhere else.
///
/// `id` is always the object's name *after* renames: renames run first.
pub trait Definition: Clone {
    /// Lists all objects of the kind that user code made: `oid, int4` of the address, then what `read` reads.
    /// Runs under an empty search_path. `$SERVER_VERSION` is replaced by server_version_num, and text between
    /// `--18` … `--/18` is left out below that major. May return system or extension members: those rows are
    /// dropped by address. Should filter `oid >= 16384` itself, for speed.
    const QUERY: &'static str;
    /// The catalog of the address: "pg_type". `refclassid` of an edge to such an object.
    const CATALOG: &'static str;
    /// What stands behind `select from` to tell cheaply whether a database may have such objects at all; without an
    /// answer the query is not run. For kinds that most databases have none of.
    const ANY: Option<&'static str> = None;
    /// What stands between the kind's word and what the object is a part of, where people say that rather than a
    /// name: "comment *on* table public.t".
    const OF: Option<&'static str> = None;

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError>;

    /// Edges that `pg_depend` does not hold. Every member already has a hard edge to its parent.
    fn edges(&self, _id: &ObjectId) -> Vec<Dependency> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step>;

    /// Steps that drop it. A member adds `.with(parent)`: nothing to run when its parent goes as well.
    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step>;

    /// How it becomes `to`, which differs from it. Destructure both without `..`, so that a new field does not
    /// compile until it is handled.
    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter;

    /// Whether it can only come to be together with the whole that it is a part of, where that is there already: what
    /// CREATE TABLE … INHERITS says of columns, no ALTER TABLE does.
    fn needs_new_whole(&self, _id: &ObjectId, _cx: &Context) -> bool {
        false
    }

    /// What must be dropped, and created again if it stays, for this to go: no statement takes it away alone, or not
    /// with the rows that there are.
    fn goes_only_with(&self, _id: &ObjectId, _cx: &Context) -> Vec<ObjectId> {
        Vec::new()
    }

    /// What it does when something that it uses is taken away under it. Asked only of objects that stay.
    fn survive(&self, _id: &ObjectId, _what: &Disturbance, _cx: &Context) -> Survival {
        Survival::Replace
    }

    /// Moves what the old object holds, now called `aside`, into the new one (tables: rows). Only for [`Replace::Aside`].
    fn transfer(&self, _id: &ObjectId, _aside: &ObjectId, _cx: &Context) -> Vec<Step> {
        Vec::new()
    }

    /// Two steps (or more) that create it in a way that breaks a true cycle: first a stand-in that its users can
    /// already refer to (dummy view, shell type; its needs given with [`Step::without_edges`] and [`Step::needs`]),
    /// then what turns the stand-in into the real thing (CREATE OR REPLACE). Taken instead of `create`.
    fn placeholder(&self, _id: &ObjectId, _cx: &Context) -> Option<Vec<Step>> {
        None
    }

    /// Turns it into such a stand-in before it is dropped, where it and what it uses hold on to each other. The last
    /// step `releases` what the stand-in still uses. No steps: what is altered can be used as it is meanwhile.
    fn dismantle(&self, _id: &ObjectId, _cx: &Context) -> Option<Vec<Step>> {
        None
    }

    /// Makes way for a new object under the same name while both live: a rename, with whatever else holds a name
    /// that the new one needs (the sequence behind an identity column). Only for [`Replace::Aside`].
    fn step_aside(&self, id: &ObjectId, aside: &ObjectId, _cx: &Context) -> Vec<Step> {
        // nobody meets the name: it is gone when the plan has run
        let mut steps = self.rename(id, aside);
        steps.iter_mut().for_each(|step| step.hazards.clear());
        steps
    }

    /// Whether it stays a part of its parent when that steps aside: it holds no name that the successor's
    /// members need, or the parent's [`step_aside`](Self::step_aside) deals with that.
    fn goes_along(&self, id: &ObjectId) -> bool {
        self.slots(id).is_empty()
    }

    /// Whether two objects that are equal but for the name may be taken for one that was renamed, without being
    /// told: nothing in them can be lost by it (constraints, indexes, sequences that a column owns).
    fn interchangeable(&self) -> bool {
        false
    }

    /// A schema, and names in it that come and go with this object and are no objects of their own (the members of an
    /// extension).
    fn brings(&self) -> Option<(&str, &[String])> {
        None
    }

    /// Whether what it brings moves to another schema with it.
    fn takes_along(&self) -> bool {
        false
    }

    /// Resets what does not count as a difference (the position of a column). Both sides of a comparison, and
    /// fingerprints, are made canonical first.
    fn canonical(&mut self) {}

    /// What a scope covers of it (entries of managed roles); None when that is nothing. Schemas, exclusions and
    /// kinds are dealt with by others.
    fn retain(&self, _scope: &Scope) -> Option<Cow<'_, Self>> {
        Some(Cow::Borrowed(self))
    }

    /// Takes over from the current state what models have no words for, so that it stays as it is.
    fn adopt(&mut self, _current: &Self, _only: &Only) {}

    /// Renames or moves it: last name, schema, or both. Empty when its parent's rename does it.
    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Vec<Step> {
        Vec::new()
    }

    /// Other names that its rename changes, of what is no object of its own: (old, new).
    fn names_along(&self, _id: &ObjectId, _to: &ObjectId) -> Vec<(ObjectId, ObjectId)> {
        Vec::new()
    }

    /// The names that it takes up; two objects that share a slot cannot exist at once.
    fn slots(&self, _id: &ObjectId) -> Vec<Slot> {
        Vec::new()
    }

    /// Which object the server moves to another schema together with which: (an index, its table),
    /// (a sequence, the table of the column that owns it).
    fn moves_with(&self, _id: &ObjectId) -> Option<(ObjectId, ObjectId)> {
        None
    }

    /// SQL texts inside the definition, where names of other objects may stand. Renames are applied in them token by token.
    fn texts_mut(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    /// Text that may name other objects and that the server does not look into until it runs: no renames are
    /// followed in it, no edges come from it but soft ones.
    fn unparsed(&self) -> Option<&str> {
        None
    }

    /// A text with SQL in it that the server only reads when it runs: what is renamed or dropped stays in it.
    fn untracked(&self) -> Option<&str> {
        None
    }

    /// Ids of other objects inside the definition.
    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        Vec::new()
    }
}

/// How an object becomes another definition.
#[derive(Debug)]
pub enum Alter {
    /// These steps, in this order. Empty when the difference is one that nothing needs to be done about.
    InPlace(Vec<Step>),
    Replace(Replace),
    /// PostgreSQL or care for data forbids it: the plan is refused with this reason.
    Refuse(Refusal),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replace {
    /// DROP, then CREATE.
    DropCreate,
    /// The old one is renamed aside, the new one is created, users and data move over, the old one is dropped last.
    Aside,
}

/// Why a plan cannot be made or must not run. Exit code 3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub object: ObjectId,
    pub reason: String,
    /// What the user can do about it.
    pub advice: String,
}

/// What happened to an object that others use.
#[derive(Clone, Debug)]
pub struct Disturbance {
    pub object: ObjectId,
    pub how: How,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// Dropped and created again.
    Replaced,
    /// Altered in a way that the server refuses while it is in use (a column's type).
    Altered,
    /// Renamed aside to this id and built anew under the old name.
    Aside(ObjectId),
}

/// A dependent's answer to a [`Disturbance`].
#[derive(Debug)]
pub enum Survival {
    /// The server carries it along.
    Keep,
    /// It is dropped before and created after.
    Replace,
    /// As [`Replace::Aside`]: it holds data, or its users do.
    ReplaceAside,
    /// These steps follow the disturbance (ALTER COLUMN TYPE to the rebuilt type).
    Follow(Vec<Step>),
    Refuse(Refusal),
}

/// A name in one of the server's name spaces.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot {
    /// The catalog whose unique index it is: "pg_class", "pg_type", "pg_proc", "pg_constraint:<table>", …
    pub space: &'static str,
    /// The whole name in that space, unquoted parts joined by NUL.
    pub name: String,
}

impl Slot {
    /// A name in a schema: tables, views, indexes and sequences share "pg_class"; types and row types "pg_type".
    pub fn new(space: &'static str, id: &ObjectId) -> Self {
        let schema = id.schema().unwrap_or_default();
        Self { space, name: format!("{schema}\0{}", id.base()) }
    }
}

impl Slot {
    /// A name that only has to differ from others in the same parent: columns of a table.
    pub fn within(space: &'static str, id: &ObjectId) -> Self {
        let parent =
            id.parent().map(|of| format!("{}\0{}", of.schema().unwrap_or_default(), of.base()));
        Self { space, name: format!("{}\0{}", parent.unwrap_or_default(), id.base()) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A hard edge, for [`Definition::edges`].
pub fn hard(user: &ObjectId, used: &ObjectId) -> Dependency {
    Dependency { user: user.clone(), used: used.clone(), strength: Strength::Hard }
}

/// A soft edge.
pub fn soft(user: &ObjectId, used: &ObjectId) -> Dependency {
    Dependency { user: user.clone(), used: used.clone(), strength: Strength::Soft }
}

/// `ALTER <keyword> … RENAME TO` and `SET SCHEMA`, whichever the new name asks for, of an object in a schema.
pub fn rename_or_move(keyword: &str, from: &ObjectId, to: &ObjectId) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut push = |old: &ObjectId, new: &ObjectId, action: String, back: String| {
        steps.push(
            Step::new(Verb::Rename, to, format!("ALTER {keyword} {} {action}", old.sql()))
                .hazard(
                    HazardKind::BreaksClients,
                    format!("clients that say {} must say {}", from.sql(), to.sql()),
                )
                .undo(format!("ALTER {keyword} {} {back}", new.sql())),
        );
    };
    let renamed = from.with_base(to.base());
    if renamed != *from {
        let (old, new) = (from.base_sql(), to.base_sql());
        push(from, &renamed, format!("RENAME TO {new}"), format!("RENAME TO {old}"));
    }
    if let (Some(old), Some(new)) = (from.schema(), to.schema())
        && old != new
    {
        let (old, new) = (quote::ident(old), quote::ident(new));
        push(&renamed, to, format!("SET SCHEMA {new}"), format!("SET SCHEMA {old}"));
    }
    steps
}

/// What a stand-in needs that has a signature alone: the schema, and those of the objects that `id` uses which are
/// the (row) types spelled so by `format_type`.
fn signature_needs<'a>(
    cx: &Context,
    side: Side,
    id: &ObjectId,
    types: impl Iterator<Item = &'a str>,
) -> Vec<ObjectId> {
    let names: BTreeSet<String> = types.map(|spelled| Spelled::parse(spelled).base).collect();
    let used = cx.uses(side, id).iter().map(|edge| &edge.used);
    let mut needs: Vec<ObjectId> =
        used.filter(|used| names.contains(&used.sql())).cloned().collect();
    needs.extend(id.schema().map(|schema| ObjectId::global(Kind::Schema, schema)));
    needs
}
