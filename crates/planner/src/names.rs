//! Names for what has to live aside for a while.

use std::collections::HashSet;

use ordain_model::{Catalog, ObjectId};

/// PostgreSQL cuts identifiers at NAMEDATALEN - 1 bytes (manual: 4.1.1).
const LIMIT: usize = 63;

/// Hands out names that no object of either catalog has.
pub struct Names<'a> {
    catalogs: [&'a Catalog; 2],
    /// Collected when the first name is asked for: most plans need none.
    taken: Option<HashSet<String>>,
}

impl<'a> Names<'a> {
    pub fn new(catalogs: [&'a Catalog; 2]) -> Self {
        Self { catalogs, taken: None }
    }

    /// The same object under a free name that still tells where it comes from.
    pub fn aside(&mut self, id: &ObjectId) -> ObjectId {
        let taken = self.taken.get_or_insert_with(|| {
            let ids = self.catalogs.into_iter().flat_map(|catalog| catalog.objects.keys());
            ids.map(|id| id.base().to_owned()).collect()
        });
        let mut number = 0;
        loop {
            let suffix = match number {
                0 => "__old".to_owned(),
                n => format!("__old{n}"),
            };
            // An array type takes `_name` as well, so the name leaves one byte for the underscore.
            let name = format!("{}{suffix}", cut(id.base(), LIMIT - 1 - suffix.len()));
            if taken.insert(name.clone()) {
                return id.with_base(&name);
            }
            number += 1;
        }
    }
}

/// At most `limit` bytes of `text`, whole characters.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn cuts_whole_characters() {
        assert_eq!(cut("größe", 3), "gr");
        assert_eq!(cut("größe", 4), "grö");
        assert_eq!(cut("a", 63), "a");
    }
}
