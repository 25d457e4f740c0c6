//! Types as `format_type` spells them, taken apart.

use std::fmt;

/// A type's spelling: `character varying(20)[]`, `public.status`, `timestamp(3) with time zone`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spelled {
    /// Without modifiers and array brackets: `character varying`, `timestamp with time zone`.
    pub base: String,
    /// What stands in the parentheses: `["10", "2"]`; empty when there are none.
    pub modifiers: Vec<String>,
    /// PostgreSQL knows an array type by its element alone, whatever its number of dimensions.
    pub array: bool,
}

impl Spelled {
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let element = text.trim_end_matches("[]");
        let array = element.len() < text.len();
        let (mut base, mut inside, mut quoted, mut depth) =
            (String::new(), String::new(), false, 0_u32);
        for c in element.chars() {
            match c {
                '"' if depth == 0 => {
                    quoted = !quoted;
                    base.push(c);
                }
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.saturating_sub(1),
                _ if depth > 0 => inside.push(c),
                _ => base.push(c),
            }
        }
        let modifiers: Vec<String> =
            inside.split(',').map(|m| m.trim().to_owned()).filter(|m| !m.is_empty()).collect();
        // `interval day to second(3)` is an interval whose modifiers are its fields and its precision
        let fields = base.strip_prefix("interval ").map(|fields| fields.trim().to_owned());
        let base = if fields.is_some() { "interval".to_owned() } else { base.trim().to_owned() };
        let modifiers = fields.into_iter().chain(modifiers).collect();
        Self { base, modifiers, array }
    }

    /// The element's type of an array; itself otherwise.
    pub fn element(&self) -> Self {
        Self { array: false, ..self.clone() }
    }

    /// The first modifier as a number: a length, a precision.
    pub fn modifier(&self, n: usize) -> Option<i64> {
        self.modifiers.get(n)?.parse().ok()
    }

    /// Schema and name, unquoted, of a type outside pg_catalog.
    pub fn qualified(&self) -> Option<(String, String)> {
        let mut parts = vec![String::new()];
        let mut quoted = false;
        let mut chars = self.base.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    parts.last_mut()?.push('"');
                }
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(String::new()),
                _ => parts.last_mut()?.push(c),
            }
        }
        match <[String; 2]>::try_from(parts) {
            Ok([schema, name]) => Some((schema, name)),
            Err(_) => None,
        }
    }
}

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_fields = |m: &String| self.base == "interval" && m.parse::<u8>().is_err();
        let fields = self.modifiers.first().filter(|m| is_fields(m));
        if let Some(fields) = fields {
            write!(f, "{} {fields}", self.base)?;
            if let Some(precision) = self.modifiers.get(1) {
                write!(f, "({precision})")?;
            }
            return f.write_str(if self.array { "[]" } else { "" });
        }
        let modifiers = self.modifiers.join(",");
        // the modifier of these stands inside: timestamp(3) with time zone
        match self.base.split_once(" with") {
            _ if modifiers.is_empty() => f.write_str(&self.base)?,
            Some((head, tail)) if !head.contains('"') && head.starts_with("time") => {
                write!(f, "{head}({modifiers}) with{tail}")?;
            }
            _ => write!(f, "{}({modifiers})", self.base)?,
        }
        f.write_str(if self.array { "[]" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_taken_apart_and_put_together() {
        for text in [
            "integer",
            "character varying(20)[]",
            "timestamp(3) with time zone",
            "interval(3)",
            "interval day to second(3)",
            "interval hour[]",
            "numeric(10,2)",
            "public.\"Odd (name)\"[]",
            "extensions.geometry(Point,4326)",
            "\"a.b\".\"c\"\"d\"",
        ] {
            assert_eq!(Spelled::parse(text).to_string(), text);
        }
        let spelled = Spelled::parse("\"a.b\".\"c\"\"d\"[]");
        assert_eq!(spelled.qualified(), Some(("a.b".into(), "c\"d".into())));
        assert!(spelled.array);
        assert_eq!(Spelled::parse("numeric(10,2)").modifier(1), Some(2));
        assert_eq!(Spelled::parse("integer").qualified(), None);
    }
}
