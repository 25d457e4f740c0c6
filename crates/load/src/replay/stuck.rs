//! What happens when nothing moves any more.

use std::collections::BTreeSet;

use super::{Replay, failure::Failure};
use crate::LoadError;

impl Replay<'_> {
    /// A DROP at which its file stands still, of something that no statement before it makes: there is nothing
    /// to drop. (`pg_dump --clean` begins with such.)
    pub(super) fn let_drops_pass(&mut self) -> bool {
        let script = self.script;
        let pass = self.failures.iter().find(|(index, failure)| {
            let statement = &script.statements[**index];
            let earlier = |i: usize| script.statements[i].unit == statement.unit && i < **index;
            statement.judged.drops && failure.is_missing() && !self.left().any(earlier)
        });
        let Some((&index, failure)) = pass else { return false };
        let first = || (script.statements[index].span.line(), failure.message.clone());
        let (_, more) = self.passed_drops.get_or_insert_with(|| (first(), 0));
        *more += 1;
        self.failures.remove(&index);
        self.done[index] = true;
        true
    }

    /// Everything stands still, and some of it before a barrier behind which stands what it waits for.
    pub(super) fn fetch_what_is_missing(&mut self) -> Result<bool, LoadError> {
        let names: Vec<String> =
            self.failures.values().filter_map(|f| f.missing_name().map(str::to_owned)).collect();
        let mut wanted: Vec<String> = names;
        let mut asked = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            for index in self.definers.get(name.as_str()).cloned().unwrap_or_default() {
                let open = !self.done[index] && !self.hopeless.contains_key(&index);
                if !open || !asked.insert(index) {
                    continue;
                }
                if self.single(index)? {
                    return Ok(true);
                }
                let next = self.failures.get(&index).and_then(Failure::missing_name);
                wanted.extend(next.map(str::to_owned));
            }
        }
        Ok(false)
    }

    /// What is left when nothing moves: each stuck statement with its own error.
    pub(super) fn verdict(&mut self) -> Result<(), LoadError> {
        let script = self.script;
        // What merely waits for a statement that can never run is not worth a message of its own.
        let stuck = if self.hopeless.is_empty() { &self.failures } else { &self.hopeless };
        if stuck.is_empty() {
            return Ok(());
        }
        let errors = stuck
            .iter()
            .map(|(&index, failure)| {
                let statement = &script.statements[index];
                let mut error = failure.clone().at(statement);
                if failure.is_missing() {
                    let missing = self.missing_extensions.iter();
                    error.notes.extend(missing.map(|(name, why)| {
                        format!("extension {name} of the current side could not be made in the shadow database: {why}")
                    }));
                }
                if let Some(first) = self.first_definition(index, failure) {
                    error.notes.push(format!("{first} defines it first"));
                }
                error
            })
            .collect();
        Err(LoadError::Sql(errors))
    }

    /// Where the thing that "already exists" was made.
    fn first_definition(&self, index: usize, failure: &Failure) -> Option<String> {
        if !failure.message.ends_with("already exists") {
            return None;
        }
        let names = &self.script.statements[index].judged.defines;
        let before = self.script.statements[..index].iter();
        let mut before = before;
        let found = before.rfind(|s| s.judged.defines.iter().any(|name| names.contains(name)))?;
        Some(found.span.line())
    }
}
