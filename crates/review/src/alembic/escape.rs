//! SQL as `sqlalchemy.text()` reads it: `op.execute("…")` goes through it, online and offline.
//!
//! `:name` would be a parameter there, `\:` is a colon; `%` needs nothing, since it is doubled for the drivers that
//! need that and for no other. Rules of SQLAlchemy 1.4 to 2.1 (`TextClause`, `BIND_PARAMS` and `BIND_PARAMS_ESC` in
//! `sqlalchemy/sql/compiler.py`); they differ in whether `$` belongs to a name.

/// The text that means `sql` to every version, or `None` where no such text exists.
pub(super) fn escaped(sql: &str) -> Option<String> {
    let mut out = String::with_capacity(sql.len());
    let mut before = None;
    for (at, c) in sql.char_indices() {
        if c == ':' {
            let colon = Colon { before, rest: &sql[at + 1..] };
            let wanted = VERSIONS.map(|version| colon.needs_backslash(version));
            let works = VERSIONS.map(|version| colon.loses_backslash(version));
            let backslash = wanted.contains(&true);
            // Where one version takes the backslash away and another keeps it, there is no common spelling.
            if (backslash || before == Some('\\')) && works[0] != works[1] {
                return None;
            }
            if backslash && !works[0] {
                return None;
            }
            if backslash {
                out.push('\\');
            }
        }
        out.push(c);
        before = Some(c);
    }
    Some(out)
}

/// Whether `$` belongs to a name.
#[derive(Clone, Copy)]
struct Version {
    dollar: bool,
}

const VERSIONS: [Version; 2] = [Version { dollar: true }, Version { dollar: false }];

impl Version {
    /// No less than Python's `\w`: what is escaped in vain is unescaped again.
    fn is_word(self, c: char) -> bool {
        c.is_alphanumeric() || c == '_' || self.dollar && c == '$'
    }
}

struct Colon<'a> {
    before: Option<char>,
    rest: &'a str,
}

impl Colon<'_> {
    fn needs_backslash(&self, version: Version) -> bool {
        match self.before {
            Some('\\') => self.loses_backslash(version),
            Some(':') => false,
            Some(c) if version.is_word(c) => false,
            _ => self.rest.starts_with(|c| version.is_word(c)) && self.loses_backslash(version),
        }
    }

    /// Whether a backslash before it is taken away.
    fn loses_backslash(&self, version: Version) -> bool {
        !self.rest.trim_start_matches(|c| version.is_word(c)).starts_with(':')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_and_casts_are_not() {
        let cases = [
            ("select a::text, '{1}'::integer[]", "select a::text, '{1}'::integer[]"),
            (r#"'{"a":1, "b": "c:d"}'"#, r#"'{"a"\:1, "b": "c:d"}'"#),
            ("a[1:2], a[(1):2], x := 3", r"a[1:2], a[(1)\:2], x := 3"),
            (r"'^\d+:\d+\:\w$'", r"'^\d+:\d+\\:\w$'"),
            ("'12:30:00' ':a' ' :a:'", r"'12:30:00' '\:a' ' :a:'"),
            ("like '%a%' or ':é'", r"like '%a%' or '\:é'"),
            (r"'\::x' ':$x'", r"'\::x' '\:$x'"),
        ];
        for (sql, wanted) in cases {
            assert_eq!(escaped(sql).as_deref(), Some(wanted), "{sql}");
        }
        assert_eq!(escaped("':a$:'"), None);
    }
}
