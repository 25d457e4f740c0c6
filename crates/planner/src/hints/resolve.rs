//! Which objects hints speak of.

use ordain_model::{Catalog, Hint, Name, Object, ObjectId, quote};

use super::{
    HintError, Resolved,
    parse::{Path, find_outside_quotes, path},
};

/// Finds the objects that hints speak of.
pub fn resolve(hints: &[Hint], from: &Catalog, to: &Catalog) -> Result<Resolved, HintError> {
    let mut resolver = Resolver { from, to, found: Resolved::default() };
    let mut hints: Vec<&Hint> = hints.iter().collect();
    // Parents first: a member may be named by its parent's new name.
    hints.sort_by_key(|hint| match hint {
        Hint::Rename { kind, old, .. } => (kind != "schema", old.matches('.').count()),
        Hint::RenamedFrom { object, .. } => (true, object.path().matches('.').count()),
        _ => (true, usize::MAX),
    });
    hints.dedup();
    for hint in hints {
        resolver.take(hint)?;
    }
    Ok(resolver.found)
}

struct Resolver<'a> {
    from: &'a Catalog,
    to: &'a Catalog,
    found: Resolved,
}

impl Resolver<'_> {
    fn take(&mut self, hint: &Hint) -> Result<(), HintError> {
        match hint {
            Hint::Rename { kind, old, new } if kind == "label" => self.rename_label(old, new),
            Hint::Rename { kind, old, new } => self.rename(kind, old, new),
            Hint::RenamedFrom { object, old } => self.renamed_from(object, old),
            Hint::MapLabel { r#type, old, new } => self.map_label(r#type, old, new),
            Hint::Using { object, expression } => {
                self.found.options.using.insert(object.clone(), expression.clone());
                Ok(())
            }
            Hint::Fill { object, expression } => {
                self.found.options.fill.insert(object.clone(), expression.clone());
                Ok(())
            }
        }
    }

    fn rename(&mut self, kind: &str, old: &str, new: &str) -> Result<(), HintError> {
        let hint = format!("{kind}:{old}={new}");
        let (old_path, new_path) = (path(old)?, path(new)?);
        let Some(id) = self.find(self.from, kind, &old_path, &hint)? else {
            return self.fulfilled(kind, &old_path, &new_path, &hint);
        };
        let target = self.target(&id, &new_path);
        self.add(id, target, &hint)
    }

    /// The id after the rename: a bare new name stays at its place, a whole path may move.
    fn target(&self, id: &ObjectId, new: &Path) -> ObjectId {
        let parent = id.parent().map(|parent| self.renamed(parent));
        let base = new.parts.last().map_or(id.base(), String::as_str);
        match (parent, id.name()) {
            (Some(parent), _) => id.with_base(base).with_parent(&parent),
            (None, Name::Global(_)) => id.with_base(base),
            (None, _) if new.parts.len() >= 2 => {
                id.with_base(base).with_schema(&new.parts[new.parts.len() - 2])
            }
            (None, _) => self.renamed(id).with_base(base),
        }
    }

    /// An id as the renames so far leave it.
    fn renamed(&self, id: &ObjectId) -> ObjectId {
        if let Some(new) = self.found.renames.get(id) {
            return new.clone();
        }
        if let Some(parent) = id.parent() {
            return id.with_parent(&self.renamed(parent));
        }
        let schema = self.found.renames.iter().find(|(old, _)| {
            matches!(old.name(), Name::Global(_))
                && old.schema().is_some()
                && old.schema() == id.schema()
        });
        match (schema, id.name()) {
            (Some((_, new)), Name::Qualified { .. } | Name::Routine { .. }) => {
                id.with_schema(new.base())
            }
            _ => id.clone(),
        }
    }

    fn add(&mut self, old: ObjectId, new: ObjectId, hint: &str) -> Result<(), HintError> {
        if old == new {
            return Ok(());
        }
        if !self.to.contains(&new) && !self.routine_twin(&new) {
            return Err(HintError::NoTarget {
                hint: hint.to_owned(),
                old: old.to_string(),
                new: new.to_string(),
            });
        }
        match self.found.renames.insert(old.clone(), new.clone()) {
            Some(other) if other != new => Err(HintError::Twice { what: old.to_string() }),
            _ => Ok(()),
        }
    }

    /// Argument types may be renamed by other hints, so a routine's new id need not be spelled alike.
    fn routine_twin(&self, new: &ObjectId) -> bool {
        matches!(new.name(), Name::Routine { .. })
            && self.to.objects.keys().any(|id| {
                id.kind() == new.kind() && id.schema() == new.schema() && id.base() == new.base()
            })
    }

    fn fulfilled(
        &mut self,
        kind: &str,
        old: &Path,
        new: &Path,
        hint: &str,
    ) -> Result<(), HintError> {
        let mut whole = Path { parts: old.parts.clone(), args: old.args.clone() };
        if new.parts.len() > 1 {
            whole.parts.clone_from(&new.parts);
        } else if let (Some(last), Some(base)) = (whole.parts.last_mut(), new.parts.last()) {
            last.clone_from(base);
        }
        match self.find(self.from, kind, &whole, hint)? {
            Some(id) => {
                self.found.notices.push(format!("{id} already has its new name; {hint} is done"));
                Ok(())
            }
            None => Err(HintError::Nothing {
                hint: hint.to_owned(),
                what: format!("{kind} {}", old.parts.join(".")),
            }),
        }
    }

    fn renamed_from(&mut self, object: &ObjectId, old: &str) -> Result<(), HintError> {
        if self.from.contains(object) && !self.has_old_name(object, old)? {
            return Ok(());
        }
        let hint = format!("renamed from {old} beside {object}");
        let old_path = path(old)?;
        let base = old_path.parts.last().map_or("", String::as_str);
        let mut candidate = object.with_base(base);
        if object.parent().is_none() && old_path.parts.len() >= 2 {
            candidate = candidate.with_schema(&old_path.parts[old_path.parts.len() - 2]);
        }
        if let Some(parent) = object.parent() {
            let before = self.found.renames.iter().find(|(_, new)| *new == parent);
            let before = before.map_or(parent.clone(), |(old, _)| old.clone());
            candidate = candidate.with_parent(&before);
        }
        match (self.from.contains(&candidate), self.from.contains(object)) {
            // It is the type that renames its labels.
            (true, _) if object.kind().word() == "label" => {
                let owner = object.parent().unwrap_or(object).clone();
                let renames = self.found.options.label_renames.entry(owner).or_default();
                renames.insert(base.to_owned(), object.base().to_owned());
                Ok(())
            }
            (true, _) => self.add(candidate, object.clone(), &hint),
            (false, true) => {
                self.found.notices.push(format!("{object} already has its new name"));
                Ok(())
            }
            // Neither exists: it is simply new here.
            (false, false) => Ok(()),
        }
    }

    fn has_old_name(&self, object: &ObjectId, old: &str) -> Result<bool, HintError> {
        let base = path(old)?.parts.pop().unwrap_or_default();
        Ok(self.from.contains(&object.with_base(&base)))
    }

    fn rename_label(&mut self, old: &str, new: &str) -> Result<(), HintError> {
        let at = find_outside_quotes(old, ':').unwrap_or(old.len());
        let (owner, label) = (&old[..at], old.get(at + 1..).unwrap_or_default());
        let hint = format!("label:{old}={new}");
        let (id, current) = self.enum_of(owner, &hint)?;
        if !self.has_label(self.from, &current, label) {
            return match self.has_label(self.from, &current, new) {
                true => {
                    self.found.notices.push(format!("{id} already has {}", quote::literal(new)));
                    Ok(())
                }
                false => Err(HintError::Nothing { hint, what: format!("label {label:?} of {id}") }),
            };
        }
        let renames = self.found.options.label_renames.entry(id).or_default();
        renames.insert(label.to_owned(), new.to_owned());
        Ok(())
    }

    fn map_label(&mut self, owner: &str, old: &str, new: &Option<String>) -> Result<(), HintError> {
        let hint = format!("{owner}:{old}={}", new.as_deref().unwrap_or("NULL"));
        let (id, current) = self.enum_of(owner, &hint)?;
        // Where there is no such type yet, it may be a value of another that becomes the enum.
        if self.from.contains(&current) && !self.has_label(self.from, &current, old) {
            let label = quote::literal(old);
            self.found.notices.push(format!("{id} has no label {label} any more"));
        }
        if let Some(new) = new
            && self.is_label_rename((&id, &current), old, new)
        {
            let renames = self.found.options.label_renames.entry(id.clone()).or_default();
            renames.insert(old.to_owned(), new.clone());
        }
        let maps = self.found.options.label_maps.entry(id).or_default();
        maps.insert(old.to_owned(), new.clone());
        Ok(())
    }

    /// Whether one label goes and the other comes, so that a rename does what the map says, without a rebuild.
    fn is_label_rename(&self, (id, current): (&ObjectId, &ObjectId), old: &str, new: &str) -> bool {
        let renames = self.found.options.label_renames.get(id);
        self.has_label(self.from, current, old)
            && !self.has_label(self.from, current, new)
            && self.has_label(self.to, id, new)
            && !self.has_label(self.to, id, old)
            && !renames.is_some_and(|r| r.contains_key(old) || r.values().any(|taken| taken == new))
    }

    /// The enum's new id and its current one; named by either.
    fn enum_of(&self, owner: &str, hint: &str) -> Result<(ObjectId, ObjectId), HintError> {
        let owner_path = path(owner)?;
        if let Some(id) = self.find(self.from, "type", &owner_path, hint)? {
            return Ok((self.renamed(&id), id));
        }
        if let Some(id) = self.find(self.to, "type", &owner_path, hint)? {
            let before = self.found.renames.iter().find(|(_, new)| **new == id);
            let before = before.map_or(id.clone(), |(old, _)| old.clone());
            return Ok((id, before));
        }
        Err(HintError::Nothing { hint: hint.to_owned(), what: format!("type {owner}") })
    }

    fn has_label(&self, catalog: &Catalog, owner: &ObjectId, label: &str) -> bool {
        catalog.objects.keys().any(|id| id.parent() == Some(owner) && id.base() == label)
    }

    fn find(
        &self,
        catalog: &Catalog,
        kind: &str,
        path: &Path,
        hint: &str,
    ) -> Result<Option<ObjectId>, HintError> {
        let mut found: Vec<&ObjectId> = catalog
            .objects
            .iter()
            .filter(|(id, object)| {
                id.base() == path.parts[path.parts.len() - 1]
                    && is_a(id, object, kind)
                    && (self.at(id, path) || in_schema(id, object, path))
            })
            .map(|(id, _)| id)
            .collect();
        // An exact word wins: "view" before "materialized view".
        if found.len() > 1 && found.iter().any(|id| id.kind().word() == kind) {
            found.retain(|id| id.kind().word() == kind);
        }
        match found[..] {
            [] => Ok(None),
            [id] => Ok(Some(id.clone())),
            _ => Err(HintError::Ambiguous {
                hint: hint.to_owned(),
                candidates: found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Whether a path leads to an object, by its parent's old or new name.
    fn at(&self, id: &ObjectId, path: &Path) -> bool {
        let mut parts = path.parts.iter().rev().skip(1);
        let mut here = id.clone();
        while let Some(parent) = here.parent().cloned() {
            let Some(part) = parts.next() else { return true };
            if part != parent.base() && part != self.renamed(&parent).base() {
                return false;
            }
            here = parent;
        }
        let schema = match here.name() {
            Name::Global(_) | Name::Member { .. } => return parts.next().is_none(),
            Name::Qualified { schema, .. } | Name::Routine { schema, .. } => schema,
        };
        if let (Name::Routine { args, .. }, Some(wanted)) = (here.name(), &path.args)
            && args.as_ref() != wanted
        {
            return false;
        }
        let moved = self.renamed(&here);
        parts
            .next()
            .is_none_or(|part| part == schema.as_ref() || Some(part.as_str()) == moved.schema())
            && parts.next().is_none()
    }
}

/// Whether a member whose name is one of its schema's (an index) is addressed by that.
fn in_schema(id: &ObjectId, object: &Object, path: &Path) -> bool {
    let schema = match &path.parts[..] {
        [schema, _] => Some(schema.as_str()),
        _ => None,
    };
    id.parent().is_some()
        && schema == id.schema()
        && object.slots(id).iter().any(|slot| slot.space == "pg_class")
}

/// Whether an object is of what a person calls `word`: "type" is any type, "view" also a materialised one,
/// "function" any routine.
fn is_a(id: &ObjectId, object: &Object, word: &str) -> bool {
    let own = id.kind().word();
    let is_type = || {
        if own.ends_with(" type") {
            return true;
        }
        let slots = object.slots(id);
        slots.iter().any(|slot| slot.space == "pg_type")
            && !slots.iter().any(|slot| slot.space == "pg_class")
    };
    own == word
        || own.replace(' ', "_") == word
        || word == "enum" && own == "type"
        || word == "type" && is_type()
        || word == "view" && own.ends_with(" view")
        || (word == "function" || word == "routine") && matches!(id.name(), Name::Routine { .. })
}
