//! In which order statements are tried, and what is tried again when.

use std::collections::BTreeSet;

use super::{CHUNK, Replay, failure::Failure};
use crate::{LoadError, sql::class::Class};

impl Replay<'_> {
    /// Runs everything that is neither an extension nor an event trigger.
    pub(super) fn statements(&mut self) -> Result<(), LoadError> {
        loop {
            let mut moved = self.pass()?;
            if self.left().next().is_none() {
                return Ok(());
            }
            if !moved && !self.asleep.is_empty() {
                // What they miss may have come in another way than by name.
                self.asleep.clear();
                self.waiters.clear();
                moved = self.pass()?;
            }
            if !moved
                && !self.let_drops_pass()
                && !self.fetch_what_is_missing()?
                && !self.copy_what_is_elsewhere()?
            {
                return Ok(());
            }
        }
    }

    /// Statements that still have to run, in order.
    pub(super) fn left(&self) -> impl Iterator<Item = usize> {
        let open = |i: &usize| !self.done[*i] && !self.hopeless.contains_key(i);
        let later = |i: &usize| self.script.statements[*i].judged.class == Class::EventTrigger;
        (0..self.done.len()).filter(move |i| open(i) && !later(i))
    }

    /// Tries all that is left, once and in order. Returns whether anything ran.
    pub(super) fn pass(&mut self) -> Result<bool, LoadError> {
        let script = self.script;
        let left: Vec<usize> = self.left().collect();
        let mut moved = false;
        // Units in which something waits: a barrier there waits as well, and all behind it.
        let mut waiting: BTreeSet<usize> = BTreeSet::new();
        let mut closed: BTreeSet<usize> = BTreeSet::new();
        let mut chunk: Vec<usize> = Vec::new();
        for index in left {
            let statement = &script.statements[index];
            let alone = statement.judged.class == Class::Alone || statement.judged.barrier;
            let breaks = chunk.last().is_some_and(|&last| {
                script.statements[last].settings != statement.settings
                    || script.statements[last].unit != statement.unit
            });
            let moves = statement.judged.moves && !self.owners.is_empty();
            if breaks || alone || moves || chunk.len() >= CHUNK {
                moved |= self.chunk(&std::mem::take(&mut chunk), &mut waiting)?;
                moved |= self.wake()?;
            }
            if self.done[index] {
                continue;
            }
            if self.asleep.contains(&index) {
                waiting.insert(statement.unit);
                if statement.judged.barrier {
                    closed.insert(statement.unit);
                }
                continue;
            }
            if closed.contains(&statement.unit) {
                continue;
            }
            let held_up = waiting.contains(&statement.unit)
                || statement.judged.everywhere && !waiting.is_empty();
            if statement.judged.barrier && held_up {
                closed.insert(statement.unit);
                continue;
            }
            match statement.judged.class {
                Class::Owner => {
                    // Together, when all is there; to the next statements it is as if it had run.
                    self.owners.push(index);
                    self.done[index] = true;
                    moved = true;
                }
                _ if alone => {
                    if statement.judged.moves {
                        self.flush_owners()?;
                    }
                    if self.single(index)? {
                        moved = true;
                    } else {
                        waiting.insert(statement.unit);
                        if statement.judged.barrier {
                            closed.insert(statement.unit);
                        }
                    }
                }
                _ => {
                    if statement.judged.moves {
                        self.flush_owners()?;
                    }
                    chunk.push(index);
                }
            }
        }
        moved |= self.chunk(&chunk, &mut waiting)?;
        moved |= self.wake()?;
        Ok(moved)
    }

    /// Tries again what slept until something was made, and what slept until that was made. Barriers keep their place:
    /// they are for the next pass.
    fn wake(&mut self) -> Result<bool, LoadError> {
        let script = self.script;
        let mut moved = false;
        while !self.woken.is_empty() {
            let woken = std::mem::take(&mut self.woken);
            let ready = |i: &usize| !self.done[*i] && !script.statements[*i].judged.barrier;
            let ready: Vec<usize> = woken.into_iter().filter(ready).collect();
            let place = |i: &usize| (script.statements[*i].unit, script.statements[*i].settings);
            for neighbours in ready.chunk_by(|a, b| place(a) == place(b)) {
                for chunk in neighbours.chunks(CHUNK) {
                    moved |= self.chunk(chunk, &mut BTreeSet::new())?;
                }
            }
        }
        Ok(moved)
    }

    /// A statement has run.
    pub(super) fn finish(&mut self, index: usize) {
        let script = self.script;
        self.done[index] = true;
        self.failures.remove(&index);
        for name in &script.statements[index].judged.defines {
            for waiter in self.waiters.remove(name).unwrap_or_default() {
                if self.asleep.remove(&waiter) {
                    self.woken.insert(waiter);
                }
            }
        }
    }

    /// A statement is put off: until what it misses is made, if something here makes that.
    pub(super) fn put_off(&mut self, index: usize, failure: Failure) {
        if let Some(name) = failure.missing_name().filter(|_| failure.is_missing()) {
            let open =
                |i: &&usize| **i != index && !self.done[**i] && !self.hopeless.contains_key(*i);
            if self.definers.get(name).is_some_and(|all| all.iter().any(|i| open(&i))) {
                self.asleep.insert(index);
                self.waiters.entry(name.to_owned()).or_default().push(index);
            }
        }
        self.failures.insert(index, failure);
    }

    /// Runs neighbours in one transaction, or one by one where that fails.
    fn chunk(&mut self, chunk: &[usize], waiting: &mut BTreeSet<usize>) -> Result<bool, LoadError> {
        let Some(&first) = chunk.first() else { return Ok(false) };
        let script = self.script;
        if chunk.len() > 1 {
            self.settings(script.statements[first].settings)?;
            let mut sql = String::new();
            for &index in chunk {
                sql.push_str(&script.statements[index].sql());
                sql.push_str(";\n");
            }
            if self.send(&sql)?.is_ok() {
                self.grants_that_had_no_effect(chunk)?;
                chunk.iter().for_each(|&index| self.finish(index));
                return Ok(true);
            }
        }
        let mut moved = false;
        for &index in chunk {
            if self.single(index)? {
                moved = true;
            } else {
                waiting.insert(script.statements[index].unit);
            }
        }
        Ok(moved)
    }
}
