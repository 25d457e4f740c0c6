//! Rules about the code itself, each a sentence of ARCHITECTURE.md or of the style notes.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ordain_tests::case::{folders, root};

/// Files of the repository, without those that only a build makes.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() && name != "target" && name != ".git" {
                walk(&path, out);
            } else if path.is_file() && name != "Cargo.lock" && name != ".git" {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(&root(), &mut out);
    out.sort();
    out
}

/// The path below the root, with `/`.
fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

fn with_extension(extension: &str) -> Vec<(String, String)> {
    let some = files().into_iter().filter(|path| path.extension().is_some_and(|e| e == extension));
    some.map(|path| (short(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// `#[cfg(test)]` closes a file: what follows may name what it likes.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// The modules of `crates/model/src/kinds`, in the order of the list there, and their words.
fn kinds_and_words() -> Vec<(String, String)> {
    let list = fs::read_to_string(root().join("crates/model/src/kinds/mod.rs")).unwrap();
    let list = list.split("\nkinds! {").nth(1).unwrap().split("\n}").next().unwrap();
    let kind = |line: &str| {
        let module = line.split_once('(')?.1.split(')').next()?;
        Some((module.trim_start_matches("r#").to_owned(), line.split('"').nth(1)?.to_owned()))
    };
    list.lines().filter_map(kind).collect()
}

fn kinds() -> Vec<String> {
    kinds_and_words().into_iter().map(|(module, _)| module).collect()
}

/// `PartitionOf` for `partition_of`.
fn variant(module: &str) -> String {
    let words = module.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

#[test]
fn the_planner_names_no_kind() {
    let mut found = Vec::new();
    for (path, text) in with_extension("rs") {
        if !path.starts_with("crates/planner/src/") || path.contains("test") {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for kind in kinds() {
                let variant = variant(&kind);
                for name in [format!("Kind::{variant}"), format!("Object::{variant}")] {
                    let ends =
                        |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                    if code.split(&name).skip(1).any(ends) {
                        found.push(format!("{path}:{}: {name}", number + 1));
                    }
                }
            }
        }
    }
    assert_none("PostgreSQL's rules for one kind live in its file; the planner names none", &found);
}

#[test]
fn every_kind_has_its_files_and_fixtures() {
    let mut found = Vec::new();
    for (kind, word) in kinds_and_words() {
        for file in [format!("{kind}.rs"), format!("{kind}.sql")] {
            if !root().join("crates/model/src/kinds").join(&file).exists() {
                found.push(format!("crates/model/src/kinds/{file} is missing"));
            }
        }
        let folder = |name: &str| folders(&root().join("fixtures").join(name));
        if folder(&kind).is_empty() && folder(&word.replace(' ', "_")).is_empty() {
            found.push(format!("fixtures/{kind} has no case"));
        }
    }
    assert_none("each kind is a .rs, a .sql, and fixtures", &found);
}

#[test]
fn every_fixture_is_whole() {
    let mut found = Vec::new();
    for case in folders(&root().join("fixtures")).iter().flat_map(|kind| folders(kind)) {
        let models = case.parent().is_some_and(|kind| kind.ends_with("sqlalchemy"));
        for file in if models { ["before.py", "after.py"] } else { ["from.sql", "to.sql"] } {
            if !case.join(file).exists() {
                found.push(format!("{}: no {file}", short(&case)));
            }
        }
    }
    assert_none("a fixture has from.sql and to.sql, or before.py and after.py", &found);
}

#[test]
fn files_are_short_or_say_why_not() {
    const LIMIT: usize = 400;
    let mut found = Vec::new();
    for (path, text) in with_extension("rs") {
        let lines = without_tests(&text).lines().count();
        if lines > LIMIT
            && !text.lines().any(|line| line.trim_start().starts_with("// Long because "))
        {
            found.push(format!("{path}: {lines} lines"));
        }
    }
    assert_none("split the file, or say in it: // Long because …", &found);
}

#[test]
fn nothing_tells_of_a_machine() {
    // Put together, so that this file does not find itself.
    let marks: Vec<String> = ["wo|rk/", "ro|ot/", "home/|runner", "Us|ers/"]
        .iter()
        .map(|m| format!("/{}", m.replace('|', "")))
        .collect();
    let hosts: Vec<String> = [
        "static.crates|.io",
        "index.crates|.io",
        "registry.npm|js.org",
        "files.python|hosted.org",
        "deb.debian|.org",
    ]
    .iter()
    .map(|h| h.replace('|', ""))
    .collect();
    let mut found = Vec::new();
    for path in files() {
        // What is no text holds no path that anyone reads.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let absolute = |mark: &String| {
                line.match_indices(mark.as_str()).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-*})>".contains(c))
                })
            };
            if marks.iter().any(absolute) || hosts.iter().any(|host| line.contains(host.as_str())) {
                found.push(format!("{}:{}: {}", short(&path), number + 1, line.trim()));
            }
        }
    }
    assert_none("paths and hosts of one machine mean nothing on another", &found);
}

/// The glossary's table: word → words that would be a second name for it.
fn glossary() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("docs/glossary.md")).expect("docs/glossary.md");
    let rows = text.lines().filter(|line| line.starts_with("| **"));
    let cells =
        rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| {
            let others = cells.get(2).copied().unwrap_or_default().split(',');
            let others =
                others.map(|w| w.trim().to_lowercase()).filter(|w| !w.is_empty() && w != "—");
            (cells[0].trim_matches('*').to_owned(), others.collect())
        })
        .collect()
}

#[test]
fn one_word_for_each_concept() {
    let glossary = glossary();
    let wanted = [
        "source", "scope", "catalog", "object", "kind", "edge", "change", "step", "group", "plan",
        "hazard", "shadow",
    ];
    for word in wanted {
        assert!(glossary.contains_key(word), "docs/glossary.md does not explain {word:?}");
    }
    let mut found = Vec::new();
    for (path, text) in with_extension("md") {
        if !(path == "README.md" || path == "ARCHITECTURE.md" || path.starts_with("docs/"))
            || path == "docs/glossary.md"
        {
            continue;
        }
        let mut quoted = false;
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                quoted = !quoted;
            }
            // Code and quotations speak of other tools in their words.
            if quoted {
                continue;
            }
            let prose: String =
                line.split('`').step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
            for (word, others) in &glossary {
                for other in others {
                    if contains_word(&prose, other) {
                        found.push(format!(
                            "{path}:{}: {other:?}; the glossary says {word:?}",
                            number + 1
                        ));
                    }
                }
            }
        }
    }
    assert_none("one word per concept (docs/glossary.md)", &found);
}

fn contains_word(text: &str, word: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        edge(text[..at].chars().next_back()) && edge(text[at + word.len()..].chars().next())
    })
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let mut found = Vec::new();
    for (path, text) in with_extension("md") {
        let folder = root().join(&path).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !folder.join(file).exists() {
                found.push(format!("{path}: {link}"));
            }
        }
    }
    assert_none("links that lead nowhere", &found);
}

/// Which outside crates a crate of ours may use: it exists to fence them off.
const FENCES: [(&str, &[&str]); 5] = [
    ("ordain-model", &["globset", "serde", "serde_json", "sha2", "thiserror"]),
    (
        "ordain-introspect",
        &[
            "postgres",
            "tokio-postgres-rustls",
            "rustls",
            "rustls-native-certs",
            "thiserror",
            "whoami",
        ],
    ),
    ("ordain-planner", &["petgraph", "thiserror"]),
    ("ordain-review", &["similar", "serde", "serde_json", "thiserror", "anstyle"]),
    ("ordain-apply", &["postgres", "thiserror"]),
];

/// Which crates of ours a crate may use.
const LAYERS: [(&str, &[&str]); 6] = [
    ("ordain-model", &[]),
    ("ordain-introspect", &["ordain-model"]),
    ("ordain-load", &["ordain-model", "ordain-introspect"]),
    ("ordain-planner", &["ordain-model"]),
    ("ordain-review", &["ordain-model"]),
    ("ordain-apply", &["ordain-model", "ordain-introspect"]),
];

#[test]
fn dependencies_keep_to_their_crates() {
    let metadata = metadata();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let used: BTreeSet<_> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["kind"].is_null())
            .map(|d| d["name"].as_str().unwrap())
            .collect();
        let (ours, outside): (Vec<_>, Vec<_>) =
            used.into_iter().partition(|d| d.starts_with("ordain-"));
        for (list, used) in [(&LAYERS[..], ours), (&FENCES[..], outside)] {
            if let Some((_, allowed)) = list.iter().find(|(of, _)| *of == name) {
                let wrong = used.iter().filter(|u| !allowed.contains(u));
                found.extend(wrong.map(|u| format!("{name} uses {u}")));
            }
        }
    }
    assert_none("each crate fences off what it may use (ARCHITECTURE.md)", &found);
}

#[test]
fn dependencies_are_licensed_and_from_the_registry() {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = rules.split("\nallow = [").nth(1).unwrap().split(']').next().unwrap();
    let allowed: BTreeSet<_> = list.split('"').skip(1).step_by(2).collect();
    let is_allowed = |expression: &str| {
        expression.split(" AND ").all(|part| {
            let part = part.trim().trim_matches(['(', ')']);
            part.split(" OR ").flat_map(|p| p.split('/')).any(|one| allowed.contains(one.trim()))
        })
    };
    let mut found = Vec::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let name = format!(
            "{} {}",
            package["name"].as_str().unwrap(),
            package["version"].as_str().unwrap()
        );
        let Some(source) = package["source"].as_str() else { continue };
        if !source.starts_with("registry+") && !source.starts_with("sparse+") {
            found.push(format!("{name} comes from {source}"));
        }
        let license = package["license"].as_str().unwrap_or_default();
        if !is_allowed(license) {
            found.push(format!("{name}: licence {license:?}"));
        }
    }
    assert_none("what deny.toml allows", &found);
}

/// What cargo knows of this workspace and all that it is built from.
fn metadata() -> serde_json::Value {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let out = cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}
