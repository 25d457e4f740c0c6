//! A catalog as a JSON file.

use std::{fs, io::Write, path::Path};

use ordain_model::Catalog;
use serde::{Deserialize, Serialize};

use crate::LoadError;

/// The version of the format. Others are refused.
pub const FORMAT: u32 = 1;

#[derive(Deserialize)]
struct Snapshot {
    ordain_snapshot: u32,
    catalog: serde_json::Value,
}

/// `{"ordain_snapshot": 1, "catalog": {…}}`, indented, ending in a line feed.
pub fn to_json(catalog: &Catalog) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Out<'a> {
        ordain_snapshot: u32,
        catalog: &'a Catalog,
    }
    // Sizes are of the day, not of the schema.
    let catalog = &Catalog { sizes: Default::default(), ..catalog.clone() };
    let mut text = serde_json::to_string_pretty(&Out { ordain_snapshot: FORMAT, catalog })?;
    text.push('\n');
    Ok(text)
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
    let snapshot: Snapshot = serde_json::from_str(&text).map_err(|e| bad(path, e.to_string()))?;
    if snapshot.ordain_snapshot != FORMAT {
        let message = format!(
            "it has format {}, this version reads format {FORMAT}; write it again with `ordain inspect`",
            snapshot.ordain_snapshot
        );
        return Err(bad(path, message));
    }
    serde_json::from_value(snapshot.catalog).map_err(|e| bad(path, e.to_string()))
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
