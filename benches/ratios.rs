//! How fast, as ratios in one run: seconds differ between machines, ratios hardly.
//!
//! `scripts/bench` runs it; `scripts/bench quick` leaves out the 10,000 tables.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use ordain_tests::{Database, Ordain, Server, server::Options};

/// What the measured figures may be at most.
struct Limit {
    what: String,
    figure: f64,
    limit: f64,
    unit: &'static str,
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "quick");
    let settings = "shared_buffers = '256MB'\nmax_locks_per_transaction = 1024";
    let server = Server::start(&Options { settings, ..Options::default() });
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let mut limits = Vec::new();
    let sizes: &[usize] = if quick { &[200, 1000] } else { &[200, 1000, 10_000] };
    let mut all = Vec::new();
    println!(
        "{:>7} {:>10} {:>10} {:>7} {:>8} {:>10} {:>10} {:>10}",
        "tables", "pg_dump", "inspect", "ratio", "memory", "plan warm", "/ inspect", "plan cold"
    );
    for &size in sizes {
        let figures = measure(&server, &ordain, size);
        println!(
            "{size:>7} {:>8.2} s {:>8.2} s {:>7.2} {:>5.0} MB {:>8.2} s {:>10.2} {:>8.2} s",
            figures.dump,
            figures.inspect,
            figures.inspect / figures.dump,
            figures.memory,
            figures.warm,
            figures.warm / figures.inspect,
            figures.cold
        );
        let ratio = figures.inspect / figures.dump;
        match size {
            200 => limits.push(limit("plan, cold cache, 200 tables", figures.cold, 1.5, "s")),
            1000 => {
                limits.push(limit("inspect / pg_dump -s, 1,000 tables", ratio, 0.5, "×"));
                limits.push(limit(
                    "plan, warm cache / inspect, 1,000 tables",
                    figures.warm / figures.inspect,
                    1.3,
                    "×",
                ));
            }
            _ => {
                limits.push(limit("inspect / pg_dump -s, 10,000 tables", ratio, 1.0 / 3.0, "×"));
                limits.push(limit(
                    "plan, warm cache / inspect, 10,000 tables",
                    figures.warm / figures.inspect,
                    1.3,
                    "×",
                ));
                limits.push(limit("memory of inspect, 10,000 tables", figures.memory, 300.0, "MB"));
            }
        }
        all.push(figures);
    }
    if let [_, small, large] = &all[..] {
        for (what, of) in [
            ("inspect", Figures::inspect as fn(&Figures) -> f64),
            ("plan, warm cache", |f| f.warm),
            ("plan, cold cache", |f| f.cold),
        ] {
            limits.push(limit(
                &format!("{what}: 10,000 tables / 1,000"),
                of(large) / of(small),
                12.0,
                "×",
            ));
        }
    }
    println!();
    let mut missed = 0;
    for Limit { what, figure, limit, unit } in &limits {
        let good = figure <= limit;
        missed += usize::from(!good);
        println!(
            "{} {what}: {figure:.2} {unit} (at most {limit:.2})",
            if good { "ok    " } else { "MISSED" }
        );
    }
    println!("\n{} passed, {missed} failed", limits.len() - missed);
}

fn limit(what: &str, figure: f64, limit: f64, unit: &'static str) -> Limit {
    Limit { what: what.to_owned(), figure, limit, unit }
}

/// Seconds, and megabytes.
struct Figures {
    dump: f64,
    inspect: f64,
    memory: f64,
    warm: f64,
    cold: f64,
}

impl Figures {
    fn inspect(&self) -> f64 {
        self.inspect
    }
}

fn measure(server: &Server, ordain: &Ordain, size: usize) -> Figures {
    let database = server.database();
    fill(&database, size);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let url = database.url();
    let times = 5;
    let dump = best(times, || {
        let mut dump = database.client_program("pg_dump");
        run(dump.args(["--schema-only", "-f", &path("dump.sql")])).0
    });
    let mut memory: f64 = 0.0;
    let inspect = best(times, || {
        let (time, most) = run(&mut ordain.command(&[
            "inspect",
            &url,
            "--format",
            "json",
            "--out",
            &path("snapshot.json"),
        ]));
        memory = memory.max(most);
        time
    });
    // The desired state: what is there, and a few changes.
    let mut desired = fs::read_to_string(path("dump.sql")).unwrap();
    desired.push_str("\nALTER TABLE public.t1 ADD COLUMN added text;\nCREATE TABLE public.added (id integer PRIMARY KEY REFERENCES public.t2);\n");
    fs::write(path("to.sql"), desired).unwrap();
    let plan = ["plan", "--from", &url, "--to", &path("to.sql"), "--out", &path("plan.json")]
        .map(str::to_owned);
    let cold = best(if size > 5000 { 1 } else { 3 }, || {
        let mut args = plan.to_vec();
        args.push("--no-cache".into());
        run(&mut ordain.command(&args)).0
    });
    run(&mut ordain.command(&plan));
    let warm = best(times, || run(&mut ordain.command(&plan)).0);
    Figures { dump, inspect, memory, warm, cold }
}

/// The shape that all figures are about: five columns, identity key, foreign key, enum, check, an index a table, a view for
/// every tenth and a function for every twentieth table.
fn fill(database: &Database, size: usize) {
    let mut client = database.connect();
    client.batch_execute("CREATE TYPE state AS ENUM ('new', 'open', 'closed')").unwrap();
    for chunk in (1..=size).collect::<Vec<_>>().chunks(50) {
        let mut sql = String::new();
        for &n in chunk {
            let target = if n > 1 { n - 1 } else { 1 };
            sql.push_str(&format!(
                "CREATE TABLE t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id bigint REFERENCES t{target}, state state DEFAULT 'new' NOT NULL, \
                 name text, amount integer CHECK (amount > 0));\nCREATE INDEX t{n}_name ON t{n} (name);\n"
            ));
            if n % 10 == 0 {
                sql.push_str(&format!(
                    "CREATE VIEW v{n} AS SELECT id, name, state FROM t{n} WHERE state = 'open';\n"
                ));
            }
            if n % 20 == 0 {
                sql.push_str(&format!("CREATE FUNCTION f{n}(a integer) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) + a FROM t{n} $$;\n"));
            }
        }
        client.batch_execute(&sql).unwrap();
    }
    client.batch_execute("VACUUM ANALYZE").unwrap();
}

fn best(times: usize, mut once: impl FnMut() -> f64) -> f64 {
    (0..times).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Seconds, and the most memory that the process had, in megabytes.
fn run(command: &mut Command) -> (f64, f64) {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut most: f64 = 0.0;
    let code = loop {
        if let Some(kilobytes) = fs::read_to_string(&status).ok().and_then(|text| peak(&text)) {
            most = most.max(kilobytes / 1024.0);
        }
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let time = began.elapsed().as_secs_f64();
    if !code.success() {
        let mut message = String::new();
        let _ = std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut message);
        panic!("{command:?}: {message}");
    }
    (time, most)
}

/// The high-water mark of a process.
fn peak(status: &str) -> Option<f64> {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .trim()
        .split(' ')
        .next()?
        .parse()
        .ok()
}
