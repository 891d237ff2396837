//! Strays: processes that a pass left behind.
//!
//! A process that leaves its process group survives the end of its pass. On Linux we become the parent of such orphans, so
//! that we can find and end them. Elsewhere they run on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use duct::Handle;

use super::system::{adopt_orphans, children, has_ended, is_folder_removed, kill_process};

/// The children that we started and have not waited for.
static OURS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Whether we are the parent of strays. Other children may be those of a library otherwise.
static ARE_ADOPTED: AtomicBool = AtomicBool::new(false);

/// The time in which all strays must have ended that were killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts a child that is nobody's stray, until [`forget`] is called.
pub(super) fn start(start: impl FnOnce() -> io::Result<Handle>) -> io::Result<Handle> {
    // While the lock is held, no child is taken for a stray that is not in the set yet.
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = start()?;
    ours.extend(handle.pids());
    Ok(handle)
}

/// Says that a child was waited for. Another process may have its number from now on.
pub(super) fn forget(handle: &Handle) {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    handle.pids().iter().for_each(|process| {
        ours.remove(process);
    });
}

/// Makes us the parent of processes whose parents have ended, if we started one of their ancestors.
pub fn adopt() {
    ARE_ADOPTED.store(adopt_orphans(), Ordering::Relaxed);
}

/// Ends the strays whose working directory was removed: their pass has ended.
pub fn end_of_removed() {
    end(is_folder_removed);
}

/// Ends all strays. No pass may run any more.
pub fn end_all() {
    let start = Instant::now();
    // The children of a stray become strays when it ends.
    while end(|_| true) > 0 && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Kills some strays, reaps those that have ended, and returns how many are left.
fn end(is_over: impl Fn(u32) -> bool) -> usize {
    if !ARE_ADOPTED.load(Ordering::Relaxed) {
        return 0;
    }
    let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut left = 0;
    for stray in children().into_iter().filter(|child| !ours.contains(child)) {
        if is_over(stray) {
            kill_process(stray);
        }
        left += usize::from(!has_ended(stray));
    }
    left
}
