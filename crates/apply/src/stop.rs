//! Ctrl-C while a statement runs: a watcher tells the server to stop it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use ordain_introspect::connect::Target;
use postgres::CancelToken;

const LOOK: Duration = Duration::from_millis(50);
/// A cancel that arrives between two statements has no effect, so it is sent again.
const AGAIN: u32 = 10;

/// Whether to stop, and what to cancel then.
pub(crate) struct Stop {
    wanted: Option<&'static AtomicBool>,
    token: Mutex<Option<CancelToken>>,
    done: AtomicBool,
}

impl Stop {
    pub fn wanted(&self) -> bool {
        self.wanted.is_some_and(|wanted| wanted.load(Ordering::SeqCst))
    }

    /// The connection that is at work from now on.
    pub fn set(&self, token: Option<CancelToken>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Sleeps, but not longer than until a stop is wanted.
    pub fn sleep(&self, time: Duration) {
        let mut left = time;
        while !left.is_zero() && !self.wanted() {
            let nap = left.min(LOOK);
            thread::sleep(nap);
            left -= nap;
        }
    }

    fn watch(&self, target: &Target) {
        let mut looks = 0;
        while !self.done.load(Ordering::SeqCst) {
            if self.wanted() {
                if looks % AGAIN == 0 {
                    let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    // Failing is fine: the work notices the wish at its next step.
                    let _ = token.map(|token| target.cancel(&token));
                }
                looks += 1;
            }
            thread::sleep(LOOK);
        }
    }
}

/// Does `work` while a watcher looks out for `cancel`.
pub(crate) fn watched<T>(
    target: &Target,
    cancel: Option<&'static AtomicBool>,
    work: impl FnOnce(&Stop) -> T,
) -> T {
    let stop = Stop { wanted: cancel, token: Mutex::new(None), done: AtomicBool::new(false) };
    if cancel.is_none() {
        return work(&stop);
    }
    thread::scope(|scope| {
        scope.spawn(|| stop.watch(target));
        // Ends the watcher also when the work panics: a scope waits for its threads.
        let _end = End(&stop.done);
        work(&stop)
    })
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
