//! The system: all that differs between POSIX and Windows, each with the same names. Nothing outside asks which it is,
//! but for where Pythons are installed and what is said to the user.

use std::path::Path;

#[cfg(unix)]
mod posix;
#[cfg(unix)]
mod terminal;
#[cfg(any(windows, test))]
mod windows;

#[cfg(unix)]
pub(super) use posix::{ABORTED, NOTHING, ended, in_own_group, kill, kill_group, waited};
#[cfg(unix)]
pub(crate) use posix::{environment, let_others_read, make_removable};
#[cfg(unix)]
pub(super) use terminal::Terminal;

#[cfg(windows)]
pub(super) use windows::{ABORTED, NOTHING, Terminal, ended, in_own_group, kill, kill_group, waited};
#[cfg(windows)]
pub(crate) use windows::{environment, let_others_read, make_removable};

/// Returns the folder whose files are in memory, where there is one. On a disk's file system the making and removing of
/// what is exchanged, which lives for milliseconds, would be a fifth of what a pass costs.
pub(crate) fn memory() -> Option<&'static Path> {
    cfg!(target_os = "linux").then(|| Path::new("/dev/shm"))
}
