//! How values move from an old type to a new one: what `ALTER COLUMN … TYPE … USING` says.
//!
//! Types are spelled as `format_type(oid, typmod)` does under an empty search_path: `public.status[]`,
//! `character varying(20)`, `timestamp(3) with time zone`. Source types are those of the current catalog,
//! target types those of the desired one. A source type that is rebuilt under the same name is fine: no
//! expression here ever names a source type.
//!
//! Manual: ALTER TABLE, CREATE CAST, 10.4 Value Storage. The rules for casts through text are those of
//! `find_coercion_pathway` in `parse_coerce.c`.

// Long because the ladder of conversions is one decision, from no cast to casts by text.

use std::collections::BTreeMap;

pub use super::convert_helper::Helpers;
use super::{convert_check, r#enum, range::Range};
use crate::{CastContext, Context, Kind, Object, ObjectId, Side, quote, spelled::Spelled};

/// How strong a cast the server needs from one type to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cast {
    /// The same type, perhaps with other modifiers.
    Same,
    Implicit,
    Assignment,
    /// Only when written out: `USING c::integer`.
    Explicit,
    /// Only by the text of the value, or attribute by attribute: enums by label, types that are rebuilt.
    Text,
}

/// How the values of a column (or attribute, or domain) move to another type.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    pub cast: Cast,
    /// The expression over the value that USING needs; `None` where the server's assignment cast does it.
    pub using: Option<String>,
    /// Values that the conversion does not accept, as far as a query can tell beforehand: for a precheck.
    pub refused: Option<Condition>,
    /// A condition over the value, true for values that become NULL because a label is mapped to it.
    pub nulls: Option<String>,
    /// Whether some values may be refused at all, checked beforehand or not.
    pub may_fail: bool,
    /// Functions that `using` calls.
    pub helpers: Helpers,
}

/// `select count(*) from t where <sql>` must be 0. Names nothing but the value and built-in types.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub sql: String,
    /// Completes "rows of public.t where status …": "has a label that type public.status loses ('x')".
    pub what: String,
    pub advice: String,
}

/// The conversion of `value` (an expression of type `source`: `c`, `(c).a`) to `target`.
///
/// For equal spellings it is the conversion to the type as it is rebuilt: ask only when it is.
///
/// `owner` is what holds the value: functions that the conversion needs are named after it.
pub fn conversion(
    cx: &Context,
    owner: &ObjectId,
    value: &str,
    source: &str,
    target: &str,
) -> Conversion {
    let (from, to) = (Spelled::parse(source), Spelled::parse(target));
    let mut helpers = Helpers::of(owner);
    let Some(path) = path(cx, value, &from, &to, &mut helpers) else {
        return without_values(value, source, target);
    };
    let (refused, nulls) = convert_check::conditions(cx, value, &from, &to);
    let may_fail = refused.is_some() || nulls.is_some() || path.cast == Cast::Explicit;
    let using = (path.cast >= Cast::Explicit).then_some(path.sql);
    Conversion { cast: path.cast, using, refused, nulls, may_fail, helpers }
}

/// The server has no way from one type to the other: nothing is lost only where there is no value. By way of text, so
/// that whoever runs the statement without having asked first gets an error for a value, and loses none.
fn without_values(value: &str, source: &str, target: &str) -> Conversion {
    let refused = Condition {
        // not IS NOT NULL, which asks about the fields of a composite value
        sql: format!("{value} IS DISTINCT FROM NULL"),
        what: format!("has a value, and PostgreSQL has no conversion from {source} to {target}"),
        advice: "say how the values convert, in the SQL beside the column: \
                 -- ordain: using <expression>"
            .into(),
    };
    Conversion {
        cast: Cast::Text,
        using: Some(cast(&cast(value, "text"), target)),
        refused: Some(refused),
        nulls: None,
        may_fail: true,
        helpers: Helpers::default(),
    }
}

/// Whether ALTER COLUMN TYPE makes the server write the table anew (`ATColumnChangeRequiresRewrite`).
/// True when in doubt.
pub fn rewrites(cx: &Context, source: &str, target: &str) -> bool {
    let from = stored(cx, Side::From, Spelled::parse(source));
    if cx.user_type(Side::To, target).is_some_and(|(_, object)| constrained(object)) {
        return true;
    }
    let to = stored(cx, Side::To, Spelled::parse(target));
    if from.array != to.array {
        return true;
    }
    match (from.base.as_str(), to.base.as_str()) {
        ("character varying" | "text", "text") | ("cidr", "inet") => false,
        ("text" | "character varying", "character varying") => {
            !to.modifiers.is_empty()
                && (from.modifiers.is_empty() || from.modifier(0) > to.modifier(0))
        }
        (a, b) if a != b => true,
        _ if to.modifiers.is_empty() || from.modifiers == to.modifiers => {
            matches!(to.base.as_str(), "character" | "bit") && from.modifiers != to.modifiers
        }
        ("numeric", _) => {
            from.modifiers.is_empty()
                || from.modifier(0) > to.modifier(0)
                || from.modifier(1) != to.modifier(1)
        }
        ("bit varying", _) => from.modifiers.is_empty() || from.modifier(0) > to.modifier(0),
        (base, _) if base.starts_with("time") => {
            to.modifier(0) < Some(6)
                && (from.modifiers.is_empty() || from.modifier(0) > to.modifier(0))
        }
        _ => true,
    }
}

/// Whether a type's values move to a type of the same name that this plan builds anew.
pub fn is_rebuilt(cx: &Context, spelled: &str) -> bool {
    let base = Spelled::parse(spelled).base;
    let mut objects = cx.from.objects.iter();
    if objects.any(|(id, object)| matches!(object, Object::Range(r) if r.is_rebuilt(id, &base, cx)))
    {
        return true;
    }
    let Some((id, from)) = cx.user_type(Side::From, spelled) else { return false };
    match (from, cx.to.get(id)) {
        (Object::Enum(from), Some(Object::Enum(_))) => r#enum::is_rebuilt(cx, id, from),
        (Object::Domain(from), Some(Object::Domain(to))) => {
            from.base != to.base || from.collation != to.collation || is_rebuilt(cx, &from.base)
        }
        (Object::Range(from), Some(Object::Range(to))) => {
            from.subtype != to.subtype || is_rebuilt(cx, &from.subtype)
        }
        (Object::Table(_), Some(Object::Table(_))) => {
            let columns = |side: Side| fields(cx, side, id);
            columns(Side::From) != columns(Side::To)
                || columns(Side::From).iter().any(|(_, t)| is_rebuilt(cx, &t.to_string()))
        }
        (Object::Composite(from), Some(Object::Composite(to))) => {
            from.attributes != to.attributes
                || from.attributes.iter().any(|attribute| {
                    let [old, new] = [cx.from, cx.to].map(|catalog| catalog.get(attribute));
                    old != new
                        || matches!(old, Some(Object::Attribute(a)) if is_rebuilt(cx, &a.type_name))
                })
        }
        _ => false,
    }
}

/// Whether the user maps a label of the enum that a type is, or is made of.
pub(super) fn maps(cx: &Context, spelled: &str) -> bool {
    let spelled = Spelled::parse(spelled);
    !same_text(cx, &spelled, &spelled)
}

/// What a domain is stored as, down to a type that is no domain.
pub(super) fn stored(cx: &Context, side: Side, spelled: Spelled) -> Spelled {
    match user_type(cx, side, &spelled) {
        Some((_, Object::Domain(domain))) if !spelled.array => {
            stored(cx, side, Spelled::parse(&domain.base))
        }
        _ => spelled,
    }
}

fn constrained(object: &Object) -> bool {
    matches!(object, Object::Domain(domain) if domain.not_null || !domain.checks.is_empty())
}

pub(super) fn user_type<'a>(
    cx: &Context<'a>,
    side: Side,
    spelled: &Spelled,
) -> Option<(&'a ObjectId, &'a Object)> {
    cx.user_type(side, &spelled.base)
}

/// An expression and how strong a cast it is.
struct Path {
    cast: Cast,
    sql: String,
}

fn path(
    cx: &Context,
    value: &str,
    from: &Spelled,
    to: &Spelled,
    helpers: &mut Helpers,
) -> Option<Path> {
    let source = stored(cx, Side::From, from.clone());
    let target = stored(cx, Side::To, to.clone());
    let text = if source.array { "text[]" } else { "text" };
    let by_text = || Path { cast: Cast::Text, sql: cast(&cast(value, text), &to.to_string()) };
    if source.array != target.array {
        // '{a,b}' as text, either way
        return match (is_string(&source), is_string(&target)) {
            (_, true) if !target.array => {
                Some(Path { cast: Cast::Assignment, sql: cast(value, &to.to_string()) })
            }
            (true, _) if !source.array => {
                Some(Path { cast: Cast::Explicit, sql: cast(value, &to.to_string()) })
            }
            _ => None,
        };
    }
    let old = user_type(cx, Side::From, &source);
    let new = user_type(cx, Side::To, &target);
    match (old, new) {
        (Some((_, Object::Domain(_))), _) | (_, Some((_, Object::Domain(_))))
            if stored(cx, Side::From, source.element()).array =>
        {
            match same_text(cx, &source, &target) {
                true => Some(by_text()),
                false => elementwise(cx, value, &source, &target, to, helpers),
            }
        }
        // domains inside arrays keep their values' text
        (Some((_, Object::Domain(_))), _) | (_, Some((_, Object::Domain(_)))) => {
            let (from, to_base) =
                (element_base(cx, Side::From, &source), element_base(cx, Side::To, &target));
            let inner = path(cx, value, &from, &to_base, helpers)?;
            let sql = if inner.cast == Cast::Text {
                retarget(&inner.sql, &to_base, to)
            } else {
                cast(value, &to.to_string())
            };
            Some(Path { cast: inner.cast.max(Cast::Explicit), sql })
        }
        (None | Some((_, Object::Enum(_))), Some((id, Object::Enum(_)))) => {
            let map = label_map(cx, old, id);
            if map.is_empty() && old.is_none() && !is_string(&source) {
                return None;
            }
            if map.is_empty() && old.is_none() {
                return Some(Path { cast: Cast::Explicit, sql: cast(value, &to.to_string()) });
            }
            let labels = mapped(&cast(value, text), &map, source.array);
            Some(Path { cast: Cast::Text, sql: cast(&labels, &to.to_string()) })
        }
        (
            Some((a, Object::Composite(_) | Object::Table(_))),
            Some((b, Object::Composite(_) | Object::Table(_))),
        ) => match (keeps_text(cx, a, b), source.array) {
            (true, _) => Some(by_text()),
            (false, true) => elementwise(cx, value, &source, &target, to, helpers),
            (false, false) => row(cx, value, a, b, to, helpers),
        },
        (Some((_, Object::Range(x))), Some((_, Object::Range(y))))
            if source.base == target.base =>
        {
            let (x, y) = (Spelled::parse(&x.subtype), Spelled::parse(&y.subtype));
            match (same_text(cx, &x, &y), source.array) {
                (true, _) => Some(by_text()),
                (false, true) => elementwise(cx, value, &source, &target, to, helpers),
                (false, false) => bounds(cx, value, &x, &y, to, helpers),
            }
        }
        _ if ranges_of(cx, &source).is_some() && source.base == target.base => {
            let (range, x, y) = ranges_of(cx, &source)?;
            let (a, b) = (Spelled::parse(&x.subtype), Spelled::parse(&y.subtype));
            match (same_text(cx, &a, &b), source.array) {
                (true, _) => Some(by_text()),
                (false, true) => elementwise(cx, value, &source, &target, to, helpers),
                (false, false) => {
                    let range = Spelled::parse(&range.sql());
                    let one = bounds(cx, "one", &a, &b, &range, helpers)?.sql;
                    let to = to.to_string();
                    let body = format!(
                        "SELECT coalesce((SELECT pg_catalog.range_agg({one}) FROM pg_catalog.unnest($1) AS u (one)), \
                         CASE WHEN $1 IS NOT NULL THEN '{{}}'::{to} END)"
                    );
                    let name = helpers.add("anymultirange", &to, &body);
                    Some(Path { cast: Cast::Text, sql: format!("{name}({value})") })
                }
            }
        }
        // ranges, row types of tables and whatever else is rebuilt under its name
        _ if source.base == target.base && source.base.contains('.') => Some(by_text()),
        _ => {
            let strength = strength(cx, &source.element(), &target.element())?;
            Some(Path { cast: strength, sql: cast(value, &to.to_string()) })
        }
    }
}

/// An array's element type down to a type that is no domain, as an array again.
pub(super) fn element_base(cx: &Context, side: Side, array: &Spelled) -> Spelled {
    let element = stored(cx, side, array.element());
    Spelled { array: true, ..element }
}

/// The same expression, cast to another type in the end.
fn retarget(sql: &str, inner: &Spelled, to: &Spelled) -> String {
    let tail = format!("::{inner}");
    let head = sql.strip_suffix(&tail).unwrap_or(sql);
    cast(head, &to.to_string())
}

fn strength(cx: &Context, source: &Spelled, target: &Spelled) -> Option<Cast> {
    if source.base == target.base {
        return Some(Cast::Same);
    }
    match cx.cast(&source.base, &target.base) {
        Some(CastContext::Implicit) => Some(Cast::Implicit),
        Some(CastContext::Assignment) => Some(Cast::Assignment),
        Some(CastContext::Explicit) => Some(Cast::Explicit),
        // every type has a text: to a string by assignment, from one when said
        None if is_string(target) => Some(Cast::Assignment),
        None if is_string(source) => Some(Cast::Explicit),
        None => None,
    }
}

pub(super) fn is_string(spelled: &Spelled) -> bool {
    matches!(
        spelled.base.as_str(),
        "text" | "character varying" | "character" | "name" | "\"char\""
    ) || spelled.base.ends_with(".citext")
}

/// `value::type`, with parentheses where `::` would bind to less than the whole.
pub(super) fn cast(value: &str, r#type: &str) -> String {
    let mut depth = 0_i32;
    let mut quoted = false;
    let simple = value.chars().all(|c| {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        quoted || depth > 0 || c.is_alphanumeric() || "_.\"):[]$".contains(c)
    });
    if simple { format!("{value}::{type}") } else { format!("({value})::{type}") }
}

/// Old label → new label or NULL, of values that move to the enum `target`: what the user said about the old
/// enum, or, for values of other types, about the new one.
pub(super) fn label_map(
    cx: &Context,
    old: Option<(&ObjectId, &Object)>,
    target: &ObjectId,
) -> BTreeMap<String, Option<String>> {
    let mut map = BTreeMap::new();
    match old {
        Some((id, Object::Enum(from))) => {
            let said = cx.options.label_maps.get(id);
            let renames = cx.options.label_renames.get(id);
            if r#enum::is_rebuilt(cx, id, from) {
                for (old, new) in renames.into_iter().flatten() {
                    map.insert(old.clone(), Some(new.clone()));
                }
                map.extend(said.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
            } else {
                // RENAME VALUE has run before
                for (old, new) in said.into_iter().flatten() {
                    let now = renames.and_then(|r| r.get(old)).unwrap_or(old);
                    map.insert(now.clone(), new.clone());
                }
            }
        }
        _ => map.extend(cx.options.label_maps.get(target).cloned().unwrap_or_default()),
    }
    map.retain(|old, new| Some(old) != new.as_ref());
    if let Some((_, Object::Enum(from))) = old {
        map.retain(|old, _| from.labels.contains(old));
    }
    map
}

/// Applies a map to a text, or to every element of a text array, whatever its dimensions.
fn mapped(text: &str, map: &BTreeMap<String, Option<String>>, array: bool) -> String {
    let sql = |label: &Option<String>| label.as_deref().map_or("NULL".to_owned(), quote::literal);
    if map.is_empty() {
        return text.to_owned();
    }
    if !array {
        let whens: String = map
            .iter()
            .map(|(old, new)| format!(" WHEN {} THEN {}", quote::literal(old), sql(new)))
            .collect();
        return format!("CASE {text}{whens} ELSE {text} END");
    }
    // one after the other, so a value that is still to be replaced must not be made before: through
    // stand-ins that are no label (labels have at most 63 bytes)
    let mut expression = text.to_owned();
    let mut later = Vec::new();
    for (n, (old, new)) in map.iter().enumerate() {
        let collides = new.as_ref().is_some_and(|new| map.contains_key(new));
        let first = if collides {
            let stand_in = Some(format!("{}{n}", "=".repeat(64)));
            later.push((stand_in.clone(), new));
            sql(&stand_in)
        } else {
            sql(new)
        };
        expression = format!("array_replace({expression}, {}, {first})", quote::literal(old));
    }
    for (stand_in, new) in later {
        expression = format!("array_replace({expression}, {}, {})", sql(&stand_in), sql(new));
    }
    expression
}

/// Whether an array's elements can only convert one by one: its text is not that of the new one.
pub(super) fn is_elementwise(cx: &Context, source: &Spelled, target: &Spelled) -> bool {
    let element = stored(cx, Side::From, source.element());
    let structured = element.array
        || ranges_of(cx, &element).is_some()
        || user_type(cx, Side::From, &element)
            .is_some_and(|(_, object)| !matches!(object, Object::Enum(_)));
    source.array && target.array && structured && !same_text(cx, source, target)
}

/// An array of which the elements convert one by one.
fn elementwise(
    cx: &Context,
    value: &str,
    source: &Spelled,
    target: &Spelled,
    to: &Spelled,
    helpers: &mut Helpers,
) -> Option<Path> {
    let element = path(cx, "($1)[i]", &source.element(), &target.element(), helpers)?;
    let element = cast(&element.sql, "text");
    let body = format!(
        "SELECT coalesce((pg_catalog.array_dims($1) || '=' || (SELECT pg_catalog.array_agg({element} ORDER BY i) \
         FROM pg_catalog.generate_subscripts($1, 1) AS i)::text)::{target}, CASE WHEN $1 IS NOT NULL THEN '{{}}'::{target} END)"
    );
    let name = helpers.add("anyarray", &target.to_string(), &body);
    let mut sql = format!("{name}({value})");
    if target != to {
        sql = cast(&sql, &to.to_string());
    }
    Some(Path { cast: Cast::Text, sql })
}

/// A range whose bounds convert one by one.
fn bounds(
    cx: &Context,
    value: &str,
    source: &Spelled,
    target: &Spelled,
    to: &Spelled,
    helpers: &mut Helpers,
) -> Option<Path> {
    let mut bound =
        |which: &str| Some(path(cx, &format!("{which}({value})"), source, target, helpers)?.sql);
    let (low, high) = (bound("lower")?, bound("upper")?);
    let sql = format!(
        "CASE WHEN {value} IS NULL THEN NULL WHEN isempty({value}) THEN 'empty'::{to} ELSE {to}({low}, {high}, \
         (CASE WHEN lower_inc({value}) THEN '[' ELSE '(' END) || (CASE WHEN upper_inc({value}) THEN ']' ELSE ')' END)) END"
    );
    Some(Path { cast: Cast::Text, sql })
}

/// The range type of a multirange type, as it is and as it will be.
pub(super) fn ranges_of<'a>(
    cx: &Context<'a>,
    spelled: &Spelled,
) -> Option<(&'a ObjectId, &'a Range, &'a Range)> {
    let (schema, name) = spelled.qualified()?;
    let multirange = ObjectId::qualified(Kind::Range, &schema, &name);
    cx.from.objects.iter().find_map(|(id, object)| match (object, cx.to.get(id)) {
        (Object::Range(x), Some(Object::Range(y))) if x.multirange_id(id) == multirange => {
            Some((id, &**x, &**y))
        }
        _ => None,
    })
}

/// The attributes of a composite type, or the columns of a table, in their order.
pub(super) fn fields(cx: &Context, side: Side, id: &ObjectId) -> Vec<(String, Spelled)> {
    let catalog = cx.catalog(side);
    match catalog.get(id) {
        Some(Object::Composite(composite)) => {
            let of = |attribute: &ObjectId| match catalog.get(attribute)? {
                Object::Attribute(a) => {
                    Some((attribute.base().to_owned(), Spelled::parse(&a.type_name)))
                }
                _ => None,
            };
            composite.attributes.iter().filter_map(of).collect()
        }
        _ => {
            let columns = catalog.members(Kind::Column, id);
            let mut columns: Vec<_> = columns
                .filter_map(|(id, object)| match object {
                    Object::Column(c) => Some((c.position, id.base(), &c.type_name)),
                    _ => None,
                })
                .collect();
            columns.sort();
            columns.into_iter().map(|(_, name, t)| (name.to_owned(), Spelled::parse(t))).collect()
        }
    }
}

/// Whether the text of an old value reads as the new value: what is kept stands in the same order, what is new
/// behind it, and nothing inside is mapped. (What goes and what is new the old type no longer has and already has
/// when values move: `Composite::step_aside`.)
fn keeps_text(cx: &Context, a: &ObjectId, b: &ObjectId) -> bool {
    let (old, new) = (fields(cx, Side::From, a), fields(cx, Side::To, b));
    let names = |list: &[(String, Spelled)]| list.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    let (before, after) = (names(&old), names(&new));
    let kept = before.iter().filter(|name| after.contains(name));
    let come = after.iter().filter(|name| !before.contains(name));
    // another type of another name is as it is, and so is a table
    let follows = a == b && a.kind() == Kind::Composite;
    (follows || before == after)
        && kept.chain(come).eq(&after)
        && old.iter().all(|(name, source)| match new.iter().find(|(other, _)| other == name) {
            Some((_, target)) => same_text(cx, source, target),
            None => true,
        })
}

fn same_text(cx: &Context, source: &Spelled, target: &Spelled) -> bool {
    let source = stored(cx, Side::From, source.clone());
    let target = stored(cx, Side::To, target.clone());
    if source.array != target.array {
        return false;
    }
    let (source, target) =
        (stored(cx, Side::From, source.element()), stored(cx, Side::To, target.element()));
    match (user_type(cx, Side::From, &source), user_type(cx, Side::To, &target)) {
        (old @ Some((_, Object::Enum(_))), Some((id, Object::Enum(_)))) => {
            label_map(cx, old, id).is_empty()
        }
        (
            Some((a, Object::Composite(_) | Object::Table(_))),
            Some((b, Object::Composite(_) | Object::Table(_))),
        ) => keeps_text(cx, a, b),
        (Some((_, Object::Range(x))), Some((_, Object::Range(y)))) => {
            same_text(cx, &Spelled::parse(&x.subtype), &Spelled::parse(&y.subtype))
        }
        _ => reads_as(&source.base, &target.base) || is_string(&source) || is_string(&target),
    }
}

/// Whether the text of every value of one built-in type is a text of the other.
fn reads_as(source: &str, target: &str) -> bool {
    const WIDER: &[&[&str]] = &[
        &["smallint", "integer", "bigint", "numeric"],
        &["real", "double precision"],
        &["date", "timestamp without time zone"],
    ];
    const INTEGERS: &[&str] = &["smallint", "integer", "bigint"];
    let at = |row: &[&str], name: &str| row.iter().position(|n| *n == name);
    source == target
        || INTEGERS.contains(&source) && INTEGERS.contains(&target)
        || WIDER
            .iter()
            .any(|row| matches!((at(row, source), at(row, target)), (Some(a), Some(b)) if a <= b))
}

/// Field by field; those that are new become NULL.
fn row(
    cx: &Context,
    value: &str,
    a: &ObjectId,
    b: &ObjectId,
    to: &Spelled,
    helpers: &mut Helpers,
) -> Option<Path> {
    let old = fields(cx, Side::From, a);
    let mut values = Vec::new();
    for (name, target) in fields(cx, Side::To, b) {
        let field = field(value, &name);
        values.push(match old.iter().find(|(other, _)| *other == name) {
            Some((_, source))
                if *source == target && user_type(cx, Side::From, source).is_none() =>
            {
                field
            }
            Some((_, source)) => path(cx, &field, source, &target, helpers)?.sql,
            None => "NULL".to_owned(),
        });
    }
    // IS DISTINCT FROM NULL asks about the whole value, IS NOT NULL about its fields
    let sql = format!(
        "CASE WHEN {value} IS DISTINCT FROM NULL THEN ROW({})::{to} END",
        values.join(", ")
    );
    Some(Path { cast: Cast::Text, sql })
}

pub(super) fn field(value: &str, name: &str) -> String {
    format!("({value}).{}", quote::ident(name))
}
