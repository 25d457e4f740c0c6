//! Ctrl-C: the first one asks for an orderly end, the second one ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set by the first Ctrl-C (or SIGTERM). Whoever works for long looks at it between two pieces of work.
pub static CANCELLED: AtomicBool = AtomicBool::new(false);

pub fn install() {
    // Only fails when a handler is there already; then Ctrl-C does what that one says.
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::SeqCst) {
            std::process::exit(1);
        }
        eprintln!("\ninterrupted: cleaning up (again to stop at once)");
    });
}

pub fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}
