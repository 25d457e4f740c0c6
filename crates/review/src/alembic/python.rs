//! Text as Python source: string literals, comments, calls that are read line by line.

use ordain_model::tokens::{TokenKind, tokenize};

use super::escape::escaped;
use super::respell::respelled;
use crate::visible::visible;

/// What a line of a revision may hold before it is broken: the default of Python's usual formatters.
const WIDTH: usize = 88;
/// Of a statement in a function.
const INDENT: &str = "    ";

/// The statement as `sqlalchemy.text()` must be given it.
pub(super) fn text(sql: &str) -> String {
    let sql = respelled(sql);
    // What has no spelling is shown as it is; the server then says what is wrong with it.
    escaped(&sql).unwrap_or(sql)
}

/// `op.execute(…)` around one statement, indented as the body of a function, with a final newline. With `moves` the
/// lines may be indented further by another program, and spaces at their ends be lost.
pub(super) fn execute(sql: &str, moves: bool) -> String {
    let text = text(sql);
    if !text.contains('\n') {
        let line = format!("{INDENT}op.execute({})\n", literal(&text));
        if line.chars().count() <= WIDTH {
            return line;
        }
    }
    if moves && spans_lines(&text) {
        let mut lines = String::new();
        for line in text.split_inclusive('\n') {
            let line = spelled(line).replace('"', "\\\"").replace('\n', "\\n");
            lines.push_str(&format!("{INDENT}{INDENT}\"{line}\"\n"));
        }
        return format!("{INDENT}op.execute(\n{lines}{INDENT})\n");
    }
    let (inner, indent) = match spans_lines(&text) {
        // What stands in a body or a string must not move.
        true => (format!("\n{text}\n"), ""),
        false => (indented(&text), "        "),
    };
    let literal = block(&inner);
    if indent.is_empty() {
        return format!("{INDENT}op.execute(\n{INDENT}{INDENT}{literal}\n{INDENT})\n");
    }
    format!("{INDENT}op.execute(\n{indent}{literal}\n{INDENT})\n")
}

/// A call as a statement of a function: on one line where it fits, else an argument a line.
pub(super) fn call(name: &str, arguments: &[String]) -> String {
    let line = format!("{INDENT}{name}({})\n", arguments.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let lines: String =
        arguments.iter().map(|argument| format!("{INDENT}{INDENT}{argument},\n")).collect();
    format!("{INDENT}{name}(\n{lines}{INDENT})\n")
}

/// Each line behind `# `, the later ones below the first one's text.
pub(super) fn comment(head: &str, text: &str) -> String {
    let mut out = String::new();
    for (i, line) in text.split(['\n', '\r']).enumerate() {
        let lead = if i == 0 { head.to_owned() } else { " ".repeat(head.len()) };
        let line = format!("# {lead}{}", visible(line));
        out.push_str(&format!("{INDENT}{}\n", line.trim_end()));
    }
    out
}

/// A string on one line.
pub(super) fn literal(text: &str) -> String {
    let raw = text.contains('\\') && !text.ends_with('\\') && !text.chars().any(is_control);
    let quotes =
        if !text.contains('"') { Some('"') } else { (!text.contains('\'')).then_some('\'') };
    match quotes {
        Some(quote) if raw => format!("r{quote}{text}{quote}"),
        Some('\'') => format!("'{}'", spelled(text)),
        _ => format!("\"{}\"", spelled(text).replace('"', "\\\"")),
    }
}

/// Text as it stands in a docstring.
pub fn docstring(text: &str) -> String {
    let text = spelled(text).replace("\"\"\"", "\\\"\\\"\\\"");
    // A quote before the closing ones would be one of them.
    if text.ends_with('"') { format!("{text} ") } else { text }
}

fn indented(text: &str) -> String {
    let mut out = String::from("\n");
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str(INDENT);
            out.push_str(INDENT);
            out.push_str(line);
        }
        out.push('\n');
    }
    out + INDENT + INDENT
}

/// A string of several lines; it neither begins nor ends with a quote or a backslash.
fn block(text: &str) -> String {
    let control = text.chars().any(is_control);
    let raw = if text.contains('\\') && !control { "r" } else { "" };
    match (text.contains("\"\"\""), text.contains("'''")) {
        (false, _) if !raw.is_empty() => format!("r\"\"\"{text}\"\"\""),
        (true, false) if !raw.is_empty() => format!("r'''{text}'''"),
        _ => format!("\"\"\"{}\"\"\"", spelled(text).replace("\"\"\"", "\\\"\\\"\\\"")),
    }
}

/// With backslashes doubled and what Python or an editor would not keep spelled out; line feeds stay.
fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_control(c) => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn is_control(c: char) -> bool {
    c.is_ascii_control() && c != '\n'
}

/// Whether a line ends within a string, a body or a quoted name.
fn spans_lines(sql: &str) -> bool {
    tokenize(sql).iter().any(|token| {
        let kept = matches!(token.kind, TokenKind::String | TokenKind::Dollar | TokenKind::Quoted);
        kept && sql[token.start..token.end].contains('\n')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_read_well() {
        assert_eq!(
            execute("DROP TYPE public.s", false),
            "    op.execute(\"DROP TYPE public.s\")\n"
        );
        assert_eq!(execute("DROP TYPE \"S\"", false), "    op.execute('DROP TYPE \"S\"')\n");
        assert_eq!(
            execute("CREATE TYPE s AS ENUM (\n    'a',\n    'b'\n)", true),
            "    op.execute(\n        \"\"\"\n        CREATE TYPE s AS ENUM (\n            'a',\n            'b'\n        )\n        \"\"\"\n    )\n"
        );
        assert_eq!(
            execute("COMMENT ON TABLE t IS 'a\nb \\:c'", false),
            "    op.execute(\n        r\"\"\"\nCOMMENT ON TABLE t IS 'a\nb \\\\:c'\n\"\"\"\n    )\n"
        );
        assert_eq!(execute("SELECT '\"\\'", false), "    op.execute(\"SELECT '\\\"\\\\'\")\n");
        assert_eq!(execute("SELECT '\r'", false), "    op.execute(\"SELECT '\\r'\")\n");
    }

    #[test]
    fn bodies_bear_to_be_moved() {
        assert_eq!(
            execute("SELECT 'a \n\"b\\'", true),
            "    op.execute(\n        \"SELECT 'a \\n\"\n        \"\\\"b\\\\'\"\n    )\n"
        );
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment("A: ", "b\r\nop.x()"), "    # A: b\n    #\n    #    op.x()\n");
    }

    #[test]
    fn docstrings_stay_closed() {
        assert_eq!(docstring("say \"\"\" \\ \""), "say \\\"\\\"\\\" \\\\ \" ");
    }
}
