//! The system: all that differs between POSIX and Windows, with the same names on both.
//!
//! Nothing outside asks which system it is, except to find installed Pythons and to tell the user. Nothing here decides when
//! a child is started or killed.

#[cfg(any(windows, test))]
mod windows_rules;
#[cfg(windows)]
mod windows;
#[cfg(unix)]
mod posix;
#[cfg(unix)]
mod terminal;
#[cfg(target_os = "linux")]
mod orphans;
#[cfg(target_os = "linux")]
mod keeper;
#[cfg(target_os = "linux")]
mod kept;
#[cfg(not(target_os = "linux"))]
mod no_orphans;
#[cfg(not(target_os = "linux"))]
mod no_keeper;

#[cfg(unix)]
pub(super) use posix::{ABORTED, NULL_DEVICE, exit_of, exit_of_waited, in_own_group, kill, kill_group, kill_process};
#[cfg(unix)]
pub(crate) use posix::{environment, identity, let_others_read, make_removable, memory, open_alone, restore};
#[cfg(unix)]
pub(super) use terminal::Terminal;

#[cfg(not(target_os = "linux"))]
pub(super) use no_orphans::{adopt_orphans, children, has_ended, is_folder_removed};
#[cfg(target_os = "linux")]
pub(super) use orphans::{adopt_orphans, children, has_ended, is_folder_removed};

#[cfg(target_os = "linux")]
pub(super) use keeper::{FAILED, NOT_STARTED, PROGRAM, arguments, arguments_of_trial, serve};
#[cfg(target_os = "linux")]
pub(super) use kept::{end_namespace, init, kill_inside, kill_orphans, usage};
#[cfg(not(target_os = "linux"))]
pub(super) use no_keeper::{
    FAILED, NOT_STARTED, PROGRAM, arguments, arguments_of_trial, end_namespace, init, kill_inside, kill_orphans, serve,
    usage,
};

#[cfg(windows)]
pub(super) use windows::{
    ABORTED, NULL_DEVICE, Terminal, exit_of, exit_of_waited, in_own_group, kill, kill_group, kill_process,
};
#[cfg(windows)]
pub(crate) use windows::{environment, identity, let_others_read, make_removable, memory, open_alone, restore};
