//! Where words go: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use ordain_review::Palette;

use crate::Exit;
use crate::error::Error;
use crate::flags::{Color, Common};

/// Colours are written always and taken out again where they don't belong.
pub struct Terminal {
    color: ColorChoice,
    quiet: bool,
    verbose: u8,
    /// A progress line stands on standard error and must be wiped before anything else is written there.
    progress: bool,
}

/// Of a progress line: every terminal is at least that wide.
const WIDTH: usize = 79;

const ERROR: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))).bold();
const HINT: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const NOTICE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));

impl Terminal {
    pub fn new(common: &Common) -> Self {
        let mut terminal = Self {
            color: ColorChoice::Auto,
            quiet: common.quiet,
            verbose: common.verbose,
            progress: false,
        };
        terminal.set_color(common.color.unwrap_or_default());
        terminal
    }

    pub fn set_color(&mut self, color: Color) {
        self.color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
    }

    /// The result. A reader that went away (`| head`) is no error.
    pub fn out(&mut self, text: &str) -> Result<(), Error> {
        self.clear_progress();
        let mut stream = AutoStream::new(io::stdout().lock(), self.color);
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
            _ => Ok(()),
        }
    }

    /// A result that is not for people: no colour is looked for in it.
    pub fn raw(&mut self, text: &[u8]) -> Result<(), Error> {
        self.clear_progress();
        let mut stream = io::stdout().lock();
        match stream.write_all(text).and_then(|()| stream.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
            _ => Ok(()),
        }
    }

    /// What the user should know although nothing failed.
    pub fn notice(&mut self, text: &str) {
        if !self.quiet {
            self.err(&format!("{NOTICE}notice:{NOTICE:#} {}\n", indented(text)));
        }
    }

    /// What was done, for the user who watches.
    pub fn say(&mut self, text: &str) {
        if !self.quiet {
            self.err(&format!("{text}\n"));
        }
    }

    /// What only `-v` shows.
    pub fn detail(&mut self, text: &str) {
        if self.verbose > 0 {
            self.err(&format!("{text}\n"));
        }
    }

    /// Text for the reader that is no result: a refused plan, a plan before the question.
    pub fn err(&mut self, text: &str) {
        self.clear_progress();
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        // Nobody is left to tell when standard error is gone.
        let _ = stream.write_all(text.as_bytes());
    }

    /// One line that the next one overwrites; only where a person watches.
    pub fn progress(&mut self, text: &str) {
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        // A line that wraps could not be wiped.
        let line: String = text.lines().next().unwrap_or_default().chars().take(WIDTH).collect();
        let _ = write!(io::stderr().lock(), "\r\x1b[K{line}");
        self.progress = true;
    }

    fn clear_progress(&mut self) {
        if std::mem::take(&mut self.progress) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether somebody is there to be asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Only a spoken yes is a yes.
    pub fn confirm(&mut self, question: &str) -> bool {
        self.err(&format!("{question} [y/N] "));
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer).is_err() {
            return false;
        }
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    /// `error:` with its causes, what was refused, then `hint:` lines.
    pub fn report(&mut self, error: &Error) {
        let (message, mut hints) = without_ways_out(&error.to_string());
        let mut text = format!("{ERROR}error:{ERROR:#} {}\n", indented(&message));
        let mut said = message;
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let (message, more) = without_ways_out(&error.to_string());
            // Many errors repeat their cause in their own words.
            if !said.contains(&message) {
                text.push_str(&format!("  because: {}\n", indented(&message)));
                hints.extend(more);
            }
            said = message;
            cause = error.source();
        }
        text.push_str(&obstacles(error));
        hints.extend(error.hints());
        for hint in hints {
            text.push_str(&format!("{HINT}hint:{HINT:#} {}\n", indented(&hint)));
        }
        self.err(&text);
    }
}

/// What stands in the way of a plan, one paragraph each.
fn obstacles(error: &Error) -> String {
    match error {
        Error::Refused { refusals } => ordain_review::refusals(refusals, &Palette::coloured()),
        Error::Data { failed } => {
            let one = |check: &ordain_apply::FailedPrecheck| {
                let what = format!("step {}: {} {}", check.step, check.found, check.counts);
                let (what, advice) = (indented(&what), indented(&check.advice));
                format!(
                    "{ERROR}refused{ERROR:#} {what}\n  {HINT}hint:{HINT:#} {advice}\n  asked: {}\n",
                    indented(&check.query)
                )
            };
            failed.iter().map(one).collect()
        }
        _ => String::new(),
    }
}

/// Lines of a message that say what to do are hints.
fn without_ways_out(message: &str) -> (String, Vec<String>) {
    let (hints, lines): (Vec<&str>, Vec<&str>) =
        message.lines().partition(|line| line.starts_with(WAYS_OUT));
    let hints = hints.iter().map(|line| line[WAYS_OUT.len()..].trim().to_owned()).collect();
    (lines.join("\n"), hints)
}

const WAYS_OUT: &str = "ways out:";

/// Further lines stand below the first one's text.
fn indented(text: &str) -> String {
    // An enclosing message may go on behind a quoted statement.
    ordain_review::visible(text).trim_end().replace("\n; ", "\n").replace('\n', "\n  ")
}

/// What clap has to say. Its own exit code for mistakes is 2, which here means "different".
pub fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when printing fails.
    let _ = error.print();
    match error.use_stderr() {
        true => Exit::Error.into(),
        false => Exit::Done.into(),
    }
}
