//! What hints mean on the way back.

use ordain_model::{Catalog, Hint, Kind, Name, ObjectId, quote};
use ordain_planner::hints::{HintError, resolve};

/// The renames that lead from `to` back to `from`. Conversions and fillings have no way back: values are
/// converted as the types allow, and columns that come back are filled only where a hint of their own says how.
pub fn reversed(hints: &[Hint], from: &Catalog, to: &Catalog) -> Result<Vec<Hint>, HintError> {
    reversed_between(hints, (from, to), (from, to))
}

/// Those of the whole way that took place between two states on it.
pub fn reversed_between(
    hints: &[Hint],
    whole: (&Catalog, &Catalog),
    (before, after): (&Catalog, &Catalog),
) -> Result<Vec<Hint>, HintError> {
    let resolved = resolve(hints, whole.0, whole.1)?;
    let took_place = |old: &ObjectId, new: &ObjectId| before.contains(old) && after.contains(new);
    let objects = resolved.renames.iter().filter(|(old, new)| took_place(old, new));
    let objects = objects.map(|(old, new)| Hint::Rename {
        kind: new.kind().word().to_owned(),
        old: new.path(),
        new: bare(old),
    });
    let mut labels = Vec::new();
    for (owner, renames) in &resolved.options.label_renames {
        let was =
            resolved.renames.iter().find(|(_, new)| *new == owner).map_or(owner, |(old, _)| old);
        // Under the name that the type has afterwards.
        let owner = if after.contains(owner) { owner } else { was };
        let earlier = if before.contains(owner) { owner } else { was };
        for (old, new) in renames {
            let label = |owner: &ObjectId, name: &str| ObjectId::member(Kind::Label, owner, name);
            if took_place(&label(earlier, old), &label(owner, new)) {
                labels.push(Hint::Rename {
                    kind: "label".to_owned(),
                    old: format!("{}:{new}", owner.path()),
                    new: old.clone(),
                });
            }
        }
    }
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
            let object = Object::from(kinds::schema::Schema {});
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
