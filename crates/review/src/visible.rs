//! Names, comments and bodies are other people's text: on a terminal they must not act.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control characters (but line feeds and tabs) and those that turn the direction of writing
/// spelled out, so that a plan cannot look like another one: `<U+001B>`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) {
            // Writing to a String does not fail.
            let _ = write!(out, "<U+{:04X}>", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn acts(c: char) -> bool {
    let turns =
        matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && !matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_spelled_out() {
        assert_eq!(visible("naïve\n\ttext"), "naïve\n\ttext");
        assert_eq!(visible("a\x1b[2Kb\rc\u{202E}d"), "a<U+001B>[2Kb<U+000D>c<U+202E>d");
    }
}
