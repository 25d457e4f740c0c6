//! Ctrl-C (and SIGTERM).
//!
//! Most of the time the run can end at once: nothing was changed, and a private shadow server is taken away by
//! its own supervisor. While something would be left behind, the first Ctrl-C asks for an orderly end and the
//! second one ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

/// An end was asked for. Whoever does what must end in an orderly way looks at it between two pieces of work.
pub static CANCELLED: AtomicBool = AtomicBool::new(false);

/// Something is under way that must not just be left.
static ORDERLY: AtomicBool = AtomicBool::new(false);

pub fn install() {
    // Only fails when a handler is there already; then Ctrl-C does what that one says.
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::SeqCst) || !ORDERLY.load(Ordering::SeqCst) {
            eprintln!("\ninterrupted");
            std::process::exit(1);
        }
        eprintln!("\ninterrupted: cleaning up (again to stop at once)");
    });
}

/// Does `work`, which looks at [`CANCELLED`] itself, without being cut off in the middle.
pub fn orderly<T>(work: impl FnOnce() -> T) -> T {
    ORDERLY.store(true, Ordering::SeqCst);
    let result = work();
    ORDERLY.store(false, Ordering::SeqCst);
    result
}

pub fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}
