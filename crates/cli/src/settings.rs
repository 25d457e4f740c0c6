//! `ordain.toml`: what one does not want to type each time. A flag wins over the file.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::flags::{Color, Which};

/// Looked for in the current folder when `--settings` is not given.
pub const FILE: &str = "ordain.toml";

/// Every key is optional; an unknown key is an error, so that a typing mistake cannot widen a plan.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub from: Option<String>,
    #[serde(default)]
    pub to: OneOrMany,
    pub database: Option<String>,
    #[serde(default)]
    pub schema: OneOrMany,
    #[serde(default)]
    pub exclude: OneOrMany,
    pub shadow: Option<String>,
    pub shadow_superuser: Option<bool>,
    #[serde(default)]
    pub rename: OneOrMany,
    #[serde(default)]
    pub map_label: OneOrMany,
    pub privileges: Option<Which>,
    pub owners: Option<Which>,
    /// Roles that count as managed besides those that the desired state names.
    #[serde(default)]
    pub roles: OneOrMany,
    pub atomic: Option<bool>,
    pub strict: Option<bool>,
    pub cache: Option<bool>,
    pub python: Option<PathBuf>,
    #[serde(default)]
    pub translate_schema: OneOrMany,
    pub lock_timeout: Option<String>,
    pub color: Option<Color>,
}

/// `"a"` or `["a", "b"]`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Spelled")]
pub struct OneOrMany(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
enum Spelled {
    One(String),
    Many(Vec<String>),
}

impl From<Spelled> for OneOrMany {
    fn from(spelled: Spelled) -> Self {
        Self(match spelled {
            Spelled::One(one) => vec![one],
            Spelled::Many(many) => many,
        })
    }
}

impl Settings {
    /// The file that was asked for, else [`FILE`] if there is one, else nothing set.
    pub fn find(asked: Option<&Path>) -> Result<Self, SettingsError> {
        match asked {
            Some(path) => Self::read(path),
            None if Path::new(FILE).exists() => Self::read(Path::new(FILE)),
            None => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::Read { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|source| SettingsError::Parse { path: path.to_owned(), source })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the settings file {} can't be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the settings file {} is wrong", path.display())]
    Parse { path: PathBuf, source: toml::de::Error },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_read() {
        let text = include_str!("../../../docs/ordain.example.toml");
        let settings: Settings = toml::from_str(text).expect("the example parses");
        assert!(settings.from.is_some());
        // With every line that is commented out switched on, too: each key of the example exists.
        let all: String = text.lines().map(|l| l.strip_prefix("#> ").unwrap_or(l)).fold(
            String::new(),
            |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            },
        );
        let settings: Settings = toml::from_str(&all).expect("the example parses in full");
        assert_eq!(settings.lock_timeout.as_deref(), Some("5s"));
        assert_eq!(settings.color, Some(Color::Auto));
    }

    #[test]
    fn unknown_keys_are_errors() {
        assert!(toml::from_str::<Settings>("schmea = 'a'").is_err());
    }
}
