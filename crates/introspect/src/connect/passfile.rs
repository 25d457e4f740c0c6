//! `.pgpass`. Manual: 34.16 The Password File.

use super::params::{Params, Server};

pub(super) enum Found {
    Password(String),
    /// The file is readable by others, so it does not count, as in libpq.
    Unsafe(String),
    Nothing,
}

/// The password of the first line that fits.
pub(super) fn find(params: &Params, server: &Server) -> Found {
    let Some(path) = params.get("passfile") else { return Found::Nothing };
    let Ok(text) = std::fs::read(path) else { return Found::Nothing };
    if is_open_to_others(path) {
        return Found::Unsafe(path.to_owned());
    }
    // A socket in a default directory goes by the name of localhost.
    let host = match &server.socket {
        Some(dir) if ["/var/run/postgresql", "/run/postgresql", "/tmp"].contains(&dir.as_str()) => {
            "localhost"
        }
        _ => &server.host,
    };
    let port = server.port.to_string();
    let wanted = [host, &port, params.database(), params.user()];
    let text = String::from_utf8_lossy(&text);
    match text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| password(line, &wanted))
    {
        Some(password) => Found::Password(password),
        None => Found::Nothing,
    }
}

#[cfg(unix)]
fn is_open_to_others(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|meta| !meta.is_file() || meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &str) -> bool {
    false
}

/// The last field, if the first four are `*` or what is wanted.
fn password(line: &str, wanted: &[&str; 4]) -> Option<String> {
    let mut rest = line.trim_end_matches(['\r', '\n']);
    for want in wanted {
        let (field, after) = field(rest);
        if field != "*" && field != *want {
            return None;
        }
        rest = after?;
    }
    let (password, _) = field(rest);
    (!password.is_empty()).then_some(password)
}

/// One field up to its colon, with `\:` and `\\` read; and what follows the colon.
fn field(text: &str) -> (String, Option<&str>) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            ':' => return (value, Some(&text[at + 1..])),
            _ => value.push(c),
        }
    }
    (value, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_match_by_field() {
        let wanted = ["h", "5432", "d:b", "u"];
        assert_eq!(password("h:5432:d\\:b:u:se\\:c\\\\ret", &wanted).as_deref(), Some("se:c\\ret"));
        assert_eq!(password("*:*:*:*:x", &wanted).as_deref(), Some("x"));
        assert_eq!(password("h:5432:other:u:x", &wanted), None);
        assert_eq!(password("h:5432", &wanted), None);
    }
}
