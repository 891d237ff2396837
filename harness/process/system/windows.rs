//! Windows: no groups, no signals, no terminals; only the ids of their parents connect a tree of processes.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::ExitStatus;
use std::{env, io};

use duct::{Expression, Handle, cmd};

use super::super::exit::Exit;
use super::windows_rules::{environment_of, exit_of_status};

/// The exit of a process that aborts: the C library ends it with `STATUS_STACK_BUFFER_OVERRUN`.
pub const ABORTED: Exit = Exit::Exception(0xC000_0409);

/// The null device: it has nothing to read, and takes what nobody wants.
pub const NULL_DEVICE: &str = "NUL";

/// The flag `CREATE_NEW_PROCESS_GROUP`.
const NEW_GROUP: u32 = 0x200;

/// Returns the environment of a pass in a folder.
pub fn environment(folder: &str) -> BTreeMap<String, String> {
    environment_of(|name| env::var(name).ok(), folder)
}

/// Does nothing, because a file has the permissions of its folder.
pub fn let_others_read(_: &mut tempfile::Builder) {}

/// The flag `FILE_SHARE_READ`.
const OTHERS_READ: u32 = 1;

/// The error `ERROR_SHARING_VIOLATION`.
const SHARING_VIOLATION: i32 = 32;

/// Opens a file to which nobody else writes as long as it is open. Returns `None` if somebody has it.
///
/// # Errors
/// When it cannot be opened.
pub fn open_alone(options: &OpenOptions, path: &Path) -> io::Result<Option<File>> {
    match options.clone().share_mode(OTHERS_READ).open(path) {
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        file => file.map(Some),
    }
}

/// Does nothing, because no mode of a folder of ours forbids its use.
///
/// # Errors
/// When it is gone.
pub fn restore(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(drop)
}

/// Makes the read-only files below a folder writable, because they cannot be removed otherwise.
pub fn make_removable(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(found) = entry.metadata() else { continue };
        let mut permissions = found.permissions();
        if permissions.readonly() {
            permissions.set_readonly(false);
            // If this fails, the removal fails too, and reports it.
            let _ = fs::set_permissions(entry.path(), permissions);
        }
        // A link may lead to a folder that is not ours.
        if found.is_dir() {
            make_removable(&entry.path());
        }
    }
}

/// Returns a text that is the same for all names of a file, except hard links. A file that is missing has none.
pub fn identity(path: &Path) -> Option<String> {
    Some(path.canonicalize().ok()?.to_string_lossy().into_owned())
}

/// Returns no folder: none is known to be in memory.
pub fn memory() -> Option<&'static Path> {
    None
}

/// Returns how a child ended.
pub fn exit_of(status: ExitStatus) -> Exit {
    exit_of_status(status.code().unwrap_or(-1))
}

/// Returns how a child of a child ended, from the status that `os.waitpid` returned.
pub fn exit_of_waited(status: i32) -> Exit {
    exit_of_status(status)
}

/// Keeps a child out of our group of the console: it must not interrupt us, and our user must not interrupt it.
pub fn in_own_group(command: &Expression) -> Expression {
    command.before_spawn(|command| {
        command.creation_flags(NEW_GROUP);
        Ok(())
    })
}

/// Kills a child that still runs, and those of its descendants whose parents still run. If the child has ended already,
/// its processes continue to run.
pub fn kill(handle: &Handle) {
    if matches!(handle.try_wait(), Ok(None)) {
        handle.pids().iter().for_each(|process| kill_group(*process));
        // Fails when the child has ended already.
        let _ = handle.kill();
    }
}

/// Kills a process and its descendants, as `kill_group` does: there are no groups that it could have left.
pub fn kill_process(process: u32) {
    kill_group(process);
}

/// Kills a process and its descendants.
pub fn kill_group(leader: u32) {
    // If this fails, the process itself is still killed by its handle.
    let _ = cmd!("taskkill", "/F", "/T", "/PID", leader.to_string()).stdout_null().stderr_null().unchecked().run();
}

/// A terminal, which this system does not offer.
pub struct Terminal;

impl Terminal {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: Vec<u8>, _: File) -> io::Result<(File, Terminal)> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "terminals are for POSIX only"))
    }

    /// Does nothing.
    pub fn finish(self) {}
}
