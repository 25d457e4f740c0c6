//! A transition with some dependents: the two schemas, the rows before and after, and what must hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use ordain_tests::{Database, Ordain, Server, dump, rows, sqltext};
use serde_json::Value;

use crate::{
    dependents::Dependent,
    transitions::{Cost, Gone, Transition},
};

const SCOPE: [&str; 4] = ["--privileges", "all", "--owners", "all"];

/// What was done with the type of a dependent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    InPlace,
    TwoGroups,
    Rebuild,
}

impl Strategy {
    pub fn word(self) -> &'static str {
        match self {
            Self::InPlace => "in place",
            Self::TwoGroups => "two groups",
            Self::Rebuild => "rebuild",
        }
    }
}

pub struct Cell {
    pub name: String,
    pub transition: Transition,
    pub dependents: Vec<Dependent>,
    /// One type for all of them, instead of one each.
    pub shared: bool,
}

/// How a template is written out.
#[derive(Clone, Copy, PartialEq)]
enum As {
    /// The current schema, and the rows in it.
    Before,
    /// The desired schema, and the rows as they become.
    After,
    /// The rows that came through the transition, under the old names.
    Back,
}

impl Cell {
    pub fn new(transition: &Transition, dependents: &[&Dependent], shared: bool) -> Self {
        let all = dependents.iter().map(|d| (*d).clone()).collect::<Vec<_>>();
        let name = match all.as_slice() {
            [one] => format!("{}/{}", transition.name, one.name),
            _ => transition.name.clone(),
        };
        Self { name, transition: transition.clone(), dependents: all, shared }
    }

    fn home<'a>(&self, dependent: &'a Dependent) -> &'a str {
        if self.shared { "shared" } else { &dependent.name }
    }

    fn homes(&self) -> BTreeSet<&str> {
        self.dependents.iter().map(|d| self.home(d)).collect()
    }

    fn write(&self, template: &str, dependent: &Dependent, how: As) -> String {
        let t = &self.transition;
        let after = how == As::After;
        let name = |label: &'static str| if after { t.now(label) } else { label };
        let gone = match t.gone {
            _ if how == As::Before => Some("gone"),
            Gone::Unused | Gone::Stays => Some("gone"),
            Gone::Becomes(label) => Some(name(label)),
            Gone::Null => None,
        };
        let [old, new] = t.types(self.home(dependent));
        let (schema, r#type) = if after { new } else { old };
        let used = if after { t.added.unwrap_or(t.now("new")) } else { "new" };
        let literal = gone.map_or("NULL".to_owned(), |label| format!("'{label}'"));
        template
            .replace("%lit_gone", &literal)
            .replace("'%gone'", &literal)
            .replace("%gone", gone.unwrap_or("NULL"))
            .replace("%use", used)
            .replace("%new", name("new"))
            .replace("%open", name("open"))
            .replace("%first", name("open"))
            .replace("%done", name("done"))
            .replace("@E", &format!("{schema}.{type}"))
            .replace("@S", &dependent.name)
    }

    fn schema(&self, how: As) -> String {
        let t = &self.transition;
        let labels = if how == As::After { &t.after } else { &t.before };
        let labels: Vec<String> = labels.iter().map(|label| format!("'{label}'")).collect();
        let mut out = String::new();
        for home in self.homes() {
            let [old, new] = t.types(home);
            out.push_str(&format!("CREATE SCHEMA {home};\n"));
            if t.moved {
                out.push_str(&format!("CREATE SCHEMA {};\n", new.0));
            }
            let (schema, name) = if how == As::After { new } else { old };
            out.push_str(&format!(
                "CREATE TYPE {schema}.{name} AS ENUM ({});\n",
                labels.join(", ")
            ));
        }
        for dependent in &self.dependents {
            if self.shared {
                out.push_str(&format!("CREATE SCHEMA {};\n", dependent.name));
            }
            out.push_str(&format!("SET search_path = {};\n", dependent.name));
            out.push_str(&self.write(&dependent.schema, dependent, how));
        }
        out
    }

    fn rows(&self, how: As) -> String {
        let mut out = String::new();
        for dependent in &self.dependents {
            out.push_str(&format!("SET search_path = {};\n", dependent.name));
            out.push_str(&self.write(&dependent.rows, dependent, how));
            let goes = match self.transition.gone {
                Gone::Unused => false,
                Gone::Null => !dependent.keys,
                Gone::Stays | Gone::Becomes(_) => true,
            };
            if goes {
                out.push_str(&self.write(&dependent.gone, dependent, how));
            }
        }
        out
    }

    fn flags(&self, way: usize) -> Vec<String> {
        self.homes().iter().flat_map(|home| self.transition.flags(home)[way].clone()).collect()
    }

    /// There, and back with the rows that are there now.
    ///
    /// # Errors
    /// What does not hold, ready to be read.
    pub fn judge(
        &self,
        ordain: &Ordain,
        server: &Server,
    ) -> Result<BTreeMap<String, Strategy>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (from, to) =
            (file("from.sql", self.schema(As::Before)), file("to.sql", self.schema(As::After)));
        let loaded = |schema: &Path, rows: Option<As>| {
            let database = server.database();
            database
                .run_file(schema)
                .map_err(|e| format!("{} does not load: {e}", schema.display()))?;
            if let Some(how) = rows {
                let rows = file("rows.sql", self.rows(how));
                database.run_file(&rows).map_err(|e| format!("the rows do not load: {e}"))?;
            }
            Ok::<_, String>(database)
        };
        let keep = |e: String| {
            if let Some(kept) = std::env::var_os("ORDAIN_KEEP") {
                let kept = Path::new(&kept).join(self.name.replace('/', "__"));
                fs::create_dir_all(&kept).unwrap();
                for (name, text) in
                    [("rows.sql", self.rows(As::Before)), ("rows-after.sql", self.rows(As::After))]
                {
                    fs::write(kept.join(name), text).unwrap();
                }
                fs::copy(&from, kept.join("from.sql")).unwrap();
                fs::copy(&to, kept.join("to.sql")).unwrap();
            }
            e
        };
        let run = || {
            let live = loaded(&from, Some(As::Before))?;
            let goal = loaded(&to, Some(As::After))?;
            let plan = self.way(ordain, &live, &to, &goal, 0)?;
            let strategies = self.strategies(&plan);
            let goal = loaded(&from, Some(As::Back))?;
            self.way(ordain, &live, &from, &goal, 1)
                .map_err(|e| format!("on the way back: {e}"))?;
            Ok(strategies)
        };
        run().map_err(keep)
    }

    /// Plans, applies and compares; the plan.
    fn way(
        &self,
        ordain: &Ordain,
        live: &Database,
        to: &Path,
        goal: &Database,
        way: usize,
    ) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let (file, url, to) =
            (folder.path().join("plan.json"), live.url(), to.display().to_string());
        let before = files(live);
        let out = file.display().to_string();
        let mut args = vec!["plan", "--from", &url, "--to", &to, "--out", &out, "--format", "sql"];
        args.extend(SCOPE);
        let flags = self.flags(way);
        args.extend(flags.iter().map(String::as_str));
        if self.transition.atomic {
            args.push("--atomic");
        }
        let planned = ordain.run(&args);
        if planned.code != 0 {
            return Err(planned.told());
        }
        let with_plan = |message: String| format!("{message}\n--- the plan\n{}", planned.stdout);
        let plan: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let applied = ordain.run(&["apply", &out, "--database", &url, "--allow", "all", "--yes"]);
        if applied.code != 0 {
            return Err(with_plan(applied.told()));
        }
        if let Some(message) = sqltext::difference(&dump::schema(goal), &dump::schema(live)) {
            return Err(with_plan(format!("pg_dump differs\n{message}")));
        }
        let (mut wanted, mut found) = (rows::content(goal), rows::content(live));
        for content in [&mut wanted, &mut found] {
            content.retain(|(schema, _), table| {
                let any = self.dependents.iter().any(|d| d.any_partition && d.name == *schema);
                !any || table.parent.is_none()
            });
        }
        let wrong = rows::differences(&wanted, &found);
        if !wrong.is_empty() {
            return Err(with_plan(wrong.join("; ")));
        }
        let (wanted, found) = (filled(goal), filled(live));
        if wanted != found {
            return Err(with_plan(format!(
                "filled materialized views: {found:?} instead of {wanted:?}"
            )));
        }
        self.cheap(&plan, &before, &files(live), way).map_err(with_plan)?;
        let mut args = vec!["plan", "--from", &url, "--to", &to, "--format", "sql", "--exit-code"];
        args.extend(SCOPE);
        let again = ordain.run(&args);
        if again.code != 0 {
            return Err(with_plan(format!("a second plan is not empty\n{}", again.told())));
        }
        for step in steps(&plan) {
            if step["undo"].is_null() {
                return Err(format!("says nothing of its undo: {}", step["sql"]));
            }
        }
        Ok(plan)
    }

    fn cheap(&self, plan: &Value, before: &Files, after: &Files, way: usize) -> Result<(), String> {
        match self.transition.cost {
            Cost::NothingIsMade if way == 0 || self.transition.name != "add" => {
                let gone: Vec<&String> = before.ids.difference(&after.ids).collect();
                if before.ids != after.ids {
                    return Err(format!("made anew and need not be: {gone:?}"));
                }
            }
            Cost::NoTableIsWritten if way == 0 => {
                let written = before.tables.iter().filter(|(name, file)| {
                    !name.starts_with("generated_columns.")
                        && after.tables.get(*name).is_some_and(|f| f != *file)
                });
                let written: Vec<&String> = written.map(|(name, _)| name).collect();
                if !written.is_empty() {
                    return Err(format!("written anew: {written:?}"));
                }
            }
            _ => {}
        }
        let mut once = BTreeSet::new();
        for step in steps(plan) {
            for hazard in step["hazards"].as_array().unwrap() {
                if hazard["kind"] == "REWRITES_TABLE" && !once.insert(hazard["detail"].to_string())
                {
                    return Err(format!("more than once: {}", hazard["detail"]));
                }
            }
        }
        let groups = plan["groups"].as_array().unwrap();
        if groups.len() > 1 {
            let first = groups[0]["steps"].as_array().unwrap();
            let only = |s: &&Value| {
                let sql = s["sql"].as_str().unwrap();
                sql.starts_with("ALTER TYPE")
                    && (sql.contains(" ADD VALUE ") || sql.contains(" RENAME VALUE "))
            };
            if let Some(other) = first.iter().find(|s| !only(s)) {
                return Err(format!("in the first of two groups: {}", other["sql"]));
            }
            if groups.len() > 2 || groups[0]["reason"].is_null() {
                return Err("more than two groups, or the reason is not said".into());
            }
        }
        Ok(())
    }

    fn strategies(&self, plan: &Value) -> BTreeMap<String, Strategy> {
        let of = |dependent: &Dependent| {
            let [(schema, name), (new_schema, new_name)] =
                self.transition.types(self.home(dependent));
            let all: Vec<&str> = steps(plan).iter().map(|s| s["sql"].as_str().unwrap()).collect();
            let made = format!("CREATE TYPE {new_schema}.{new_name} AS ENUM");
            let added = format!("ALTER TYPE {schema}.{name} ADD VALUE");
            let groups = plan["groups"].as_array().unwrap();
            let first = groups[0]["steps"].as_array().unwrap();
            let early = first.iter().any(|s| s["sql"].as_str().unwrap().starts_with(&added));
            if all.iter().any(|sql| sql.starts_with(&made)) {
                Strategy::Rebuild
            } else if groups.len() > 1 && early {
                Strategy::TwoGroups
            } else {
                Strategy::InPlace
            }
        };
        self.dependents.iter().map(|d| (d.name.clone(), of(d))).collect()
    }
}

pub fn steps(plan: &Value) -> Vec<&Value> {
    let groups = plan["groups"].as_array().unwrap();
    groups.iter().flat_map(|g| g["steps"].as_array().unwrap()).collect()
}

/// Which objects and files are there.
#[derive(Debug, PartialEq)]
struct Files {
    /// Relations, types, routines, constraints: their OIDs and, of relations, their files.
    ids: BTreeSet<String>,
    /// Table → file.
    tables: BTreeMap<String, String>,
}

fn files(of: &Database) -> Files {
    let mut client = of.connect();
    let mut list = |sql: &str| -> Vec<(String, String)> {
        client.query(sql, &[]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let ids = list(
        "SELECT 'class', oid || ' ' || relfilenode || ' ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relnamespace <> 'pg_toast'::regnamespace
         UNION ALL SELECT 'type', oid::text FROM pg_type WHERE oid >= 16384
         UNION ALL SELECT 'proc', oid || ' ' || proname FROM pg_proc WHERE oid >= 16384
         UNION ALL SELECT 'constraint', oid || ' ' || conname FROM pg_constraint WHERE oid >= 16384
         UNION ALL SELECT 'rewrite', oid || ' ' || rulename FROM pg_rewrite WHERE oid >= 16384
         UNION ALL SELECT 'trigger', oid || ' ' || tgname FROM pg_trigger WHERE oid >= 16384
         UNION ALL SELECT 'policy', oid || ' ' || polname FROM pg_policy WHERE oid >= 16384
         UNION ALL SELECT 'attrdef', oid::text FROM pg_attrdef WHERE oid >= 16384
         UNION ALL SELECT 'statistics', oid::text FROM pg_statistic_ext WHERE oid >= 16384",
    );
    let tables = list(
        "SELECT n.nspname || '.' || c.relname, c.relfilenode::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND n.nspname <> 'pg_toast'",
    );
    Files {
        ids: ids.into_iter().map(|(kind, id)| format!("{kind} {id}")).collect(),
        tables: tables.into_iter().collect(),
    }
}

/// Materialised view → whether it is filled. (Both sides were filled, or not, before the rows came.)
fn filled(of: &Database) -> BTreeMap<String, bool> {
    let sql = "SELECT oid::regclass::text, relispopulated FROM pg_class WHERE relkind = 'm'";
    of.connect().query(sql, &[]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}
