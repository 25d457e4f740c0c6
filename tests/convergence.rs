//! Random pairs of schemas: the plan applies, `pg_dump` says the same, a second plan is empty, and so does the way back.
//!
//! `ORDAIN_FUZZ_SECONDS` (else a fixed, short number of seeds) and `ORDAIN_FUZZ_SEED` (the first seed, or the one to repeat) are what
//! `scripts/fuzz` sets; a pair that fails is written to `target/fuzz/<seed>` as a case.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    fs,
    sync::Mutex,
    time::{Duration, Instant},
};

use ordain_tests::{
    Case, Ordain,
    case::{for_each, report, root, threads},
    generate,
    server::shared,
};

/// In every test run: the seeds up to this one.
const SHORT: u64 = 40;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_pairs_converge() {
    let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
    let server = shared();
    let seconds = number("ORDAIN_FUZZ_SECONDS").map(Duration::from_secs);
    let first = number("ORDAIN_FUZZ_SEED").unwrap_or(1);
    let count = match seconds {
        Some(_) => 1_000_000,
        None if number("ORDAIN_FUZZ_SEED").is_some() => 1,
        None => SHORT,
    };
    let began = Instant::now();
    let refusals = Mutex::new(Vec::new());
    let done = Mutex::new(0_usize);
    let seeds: Vec<u64> = (first..first + count).collect();
    let failures = for_each(
        &seeds,
        threads(),
        |seed| format!("seed {seed}"),
        |seed| {
            if seconds.is_some_and(|limit| began.elapsed() > limit) {
                return Ok(());
            }
            let folder = tempfile::tempdir().unwrap();
            let case = written(*seed, folder.path());
            *done.lock().unwrap() += 1;
            match case.judge(&ordain, server) {
                Ok(outcome) => {
                    if let Some(why) = outcome.refused {
                        refusals.lock().unwrap().push((*seed, why));
                    }
                    Ok(())
                }
                Err(message) => {
                    let kept = root().join("target/fuzz").join(seed.to_string());
                    fs::create_dir_all(&kept).unwrap();
                    written(*seed, &kept);
                    if seconds.is_some() {
                        println!(
                            "seed {seed}: {}",
                            message.lines().take(12).collect::<Vec<_>>().join("\n    ")
                        );
                    }
                    Err(format!(
                        "{message}\n(from.sql, to.sql and rows.sql are in {})",
                        kept.display()
                    ))
                }
            }
        },
    );
    let (done, refusals) = (done.into_inner().unwrap(), refusals.into_inner().unwrap());
    println!("{done} pairs, {} of them refused", refusals.len());
    report("random pairs", done, &failures);
    // A generator whose pairs are mostly refused tests nothing.
    assert!(
        refusals.len() * 2 <= done.max(1) || done < 20,
        "{} of {done} were refused: {refusals:#?}",
        refusals.len()
    );
}

fn written(seed: u64, folder: &std::path::Path) -> Case {
    let pair = generate::pair(seed);
    for (file, text) in [("from.sql", &pair.from), ("to.sql", &pair.to), ("rows.sql", &pair.rows)] {
        fs::write(folder.join(file), text).unwrap();
    }
    Case {
        name: format!("seed {seed}"),
        dir: folder.to_owned(),
        from: folder.join("from.sql"),
        to: folder.join("to.sql"),
        // Every second pair has rows: then data may stand in the way of the plan, which must say so.
        rows: seed.is_multiple_of(2).then(|| folder.join("rows.sql")),
        may_be_refused: true,
        ..Case::default()
    }
}
