//! Loads sources and says how long it took and what came of it: `load SOURCE… [--beside URL] [--no-cache]`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

fn main() {
    let mut sources = Vec::new();
    let mut beside = None;
    let mut cache = ordain_load::default_cache();
    let mut shadow = ordain_load::Shadow::Auto;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--no-cache" => cache = None,
            "--beside" => beside = arguments.next(),
            "--shadow" => shadow = arguments.next().unwrap_or_default().parse().unwrap_or_default(),
            other => sources.extend(other.parse::<ordain_load::Source>()),
        }
    }
    let begun = Instant::now();
    let outcome = (|| {
        let side = match &beside {
            Some(url) => Some(ordain_load::Live::open(url)?.side),
            None => None,
        };
        ordain_load::load(&ordain_load::Request {
            sources: &sources,
            beside: side.as_ref(),
            cache,
            shadow,
            ..ordain_load::Request::default()
        })
    })();
    let took = begun.elapsed();
    match outcome {
        Ok(loaded) => {
            for notice in &loaded.notices {
                println!("notice: {notice}");
            }
            let catalog = &loaded.catalog;
            println!(
                "{} objects, {} edges, cached {}, {took:?}",
                catalog.objects.len(),
                catalog.edges.len(),
                loaded.cached
            );
            println!(
                "roles {:?} hints {:?} unmodelled {:?}",
                loaded.roles_named, catalog.hints, catalog.unmodelled
            );
        }
        Err(error) => {
            println!("{error}\n({took:?})");
            std::process::exit(1);
        }
    }
}
