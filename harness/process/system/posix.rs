//! POSIX: process groups, signals, wait statuses.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::ExitStatus;

use duct::{Expression, Handle};
use rustix::process::{Pid, Signal, kill_process_group};

use super::super::Exit;

/// As which a process ends that gives itself up.
pub const ABORTED: Exit = Exit::Signal(Signal::ABORT.as_raw());

/// The file in which nothing is.
pub const NOTHING: &str = "/dev/null";

/// The environment of a pass in a folder. It names no certificates: a snippet speaks to itself only, and reading those of
/// this machine takes as long as three starts of an interpreter.
pub fn environment(folder: &str) -> BTreeMap<String, String> {
    let set = [
        ("HOME", folder),
        ("TMPDIR", folder),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "C.UTF-8"),
        ("SSL_CERT_FILE", NOTHING),
    ];
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Makes a new file one that others may read, if the user's mask lets them.
pub fn let_others_read(file: &mut tempfile::Builder) {
    file.permissions(Permissions::from_mode(0o666));
}

/// Does nothing: a folder's own mode is what counts.
pub fn make_removable(_: &Path) {}

/// How a child ended.
pub fn ended(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::NotStarted("it ended without a status".into()),
    }
}

/// How a child of a child ended, by what `waitpid` said of it.
pub fn waited(status: i32) -> Exit {
    ended(ExitStatus::from_raw(status))
}

/// Makes a child the leader of a process group.
pub fn in_own_group(command: &Expression) -> Expression {
    command.before_spawn(|command| {
        command.process_group(0);
        Ok(())
    })
}

/// Kills the group that the child leads, grandchildren included, and reaps the child.
pub fn kill(handle: &Handle) {
    if let Some(leader) = handle.pids().first() {
        kill_group(*leader);
    }
    // The status is known already, or the child was just killed.
    let _ = handle.wait();
}

/// Kills the process group that a process leads.
pub fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // Fails when no member is left, which is what we want.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
