//! `exec:COMMAND`: SQL that a program prints.

use std::process::{Command, Stdio};

use crate::LoadError;

/// Runs the command through the shell. What it writes to standard error is the user's to see.
pub(crate) fn run(command: &str) -> Result<String, LoadError> {
    let failed = |message: String| LoadError::Exec { command: command.to_owned(), message };
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed(format!("could not be started: {e}")))?;
    if !output.status.success() {
        return Err(failed(match output.status.code() {
            Some(code) => format!("ended with exit code {code}"),
            None => "was killed".to_owned(),
        }));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("printed what is not UTF-8 text".into()))
}
