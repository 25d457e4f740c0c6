//! The revisions of a project and which come last.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::assignments::{Value, assignments};
use crate::error::ProjectError;
use crate::source;

/// One revision file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub id: String,
    pub path: PathBuf,
    pub text: String,
    /// The revisions that it follows; empty for a first one.
    pub down: Vec<String>,
    /// Revisions of other branches that must have run, as ids.
    depends_on: Vec<String>,
    labels: Vec<String>,
}

/// All revisions, by id.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub scripts: BTreeMap<String, Script>,
}

impl History {
    /// Reads the revisions in these folders; one that is not there has none.
    pub(crate) fn read(locations: &[PathBuf], recursive: bool) -> Result<Self, ProjectError> {
        let mut files = BTreeSet::new();
        for location in locations {
            list(location, recursive, &mut files)?;
        }
        let mut history = Self::default();
        for path in files {
            let text = source::read(&path)?;
            let Some(script) = script(path, text)? else { continue };
            if let Some(first) = history.scripts.get(&script.id) {
                return Err(ProjectError::Twice {
                    id: script.id,
                    first: first.path.clone(),
                    second: script.path,
                });
            }
            history.scripts.insert(script.id.clone(), script);
        }
        history.resolve_labels();
        history.check()?;
        Ok(history)
    }

    fn resolve_labels(&mut self) {
        let labels: BTreeMap<String, String> = self
            .scripts
            .values()
            .flat_map(|script| script.labels.iter().map(|label| (label.clone(), script.id.clone())))
            .collect();
        for script in self.scripts.values_mut() {
            for name in &mut script.depends_on {
                if let Some(id) = labels.get(name) {
                    *name = id.clone();
                }
            }
        }
    }

    fn check(&self) -> Result<(), ProjectError> {
        for script in self.scripts.values() {
            if let Some(missing) = script.down.iter().find(|id| !self.scripts.contains_key(*id)) {
                return Err(ProjectError::Missing {
                    path: script.path.clone(),
                    missing: missing.clone(),
                });
            }
        }
        if !self.scripts.is_empty() && self.heads().is_empty() {
            let all: Vec<&str> = self.scripts.keys().map(String::as_str).collect();
            return Err(ProjectError::Circle(all.join(", ")));
        }
        Ok(())
    }

    /// The revisions that no other one follows, in order of their ids.
    pub fn heads(&self) -> Vec<&Script> {
        let followed: BTreeSet<&String> = self.scripts.values().flat_map(|s| &s.down).collect();
        self.scripts.values().filter(|script| !followed.contains(&script.id)).collect()
    }

    /// What stands in the version table of a database in which everything has run: a head that another branch
    /// depends on is implied.
    pub fn recorded(&self) -> BTreeSet<String> {
        let implied: BTreeSet<&String> =
            self.scripts.values().flat_map(|s| &s.depends_on).collect();
        let heads = self.heads().into_iter().filter(|script| !implied.contains(&script.id));
        heads.map(|script| script.id.clone()).collect()
    }

    /// The head that a new revision follows: the one that there is, or the one that was asked for, by its id, the
    /// beginning of it, or `label@head`.
    pub fn head(&self, asked: Option<&str>) -> Result<Option<&Script>, ProjectError> {
        let heads = self.heads();
        let Some(asked) = asked.filter(|asked| *asked != "head") else {
            return match &heads[..] {
                [] => Ok(None),
                [one] => Ok(Some(one)),
                _ => Err(ProjectError::Heads(heads.iter().map(|head| head.id.clone()).collect())),
            };
        };
        let no_such = || ProjectError::NoSuchRevision(asked.to_owned());
        if let Some(label) = asked.strip_suffix("@head") {
            // A branch that merely depends on another one does not belong to it.
            let labelled = |script: &&Script| script.labels.iter().any(|l| l == label);
            let of_branch = |head: &&&Script| self.before(&head.id, false).iter().any(labelled);
            let found: Vec<&&Script> = heads.iter().filter(of_branch).collect();
            return match &found[..] {
                [] => Err(no_such()),
                [one] => Ok(Some(one)),
                _ => Err(ProjectError::Heads(found.iter().map(|head| head.id.clone()).collect())),
            };
        }
        let exact = self.scripts.get(asked);
        let begun: Vec<&Script> = match exact {
            Some(script) => vec![script],
            None => self.scripts.values().filter(|script| script.id.starts_with(asked)).collect(),
        };
        match &begun[..] {
            [one] if heads.contains(one) => Ok(Some(one)),
            [one] => Err(ProjectError::NoHead(one.id.clone())),
            _ => Err(no_such()),
        }
    }

    /// A revision and all that run before it.
    pub fn up_to(&self, id: &str) -> Vec<&Script> {
        self.before(id, true)
    }

    fn before(&self, id: &str, other_branches: bool) -> Vec<&Script> {
        let (mut found, mut queue) = (BTreeMap::new(), vec![id]);
        while let Some(script) = queue.pop().and_then(|id| self.scripts.get(id)) {
            if found.insert(&script.id, script).is_none() {
                queue.extend(script.down.iter().map(String::as_str));
                if other_branches {
                    queue.extend(script.depends_on.iter().map(String::as_str));
                }
            }
        }
        found.into_values().collect()
    }
}

fn list(folder: &Path, recursive: bool, out: &mut BTreeSet<PathBuf>) -> Result<(), ProjectError> {
    let failed = |source| ProjectError::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if recursive && name != "__pycache__" {
                list(&path, recursive, out)?;
            }
        } else if name.ends_with(".py") && !name.starts_with(".#") && !name.starts_with("__init__")
        {
            out.insert(path);
        }
    }
    Ok(())
}

/// A file without a `revision` is none.
fn script(path: PathBuf, text: String) -> Result<Option<Script>, ProjectError> {
    let mut values = assignments(&text);
    let mut take = |name: &str| match values.remove(name) {
        None | Some(Value::None) => Ok(Vec::new()),
        Some(Value::Text(text)) => Ok(vec![text]),
        Some(Value::Texts(texts)) => Ok(texts),
        Some(Value::Computed(line)) => Err(ProjectError::Revision {
            path: path.clone(),
            line,
            what: format!("{name} is set to something that only Python could tell"),
        }),
    };
    let Some(id) = take("revision")?.into_iter().next() else { return Ok(None) };
    let (down, depends_on, labels) =
        (take("down_revision")?, take("depends_on")?, take("branch_labels")?);
    Ok(Some(Script { id, path, text, down, depends_on, labels }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(scripts: &[&str]) -> Result<History, ProjectError> {
        let folder = tempfile::tempdir().expect("a folder");
        for (i, text) in scripts.iter().enumerate() {
            fs::write(folder.path().join(format!("{i}.py")), text).expect("a file");
        }
        History::read(&[folder.path().to_owned(), folder.path().join("none")], false)
    }

    fn ids<'a>(scripts: impl IntoIterator<Item = &'a Script>) -> Vec<String> {
        scripts.into_iter().map(|script| script.id.clone()).collect()
    }

    #[test]
    fn heads_are_what_nothing_follows() {
        let line = history(&[
            "revision='a'\ndown_revision=None",
            "revision='b'\ndown_revision='a'",
            "x=1",
        ]);
        let line = line.expect("reads");
        assert_eq!(ids(line.heads()), ["b"]);
        assert_eq!(ids(line.head(None).expect("one")), ["b"]);
        assert_eq!(ids(line.up_to("b")), ["a", "b"]);
        assert!(matches!(line.head(Some("a")), Err(ProjectError::NoHead(_))));

        let fork = history(&[
            "revision='a1'\ndown_revision=None\nbranch_labels=('one',)",
            "revision='b2'\ndown_revision='a1'",
            "revision='c3'\ndown_revision=None\nbranch_labels='two'",
            "revision='d4'\ndown_revision='c3'\ndepends_on='one'",
            "revision='e5'\ndown_revision=None\ndepends_on=('d4',)",
        ])
        .expect("reads");
        assert!(
            matches!(fork.head(None), Err(ProjectError::Heads(heads)) if heads == ["b2", "d4", "e5"])
        );
        assert_eq!(ids(fork.head(Some("d")).expect("one")), ["d4"]);
        assert_eq!(ids(fork.head(Some("one@head")).expect("one")), ["b2"]);
        assert_eq!(ids(fork.up_to("e5")), ["a1", "c3", "d4", "e5"]);
        assert_eq!(fork.recorded().into_iter().collect::<Vec<_>>(), ["b2", "e5"]);

        let merged = history(&[
            "revision='a'\ndown_revision=None",
            "revision='b'\ndown_revision=None",
            "revision, down_revision = 'c', ('a', 'b')",
        ])
        .expect("reads");
        assert_eq!(ids(merged.heads()), ["c"]);
    }

    #[test]
    fn broken_histories_are_named() {
        assert!(matches!(
            history(&["revision='a'\ndown_revision='x'"]),
            Err(ProjectError::Missing { .. })
        ));
        assert!(matches!(
            history(&["revision='a'\ndown_revision=x()"]),
            Err(ProjectError::Revision { line: 2, .. })
        ));
        assert!(matches!(
            history(&["revision='a'", "revision='a'"]),
            Err(ProjectError::Twice { .. })
        ));
        let circle =
            history(&["revision='a'\ndown_revision='b'", "revision='b'\ndown_revision='a'"]);
        assert!(matches!(circle, Err(ProjectError::Circle(_))));
    }
}
