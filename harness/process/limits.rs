//! Limits: how long a child may run, how much it may write, and how much of the machine it may use.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::exit::{Exit, Resource};
use super::usage::{Usage, space};

/// The size, in bytes, that each file of a child may have. A child that writes more is killed.
pub const OUTPUT_LIMIT: u64 = 16 << 20;

/// The time between two checks of a running child's files.
pub const CHECK: Duration = Duration::from_millis(100);

/// The limits of a child.
#[derive(Debug)]
pub struct Limits {
    /// The time that it has.
    pub deadline: Duration,
    /// The files of its output, whose size is limited.
    pub files: Vec<PathBuf>,
    /// The folders that it may write to.
    pub folders: Vec<PathBuf>,
    /// The most that it may use, with all that it started.
    pub usage: Usage,
}

impl Limits {
    /// Waits for the end of a child that began at `start`: until it ends, its deadline passes, or it exceeds another
    /// limit. `wait` returns the end if it comes within a time, and `usage` how much is used.
    pub fn wait(
        &self,
        start: Instant,
        usage: impl Fn() -> Usage,
        mut wait: impl FnMut(Duration) -> io::Result<Option<Exit>>,
    ) -> Exit {
        // A warm interpreter has used processor time for earlier jobs. The first check says how much. The time before that
        // check does not count for this job, because asking at the start would take time in each pass.
        let mut before = None;
        loop {
            let remaining = (start + self.deadline).saturating_duration_since(Instant::now());
            match wait(remaining.min(CHECK)) {
                Ok(Some(exit)) => return exit,
                Ok(None) if remaining.is_zero() => return Exit::Deadline,
                Ok(None) => {
                    let used = usage();
                    let processor = used.processor.saturating_sub(*before.get_or_insert(used.processor));
                    if let Some(resource) = self.exceeded(Usage { processor, ..used }) {
                        return Exit::Exceeded(resource);
                    }
                }
                Err(error) => return Exit::NotStarted(error.to_string()),
            }
        }
    }

    /// Returns what a child uses too much of.
    fn exceeded(&self, used: Usage) -> Option<Resource> {
        let is_large = |path: &PathBuf| fs::metadata(path).is_ok_and(|metadata| metadata.len() > OUTPUT_LIMIT);
        if self.files.iter().any(is_large) {
            return Some(Resource::Output);
        }
        let space = space(&self.folders, self.usage.space);
        Usage { space, ..used }.beyond(&self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_at_the_first_end_deadline_limit_or_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, size| {
            let path = folder.path().join(name);
            fs::File::create(&path).and_then(|file| file.set_len(size)).expect("a file");
            path
        };
        let files = vec![folder.path().join("missing"), file("full", OUTPUT_LIMIT)];
        let too_large = vec![file("small", 0), file("large", OUTPUT_LIMIT + 1)];
        let (soon, late) = (Duration::ZERO, Duration::from_secs(60));
        let at_once = |answer: fn() -> io::Result<Option<Exit>>| move |_: Duration| answer();
        let most = Usage { memory: 1000, ..Usage::LIMIT };
        let greedy = Usage { memory: 1001, ..most };
        for (deadline, files, used, answer, expected) in [
            (late, &files, most, at_once(|| Ok(Some(Exit::Status(3)))), Exit::Status(3)),
            (soon, &too_large, greedy, at_once(|| Ok(Some(Exit::Signal(9)))), Exit::Signal(9)),
            (soon, &files, most, at_once(|| Ok(None)), Exit::Deadline),
            (late, &too_large, most, at_once(|| Ok(None)), Exit::Exceeded(Resource::Output)),
            (late, &files, greedy, at_once(|| Ok(None)), Exit::Exceeded(Resource::Memory)),
            (late, &files, most, at_once(|| Err(io::Error::other("lost"))), Exit::NotStarted("lost".to_owned())),
        ] {
            let limits = Limits { deadline, files: files.clone(), folders: Vec::new(), usage: most };
            assert_eq!(limits.wait(Instant::now(), || used, answer), expected);
        }
        // A file that is exactly full, the most that may be used, and an answer that comes later, are all allowed.
        let mut asked = 0;
        let exit = Limits { deadline: late, files, folders: Vec::new(), usage: most }.wait(
            Instant::now(),
            || most,
            |time| {
                assert_eq!(time, CHECK);
                asked += 1;
                Ok((asked == 3).then_some(Exit::Status(0)))
            },
        );
        assert_eq!(exit, Exit::Status(0));
    }

    /// The time that a warm interpreter used before the first check does not count for the job.
    #[test]
    fn only_the_processor_time_of_a_job_counts_and_all_its_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("a file");
        let most = Usage { processor: Duration::from_secs(5), ..Usage::LIMIT };
        let waited = |limit: Usage, folders: &[PathBuf], times: &[u64]| {
            let mut times = times.iter().map(|time| Duration::from_secs(*time));
            let limits = Limits {
                deadline: Duration::from_secs(60),
                files: Vec::new(),
                folders: folders.to_vec(),
                usage: limit,
            };
            let next = std::cell::RefCell::new(&mut times);
            let used =
                || Usage { processor: next.borrow_mut().next().expect("it is asked no more"), ..Usage::default() };
            let checks = std::cell::Cell::new(0);
            limits.wait(Instant::now(), used, |_| {
                checks.set(checks.get() + 1);
                Ok((checks.get() == 3).then_some(Exit::Status(0)))
            })
        };
        assert_eq!(waited(most, &[], &[100, 105]), Exit::Status(0));
        assert_eq!(waited(most, &[], &[100, 106]), Exit::Exceeded(Resource::Processor));
        let (folders, small) = ([folder.path().to_owned()], Usage { space: 4095, ..most });
        assert_eq!(waited(small, &folders, &[1]), Exit::Exceeded(Resource::Space));
        assert_eq!(waited(Usage { space: 4096, ..most }, &folders, &[1, 1]), Exit::Status(0));
    }
}
