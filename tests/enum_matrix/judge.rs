//! A pair of schemas with rows: planned, applied, compared.

use std::{fs, path::Path};

use ordain_tests::{Database, Ordain, Run, Server, dump, rows, sqltext};
use serde_json::Value;

#[derive(Clone, Debug, Default)]
pub struct Pair {
    pub name: String,
    pub from: String,
    pub to: String,
    /// Run after `from`.
    pub rows: String,
    /// Run after `to`: the same rows as they become, where values change on purpose.
    pub rows_after: String,
    pub flags: Vec<String>,
}

pub struct Planned {
    pub run: Run,
    pub plan: Option<Value>,
}

impl Pair {
    /// What `plan` says, and nothing more done.
    pub fn plan(&self, ordain: &Ordain, database: &Database, folder: &Path) -> Planned {
        let (to, out) = (folder.join("to.sql"), folder.join("plan.json"));
        fs::write(&to, &self.to).unwrap();
        let (url, to, file) = (database.url(), to.display().to_string(), out.display().to_string());
        let mut args = vec!["plan", "--from", &url, "--to", &to, "--out", &file];
        args.extend(["--privileges", "all", "--owners", "all"]);
        args.extend(self.flags.iter().map(String::as_str));
        let run = ordain.run(&args);
        let plan = fs::read_to_string(&out).ok().map(|text| serde_json::from_str(&text).unwrap());
        Planned { run, plan }
    }

    pub fn loaded<'a>(
        server: &'a Server,
        folder: &Path,
        texts: [&str; 2],
    ) -> Result<Database<'a>, String> {
        let database = server.database();
        for text in texts {
            let file = folder.join("load.sql");
            fs::write(&file, text).unwrap();
            database.run_file(&file)?;
        }
        Ok(database)
    }

    /// The plan is applied, the result is what `to` makes, the rows are there, and a second plan is empty.
    ///
    /// # Errors
    /// What does not hold, ready to be read.
    pub fn judge(&self, ordain: &Ordain, server: &Server) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let live = Self::loaded(server, folder.path(), [&self.from, &self.rows])?;
        let goal = Self::loaded(server, folder.path(), [&self.to, &self.rows_after])?;
        let before = rows::content(&live);
        let planned = self.plan(ordain, &live, folder.path());
        let Some(plan) = planned.plan else { return Err(planned.run.told()) };
        let told = |message: String| format!("{message}\n{}", planned.run.stdout);
        let (file, url) = (folder.path().join("plan.json").display().to_string(), live.url());
        let applied = ordain.run(&["apply", &file, "--database", &url, "--allow", "all", "--yes"]);
        if applied.code != 0 {
            return Err(told(applied.told()));
        }
        if let Some(message) = sqltext::difference(&dump::schema(&goal), &dump::schema(&live)) {
            return Err(told(format!("pg_dump differs\n{message}")));
        }
        let (wanted, found) = (rows::content(&goal), rows::content(&live));
        let wrong = match self.rows_after.is_empty() {
            true => rows::losses(&before, &found, &wanted),
            false => rows::differences(&wanted, &found),
        };
        if !wrong.is_empty() {
            return Err(told(wrong.join("; ")));
        }
        let again = Self { flags: Vec::new(), ..self.clone() }.plan(ordain, &live, folder.path());
        match again.plan.as_ref().and_then(|plan| plan["groups"].as_array()).map(Vec::len) {
            Some(0) => Ok(plan),
            _ => Err(told(format!("a second plan is not empty\n{}", again.run.told()))),
        }
    }
}
