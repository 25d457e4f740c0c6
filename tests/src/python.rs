//! The virtual environments of the tests that run SQLAlchemy and Alembic.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{case::root, tools::check};

/// The folder of the environment that `tests/python/NAME.txt` describes. `scripts/test` makes them; where it did
/// not run, they are made now.
pub fn environment(name: &str) -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let all = MADE.get_or_init(|| {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
        std::fs::create_dir_all(&target).unwrap();
        // One test program at a time.
        let script = "exec 9>\"$1/python.lock\"; if command -v flock >/dev/null; then flock 9; fi; \
                      . scripts/lib.sh; set_up_python";
        let mut bash = Command::new("bash");
        check(bash.args(["-euc", script, "bash"]).arg(&target).current_dir(root()));
        target.join("python")
    });
    let dir = all.join(name);
    assert!(dir.join("bin/python").exists(), "tests/python/{name}.txt is not there");
    dir
}

/// A program of an environment, with nothing of the surroundings that could change what it does.
pub fn program(environment: &Path, name: &str) -> Command {
    let mut command = Command::new(environment.join("bin").join(name));
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy();
        if ["PG", "ORDAIN", "ALEMBIC", "PYTHON"].iter().any(|head| key.starts_with(head)) {
            command.env_remove(key.as_ref());
        }
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
