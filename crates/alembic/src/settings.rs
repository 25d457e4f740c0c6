//! What alembic.ini and pyproject.toml say; the ini file comes first, as in Alembic itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ProjectError;
use crate::ini::Ini;
use crate::percent;

pub(crate) struct Settings {
    ini: Option<(PathBuf, Ini)>,
    toml: Option<(PathBuf, toml::Table)>,
    /// The ini file's section: `alembic`, unless `--name` says another.
    section: String,
}

const INI: &str = "alembic.ini";
const TOML: &str = "pyproject.toml";

impl Settings {
    /// The files that `config` names, else those in the current folder.
    pub fn find(config: Option<&Path>, section: &str) -> Result<Self, ProjectError> {
        let is_toml = |path: &Path| path.file_name().is_some_and(|name| name == TOML);
        let (ini, toml) = match config {
            Some(path) if is_toml(path) => (existing(INI), Some(path.to_owned())),
            Some(path) => (Some(path.to_owned()), existing(TOML)),
            None => (existing(INI), existing(TOML)),
        };
        let ini = ini.map(|path| read_ini(&path).map(|ini| (path, ini))).transpose()?;
        let toml = toml.map(|path| read_toml(&path).map(|table| (path, table))).transpose()?;
        let settings = Self { ini, toml, section: section.to_owned() };
        let has_ini = settings.ini.as_ref().is_some_and(|(_, ini)| ini.has(section));
        let has_toml = settings.toml.as_ref().is_some_and(|(_, table)| !table.is_empty());
        if has_ini || has_toml { Ok(settings) } else { Err(ProjectError::NoProject) }
    }

    /// A text; of a list in pyproject.toml nothing.
    pub fn text(&self, name: &str) -> Result<Option<String>, ProjectError> {
        if let Some(value) = self.ini(name)? {
            return Ok(Some(value));
        }
        match self.toml(name) {
            Some((path, toml::Value::String(text))) => resolved(path, name, text).map(Some),
            Some((_, toml::Value::Integer(number))) => Ok(Some(number.to_string())),
            _ => Ok(None),
        }
    }

    pub fn is_on(&self, name: &str) -> Result<bool, ProjectError> {
        if let Some(value) = self.ini(name)? {
            return Ok(value == "true");
        }
        Ok(matches!(self.toml(name), Some((_, toml::Value::Boolean(true)))))
    }

    /// Paths; in the ini file separated as `path_separator`, or the older `version_path_separator`, says.
    pub fn paths(&self, name: &str) -> Result<Vec<PathBuf>, ProjectError> {
        if let Some(value) = self.ini(name)?.filter(|value| !value.is_empty()) {
            let separator = match self.ini("path_separator")? {
                Some(separator) => Some(separator),
                None if name == "version_locations" => self.ini("version_path_separator")?,
                None => None,
            };
            let parts: Vec<&str> = match separator.as_deref() {
                None => value.split([' ', ',', '\n']).collect(),
                Some("space") => value.split(' ').collect(),
                Some("newline") => value.split('\n').collect(),
                Some("os" | ":") => value.split(':').collect(),
                Some(";") => value.split(';').collect(),
                Some(other) => {
                    let what =
                        format!("path_separator = {other} is none of os, space, newline, : and ;");
                    return Err(self.wrong(what));
                }
            };
            return Ok(parts
                .iter()
                .map(|p| p.trim())
                .filter(|p| !p.is_empty())
                .map(PathBuf::from)
                .collect());
        }
        let Some((path, toml::Value::Array(list))) = self.toml(name) else { return Ok(Vec::new()) };
        let texts = list.iter().filter_map(toml::Value::as_str);
        texts.map(|text| resolved(path, name, text).map(PathBuf::from)).collect()
    }

    /// Whether programs are to be run over new files.
    pub fn has_hooks(&self) -> bool {
        self.ini.as_ref().is_some_and(|(_, ini)| {
            ini.get("post_write_hooks", "hooks", &BTreeMap::new())
                .is_ok_and(|hooks| hooks.is_some())
        }) || self.toml("post_write_hooks").is_some()
    }

    /// An error of the settings, named by the file that they are in.
    pub fn wrong(&self, what: String) -> ProjectError {
        let path =
            self.ini.as_ref().map(|(path, _)| path).or(self.toml.as_ref().map(|(path, _)| path));
        ProjectError::Settings { path: path.cloned().unwrap_or_default(), what }
    }

    fn ini(&self, name: &str) -> Result<Option<String>, ProjectError> {
        let Some((path, ini)) = &self.ini else { return Ok(None) };
        let given = BTreeMap::from([("here".to_owned(), here(path))]);
        ini.get(&self.section, name, &given).map_err(|what| ProjectError::Settings {
            path: path.clone(),
            what: format!("{name}: {what}"),
        })
    }

    fn toml(&self, name: &str) -> Option<(&Path, &toml::Value)> {
        let (path, table) = self.toml.as_ref()?;
        Some((path, table.get(name)?))
    }
}

fn existing(name: &str) -> Option<PathBuf> {
    Path::new(name).exists().then(|| PathBuf::from(name))
}

/// The folder of a settings file, as `%(here)s` says it.
fn here(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.parent().unwrap_or(Path::new(".")).to_string_lossy().into_owned()
}

fn resolved(path: &Path, name: &str, text: &str) -> Result<String, ProjectError> {
    let value = |token: &str| match token {
        "here" => Ok(here(path)),
        other => Err(format!("%({other})s is not set")),
    };
    percent::strings(text, &value).map_err(|what| ProjectError::Settings {
        path: path.to_owned(),
        what: format!("{name}: {what}"),
    })
}

fn read(path: &Path) -> Result<String, ProjectError> {
    fs::read_to_string(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })
}

fn read_ini(path: &Path) -> Result<Ini, ProjectError> {
    Ini::parse(&read(path)?).map_err(|(line, what)| ProjectError::Settings {
        path: path.to_owned(),
        what: format!("line {line}: {what}"),
    })
}

/// The table `[tool.alembic]`, empty where there is none.
fn read_toml(path: &Path) -> Result<toml::Table, ProjectError> {
    let table: toml::Table = toml::from_str(&read(path)?).map_err(|error| {
        ProjectError::Settings { path: path.to_owned(), what: error.to_string() }
    })?;
    let alembic = table.get("tool").and_then(|tool| tool.get("alembic"));
    Ok(alembic.and_then(toml::Value::as_table).cloned().unwrap_or_default())
}
