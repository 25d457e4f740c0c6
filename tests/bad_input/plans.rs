//! Plan files, and what stands in the way of applying them.

use super::{Bad, KEEP};

/// A schema with one table more.
const MORE: &str = "CREATE TABLE public.keep (id integer PRIMARY KEY, name text);\nCREATE TABLE public.more (id integer);\n";
const PLAN: &str = "plan --from {url} --to {dir}/schema.sql --out {dir}/plan.json";
const APPLY: &str = "apply {dir}/plan.json --database {url} --yes";

pub fn cases() -> Vec<Bad> {
    let made = |name, run, code, says: &[&'static str]| {
        Bad::new(name, run, code, says).file("schema.sql", MORE).before(PLAN)
    };
    vec![
        Bad::new("no such plan", APPLY, 1, &["plan.json"]),
        Bad::new("a folder for a plan", "apply {dir} --database {url} --yes", 1, &["{dir}"]),
        Bad::new("a plan that is no JSON", APPLY, 1, &["plan.json"]).file("plan.json", "BEGIN; DROP TABLE keep; COMMIT;"),
        Bad::new("a plan cut short", APPLY, 1, &["plan.json"]).file("plan.json", "{\"format\": 1, \"groups\": ["),
        Bad::new("JSON that is no plan", APPLY, 1, &["plan.json", "plan"]).file("plan.json", "{\"name\": \"app\"}"),
        Bad::new("a plan of a later format", APPLY, 1, &["plan.json", "99"]).file("plan.json", "{\"format\": 99, \"groups\": []}"),
        Bad::new("review of no plan", "review {dir}/plan.json", 1, &["plan.json"]).file("plan.json", "[]"),
        made("a plan for another database", "apply {dir}/plan.json --database {other} --yes", 3, &["not as it was when the plan was made"]),
        made("the schema changed since", APPLY, 3, &["not as it was when the plan was made"]).meanwhile("ALTER TABLE public.keep ADD COLUMN late integer"),
        made("nobody to ask", "apply {dir}/plan.json --database {url}", 3, &["--yes"]),
        made("no database to apply to", "apply {dir}/plan.json --yes", 1, &["--database"]),
        made("no rights", "apply {dir}/plan.json --database {reader} --yes", 1, &["permission denied"]),
        made("an unknown hazard", "apply {dir}/plan.json --database {url} --yes --allow EVERYTHING", 1, &["EVERYTHING", "DELETES_DATA"]),
        Bad::new("data would be deleted", APPLY, 3, &["DELETES_DATA", "--allow"]).file("schema.sql", "SELECT 1;\n").before(PLAN),
        Bad::new("a policy would go", APPLY, 3, &["LOOSENS_ACCESS", "--allow"])
            .live("ALTER TABLE public.keep ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON public.keep USING (id = 1)")
            .file("schema.sql", KEEP)
            .before(PLAN),
        Bad::new("a precheck that fails later", APPLY, 3, &["null"])
            .live("CREATE TABLE public.t (a integer)")
            .file("schema.sql", format!("{KEEP}CREATE TABLE public.t (a integer NOT NULL);\n"))
            .before(PLAN)
            .meanwhile("INSERT INTO public.t VALUES (NULL)"),
        Bad::new("an owner that the server does not know", "apply --from {url} --to {dir}/schema.sql --yes", 1, &["\"nobody_here\" does not exist"])
            .file("schema.sql", format!("{KEEP}CREATE TABLE public.t (a integer);\nALTER TABLE public.t OWNER TO nobody_here;\n")),
    ]
}
