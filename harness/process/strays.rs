//! Strays: processes and folders that a pass or a killed run left behind.
//!
//! A process that leaves its process group survives the end of its pass. On Linux we become the parent of such orphans, so
//! that we can find and end them. Elsewhere they run on.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, PoisonError};

use duct::{Expression, Handle};

/// The children that we started and have not waited for.
static OURS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Starts a child that is nobody's stray, until [`forget`] is called.
pub(super) fn start(command: &Expression) -> io::Result<Handle> {
    // While the lock is held, no child is taken for a stray that is not in the set yet.
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = command.start()?;
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

#[cfg(target_os = "linux")]
pub(crate) use linux::{adopt, end_all, end_of_removed};

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::PoisonError;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};
    use std::{fs, thread};

    use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid};

    use super::OURS;

    /// Whether we are the parent of strays. A child that is not ours is none otherwise.
    static ARE_ADOPTED: AtomicBool = AtomicBool::new(false);

    /// The time in which all strays must have ended that were killed.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Makes us the parent of processes whose parents have ended, if we started one of their ancestors.
    pub fn adopt() {
        // Kernels before 3.4 cannot do that. Then strays run on, as on other systems.
        ARE_ADOPTED.store(set_child_subreaper(Some(getpid())).is_ok(), Ordering::Relaxed);
    }

    /// Ends the strays whose working directory was removed: their pass has ended.
    pub fn end_of_removed() {
        let is_removed = |process: Pid| {
            let folder = fs::read_link(format!("/proc/{}/cwd", process.as_raw_pid()));
            folder.is_ok_and(|folder| folder.to_string_lossy().ends_with(" (deleted)"))
        };
        end(is_removed);
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
    fn end(is_over: impl Fn(Pid) -> bool) -> usize {
        if !ARE_ADOPTED.load(Ordering::Relaxed) {
            return 0;
        }
        let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
        let strays = children()
            .into_iter()
            .filter(|child| !u32::try_from(child.as_raw_pid()).is_ok_and(|child| ours.contains(&child)));
        let mut left = 0;
        for stray in strays {
            if is_over(stray) {
                // Fails when it has ended.
                let _ = kill_process(stray, Signal::KILL);
            }
            left += usize::from(matches!(waitpid(Some(stray), WaitOptions::NOHANG), Ok(None)));
        }
        left
    }

    /// Returns the children of our first thread. The kernel makes orphans its children.
    fn children() -> Vec<Pid> {
        let us = getpid().as_raw_pid();
        let list = fs::read_to_string(format!("/proc/self/task/{us}/children")).unwrap_or_default();
        list.split_whitespace().filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
    }
}

/// Does nothing: this system does not tell us of orphans.
#[cfg(not(target_os = "linux"))]
pub(crate) fn adopt() {}

/// Does nothing, as `adopt`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_of_removed() {}

/// Does nothing, as `adopt`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_all() {}
