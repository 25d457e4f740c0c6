//! Python files as text, in the encoding that they name (PEP 263).

use std::{fs, io, path::Path};

use encoding_rs::{Encoding, UTF_8};

use crate::error::ProjectError;

/// Errors: the file can't be read, its encoding is unknown, or its bytes are not of that encoding.
pub(crate) fn read(path: &Path) -> Result<String, ProjectError> {
    let failed = |source| ProjectError::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(failed)?;
    let wrong = |what: String| failed(io::Error::new(io::ErrorKind::InvalidData, what));
    let encoding = match named(&bytes) {
        None => UTF_8,
        Some(name) => encoding(&name)
            .ok_or_else(|| wrong(format!("the encoding {name}, which it names, is unknown")))?,
    };
    let (text, encoding, malformed) = encoding.decode(&bytes);
    if malformed {
        let hint = "a comment `# -*- coding: … -*-` in its first line would name another one";
        return Err(wrong(format!("it is not in {}; {hint}", encoding.name())));
    }
    Ok(text.into_owned())
}

/// What a comment in the first two lines says: `# -*- coding: latin-1 -*-`, `# vim: set fileencoding=cp1252 :`.
fn named(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|b| *b == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{feff}').trim_start();
        if line.is_empty() {
            continue;
        }
        let comment = line.strip_prefix('#')?;
        if let Some((_, rest)) = comment.split_once("coding")
            && let Some(name) = rest.strip_prefix([':', '='])
        {
            let is_part = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            return Some(name.trim_start().chars().take_while(is_part).collect());
        }
    }
    None
}

/// Python takes `latin-1`, `latin_1` and `latin1` for the same.
fn encoding(name: &str) -> Option<&'static Encoding> {
    let name = name.to_lowercase();
    let spellings = [name.clone(), name.replace('_', "-"), name.replace(['-', '_'], "")];
    spellings.iter().find_map(|name| Encoding::for_label(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.py");
        fs::write(&path, bytes).expect("a file");
        read(&path).map_err(|error| match error {
            ProjectError::Read { source, .. } => source.to_string(),
            other => other.to_string(),
        })
    }

    #[test]
    fn the_encoding_is_the_one_that_the_file_names() {
        assert_eq!(text("a = 'é'".as_bytes()).as_deref(), Ok("a = 'é'"));
        assert_eq!(text("\u{feff}a = 1".as_bytes()).as_deref(), Ok("a = 1"));
        for name in ["latin-1", "Latin_1", "iso-8859-1", "cp1252"] {
            let (first, second) =
                (format!("# -*- coding: {name} -*-\n"), "# vim: fileencoding=latin1\n");
            assert_eq!(text(&[first.as_bytes(), b"\xe9"].concat()), Ok(format!("{first}é")));
            assert_eq!(
                text(&[b"#!x\n", second.as_bytes(), b"\xe9"].concat()),
                Ok(format!("#!x\n{second}é"))
            );
        }
        assert!(text(b"\n\n# coding: latin-1\n\xe9").is_err_and(|e| e.contains("not in UTF-8")));
        assert!(text(b"a = 1\n# coding: latin-1\n\xe9").is_err());
        assert!(text(b"# coding: klingon\n").is_err_and(|e| e.contains("klingon")));
    }
}
