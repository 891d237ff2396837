//! Scratch: the folders for temporary files of a process, and the removal of those that killed processes left.
//!
//! A process has one folder on disk and, where the system has that, one in memory. In each is a file with a lock. The
//! system takes the lock away when the process ends, however it ends. A folder without it is removed by the next run.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

use crate::process::system::memory;

/// The start of the names of the folders.
const PREFIX: &str = "audit578-run-";

/// How often something is tried again that another process may have undone.
#[cfg(unix)]
const ATTEMPTS: usize = 100;

/// The folders of this process, as long as somebody uses them.
static SHARED: Mutex<Weak<Scratch>> = Mutex::new(Weak::new());

/// The folders of a process. They are removed when they are dropped.
#[derive(Debug)]
pub struct Scratch {
    disk: Held,
    memory: Option<Held>,
}

/// A folder, and what says that its owner lives.
#[derive(Debug)]
struct Held {
    folder: TempDir,
    #[cfg(unix)]
    _lock: std::fs::File,
}

impl Scratch {
    /// Returns the folders of this process. The first caller makes them.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn shared() -> io::Result<Arc<Scratch>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scratch) = shared.upgrade() {
            return Ok(scratch);
        }
        // Without a folder in memory, all files are on disk.
        let memory = memory().and_then(|memory| Held::new(memory).ok());
        let scratch = Arc::new(Scratch { disk: Held::new(&std::env::temp_dir())?, memory });
        *shared = Arc::downgrade(&scratch);
        Ok(scratch)
    }

    /// Returns the folders.
    pub fn folders(&self) -> Vec<PathBuf> {
        let memory = self.memory.iter().map(|held| held.folder.path().to_owned());
        [self.disk.folder.path().to_owned()].into_iter().chain(memory).collect()
    }

    /// Makes an empty folder on disk.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn on_disk(&self) -> io::Result<TempDir> {
        empty_in(self.disk.folder.path())
    }

    /// Makes an empty folder in memory, or else on disk.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_memory(&self) -> io::Result<TempDir> {
        let in_memory = self.memory.as_ref().and_then(|memory| empty_in(memory.folder.path()).ok());
        in_memory.map_or_else(|| self.on_disk(), Ok)
    }
}

fn empty_in(folder: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("").tempdir_in(folder)
}

impl Held {
    #[cfg(unix)]
    fn new(parent: &Path) -> io::Result<Held> {
        for _ in 0..ATTEMPTS {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
            if let Some(lock) = owner::take(folder.path())? {
                return Ok(Held { folder, _lock: lock });
            }
        }
        Err(io::Error::other("another process removes each new folder"))
    }

    #[cfg(not(unix))]
    fn new(parent: &Path) -> io::Result<Held> {
        Ok(Held { folder: tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)? })
    }
}

/// Removes the folders that killed processes of this user left. Returns those that cannot be removed, with the reasons.
pub fn sweep() -> Vec<(PathBuf, io::Error)> {
    [Some(std::env::temp_dir()), memory().map(Path::to_owned)]
        .iter()
        .flatten()
        .flat_map(|parent| sweep_in(parent))
        .collect()
}

/// Does nothing, because the system does not tell whether the owner of a folder lives.
#[cfg(not(unix))]
fn sweep_in(_: &Path) -> Vec<(PathBuf, io::Error)> {
    Vec::new()
}

#[cfg(unix)]
fn sweep_in(parent: &Path) -> Vec<(PathBuf, io::Error)> {
    // A folder that cannot be listed has nothing that this user made.
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let paths = entries.flatten().map(|entry| entry.path()).filter(is_ours);
    paths.filter_map(|path| owner::remove_if_gone(&path).err().map(|error| (path, error))).collect()
}

/// The lock that says whether the owner of a folder lives.
#[cfg(unix)]
mod owner {
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
    use rustix::io::Errno;
    use rustix::process::geteuid;

    use super::ATTEMPTS;

    /// The file with the lock.
    const NAME: &str = "lock";

    /// Takes the lock of a new folder. Returns `None` if another process was about to remove the folder.
    pub(super) fn take(folder: &Path) -> io::Result<Option<File>> {
        let path = folder.join(NAME);
        let lock = match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let is_taken = is_locked(&lock)?;
        // The other process may have removed the file after its lock, which is free again.
        let is_there =
            fs::metadata(&path).is_ok_and(|found| Some(found.ino()) == lock.metadata().ok().map(|own| own.ino()));
        Ok(Some(lock).filter(|_| is_taken && is_there))
    }

    /// Takes a lock, and tells whether that was possible.
    fn is_locked(lock: &File) -> io::Result<bool> {
        match flock(lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Ok(false),
            other => Ok(other.map(|()| true)?),
        }
    }

    /// Removes a folder if its owner is gone. Leaves alone what another user has, links, and folders of another content.
    pub(super) fn remove_if_gone(path: &Path) -> io::Result<()> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(folder) = openat(CWD, path, flags | OFlags::DIRECTORY, Mode::empty()).map(File::from) else {
            return Ok(());
        };
        let is_mine = |file: &File| file.metadata().is_ok_and(|found| found.uid() == geteuid().as_raw());
        if !is_mine(&folder) {
            return Ok(());
        }
        let lock = match openat(&folder, NAME, flags | OFlags::RDWR, Mode::empty()).map(File::from) {
            Ok(lock) => lock,
            Err(Errno::NOENT) => return remove_if_empty(path),
            Err(_) => return Ok(()),
        };
        if !is_mine(&lock) || !lock.metadata()?.is_file() || !is_locked(&lock)? {
            return Ok(());
        }
        remove_with_lock(path)
    }

    /// Removes a folder, the file with the lock last: until then, another run can go on. A process that its owner started may
    /// still write files.
    fn remove_with_lock(path: &Path) -> io::Result<()> {
        let empty = || (0..ATTEMPTS).map(|_| empty_but_lock(path)).find_map(Result::ok);
        empty().map_or_else(|| empty_but_lock(path), Ok)?;
        fs::remove_file(path.join(NAME))?;
        fs::remove_dir(path)
    }

    fn empty_but_lock(path: &Path) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false if entry.file_name() == NAME => {}
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(())
    }

    /// Removes a folder whose owner ended before it made the lock.
    fn remove_if_empty(path: &Path) -> io::Result<()> {
        match fs::remove_dir(path) {
            Err(error) if [io::ErrorKind::DirectoryNotEmpty, io::ErrorKind::NotFound].contains(&error.kind()) => Ok(()),
            other => other,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Makes a folder as a killed process leaves it.
    fn left(parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir_all(folder.join("work/deep")).expect("a folder");
        fs::write(folder.join("lock"), "").expect("a file");
        folder
    }

    #[test]
    fn a_folder_is_removed_once_its_owner_is_gone() {
        let parent = tempfile::tempdir().expect("a folder");
        let alive = Held::new(parent.path()).expect("a folder");
        let gone = left(parent.path(), "audit578-run-gone");
        let unborn = parent.path().join("audit578-run-unborn");
        fs::create_dir(&unborn).expect("a folder");
        assert!(sweep_in(parent.path()).is_empty());
        assert!(alive.folder.path().exists() && !gone.exists() && !unborn.exists());
        let path = alive.folder.path().to_owned();
        drop(alive);
        assert!(!path.exists(), "its owner removes it");
    }

    #[test]
    fn nothing_else_is_removed() {
        let parent = tempfile::tempdir().expect("a folder");
        let other = left(parent.path(), "audit578-backup");
        let full = parent.path().join("audit578-run-full");
        fs::create_dir_all(full.join("precious")).expect("a folder");
        let target = left(parent.path(), "target");
        symlink(&target, parent.path().join("audit578-run-link")).expect("a link");
        let with_link = parent.path().join("audit578-run-locked");
        fs::create_dir(&with_link).expect("a folder");
        symlink(target.join("lock"), with_link.join("lock")).expect("a link");
        let outer = left(parent.path(), "audit578-run-outer");
        symlink(&target, outer.join("work/link")).expect("a link");
        fs::write(parent.path().join("audit578-run-file"), "").expect("a file");
        assert!(sweep_in(parent.path()).is_empty());
        assert!(!outer.exists());
        for path in [other, full.join("precious"), target.join("lock"), with_link.join("lock")] {
            assert!(path.exists(), "{}", path.display());
        }
        assert!(
            parent.path().join("audit578-run-link").is_symlink() && parent.path().join("audit578-run-file").exists()
        );
    }

    #[test]
    fn a_folder_that_is_about_to_be_removed_is_not_used() {
        let parent = tempfile::tempdir().expect("a folder");
        let lost = parent.path().join("lost");
        assert!(owner::take(&lost).expect("an answer").is_none(), "it was removed before");
        fs::create_dir(&lost).expect("a folder");
        let held = owner::take(&lost).expect("an answer").expect("a lock");
        fs::rename(lost.join("lock"), lost.join("other")).expect("a file");
        owner::take(&lost).expect("an answer").expect("a new file has a new lock");
        drop(held);
    }

    #[test]
    fn all_users_of_a_process_share_its_folders() {
        let [one, other] = [Scratch::shared(), Scratch::shared()].map(|scratch| scratch.expect("folders"));
        assert!(Arc::ptr_eq(&one, &other));
        let [disk, memory] = [one.on_disk(), one.in_memory()].map(|folder| folder.expect("a folder"));
        assert!(disk.path().starts_with(one.disk.folder.path()) && memory.path() != disk.path());
        assert!(sweep().is_empty() && disk.path().exists());
    }
}
