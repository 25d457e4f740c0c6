//! Models of SQLAlchemy as a source, read by real interpreters with real versions of it.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod cases;
mod sources;

use std::path::{Path, PathBuf};

use ordain_tests::{Ordain, Run, Server, python::environment, server::shared};

/// One version of SQLAlchemy, and ordain reading models with it.
struct World {
    ordain: Ordain,
    environment: PathBuf,
    server: &'static Server,
}

impl World {
    /// `name` is that of a list in tests/python.
    fn new(name: &str) -> Self {
        let ordain = Ordain::new(env!("CARGO_BIN_EXE_ordain"));
        Self { ordain, environment: environment(name), server: shared() }
    }

    /// ordain in a folder, with this interpreter.
    fn run<S: AsRef<str>>(&self, folder: &Path, args: &[S]) -> Run {
        let mut command = self.ordain.command(args);
        command.arg("--python").arg(&self.environment).current_dir(folder);
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH"] {
            command.env_remove(name);
        }
        let run = ordain_tests::ordain::finish(command.env("PYTHONDONTWRITEBYTECODE", "1"));
        assert!(!run.stderr.contains("panicked"), "{}", run.told());
        run
    }
}
