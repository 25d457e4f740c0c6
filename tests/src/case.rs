//! One pair of schemas, taken there and back on a real server.
//!
//! `fixtures/<kind>/<case>/` holds `from.sql`, `to.sql`, and where it matters
//! - `rows.sql`: run after `from.sql`; what stays must still be there afterwards,
//! - `rows-after.sql`: the same rows as they must be in the desired schema, where values change on purpose,
//! - `plan.sql`: what the plan must say (written by `UPDATE_GOLDEN=1`),
//! - `expect.txt`: the plan is refused (exit 3), and says each line of this file; `expect-reverse.txt` likewise for the way back,
//! - `meta.json`: `roles` that exist beforehand, `min_version`, `flags` of the way there, `reverse_flags`,
//!   `any_order` (the files do not run as they stand).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{
    Database, Ordain, Run, Server, dump,
    rows::{self, Content},
    sqltext,
};

/// What is compared: everything.
const SCOPE: [&str; 4] = ["--privileges", "all", "--owners", "all"];

#[derive(Debug, Default, Clone)]
pub struct Case {
    /// `kind/case`
    pub name: String,
    pub dir: PathBuf,
    pub from: PathBuf,
    pub to: PathBuf,
    pub rows: Option<PathBuf>,
    pub rows_after: Option<PathBuf>,
    pub flags: Vec<String>,
    pub reverse_flags: Vec<String>,
    pub roles: Vec<String>,
    pub min_version: u32,
    pub any_order: bool,
    pub expect: Option<String>,
    pub expect_reverse: Option<String>,
    /// A refusal is a fair answer too (random pairs): nothing may have changed then.
    pub may_be_refused: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// `plan --format sql` of the way there.
    pub sql: String,
    /// Why it was refused, where it was.
    pub refused: Option<String>,
    pub reverse_refused: Option<String>,
    /// `diff` of the way there: `+ table public.t …`, `~ comment …`.
    pub changes: String,
}

/// Every case of a folder of kinds, sorted. `ORDAIN_CASE` keeps those whose name contains it, or one of several with commas between.
pub fn all(fixtures: &Path) -> Vec<Case> {
    let only = std::env::var("ORDAIN_CASE").unwrap_or_default();
    let mut out = Vec::new();
    for kind in folders(fixtures) {
        for dir in folders(&kind) {
            if dir.join("from.sql").exists() {
                let case = Case::read(&dir);
                if only.split(',').any(|word| case.name.contains(word)) {
                    out.push(case);
                }
            }
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

pub fn folders(of: &Path) -> Vec<PathBuf> {
    let mut out: Vec<_> = fs::read_dir(of)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .collect();
    out.sort();
    out
}

impl Case {
    fn read(dir: &Path) -> Self {
        let file = |name: &str| Some(dir.join(name)).filter(|p| p.exists());
        let text = |name: &str| file(name).map(|p| fs::read_to_string(p).unwrap());
        let meta: serde_json::Value = text("meta.json").map_or(serde_json::Value::Null, |t| {
            serde_json::from_str(&t).unwrap_or_else(|e| panic!("{}/meta.json: {e}", dir.display()))
        });
        let list = |key: &str| -> Vec<String> {
            let items = meta[key].as_array().into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let words: Vec<_> = dir.iter().rev().take(2).map(|w| w.to_string_lossy()).collect();
        Self {
            name: format!("{}/{}", words[1], words[0]),
            from: dir.join("from.sql"),
            to: dir.join("to.sql"),
            rows: file("rows.sql"),
            rows_after: file("rows-after.sql"),
            flags: list("flags"),
            reverse_flags: list("reverse_flags"),
            roles: list("roles"),
            min_version: meta["min_version"]
                .as_u64()
                .or_else(|| meta["min_version"].as_str().and_then(|v| v.parse().ok()))
                .unwrap_or(0) as u32,
            any_order: meta["any_order"] == serde_json::Value::Bool(true),
            expect: text("expect.txt"),
            expect_reverse: text("expect-reverse.txt"),
            dir: dir.to_owned(),
            may_be_refused: false,
        }
    }

    /// There and back: the plan is applied, `pg_dump` says the same as of a server built from the other file,
    /// `check` finds nothing left, and rows are kept. A refusal leaves everything as it was.
    ///
    /// # Errors
    /// What is wrong, ready to be read.
    pub fn judge(&self, ordain: &Ordain, server: &Server) -> Result<Outcome, String> {
        self.make_roles(server);
        let (a, b) = (server.database(), server.database());
        self.load(&a, &self.from)?;
        self.load(&b, &self.to)?;
        if let Some(file) = &self.rows {
            a.run_file(file).map_err(|e| format!("rows.sql does not load: {e}"))?;
        }
        let (old, goal) = (dump::schema(&a), dump::schema(&b));
        let mut goal_content = rows::content(&b);
        if let Some(file) = &self.rows_after {
            let filled = server.copy(&b);
            filled.run_file(file).map_err(|e| format!("rows-after.sql does not load: {e}"))?;
            goal_content = rows::content(&filled);
        }
        let (url, to) = (a.url(), self.to.display().to_string());
        let args = ["diff", "--from", &url, "--to", &to, "--privileges", "all", "--owners", "all"];
        let changes = ordain.run(&args).stdout;
        let there =
            Way { ordain, database: &a, to: &self.to, flags: &self.flags, old: &old, goal: &goal };
        let (sql, refused) =
            there.go(self.expect.as_deref(), self.may_be_refused, &goal_content)?;
        if self.rows_after.is_some() && refused.is_none() {
            let wrong = rows::differences(&goal_content, &rows::content(&a));
            if !wrong.is_empty() {
                return Err(format!(
                    "not as rows-after.sql says: {}\n--- the plan\n{sql}",
                    wrong.join("; ")
                ));
            }
        }
        let back = Way {
            ordain,
            database: &b,
            to: &self.from,
            flags: &self.reverse_flags,
            old: &goal,
            goal: &old,
        };
        let reverse = back.go(self.expect_reverse.as_deref(), self.may_be_refused, &Content::new());
        let (_, reverse_refused) = reverse.map_err(|e| format!("on the way back: {e}"))?;
        Ok(Outcome { sql, refused, reverse_refused, changes })
    }

    /// Makes the roles that the case needs, where they are not there yet.
    pub fn make_roles(&self, server: &Server) {
        for role in &self.roles {
            server.admin(&format!(
                "DO $$ BEGIN CREATE ROLE {0}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
                rows::quote(role)
            ));
        }
    }

    fn load(&self, into: &Database, file: &Path) -> Result<(), String> {
        let shown = file.file_name().unwrap_or_default().to_string_lossy();
        let loaded = if self.any_order {
            fs::read_to_string(file)
                .map_err(|e| e.to_string())
                .and_then(|text| load_any_order(into, &text))
        } else {
            into.run_file(file)
        };
        loaded.map_err(|e| format!("{shown} does not load: {e}"))
    }
}

/// Statements that need each other in any order: what failed is tried again as long as something succeeds.
fn load_any_order(into: &Database, text: &str) -> Result<(), String> {
    let mut client = into.connect();
    let mut left = sqltext::statements(text);
    while !left.is_empty() {
        let before = left.len();
        let mut error = String::new();
        left.retain(|statement| {
            let run = client.batch_execute(statement);
            error = run.as_ref().err().map_or(String::new(), |e| format!("{e:?}"));
            run.is_err()
        });
        if left.len() == before {
            return Err(error);
        }
    }
    Ok(())
}

/// From one database to one file.
struct Way<'a> {
    ordain: &'a Ordain,
    database: &'a Database<'a>,
    to: &'a Path,
    flags: &'a [String],
    old: &'a [String],
    goal: &'a [String],
}

impl Way<'_> {
    fn go(
        &self,
        expect: Option<&str>,
        may_be_refused: bool,
        goal_content: &Content,
    ) -> Result<(String, Option<String>), String> {
        let before = rows::content(self.database);
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan.json").display().to_string();
        let url = self.database.url();
        let to = self.to.display().to_string();
        let mut args = vec!["plan", "--from", &url, "--to", &to, "--out", &plan, "--format", "sql"];
        args.extend(SCOPE);
        args.extend(self.flags.iter().map(String::as_str));
        let planned = self.ordain.run(&args);
        if planned.code == 3 && (expect.is_some() || may_be_refused) {
            self.unchanged(&before)?;
            if Path::new(&plan).exists() {
                return Err(format!("a refused plan wrote --out\n{}", planned.told()));
            }
            said(&planned, expect.unwrap_or_default())?;
            return Ok((planned.stdout, Some(planned.stderr)));
        }
        if expect.is_some() && planned.code == 0 {
            return Err(format!("expected to be refused\n{}", planned.told()));
        }
        succeeded(&planned)?;
        let applied =
            self.ordain.run(&["apply", &plan, "--database", &url, "--allow", "all", "--yes"]);
        if applied.code == 1
            && may_be_refused
            && planned.stdout.contains("MAY_FAIL_ON_DATA")
            && is_about_data(&applied)
        {
            self.unchanged(&before)?;
            return Ok((planned.stdout, Some(applied.stderr)));
        }
        succeeded(&applied).map_err(|e| format!("{e}\n--- the plan\n{}", planned.stdout))?;
        if let Some(message) = sqltext::difference(self.goal, &dump::schema(self.database)) {
            return Err(format!("pg_dump differs\n{message}--- the plan\n{}", planned.stdout));
        }
        let filled = goal_content.values().any(|table| table.rows > 0);
        let after = rows::content(self.database);
        let lost = if filled { Vec::new() } else { rows::losses(&before, &after, goal_content) };
        if !lost.is_empty() {
            return Err(format!("lost: {}\n--- the plan\n{}", lost.join("; "), planned.stdout));
        }
        let mut args = vec!["plan", "--from", &url, "--to", &to, "--format", "sql", "--exit-code"];
        args.extend(SCOPE);
        let again = self.ordain.run(&args);
        if again.code != 0 {
            let told = again.told();
            return Err(format!(
                "a second plan is not empty\n{told}\n--- the first plan\n{}",
                planned.stdout
            ));
        }
        Ok((planned.stdout, None))
    }

    fn unchanged(&self, before: &Content) -> Result<(), String> {
        if let Some(message) = sqltext::difference(self.old, &dump::schema(self.database)) {
            return Err(format!("refused, and the schema changed all the same\n{message}"));
        }
        if *before != rows::content(self.database) {
            return Err("refused, and rows changed all the same".into());
        }
        Ok(())
    }
}

/// Whether a statement failed on a value, as its hazard said it may (SQLSTATE class 22, 23).
fn is_about_data(run: &Run) -> bool {
    ["(22", "(23"].iter().any(|class| run.stderr.contains(class))
}

fn succeeded(run: &Run) -> Result<(), String> {
    if run.code == 0 { Ok(()) } else { Err(run.told()) }
}

/// Every line of `expect` was printed.
fn said(run: &Run, expect: &str) -> Result<(), String> {
    for line in expect.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !run.stderr.contains(line) && !run.stdout.contains(line) {
            return Err(format!("did not say {line:?}\n{}", run.told()));
        }
    }
    Ok(())
}

/// Does `work` for every item on `threads` threads; what failed, sorted by name.
pub fn for_each<T: Sync>(
    items: &[T],
    threads: usize,
    name: impl Fn(&T) -> String + Sync,
    work: impl Fn(&T) -> Result<(), String> + Sync,
) -> Vec<(String, String)> {
    let next = Mutex::new(items.iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    // a statement of its own: the lock is not held while the item is worked on
                    let item = next.lock().unwrap().next();
                    let Some(item) = item else { break };
                    let outcome =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item)));
                    let outcome = outcome.unwrap_or_else(|panic| Err(panic_text(panic.as_ref())));
                    if let Err(message) = outcome {
                        println!("failed: {}", name(item));
                        failures.lock().unwrap().push((name(item), message));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "panicked".into())
}

/// Panics with all failures, one after the other, and their names last.
pub fn report(what: &str, total: usize, failures: &[(String, String)]) {
    if failures.is_empty() {
        println!("{what}: {total} cases");
        return;
    }
    let mut message = String::new();
    for (name, why) in failures {
        message.push_str(&format!("\n===== {name}\n{why}\n"));
    }
    let names: Vec<_> = failures.iter().map(|(name, _)| format!("  {name}")).collect();
    panic!(
        "{message}\n{} of {total} cases of {what} failed:\n{}",
        failures.len(),
        names.join("\n")
    );
}

/// As many as there are processors.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).min(4)
}

/// The root of the repository, seen from the crate whose tests run.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
