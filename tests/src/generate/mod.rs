//! Random schemas and random changes to them, the same for the same seed.
//!
//! [`schema::Schema`] is a small model of a schema in which every reference is a name; [`mutate`] changes it at random
//! and [`repair`] then removes what refers to nothing; [`sql`] writes it, and rows for it, as SQL.

mod add;
mod choose;
mod mutate;
mod random;
mod repair;
mod schema;
mod sql;

pub use random::Rng;
pub use schema::Schema;

/// Two schemas as SQL, and rows for the first one.
pub struct Pair {
    pub from: String,
    pub to: String,
    pub rows: String,
}

/// Half of the seeds are a schema and a few changes to it, as in life; the others change nearly everything.
pub fn pair(seed: u64) -> Pair {
    let mut rng = Rng::new(seed);
    let from = mutate::schema(&mut rng);
    let mut to = from.clone();
    let changes = if seed % 4 == 3 { 40 } else { 1 + rng.below(8) };
    for _ in 0..changes {
        mutate::change(&mut to, &mut rng);
    }
    repair::repair(&mut to);
    if seed % 8 == 7 {
        to = mutate::schema(&mut rng);
    }
    Pair { rows: sql::rows(&from, &mut rng), from: sql::script(&from), to: sql::script(&to) }
}

#[cfg(test)]
mod tests {
    use crate::server::shared;

    #[test]
    fn what_is_generated_is_valid() {
        let folder = tempfile::tempdir().unwrap();
        let mut wrong = Vec::new();
        for seed in 1..=40 {
            let pair = super::pair(seed);
            for (name, text, rows) in
                [("from", &pair.from, Some(&pair.rows)), ("to", &pair.to, None)]
            {
                let database = shared().database();
                let path = folder.path().join("script.sql");
                std::fs::write(&path, format!("{text}\n{}", rows.map_or("", |r| r))).unwrap();
                if let Err(message) = database.run_file(&path) {
                    let line = message
                        .split(".sql:")
                        .nth(1)
                        .and_then(|m| m.split(':').next()?.parse::<usize>().ok());
                    let statement =
                        text.lines().nth(line.unwrap_or(1) - 1).unwrap_or_default().to_owned();
                    wrong.push(format!("seed {seed} {name}: {message}    {statement}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let (a, b) = (super::pair(5), super::pair(5));
        assert_eq!((a.from, a.to, a.rows), (b.from, b.to, b.rows));
    }
}
