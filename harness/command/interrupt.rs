//! Interruptions: an orderly end at the first, and at once at the second.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use super::cli::exit;

/// Set when the user interrupts: nothing more begins.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// Has an interruption set [`STOP`], after a message; a second one ends the program.
pub(super) fn stop_in_order(message: &'static str) -> Result<()> {
    let interrupted = move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::HARNESS.into());
        }
        eprintln!("{message}");
    };
    ctrlc::set_handler(interrupted).context("cannot watch for interruptions")
}
