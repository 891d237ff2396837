//! Interruptions: the first one ends the program in order, and the second one at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use super::cli::exit;
use super::files::say;

/// Becomes true when the user interrupts. Nothing new starts then.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// Sets a handler for interruptions: the first one sets [`STOP`] and prints a message, the second one ends the program.
pub(super) fn stop_in_order(message: &'static str) -> Result<()> {
    let interrupted = move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::HARNESS.into());
        }
        say(message);
    };
    ctrlc::set_handler(interrupted).context("cannot watch for interruptions")
}
