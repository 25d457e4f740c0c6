//! Files as Python's `configparser` reads them, with its basic interpolation.

use std::collections::BTreeMap;

use crate::percent;

/// Sections with their options, names of options in lower case, values as written.
#[derive(Debug, Default)]
pub(crate) struct Ini {
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

/// Whose options every section has.
const DEFAULT: &str = "DEFAULT";

impl Ini {
    /// # Errors
    /// The number of the line and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut ini = Self::default();
        let mut section: Option<String> = None;
        // The option whose value may go on, and how far it is indented.
        let mut open: Option<(String, usize)> = None;
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let stripped = line.trim();
            if stripped.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if stripped.is_empty() {
                continue;
            }
            if let (Some(name), Some((option, at))) = (&section, &open)
                && indent > *at
            {
                if let Some(value) = ini.sections.get_mut(name).and_then(|s| s.get_mut(option)) {
                    value.push('\n');
                    value.push_str(stripped);
                }
                continue;
            }
            if let Some(name) = stripped.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                ini.sections.entry(name.0.to_owned()).or_default();
                section = Some(name.0.to_owned());
                open = None;
                continue;
            }
            let bad = |what: &str| (number + 1, what.to_owned());
            let name = section.as_ref().ok_or_else(|| bad("no [section] before it"))?;
            let (option, value) = stripped
                .split_once(['=', ':'])
                .ok_or_else(|| bad("neither [section] nor option = value"))?;
            let option = option.trim().to_lowercase();
            let options = ini.sections.entry(name.clone()).or_default();
            options.insert(option.clone(), value.trim().to_owned());
            open = Some((option, indent));
        }
        Ok(ini)
    }

    pub fn has(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// The value with `%(name)s` and `%%` resolved; `given` are names that the program knows (`here`).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn get(
        &self,
        section: &str,
        option: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<Option<String>, String> {
        match self.raw(section, option) {
            None => Ok(None),
            Some(raw) => self.resolve(raw, section, given, 10).map(Some),
        }
    }

    fn raw(&self, section: &str, option: &str) -> Option<&String> {
        let of = |section: &str| self.sections.get(section)?.get(option);
        of(section).or_else(|| of(DEFAULT))
    }

    fn resolve(
        &self,
        raw: &str,
        section: &str,
        given: &BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, String> {
        if depth == 0 {
            return Err("the names of its values need each other".to_owned());
        }
        percent::strings(raw, &|name| {
            let name = name.to_lowercase();
            match self.raw(section, &name) {
                Some(inner) => self.resolve(inner, section, given, depth - 1),
                None => given.get(&name).cloned().ok_or_else(|| format!("%({name})s is not set")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_configparser_reads_it() {
        let text = "# a comment\n[DEFAULT]\nbase = x\n[alembic]\nscript_location = %(here)s/%(base)s/%(Other)s\n\
                    other: a=b\nfile_template = %%(rev)s_%%(slug)s\n  # not the value\nlist =\n    one\n    two\n\n[loggers]\nkeys = root\n";
        let ini = Ini::parse(text).expect("parses");
        let given = BTreeMap::from([("here".to_owned(), "/p".to_owned())]);
        let get = |option: &str| ini.get("alembic", option, &given).expect("resolves");
        assert_eq!(get("script_location").as_deref(), Some("/p/x/a=b"));
        assert_eq!(get("file_template").as_deref(), Some("%(rev)s_%(slug)s"));
        assert_eq!(get("list").as_deref(), Some("\none\ntwo"));
        assert_eq!(get("nothing"), None);
        assert!(ini.has("loggers") && !ini.has("x"));
        assert!(Ini::parse("[a]\nnonsense").is_err());
        assert!(Ini::parse("[a]\nx = %(y)s").expect("parses").get("a", "x", &given).is_err());
    }
}
