//! Models of SQLAlchemy, there and back. The referee is `pg_dump` of a database that SQLAlchemy itself made.
//!
//! `fixtures/sqlalchemy/<case>/` holds `before.py` and `after.py`, each with a `metadata`, and where it matters
//! - `first.sql`: run before the models are created, on both sides; `hand.sql`: run after that; ordain must leave alone
//!   what either made,
//! - `rows.sql`: run before the plan is applied,
//! - `meta.json`: `flags` of the way there, `back_flags` of the way back, `needs` (a version of SQLAlchemy),
//!   `refused` (what is said instead of a plan), `one_way`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ordain_tests::{
    Database, Run,
    case::{folders, for_each, report, root, threads},
    dump,
    python::program,
    rows, sqltext, tools,
};

use crate::World;

struct Case {
    name: String,
    dir: PathBuf,
    flags: Vec<String>,
    back_flags: Vec<String>,
    needs: (u32, u32),
    refused: Option<String>,
    one_way: bool,
}

impl Case {
    fn read(dir: &Path) -> Self {
        let text = fs::read_to_string(dir.join("meta.json")).unwrap_or("{}".into());
        let meta: serde_json::Value = serde_json::from_str(&text).unwrap();
        let list = |key: &str| -> Vec<String> {
            let items = meta[key].as_array().into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let needs = meta["needs"].as_str().unwrap_or("1.4").split_once('.').unwrap();
        Self {
            name: dir.file_name().unwrap().to_string_lossy().into_owned(),
            dir: dir.to_owned(),
            flags: list("flags"),
            back_flags: list("back_flags"),
            needs: (needs.0.parse().unwrap(), needs.1.parse().unwrap()),
            refused: meta["refused"].as_str().map(str::to_owned),
            one_way: meta["one_way"] == true,
        }
    }

    fn run_file(&self, database: &Database, name: &str) -> Result<(), String> {
        let file = self.dir.join(name);
        if !file.exists() {
            return Ok(());
        }
        database.run_file(&file).map_err(|e| format!("{name} does not load: {e}"))
    }
}

fn cases(version: (u32, u32)) -> Vec<Case> {
    let only = std::env::var("ORDAIN_CASE").unwrap_or_default();
    let all = folders(&root().join("fixtures/sqlalchemy"));
    all.iter()
        .map(|dir| Case::read(dir))
        .filter(|c| c.name.contains(&only) && c.needs <= version)
        .collect()
}

impl World {
    /// A database as `metadata.create_all` makes it, with what was made by hand around it.
    fn created(&self, case: &Case, module: &str) -> Result<Database<'static>, String> {
        let database = self.server.database();
        case.run_file(&database, "first.sql")?;
        let mut python = program(&self.environment, "python");
        python.arg(root().join("tests/python/create.py")).args([&database.url(), module]);
        let out = tools::run(python.current_dir(&case.dir));
        if !out.status.success() {
            return Err(format!("create_all of {module}: {}", tools::text(&out.stderr)));
        }
        case.run_file(&database, "hand.sql")?;
        Ok(database)
    }

    fn compare(
        &self,
        case: &Case,
        command: &str,
        of: &Database,
        module: &str,
        more: &[String],
    ) -> Run {
        let (url, to) = (of.url(), format!("sqlalchemy:{module}:metadata"));
        let mut args = vec![command, "--from", &url, "--to", &to];
        args.extend(more.iter().map(String::as_str));
        self.run(&case.dir, &args)
    }

    /// From a database to models: the plan is applied, and nothing is left to do.
    fn go(
        &self,
        case: &Case,
        of: &Database,
        module: &str,
        flags: &[String],
        goal: &[String],
    ) -> Result<(), String> {
        let before = rows::content(of);
        let mut all: Vec<String> = ["--yes", "--allow", "all"].map(str::to_owned).to_vec();
        all.extend(flags.iter().cloned());
        let applied = self.compare(case, "apply", of, module, &all);
        if applied.code != 0 {
            return Err(applied.told());
        }
        if let Some(message) = sqltext::difference(goal, &dump::schema(of)) {
            return Err(format!("pg_dump differs\n{message}--- the plan\n{}", applied.stdout));
        }
        for (table, content) in rows::content(of) {
            let old = before.get(&table).map_or(content.rows, |old| old.rows);
            if content.rows != old {
                return Err(format!("{table:?} had {old} rows and has {}", content.rows));
            }
        }
        let again = self.compare(case, "plan", of, module, &["--exit-code".to_owned()]);
        match again.code {
            0 => Ok(()),
            _ => Err(format!(
                "a second plan is not empty\n{}--- the first\n{}",
                again.told(),
                applied.stdout
            )),
        }
    }

    fn judge(&self, case: &Case, and_back: bool) -> Result<(), String> {
        let now = self.created(case, "before")?;
        let goal = dump::schema(&self.created(case, "after")?);
        case.run_file(&now, "rows.sql")?;
        if let Some(words) = &case.refused {
            let refused = self.compare(case, "plan", &now, "after", &case.flags);
            let said = refused.stderr.contains(words.as_str());
            return if refused.code == 3 && said { Ok(()) } else { Err(refused.told()) };
        }
        let old = dump::schema(&now);
        self.go(case, &now, "after", &case.flags, &goal)?;
        if case.one_way || !and_back {
            return Ok(());
        }
        // Ends in a plan for the models that the database was made from: models without a change have none.
        self.go(case, &now, "before", &case.back_flags, &old)
            .map_err(|e| format!("on the way back: {e}"))
    }
}

fn all_converge(environment: &str, version: (u32, u32), and_back: bool) {
    let world = World::new(environment);
    let cases = cases(version);
    let failures =
        for_each(&cases, threads(), |case| case.name.clone(), |case| world.judge(case, and_back));
    report(&format!("models with SQLAlchemy {}.{}", version.0, version.1), cases.len(), &failures);
}

#[test]
fn models_of_the_newest_sqlalchemy_converge() {
    all_converge("models", (9, 9), true);
}

#[test]
fn models_of_sqlalchemy_2_0_converge() {
    all_converge("middle", (2, 0), false);
}

#[test]
fn models_of_sqlalchemy_1_4_converge() {
    all_converge("old", (1, 4), false);
}
