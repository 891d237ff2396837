//! POSIX: process groups, signals, wait statuses.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::ExitStatus;

use duct::{Expression, Handle};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

use super::super::exit::Exit;

/// The exit of a process that aborts.
pub const ABORTED: Exit = Exit::Signal(Signal::ABORT.as_raw());

/// The null device: it is empty, and output to it is lost.
pub const NULL_DEVICE: &str = "/dev/null";

/// Returns the environment of a pass in a folder. It hides the certificates of this machine: a snippet connects only to
/// itself, and reading them takes as long as three starts of an interpreter.
pub fn environment(folder: &str) -> BTreeMap<String, String> {
    let set = [
        ("HOME", folder),
        ("TMPDIR", folder),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "C.UTF-8"),
        ("SSL_CERT_FILE", NULL_DEVICE),
    ];
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Lets other users read a new file, as far as the user's mask allows it.
pub fn let_others_read(file: &mut tempfile::Builder) {
    file.permissions(Permissions::from_mode(0o666));
}

/// Opens a file to which nobody else of us writes as long as it is open. Returns `None` if somebody has it. Devices, and file
/// systems without locks, are for all.
///
/// # Errors
/// When it cannot be opened.
pub fn open_alone(options: &OpenOptions, path: &Path) -> io::Result<Option<File>> {
    let file = options.open(path)?;
    let is_taken =
        file.metadata()?.is_file() && flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK);
    Ok(Some(file).filter(|_| !is_taken))
}

/// Lets us use a folder of ours again, whatever its mode is.
///
/// # Errors
/// When it is gone.
pub fn restore(folder: &Path) -> io::Result<()> {
    let mode = std::fs::symlink_metadata(folder)?.permissions().mode();
    if mode & 0o700 == 0o700 { Ok(()) } else { std::fs::set_permissions(folder, Permissions::from_mode(mode | 0o700)) }
}

/// Does nothing, because files of any mode can be removed.
pub fn make_removable(_: &Path) {}

/// Returns a text that is the same for all names of a file, hard links too. A file that is missing has none.
pub fn identity(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(format!("{}:{}", metadata.dev(), metadata.ino()))
}

/// Returns a folder that the system keeps in memory, if it has one. On a disk, making and removing the files of a pass
/// would take a fifth of its time.
pub fn memory() -> Option<&'static Path> {
    cfg!(target_os = "linux").then(|| Path::new("/dev/shm"))
}

/// Returns how a child ended.
pub fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::NotStarted("it ended without a status".into()),
    }
}

/// Returns how a child of a child ended, from the status that `waitpid` returned.
pub fn exit_of_waited(status: i32) -> Exit {
    exit_of(ExitStatus::from_raw(status))
}

/// Makes a child the leader of a process group.
pub fn in_own_group(command: &Expression) -> Expression {
    command.before_spawn(|command| {
        command.process_group(0);
        Ok(())
    })
}

/// Kills a child and its process group, with its grandchildren, and reaps the child.
pub fn kill(handle: &Handle) {
    if let Some(leader) = handle.pids().first() {
        kill_group(*leader);
    }
    // It may have left its group. If it has ended already, this reaps it.
    let _ = handle.kill();
}

/// Kills a process that nobody has waited for yet.
pub fn kill_process(process: u32) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // Fails when it has ended.
        let _ = rustix::process::kill_process(process, Signal::KILL);
    }
}

/// Kills the process group that a process leads.
pub fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // Fails when no member is left, which is what we want.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
