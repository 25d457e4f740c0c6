//! Why a plan was not made.

use std::fmt::{self, Write};

use ordain_model::Refusal;

use crate::palette::{Palette, paint};
use crate::visible::visible;

/// One paragraph a refusal: the object, the reason, the way out. Ends with a newline.
pub fn refusals(refusals: &[Refusal], palette: &Palette) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_refusals(&mut out, refusals, palette);
    out
}

fn write_refusals(out: &mut String, refusals: &[Refusal], palette: &Palette) -> fmt::Result {
    for refusal in refusals {
        let object = paint(palette.heading, visible(&refusal.object.to_string()).into_owned());
        writeln!(
            out,
            "{} {object}: {}",
            paint(palette.danger, "refused"),
            visible(&refusal.reason)
        )?;
        for line in visible(&refusal.advice).lines() {
            writeln!(out, "  {} {line}", paint(palette.hint, "hint:"))?;
        }
    }
    Ok(())
}
