//! Templates of what depends on an enum: `dependents/*.sql`.
//!
//! A file defines objects in a schema of its own, `@S`, on the search_path; the type is `@E`. Labels are written as
//! their part in the transition: `%new`, `%open` and `%done` are there before and after (perhaps renamed), `%use` is
//! `%new` before and, where the transition adds a label, that one afterwards; `%gone`, in rows only, is the label that
//! may go. Lines that begin with `-- @` divide the file:
//!
//! - `-- @rows`: rows follow; `-- @gone`: rows with `%gone` follow (as a value of `ROW`: `%lit_gone`)
//! - `-- @min 15`: not on older servers
//! - `-- @keys`: `%gone` stands where no NULL may come
//! - `-- @any partition`: which partition holds a row is the server's affair

use std::fs;

use ordain_tests::case::root;

#[derive(Clone, Debug, Default)]
pub struct Dependent {
    pub name: String,
    pub schema: String,
    pub rows: String,
    pub gone: String,
    pub min_version: u32,
    pub keys: bool,
    pub any_partition: bool,
}

/// Those that the server can have, by name.
pub fn all(major: u32) -> Vec<Dependent> {
    let folder = root().join("tests/enum_matrix/dependents");
    let mut out: Vec<Dependent> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            read(name, &fs::read_to_string(&path).unwrap())
        })
        .filter(|dependent| dependent.min_version <= major)
        .collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn read(name: String, text: &str) -> Dependent {
    let mut dependent = Dependent { name, ..Dependent::default() };
    let mut part = 0;
    for line in text.lines() {
        match line.strip_prefix("-- @").map(str::trim) {
            Some("rows") => part = 1,
            Some("gone") => part = 2,
            Some("keys") => dependent.keys = true,
            Some("any partition") => dependent.any_partition = true,
            Some(other) => match other.strip_prefix("min ") {
                Some(version) => dependent.min_version = version.parse().unwrap(),
                None => panic!("{}: {line}", dependent.name),
            },
            None => {
                let text = [&mut dependent.schema, &mut dependent.rows, &mut dependent.gone];
                let [schema, rows, gone] = text;
                let into = [schema, rows, gone].into_iter().nth(part).unwrap();
                into.push_str(line);
                into.push('\n');
            }
        }
    }
    dependent
}
