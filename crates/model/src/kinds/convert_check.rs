//! Which stored values a conversion would refuse, as conditions for prechecks.

use super::convert::{
    Condition, cast, element_base, field, fields, is_string, label_map, ranges_of, stored,
    user_type,
};
use super::{convert, r#enum};
use crate::{Context, Object, ObjectId, Side, quote, spelled::Spelled};

/// True for values that are refused, and for values that become NULL.
pub fn conditions(
    cx: &Context,
    value: &str,
    from: &Spelled,
    to: &Spelled,
) -> (Option<Condition>, Option<String>) {
    let mut found = Findings::default();
    inspect(cx, value, from, to, &mut found);
    (found.refused(), found.nulls())
}

/// What a query can tell about values beforehand.
#[derive(Default)]
struct Findings {
    refused: Vec<String>,
    what: Vec<String>,
    advice: Vec<String>,
    nulls: Vec<String>,
}

impl Findings {
    fn refused(&self) -> Option<Condition> {
        (!self.refused.is_empty()).then(|| Condition {
            sql: self.refused.join(" OR "),
            what: self.what.join(", or "),
            advice: self.advice.join("; "),
        })
    }

    fn nulls(&self) -> Option<String> {
        (!self.nulls.is_empty()).then(|| self.nulls.join(" OR "))
    }

    /// What was found about the parts of a value, or of the elements of one.
    fn include(&mut self, inner: Self, value: &str, elements: bool) {
        let some = |sql: String| match elements {
            true => format!("EXISTS (SELECT FROM unnest({value}) AS element WHERE {sql})"),
            false => sql,
        };
        for (sql, what) in inner.refused.into_iter().zip(inner.what) {
            self.refuse(some(sql), what, inner.advice.first().map_or("", String::as_str));
        }
    }

    fn refuse(&mut self, sql: String, what: String, advice: &str) {
        self.refused.push(sql);
        self.what.push(what);
        if !self.advice.iter().any(|a| a == advice) {
            self.advice.push(advice.to_owned());
        }
    }
}

fn inspect(cx: &Context, value: &str, from: &Spelled, to: &Spelled, found: &mut Findings) {
    let source = stored(cx, Side::From, from.clone());
    let target = stored(cx, Side::To, to.clone());
    if source.array != target.array {
        // an array's text may be too long
        if !target.array {
            inspect_range(cx, value, &Spelled::parse("anyarray"), &target, found);
        }
        return;
    }
    if convert::is_elementwise(cx, &source, &target) {
        let advice = "say how they convert, beside the column: -- ordain: using <expression>";
        let what = "has more than one dimension".to_owned();
        found.refuse(format!("array_ndims({value}) > 1"), what, advice);
    }
    let (source, target) = if source.array {
        (element_base(cx, Side::From, &source), element_base(cx, Side::To, &target))
    } else {
        (source, target)
    };
    match (user_type(cx, Side::From, &source), user_type(cx, Side::To, &target)) {
        (old, Some((id, Object::Enum(new)))) => {
            inspect_labels(cx, value, &source, old, (id, new), found)
        }
        (
            Some((a, Object::Composite(_) | Object::Table(_))),
            Some((b, Object::Composite(_) | Object::Table(_))),
        ) => {
            let mut inner = Findings::default();
            let element = if source.array { "element" } else { value };
            let old = fields(cx, Side::From, a);
            for (name, target) in fields(cx, Side::To, b) {
                if let Some((_, source)) = old.iter().find(|(other, _)| *other == name) {
                    inspect(cx, &field(element, &name), source, &target, &mut inner);
                }
            }
            found.include(inner, value, source.array);
        }
        (Some((_, Object::Range(x))), Some((_, Object::Range(y)))) => {
            let mut inner = Findings::default();
            let element = if source.array { "element" } else { value };
            let (x, y) = (Spelled::parse(&x.subtype), Spelled::parse(&y.subtype));
            for bound in ["lower", "upper"] {
                inspect(cx, &format!("{bound}({element})"), &x, &y, &mut inner);
            }
            found.include(inner, value, source.array);
        }
        (None, None) if ranges_of(cx, &source).is_some() => {
            let Some((_, x, y)) = ranges_of(cx, &source) else { return };
            let mut inner = Findings::default();
            let (x, y) = (Spelled::parse(&x.subtype), Spelled::parse(&y.subtype));
            for bound in ["lower", "upper"] {
                inspect(cx, &format!("{bound}(element)"), &x, &y, &mut inner);
            }
            // of an array of multiranges only the server can tell
            if !source.array {
                found.include(inner, value, true);
            }
        }
        (None, None) if source.array => {
            let mut inner = Findings::default();
            let (source, target) = (source.element(), target.element());
            inspect_range(cx, "element", &source, &target, &mut inner);
            found.include(inner, value, true);
        }
        (None, None) => inspect_range(cx, value, &source, &target, found),
        _ => {}
    }
}

fn inspect_labels(
    cx: &Context,
    value: &str,
    source: &Spelled,
    old: Option<(&ObjectId, &Object)>,
    (id, new): (&ObjectId, &r#enum::Enum),
    found: &mut Findings,
) {
    let map = label_map(cx, old, id);
    let accepted = |label: &String| match map.get(label) {
        Some(mapped) => mapped.as_ref().is_none_or(|label| new.labels.contains(label)),
        None => new.labels.contains(label),
    };
    let list = |labels: &[&String]| {
        labels.iter().map(|l| quote::literal(l)).collect::<Vec<_>>().join(", ")
    };
    let among = |labels: &[&String]| match source.array {
        true => format!("{} && ARRAY[{}]::text[]", cast(value, "text[]"), list(labels)),
        false => format!("{} IN ({})", cast(value, "text"), list(labels)),
    };
    let advice = format!("say what becomes of them: --map-label '{}:OLD=NEW', or =NULL", id.sql());
    if let Some((_, Object::Enum(before))) = old {
        let lost: Vec<&String> = before.labels.iter().filter(|label| !accepted(label)).collect();
        if !lost.is_empty() {
            let what = format!("has a label that {id} does not have: {}", list(&lost));
            found.refuse(among(&lost), what, &advice);
        }
    } else {
        let mut known: Vec<&String> =
            new.labels.iter().chain(map.keys()).filter(|l| accepted(l)).collect();
        known.sort();
        known.dedup();
        let what = format!("is none of the labels of {id}");
        let sql = match source.array {
            true => format!("NOT {} <@ ARRAY[{}]::text[]", cast(value, "text[]"), list(&known)),
            false if known.is_empty() => format!("{value} IS NOT NULL"),
            false => format!("{} NOT IN ({})", cast(value, "text"), list(&known)),
        };
        found.refuse(sql, what, &advice);
    }
    let nulled: Vec<&String> =
        map.iter().filter(|(_, new)| new.is_none()).map(|(old, _)| old).collect();
    if !nulled.is_empty() && !source.array {
        found.nulls.push(among(&nulled));
    }
}

/// Built-in types that hold less than the old one; neither is an array.
fn inspect_range(
    cx: &Context,
    value: &str,
    source: &Spelled,
    target: &Spelled,
    found: &mut Findings,
) {
    if source == target {
        return;
    }
    let advice = "shorten or convert the values first, or say -- ordain: using <expression>";
    let integer = |base: &str| match base {
        "smallint" => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        "integer" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "bigint" => Some((i64::MIN, i64::MAX)),
        _ => None,
    };
    let number = |base: &str| {
        integer(base).is_some() || matches!(base, "numeric" | "real" | "double precision")
    };
    match target.base.as_str() {
        "character varying" | "character" => {
            let length = target.modifier(0).or((target.base == "character").then_some(1));
            let Some(length) = length else { return };
            if source.base == target.base && source.modifier(0).is_some_and(|old| old <= length) {
                return;
            }
            // blanks past the end are cut off without an error
            let text = cast(value, "text");
            found.refuse(
                format!("char_length(rtrim({text}, ' ')) > {length}"),
                format!("is longer than {length} characters"),
                advice,
            );
        }
        "numeric" if number(&source.base) => {
            let Some(precision) = target.modifier(0) else { return };
            let scale = target.modifier(1).unwrap_or(0);
            let whole = source.modifier(0).map(|p| p - source.modifier(1).unwrap_or(0));
            if source.base == "numeric"
                && whole.is_some_and(|whole| whole <= precision - scale)
                && source.modifier(1).unwrap_or(0) <= scale
            {
                return;
            }
            let rounded = format!("abs(round({}, {scale}))", cast(value, "numeric"));
            found.refuse(
                format!(
                    "{rounded} >= 1e{} AND {} <> 'NaN'",
                    precision - scale,
                    cast(value, "numeric")
                ),
                format!("does not fit into {target}"),
                advice,
            );
        }
        base if is_string(source) && !is_string(target) => {
            let text = cast(value, "text");
            let sql = match accepted(base) {
                _ if cx.major() >= 16 => {
                    let name = quote::literal(&target.to_string());
                    format!("NOT pg_catalog.pg_input_is_valid({text}, {name})")
                }
                Some(pattern) => format!("{text} !~* '{pattern}'"),
                None => return,
            };
            found.refuse(sql, format!("is no {target}"), advice);
        }
        base if source.base == "jsonb" => {
            let wanted = match base {
                "boolean" => "boolean",
                _ if number(base) => "number",
                _ => return,
            };
            found.refuse(
                format!("jsonb_typeof({value}) <> '{wanted}'"),
                format!("is no {wanted}"),
                advice,
            );
        }
        base => {
            let Some((least, most)) = integer(base) else { return };
            if number(&source.base) {
                if integer(&source.base).is_some_and(|(low, high)| low >= least && high <= most) {
                    return;
                }
                let whole = match integer(&source.base) {
                    Some(_) => value.to_owned(),
                    None => format!("round({})", cast(value, "numeric")),
                };
                found.refuse(
                    format!("{whole} NOT BETWEEN {least} AND {most}"),
                    format!("does not fit into {target}"),
                    advice,
                );
            }
        }
    }
}

/// What a type's input function takes, as a pattern where one can say it.
fn accepted(base: &str) -> Option<&'static str> {
    Some(match base {
        "smallint" | "integer" | "bigint" => r"^\s*[-+]?[0-9]+\s*$",
        "numeric" | "real" | "double precision" => {
            r"^\s*([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|nan|[-+]?inf(inity)?)\s*$"
        }
        "boolean" => r"^\s*(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0)\s*$",
        "uuid" => r"^\{?([0-9a-f]{4}-?){7}[0-9a-f]{4}\}?$",
        _ => return None,
    })
}
