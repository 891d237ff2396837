//! Orphans on Linux: the processes whose parents have ended become our children.

use std::fs;

use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, waitpid};

/// Makes us the parent of the orphans among our descendants. Returns whether the kernel can do that (3.4 or later).
pub fn adopt_orphans() -> bool {
    set_child_subreaper(Some(getpid())).is_ok()
}

/// Returns the children of our first thread. The kernel makes orphans its children.
pub fn children() -> Vec<u32> {
    let us = getpid().as_raw_pid();
    let list = fs::read_to_string(format!("/proc/self/task/{us}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// Tells whether the working directory of a process was removed.
pub fn is_folder_removed(process: u32) -> bool {
    let folder = fs::read_link(format!("/proc/{process}/cwd"));
    folder.is_ok_and(|folder| folder.to_string_lossy().ends_with(" (deleted)"))
}

/// Tells whether a child has ended, and reaps it.
pub fn has_ended(child: u32) -> bool {
    let child = i32::try_from(child).ok().and_then(Pid::from_raw);
    child.is_none_or(|child| !matches!(waitpid(Some(child), WaitOptions::NOHANG), Ok(None)))
}
