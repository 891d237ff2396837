//! Usage: how much of the machine some processes use.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::exit::Resource;

/// The bytes that a file or a folder takes at least.
const BLOCK: u64 = 4096;

/// How much a child and its descendants use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// The memory in bytes. Pages that several processes share count for each of them.
    pub memory: u64,
    /// The number of processes.
    pub processes: usize,
    /// The number of open files. Those that several processes share count for each of them.
    pub open_files: usize,
    /// The processor time.
    pub processor: Duration,
    /// The bytes that its folders take on disk.
    pub space: u64,
}

impl Usage {
    /// The most that a pass may use, unless the configuration says otherwise.
    pub const LIMIT: Usage = Usage {
        memory: 8 << 30,
        processes: 512,
        open_files: 16_384,
        processor: Duration::from_secs(300),
        space: 1 << 30,
    };

    /// Returns what is used more than a limit allows.
    pub fn beyond(&self, limit: &Usage) -> Option<Resource> {
        let used = [
            (self.memory > limit.memory, Resource::Memory),
            (self.processes > limit.processes, Resource::Processes),
            (self.open_files > limit.open_files, Resource::OpenFiles),
            (self.processor > limit.processor, Resource::Processor),
            (self.space > limit.space, Resource::Space),
        ];
        used.into_iter().find_map(|(is_exceeded, resource)| is_exceeded.then_some(resource))
    }
}

/// Returns the bytes that the contents of folders take on disk. If they take more than `limit`, it stops counting there, and
/// returns some number greater than `limit`. Files and folders that cannot be read are not counted.
pub fn space(folders: &[PathBuf], limit: u64) -> u64 {
    let (mut rest, mut sum) = (folders.to_vec(), 0);
    while let Some(folder) = rest.pop().filter(|_| sum <= limit) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(metadata) = path.symlink_metadata() else { continue };
            sum += on_disk(&path, &metadata).max(BLOCK);
            if metadata.is_dir() {
                rest.push(path);
            }
            if sum > limit {
                break;
            }
        }
    }
    sum
}

/// Returns the bytes of a file that are on disk: one with holes may be longer than any disk.
#[cfg(unix)]
fn on_disk(_: &Path, metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn on_disk(_: &Path, metadata: &Metadata) -> u64 {
    metadata.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_has_a_limit() {
        let most = Usage { memory: 1, processes: 1, open_files: 1, processor: Duration::from_secs(1), space: 1 };
        assert_eq!(most.beyond(&most), None);
        for (used, resource) in [
            (Usage { memory: 2, ..most }, Resource::Memory),
            (Usage { processes: 2, ..most }, Resource::Processes),
            (Usage { open_files: 2, ..most }, Resource::OpenFiles),
            (Usage { processor: Duration::from_millis(1001), ..most }, Resource::Processor),
            (Usage { space: 2, ..most }, Resource::Space),
        ] {
            assert_eq!(used.beyond(&most), Some(resource));
        }
    }

    #[test]
    fn space_is_that_of_all_files_and_folders_and_not_counted_to_the_end_when_it_is_too_much() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().to_owned(), folder.path().join("missing")];
        assert_eq!(space(&folders, u64::MAX), 0);
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("a folder");
        fs::write(inner.join("file"), vec![7; 100_000]).expect("a file");
        fs::File::create(inner.join("holes")).and_then(|file| file.set_len(1 << 40)).expect("a file");
        let used = space(&folders, u64::MAX);
        assert!((100_000..200_000).contains(&used), "{used}");
        for number in 0..20 {
            fs::write(folder.path().join(number.to_string()), "").expect("a file");
        }
        assert_eq!(space(&folders, 2 * BLOCK), 3 * BLOCK);
    }
}
