//! Which rows a partition takes, as a condition over the columns of its parent's key, so that rows which would fit
//! nowhere are counted before anything has changed. Manual: CREATE TABLE, PARTITION OF; 5.11 Table Partitioning.

use super::{family, future_rows::FutureRows, partition_of::PartitionOf, spell, table::Table};
use crate::{Context, Kind, Object, ObjectId, Side, tokens};

/// The condition that every row meets.
const ALL: &str = "TRUE";

/// A question that counts rows, over columns of a table that is there.
pub(super) struct Misfits {
    pub query: String,
    /// What it counts.
    pub counts: String,
}

/// Rows of a table that is attached which its bound does not allow. `None` where they all fit already, or where it
/// cannot be asked.
pub(super) fn outside(link: &PartitionOf, child: &ObjectId, cx: &Context) -> Option<Misfits> {
    let fits = allowed(link, child, cx)?;
    let rows = rows(cx, child, &keys(cx, &link.parent))?;
    if rows.are_as_now() && was_allowed(link, child, cx) {
        return None;
    }
    let condition = rows.expression(&fits)?;
    Some(Misfits {
        query: format!("SELECT count(*) FROM {} WHERE NOT {condition}", rows.source()),
        counts: format!("rows of {} that do not belong into {}", child.sql(), link.bound),
    })
}

/// The default partition beside which another one is attached, where it is there already.
pub(super) fn default_beside(
    link: &PartitionOf,
    child: &ObjectId,
    cx: &Context,
) -> Option<ObjectId> {
    if was_allowed(link, child, cx) {
        return None;
    }
    let mut pieces = pieces(cx, &link.parent).into_iter();
    let default = pieces.find(|(piece, link)| is_default(link) && was_allowed(link, piece, cx));
    default.map(|(piece, _)| piece)
}

/// Rows of the default partition that belong into one which is attached beside it.
pub(super) fn inside(
    link: &PartitionOf,
    child: &ObjectId,
    default: &ObjectId,
    cx: &Context,
) -> Option<Misfits> {
    let rows = rows(cx, default, &keys(cx, &link.parent))?;
    let condition = rows.expression(&allowed(link, child, cx)?)?;
    Some(Misfits {
        query: format!("SELECT count(*) FROM {} WHERE {condition}", rows.source()),
        counts: format!("rows of {} that belong into {}", default.sql(), child.sql()),
    })
}

/// Rows of a table that no partition of the whole takes into which they move.
pub(super) fn nowhere(table: &ObjectId, whole: &ObjectId, cx: &Context) -> Option<Misfits> {
    let taken = taken(whole, cx)?;
    if taken == ALL {
        return None;
    }
    let mut columns = keys(cx, whole);
    for piece in family::descendants(cx, Side::To, whole) {
        columns.extend(keys(cx, &piece));
    }
    let rows = rows(cx, table, &columns)?;
    let condition = rows.expression(&taken)?;
    Some(Misfits {
        query: format!("SELECT count(*) FROM {} WHERE NOT {condition}", rows.source()),
        counts: format!("rows of {} that no partition takes", table.sql()),
    })
}

/// Whether the same parent, keyed in the same way, had the table as the same partition.
fn was_allowed(link: &PartitionOf, child: &ObjectId, cx: &Context) -> bool {
    let now = cx.from.get(&ObjectId::member(Kind::PartitionOf, child, ""));
    let same = matches!(now, Some(Object::PartitionOf(now)) if now.parent == link.parent && now.bound == link.bound);
    same && match (cx.from.get(&link.parent), cx.to.get(&link.parent)) {
        (Some(Object::Table(old)), Some(Object::Table(new))) => !old.is_keyed_unlike(new),
        _ => false,
    }
}

/// The rows of a table, with these columns as they are called in it.
fn rows(cx: &Context, table: &ObjectId, columns: &[ObjectId]) -> Option<FutureRows> {
    let columns: Vec<ObjectId> =
        columns.iter().map(|key| ObjectId::member(Kind::Column, table, key.base())).collect();
    FutureRows::of(cx, table, &columns, false)
}

fn is_default(link: &PartitionOf) -> bool {
    link.bound == "DEFAULT"
}

fn pieces<'a>(cx: &Context<'a>, parent: &ObjectId) -> Vec<(ObjectId, &'a PartitionOf)> {
    let link =
        |piece: ObjectId| match cx.to.get(&ObjectId::member(Kind::PartitionOf, &piece, ""))? {
            Object::PartitionOf(link) => Some((piece, &**link)),
            _ => None,
        };
    family::children(cx, Side::To, parent).into_iter().filter_map(link).collect()
}

fn whole<'a>(cx: &Context<'a>, table: &ObjectId) -> Option<(&'a Table, &'a str)> {
    match cx.to.get(table)? {
        Object::Table(whole) => Some((whole, whole.partition_key.as_deref()?)),
        _ => None,
    }
}

/// Columns that the key of a table is made of, expressions included.
fn keys(cx: &Context, table: &ObjectId) -> Vec<ObjectId> {
    let Some((whole, _)) = whole(cx, table) else { return Vec::new() };
    let columns = cx.to.members(Kind::Column, table).map(|(id, _)| id.clone());
    columns.filter(|id| whole.is_key(id.base())).collect()
}

/// The condition under which a row belongs into the partition: true or false, never null.
fn allowed(link: &PartitionOf, child: &ObjectId, cx: &Context) -> Option<String> {
    let (_, key) = whole(cx, &link.parent)?;
    if !is_default(link) {
        return condition(key, &link.bound);
    }
    let others = pieces(cx, &link.parent).into_iter().filter(|(piece, _)| piece != child);
    let others: Option<Vec<String>> =
        others.map(|(_, other)| condition(key, &other.bound)).collect();
    Some(match others? {
        others if others.is_empty() => ALL.to_owned(),
        others => format!("(NOT ({}))", others.join(" OR ")),
    })
}

/// The condition under which some partition of a table, at any depth, takes a row.
fn taken(table: &ObjectId, cx: &Context) -> Option<String> {
    let pieces = pieces(cx, table);
    let all_hashed = hash_share(&pieces).is_some_and(|share| share >= 1.0);
    let divided = pieces.iter().any(|(piece, _)| whole(cx, piece).is_some());
    if !divided && (all_hashed || pieces.iter().any(|(_, link)| is_default(link))) {
        return Some(ALL.to_owned());
    }
    let mut alternatives = Vec::new();
    for (piece, link) in &pieces {
        let own = allowed(link, piece, cx)?;
        alternatives.push(match whole(cx, piece) {
            Some(_) => match taken(piece, cx)? {
                below if below == ALL => own,
                below => format!("({own} AND {below})"),
            },
            None => own,
        });
    }
    Some(match alternatives.is_empty() {
        true => "FALSE".to_owned(),
        false => format!("({})", alternatives.join(" OR ")),
    })
}

/// How much of all hash values the partitions cover, where they are hash partitions.
fn hash_share(pieces: &[(ObjectId, &PartitionOf)]) -> Option<f64> {
    let share = |(_, link): &(ObjectId, &PartitionOf)| {
        let (_, range) = spell::clause(&link.bound, "with")?;
        let modulus: u32 =
            link.bound[range].split([' ', ',']).find_map(|word| word.parse().ok())?;
        Some(1.0 / f64::from(modulus))
    };
    pieces.iter().map(share).sum::<Option<f64>>().filter(|_| !pieces.is_empty())
}

/// A bound as a condition over its parent's key: true or false, never null. `None` for hash partitions, whose
/// function only the server knows, and where the key is compared by an operator class of its own.
fn condition(key: &str, bound: &str) -> Option<String> {
    let (strategy, elements) = key.split_once(' ')?;
    let elements: Vec<String> = spell::split_list(elements.strip_prefix('(')?.strip_suffix(')')?);
    if !elements.iter().all(|element| is_plain(element)) {
        return None;
    }
    let values = |word: &str| {
        let (_, range) = spell::clause(bound, word)?;
        Some(spell::split_list(&bound[range.start + 1..range.end - 1]))
    };
    let condition = match strategy {
        "LIST" => list(elements.first()?, &values("in")?),
        "RANGE" => {
            let set = elements.iter().map(|element| format!("{element} IS NOT NULL"));
            let low = edge(&elements, &values("from")?, true);
            let high = edge(&elements, &values("to")?, false);
            set.chain(low).chain(high).collect::<Vec<_>>().join(" AND ")
        }
        _ => return None,
    };
    Some(format!("(({condition}) IS TRUE)"))
}

fn list(element: &str, values: &[String]) -> String {
    let (nulls, values): (Vec<&str>, Vec<&str>) =
        values.iter().map(String::as_str).partition(|value| *value == "NULL");
    let mut either = Vec::new();
    if !values.is_empty() {
        either.push(format!("{element} IN ({})", values.join(", ")));
    }
    if !nulls.is_empty() {
        either.push(format!("{element} IS NULL"));
    }
    either.join(" OR ")
}

/// One end of a range: rows are compared by the values that stand before the first MINVALUE or MAXVALUE. The lower
/// end belongs to the range, the upper one does not.
fn edge(elements: &[String], values: &[String], lower: bool) -> Option<String> {
    let open = values.iter().position(|value| value == "MINVALUE" || value == "MAXVALUE");
    let shown = open.unwrap_or(values.len());
    if shown == 0 {
        return None;
    }
    let all_of_it = open.is_some_and(|at| (values[at] == "MINVALUE") == lower);
    let operator = match (lower, open.is_none() || all_of_it) {
        (true, true) => ">=",
        (true, false) => ">",
        (false, _) if all_of_it => "<=",
        (false, _) => "<",
    };
    let (elements, values) = (elements.get(..shown)?.join(", "), values[..shown].join(", "));
    Some(match shown {
        1 => format!("{elements} {operator} {values}"),
        _ => format!("({elements}) {operator} ({values})"),
    })
}

/// Whether the element names no operator class: a column or an expression, with a collation or not.
fn is_plain(element: &str) -> bool {
    let tokens = tokens::tokenize(element);
    let collate = tokens.iter().position(|token| token.is_word("collate"));
    let (expression, collation) = match collate {
        Some(at) => (element[..tokens[at].start].trim_end(), &tokens[at + 1..]),
        None => (element, &tokens[..0]),
    };
    let named = collation.iter().enumerate().all(|(n, token)| match n % 2 {
        0 => token.is_identifier(),
        _ => token.is_symbol('.'),
    });
    let single = tokens::tokenize(expression).len() == 1;
    named && (single || spell::is_wrapped(expression) || spell::is_call(expression))
}

#[cfg(test)]
mod tests {
    use super::condition;

    #[test]
    fn bounds_are_conditions() {
        for (key, bound, expected) in [
            ("LIST (k)", "FOR VALUES IN ('a', NULL)", "k IN ('a') OR k IS NULL"),
            ("LIST (lower(k))", "FOR VALUES IN (NULL)", "lower(k) IS NULL"),
            (
                "RANGE (a, b)",
                "FOR VALUES FROM (1, MINVALUE) TO (5, 'x')",
                "a IS NOT NULL AND b IS NOT NULL AND a >= 1 AND (a, b) < (5, 'x')",
            ),
            ("RANGE (a)", "FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "a IS NOT NULL"),
            (
                "RANGE (a, b)",
                "FOR VALUES FROM (1, MAXVALUE) TO (5, MAXVALUE)",
                "a IS NOT NULL AND b IS NOT NULL AND a > 1 AND a <= 5",
            ),
            (
                "RANGE (a COLLATE \"C\")",
                "FOR VALUES FROM ('a') TO ('b')",
                "a COLLATE \"C\" IS NOT NULL AND a COLLATE \"C\" >= 'a' AND a COLLATE \"C\" < 'b'",
            ),
        ] {
            assert_eq!(
                condition(key, bound).unwrap(),
                format!("(({expected}) IS TRUE)"),
                "{bound}"
            );
        }
        assert_eq!(condition("RANGE (a text_pattern_ops)", "FOR VALUES FROM ('a') TO ('b')"), None);
        assert_eq!(condition("HASH (a)", "FOR VALUES WITH (modulus 2, remainder 0)"), None);
    }
}
