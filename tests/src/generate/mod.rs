//! Random schemas and random changes to them, the same for the same seed.
//!
//! [`schema::Schema`] is a small model of a schema in which every reference is a name; [`mutate`] changes it at random
//! and [`repair`] then removes what refers to nothing; [`sql`] writes it, and rows for it, as SQL.

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
