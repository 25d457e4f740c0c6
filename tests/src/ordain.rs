//! The binary under test.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Longer than any case needs; a run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(180);

/// `ordain` with a cache of its own.
pub struct Ordain {
    program: PathBuf,
    cache: PathBuf,
}

/// What a run did.
#[derive(Debug)]
pub struct Run {
    pub command: String,
    /// The exit code; -1 for a signal.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ordain {
    /// `program` is `env!("CARGO_BIN_EXE_ordain")` of the test.
    pub fn new(program: &str) -> Self {
        // One cache for all test programs: each would else pay for its first shadow again.
        let cache = std::env::temp_dir().join(format!("ordain-test-cache-{}", whoami()));
        Self { program: PathBuf::from(program), cache }
    }

    /// The program with nothing of the surroundings that could change what it does.
    pub fn command<S: AsRef<str>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        for (key, _) in std::env::vars_os() {
            let key = key.to_string_lossy();
            if key.starts_with("PG")
                || key.starts_with("ORDAIN")
                || key == "DATABASE_URL"
                || key == "NO_COLOR"
            {
                command.env_remove(key.as_ref());
            }
        }
        command.env("XDG_CACHE_HOME", &self.cache).env("RUST_BACKTRACE", "0");
        let bin = &crate::tools::tools().server;
        command.env("ORDAIN_PG_BIN", bin);
        command.args(args.iter().map(AsRef::as_ref)).stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run<S: AsRef<str>>(&self, args: &[S]) -> Run {
        finish(&mut self.command(args))
    }

    /// Runs in a folder.
    pub fn run_in<S: AsRef<str>>(&self, folder: &Path, args: &[S]) -> Run {
        finish(self.command(args).current_dir(folder))
    }
}

/// Runs a command to its end, or kills it at the limit.
pub fn finish(command: &mut Command) -> Run {
    let shown = show(command);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let stdout = std::thread::spawn(move || drain(out));
    let stderr = std::thread::spawn(move || drain(err));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            panic!("still running after {}s: {shown}", LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let output = Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() };
    Run {
        command: shown,
        code: output.status.code().unwrap_or(-1),
        stdout: crate::tools::text(&output.stdout),
        stderr: crate::tools::text(&output.stderr),
    }
}

fn drain(from: Option<impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = from.read_to_end(&mut bytes);
    }
    bytes
}

fn show(command: &Command) -> String {
    let words = command.get_args().map(|a| format!("{:?}", a.to_string_lossy()));
    format!("ordain {}", words.collect::<Vec<_>>().join(" "))
}

fn whoami() -> String {
    std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "root".into())
}

impl Run {
    /// Panics with all that was said unless the exit code is this one.
    pub fn expect(self, code: i32) -> Self {
        assert!(self.code == code, "exit {} instead of {code}\n{}", self.code, self.told());
        self
    }

    /// The command and what it printed, for messages.
    pub fn told(&self) -> String {
        format!("$ {}\n{}{}(exit {})", self.command, self.stdout, self.stderr, self.code)
    }
}
