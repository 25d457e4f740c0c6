//! A catalog as a JSON file.

use std::{borrow::Cow, fs, io::Write, path::Path};

use ordain_model::Catalog;
use serde::{Deserialize, Serialize, ser::Error};
use serde_json::ser::{Formatter, Serializer};

use crate::LoadError;

/// The version of the format. Others are refused.
pub const FORMAT: u32 = 1;

/// What is read before all else.
#[derive(Deserialize)]
struct Head {
    ordain_snapshot: u32,
}

#[derive(Deserialize)]
struct Snapshot {
    catalog: Catalog,
}

/// `{"ordain_snapshot": 1, "catalog": {…}}`, one line an object so that versions can be compared, ending in a line
/// feed.
pub fn to_json(catalog: &Catalog) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Out<'a> {
        ordain_snapshot: u32,
        catalog: &'a Catalog,
    }
    // Sizes are of the day, not of the schema.
    let catalog = match catalog.sizes.is_empty() {
        true => Cow::Borrowed(catalog),
        false => Cow::Owned(Catalog { sizes: Default::default(), ..catalog.clone() }),
    };
    // About what an object takes, so that growing seldom copies it all.
    let mut bytes = Vec::with_capacity(catalog.objects.len() * 160);
    let mut serializer = Serializer::with_formatter(&mut bytes, Lines::default());
    Out { ordain_snapshot: FORMAT, catalog: &catalog }.serialize(&mut serializer)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(serde_json::Error::custom)
}

/// Writes a snapshot; the file is whole or not there.
pub fn write(catalog: &Catalog, path: &Path) -> Result<(), LoadError> {
    let text = to_json(catalog).map_err(|e| bad(path, e.to_string()))?;
    put(path, text.as_bytes()).map_err(|source| LoadError::File { path: path.into(), source })
}

/// Reads what [`write`] wrote.
pub fn read(path: &Path) -> Result<Catalog, LoadError> {
    let text =
        fs::read_to_string(path).map_err(|source| LoadError::File { path: path.into(), source })?;
    let head: Head = serde_json::from_str(&text).map_err(|e| bad(path, e.to_string()))?;
    if head.ordain_snapshot != FORMAT {
        let message = format!(
            "it has format {}, this version reads format {FORMAT}; write it again with `ordain inspect`",
            head.ordain_snapshot
        );
        return Err(bad(path, message));
    }
    let snapshot: Snapshot = serde_json::from_str(&text).map_err(|e| bad(path, e.to_string()))?;
    Ok(snapshot.catalog)
}

/// Starts a line for each element down to this depth: the members of the catalog and their elements.
const LINES: usize = 3;

#[derive(Default)]
struct Lines {
    depth: usize,
}

impl Lines {
    fn line<W: ?Sized + Write>(&self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b"," })?;
        writer.write_all(if self.depth <= LINES { b"\n" } else { b"" })
    }

    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> std::io::Result<()> {
        self.depth += 1;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> std::io::Result<()> {
        if self.depth <= LINES {
            writer.write_all(b"\n")?;
        }
        self.depth -= 1;
        writer.write_all(bracket)
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        self.line(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        self.line(writer, first)
    }
}

/// Writes beside the target and renames, so that a reader never sees half a file.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

fn bad(path: &Path, message: String) -> LoadError {
    LoadError::Snapshot { path: path.into(), message }
}
