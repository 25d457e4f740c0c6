//! The rows of a table as the plan will leave them, so that a question about a new constraint can be asked before
//! anything has changed: columns that come hold their default, columns that change are converted.

use super::convert;
use crate::{Context, Kind, Object, ObjectId, Side, spelled::Spelled, tokens};

/// What stands for a table in a question about some of its columns.
pub(super) struct FutureRows {
    /// The table, or a query over it in parentheses.
    source: String,
    /// Types that are not there yet, as they stand in expressions: their values are asked about as text.
    as_text: Vec<(String, String)>,
}

impl FutureRows {
    /// `None` where the values cannot be known before: a generated column that comes, a default that is computed, a
    /// type that no present type can stand for.
    pub fn of<'a>(
        cx: &Context,
        table: &ObjectId,
        columns: impl IntoIterator<Item = &'a ObjectId>,
        only: bool,
    ) -> Option<Self> {
        let only = if only { "ONLY " } else { "" };
        let plain = format!("{only}{}", table.sql());
        let mut rows = Self { source: plain.clone(), as_text: Vec::new() };
        let mut fields = Vec::new();
        let mut changed = false;
        for id in columns {
            let name = id.base_sql();
            let value = rows.value(cx, id)?;
            changed |= value != name;
            let field = if value == name { name } else { format!("{value} AS {name}") };
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        if changed {
            rows.source = format!("(SELECT {} FROM {plain})", fields.join(", "));
        }
        Some(rows)
    }

    /// Whether these columns keep their values as they are.
    pub fn are_as_now(&self) -> bool {
        !self.source.starts_with('(')
    }

    /// What stands behind FROM, under this name.
    pub fn named(&self, alias: &str) -> String {
        format!("{} AS {alias}", self.source)
    }

    /// What stands behind FROM where no name is needed.
    pub fn source(&self) -> String {
        match self.are_as_now() {
            true => self.source.clone(),
            false => self.named("future"),
        }
    }

    /// An expression over these columns. `None` where it compares by an order that text does not have, or passes
    /// such values on to something that does not take text.
    pub fn expression(&self, sql: &str) -> Option<String> {
        if self.as_text.is_empty() {
            return Some(sql.to_owned());
        }
        let tokens = tokens::tokenize(sql);
        let ordered = tokens.iter().enumerate().any(|(at, token)| {
            let next_is = |c| tokens.get(at + 1).is_some_and(|next| next.is_symbol(c));
            let previous_is = |c| at > 0 && tokens[at - 1].is_symbol(c);
            token.is_symbol('<') && !next_is('>') || token.is_symbol('>') && !previous_is('<')
        });
        let passed_on = tokens::chains(sql)
            .iter()
            .any(|chain| chain.called && !(chain.parts.len() == 1 && is_key_word(&chain.parts[0])));
        (!ordered && !passed_on).then(|| self.with_text(sql))
    }

    fn with_text(&self, sql: &str) -> String {
        tokens::replace_identifiers(sql, &|chain| {
            let is = |(schema, name): &(String, String)| {
                chain.parts.len() == 2 && chain.parts[0] == *schema && chain.parts[1] == *name
            };
            self.as_text.iter().any(is).then(|| "text".to_owned())
        })
    }

    /// The value that a column will have, over the columns that there are.
    fn value(&mut self, cx: &Context, id: &ObjectId) -> Option<String> {
        let Some(Object::Column(new)) = cx.to.get(id) else { return None };
        let name = id.base_sql();
        let target = self.present(cx, &new.type_name)?;
        let fill = cx.options.fill.get(id);
        let Some(Object::Column(old)) = cx.from.get(id) else {
            if new.generated.is_some() || new.identity.is_some() {
                return None;
            }
            let default = match cx.to.get(&ObjectId::member(Kind::Default, id, "")) {
                Some(Object::Default(default)) => Some(default.expression.as_str()),
                _ => None,
            };
            let value = fill.map(String::as_str).or(default).unwrap_or("NULL");
            // what is computed may have side effects, or be another value each time
            let computed =
                fill.is_none() && tokens::tokenize(value).iter().any(|t| t.is_symbol('('));
            return (!computed).then(|| convert::cast(&self.with_text(value), &target));
        };
        if old.generated != new.generated {
            return None;
        }
        if convert::is_rebuilt(cx, &old.type_name) && names_are_new(cx, &old.type_name) {
            return None;
        }
        let mapped = cx.user_type(Side::From, &old.type_name).is_some_and(|(used, _)| {
            cx.options.label_maps.contains_key(used) && convert::is_rebuilt(cx, &old.type_name)
        });
        let converted = match cx.options.using.get(id) {
            Some(using) => convert::cast(&self.with_text(using), &target),
            None if old.type_name == new.type_name && !mapped => {
                if !names_are_new(cx, &old.type_name) {
                    return Some(name);
                }
                // a literal of a label that comes is no value of the type beforehand
                self.as_text.extend(Spelled::parse(&old.type_name).qualified());
                convert::cast(&name, &self.present(cx, &old.type_name)?)
            }
            None => {
                if mapped {
                    self.as_text.extend(Spelled::parse(&old.type_name).qualified());
                }
                let target = self.present(cx, &new.type_name)?;
                let conversion = convert::conversion(cx, id, &name, &old.type_name, &new.type_name);
                match conversion.using {
                    // its functions are not there beforehand
                    _ if !conversion.helpers.is_empty() => return None,
                    Some(using) => self.with_text(&using),
                    None => convert::cast(&name, &target),
                }
            }
        };
        Some(match fill {
            Some(fill) => format!("coalesce({converted}, {})", self.with_text(fill)),
            None => converted,
        })
    }

    /// A type as it can be written before the plan has run.
    fn present(&mut self, cx: &Context, spelled: &str) -> Option<String> {
        let parsed = Spelled::parse(spelled);
        let array = if parsed.array { "[]" } else { "" };
        let Some((schema, name)) = parsed.qualified() else { return Some(spelled.to_owned()) };
        if self.as_text.contains(&(schema.clone(), name.clone())) {
            return Some(format!("text{array}"));
        }
        let Some((id, object)) = cx.user_type(Side::To, spelled) else {
            return Some(spelled.to_owned());
        };
        match object {
            _ if cx.from.contains(id) => Some(spelled.to_owned()),
            Object::Enum(_) => {
                self.as_text.push((schema, name));
                Some(format!("text{array}"))
            }
            _ => None,
        }
    }
}

/// What stands before a parenthesis and is no function.
fn is_key_word(word: &str) -> bool {
    ["any", "all", "in", "and", "or", "not", "by", "where", "coalesce"].contains(&word)
}

/// Whether the type that stands anew has labels under names that the old one does not know: no question asked
/// beforehand can say them.
fn names_are_new(cx: &Context, spelled: &str) -> bool {
    let element = Spelled::parse(spelled).element();
    match (cx.user_type(Side::From, &element.base), cx.user_type(Side::To, &element.base)) {
        (Some((_, Object::Enum(old))), Some((_, Object::Enum(new)))) => {
            new.labels.iter().any(|label| !old.labels.contains(label))
        }
        // what is made of enums may hold any
        (Some((_, Object::Enum(_))), _) | (None, _) => false,
        _ => true,
    }
}
