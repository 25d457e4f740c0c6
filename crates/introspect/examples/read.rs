//! Reads a database and says how long it took and what it found: `cargo run --example read -- URL`.
#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, time::Instant};

use ordain_introspect::{ReadOptions, connect, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_default();
    let mut client = connect::connect(&url)?;
    let start = Instant::now();
    let catalog = read(&mut client, &ReadOptions { sizes: true, ..ReadOptions::default() })?;
    let mut counts = BTreeMap::new();
    for id in catalog.objects.keys() {
        *counts.entry(id.kind()).or_insert(0) += 1;
    }
    println!("{:?}", start.elapsed());
    for (kind, count) in counts {
        println!("{count} {kind}");
    }
    println!("{} edges, {} unmodelled", catalog.edges.len(), catalog.unmodelled.len());
    if std::env::args().any(|arg| arg == "-v") {
        for (id, object) in &catalog.objects {
            println!("{id}: {}", serde_json::to_string(object)?);
        }
        for edge in &catalog.edges {
            println!("{} -> {} {:?}", edge.user, edge.used, edge.strength);
        }
        for name in &catalog.unmodelled {
            println!("unmodelled {name}");
        }
    }
    Ok(())
}
