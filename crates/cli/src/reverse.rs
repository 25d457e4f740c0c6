//! What hints mean on the way back.

use ordain_model::{Catalog, Hint, Name, ObjectId, quote};
use ordain_planner::hints::{HintError, resolve};

/// The renames that lead from `to` back to `from`. Conversions and fillings have no way back: values are
/// converted as the types allow, and columns that come back are filled only where a hint of their own says how.
pub fn reversed(hints: &[Hint], from: &Catalog, to: &Catalog) -> Result<Vec<Hint>, HintError> {
    let resolved = resolve(hints, from, to)?;
    let objects = resolved.renames.iter().map(|(old, new)| Hint::Rename {
        kind: new.kind().word().to_owned(),
        old: new.path(),
        new: bare(old),
    });
    let labels = resolved.options.label_renames.iter().flat_map(|(owner, renames)| {
        renames.iter().map(|(old, new)| Hint::Rename {
            kind: "label".to_owned(),
            old: format!("{}:{new}", owner.path()),
            new: old.clone(),
        })
    });
    Ok(objects.chain(labels).collect())
}

/// The name without arguments; of a member the last part, since it stays where it is.
fn bare(id: &ObjectId) -> String {
    match id.name() {
        Name::Routine { schema, name, .. } => quote::qualified(schema, name),
        Name::Global(_) | Name::Qualified { .. } | Name::Member { .. } => id.sql(),
    }
}

#[cfg(test)]
mod tests {
    use ordain_model::{Kind, Object, kinds};

    use super::*;

    fn with(names: &[&str]) -> Catalog {
        let mut catalog = Catalog::default();
        for name in names {
            let object = Object::Schema(kinds::schema::Schema {});
            catalog.objects.insert(ObjectId::global(Kind::Schema, name), object);
        }
        catalog
    }

    #[test]
    fn a_rename_is_turned_round_and_a_fulfilled_one_forgotten() {
        let rename = |old: &str, new: &str| Hint::Rename {
            kind: "schema".into(),
            old: old.into(),
            new: new.into(),
        };
        let (from, to) = (with(&["a", "done"]), with(&["b", "done"]));
        let back = reversed(&[rename("a", "b"), rename("was", "done")], &from, &to);
        assert_eq!(back, Ok(vec![rename("b", "a")]));
    }
}
