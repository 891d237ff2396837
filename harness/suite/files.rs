//! The case files of the binary or of a folder.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sha2::{Digest, Sha256};

use super::advice::{self, area, is_door};
use super::case::{Case, EventFile};
use super::check::unfinished_gaps;
use super::door::DoorFile;
use super::guard::Glob;
use super::yaml::Fault;
use crate::input;
use crate::packed::unpack;

/// The files of `cases`, packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cases.packed"));

/// The beginning of the paths of door files, from the folder of the cases.
const DOORS: &str = "doors/";

/// All case files that could be read, and the faults of the others.
#[derive(Debug, Default)]
pub struct Suite {
    /// The case files, sorted by path.
    pub files: Vec<Source>,
    /// The door files, sorted by path. Each is read as the file of cases that its doors are run as.
    pub doors: Vec<Source>,
    /// The faults of the files that are not among them.
    pub faults: Vec<CaseError>,
    /// The path and the text of each file that nobody wanted to be read. They are part of the hash.
    pub unread: Vec<(String, String)>,
}

/// A case file and where it came from.
#[derive(Debug)]
pub struct Source {
    /// Its path, from the folder of the cases.
    pub path: String,
    /// The path that begins with the folder as the user named it.
    pub location: String,
    /// Its text.
    pub text: String,
    /// Its content.
    pub file: EventFile,
}

impl Source {
    /// Returns the key of the list in the file: `cases` or `doors`.
    pub(crate) fn list(&self) -> &'static str {
        if is_door(&self.file.event) { "doors" } else { "cases" }
    }

    /// Returns the folder that the file is in: the module that its event belongs to.
    pub fn module(&self) -> &str {
        self.path.split_once('/').map_or("", |(module, _)| module)
    }
}

/// One fault of a case file.
#[derive(Debug, Clone)]
pub struct CaseError {
    /// The file.
    pub file: PathBuf,
    /// The fault, with its place.
    pub fault: Fault,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { line, column, path, message, hint } = &self.fault;
        write!(f, "{}:{line}:{column}: ", self.file.display())?;
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        f.write_str(message)?;
        hint.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))
    }
}

impl Suite {
    /// Returns the suite that the binary carries.
    pub fn embedded() -> Suite {
        Suite::embedded_where(|_| true)
    }

    /// Returns the part of that suite in which patterns may select cases, and all of it without patterns. To read all takes
    /// half of the time until the first interpreter starts.
    pub fn embedded_for(patterns: &[Glob]) -> Suite {
        let may_select = |text: &str, glob: &Glob| match glob.as_str().split_once("::") {
            None => glob.matches(&event_in(text)),
            // A part of a pattern need not be one.
            Some((event, _)) => Glob::try_from(event.to_owned()).map_or(true, |glob| glob.matches(&event_in(text))),
        };
        Suite::embedded_where(|text| patterns.is_empty() || patterns.iter().any(|glob| may_select(text, glob)))
    }

    /// Returns the hash of that suite.
    pub fn embedded_hash() -> String {
        Suite::embedded_where(|_| false).hash()
    }

    fn embedded_where(is_wanted: impl Fn(&str) -> bool) -> Suite {
        let (wanted, unread): (Vec<_>, _) = unpack(PACKED).into_iter().partition(|(_, text)| is_wanted(text));
        let mut suite = gather(&wanted, |suite, (path, text)| suite.add(Path::new("cases"), path, text.as_bytes()));
        suite.unread = unread;
        suite.check_across(Path::new("cases"));
        suite
    }

    /// Reads the suite in a folder: every `.yaml` and `.yml` file below it.
    ///
    /// # Errors
    /// When the folder cannot be read. A file that cannot be read is a fault of the suite.
    pub fn from_folder(folder: &Path) -> std::io::Result<Suite> {
        let mut paths = Vec::new();
        collect(folder, &mut paths)?;
        paths.sort();
        let mut suite = gather(&paths, |suite, path| {
            let name = path.strip_prefix(folder).unwrap_or(path);
            let name = name.to_string_lossy().replace('\\', "/");
            match read(path) {
                Ok(bytes) => suite.add(folder, &name, &bytes),
                Err(message) => suite.refuse(folder, &name, whole(message, None)),
            }
        });
        suite.check_across(folder);
        Ok(suite)
    }

    /// Reads a suite of one file, with its path from the folder of the cases.
    pub(crate) fn of_file(path: &str, bytes: &[u8]) -> Suite {
        let mut suite = Suite::default();
        suite.add(Path::new("cases"), path, bytes);
        suite.check_across(Path::new("cases"));
        suite
    }

    /// Returns all cases with their files, in order. Doors are not among them.
    pub fn cases(&self) -> impl Iterator<Item = (&Source, &Case)> {
        cases_of(&self.files)
    }

    /// Returns all doors with their files, in order.
    pub fn doors(&self) -> impl Iterator<Item = (&Source, &Case)> {
        cases_of(&self.doors)
    }

    /// Returns everything that can be run: the cases, and then the doors.
    pub fn runnable(&self) -> impl Iterator<Item = (&Source, &Case)> {
        self.cases().chain(self.doors())
    }

    /// Returns the argument names of an event in a language version, if the suite knows the event.
    pub fn argument_names(&self, event: &str, version: &pep440_rs::Version) -> Option<&[String]> {
        let source = self.files.iter().find(|source| source.file.event == event)?;
        source.file.arguments.of(version)
    }

    /// Returns the SHA-256 of all files, in hexadecimal. Results of suites with the same hash are comparable.
    pub fn hash(&self) -> String {
        let read = self.files.iter().chain(&self.doors).map(|source| (&source.path, &source.text));
        let mut files: Vec<_> = read.chain(self.unread.iter().map(|(path, text)| (path, text))).collect();
        files.sort_by_key(|&(path, _)| (path.starts_with(DOORS), Path::new(path)));
        let mut hasher = Sha256::new();
        for (path, text) in files {
            hasher.update(path.as_bytes());
            hasher.update(Sha256::digest(text));
        }
        hex(&hasher.finalize())
    }

    /// Returns a fault for each known gap that lacks its reason, or what a report of it needs.
    pub(crate) fn unfinished_gaps(&self) -> Vec<CaseError> {
        let faults = |source: &Source| {
            let faults = unfinished_gaps(&source.file, &source.text).into_iter();
            faults.map(|fault| CaseError { file: PathBuf::from(&source.location), fault }).collect::<Vec<_>>()
        };
        self.files.iter().flat_map(faults).collect()
    }

    fn add(&mut self, folder: &Path, path: &str, bytes: &[u8]) {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return self.refuse(folder, path, not_utf8(bytes, error.valid_up_to())),
        };
        let (parsed, files) = match path.starts_with(DOORS) {
            true => (DoorFile::parse(text), &mut self.doors),
            false => (EventFile::parse(text), &mut self.files),
        };
        match parsed {
            Ok(file) => {
                let location = folder.join(path).to_string_lossy().replace('\\', "/");
                files.push(Source { path: path.to_owned(), location, text: text.to_owned(), file });
            }
            Err(faults) => faults.into_iter().for_each(|fault| self.refuse(folder, path, fault)),
        }
    }

    fn refuse(&mut self, folder: &Path, path: &str, fault: Fault) {
        self.faults.push(CaseError { file: folder.join(path), fault });
    }

    /// Checks that each file is named as its event, and that no two files have the same event.
    fn check_across(&mut self, folder: &Path) {
        let mut events = BTreeSet::new();
        let mut refused = Vec::new();
        let mut is_right = |source: &Source| {
            let event = &source.file.event;
            let stem = Path::new(&source.path).file_stem().unwrap_or_default().to_string_lossy();
            let wanted = area(event).replace('/', "_");
            let fault = if stem != wanted {
                let message = format!("the file of `{event}` must be named {wanted}.yaml");
                let key = if is_door(event) { "area" } else { "event" };
                whole(message, Some(format!("rename the file, or correct `{key}`")))
            } else if !events.insert(event.clone()) {
                let message = format!("another file describes `{event}` already");
                whole(message, Some("put all cases of an event into one file".into()))
            } else {
                return true;
            };
            refused.push((source.path.clone(), fault));
            false
        };
        self.files.retain(&mut is_right);
        self.doors.retain(&mut is_right);
        for (path, fault) in refused {
            self.refuse(folder, &path, fault);
        }
        self.faults.sort_by(|one, other| {
            let key = |error: &CaseError| (error.file.clone(), error.fault.line, error.fault.column);
            key(one).cmp(&key(other))
        });
    }
}

/// Returns the event of a file of the suite that the binary carries, or the name that stands for one, without reading all.
fn event_in(text: &str) -> String {
    let event = text.lines().find_map(|line| line.strip_prefix("event: ").map(str::to_owned));
    let area = || text.lines().find_map(|line| Some(format!("{}{}", advice::DOORS, line.strip_prefix("area: ")?)));
    event.or_else(area).unwrap_or_default()
}

fn cases_of(files: &[Source]) -> impl Iterator<Item = (&Source, &Case)> {
    files.iter().flat_map(|source| source.file.cases.iter().map(move |case| (source, case)))
}

/// The number of files that a thread reads at a time. Some files are a hundred times as long as others.
const AT_A_TIME: usize = 4;

/// Adds files in order. It uses all processors, because reading takes most of the time until an interpreter starts.
fn gather<T: Sync>(files: &[T], add: impl Fn(&mut Suite, &T) + Sync) -> Suite {
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let next = AtomicUsize::new(0);
    let read = || {
        let mut parts = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = files.chunks(AT_A_TIME).nth(index) else { return parts };
            let mut suite = Suite::default();
            for file in part {
                add(&mut suite, file);
            }
            parts.push((index, suite));
        }
    };
    let mut parts = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        let parts = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        parts.flatten().collect::<Vec<_>>()
    });
    parts.sort_by_key(|(index, _)| *index);
    let mut whole = Suite::default();
    for (_, part) in parts {
        whole.files.extend(part.files);
        whole.doors.extend(part.doors);
        whole.faults.extend(part.faults);
    }
    whole
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            paths.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    input::read(path, input::TEXT).map_err(|error| error.to_string())
}

fn whole(message: String, hint: Option<String>) -> Fault {
    Fault { line: 1, column: 1, path: String::new(), message, hint }
}

/// Returns the fault of a file that is not UTF-8, at the place of its first wrong byte.
pub(crate) fn not_utf8(bytes: &[u8], at: usize) -> Fault {
    let before = String::from_utf8_lossy(&bytes[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let message = format!("byte 0x{:02x} is not UTF-8", bytes[at]);
    Fault { line, column, path: String::new(), message, hint: Some("save the file as UTF-8".into()) }
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_carries_all_case_files() {
        let folder = Suite::from_folder(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"))).expect("the folder");
        let carried = Suite::embedded();
        assert!(carried.files.len() > 200);
        let paths = |suite: &Suite| suite.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
        assert_eq!((paths(&carried), carried.hash()), (paths(&folder), folder.hash()));
    }

    #[test]
    fn a_part_of_the_suite_has_what_its_patterns_select_and_the_hash_of_all() {
        let all = Suite::embedded();
        for source in all.files.iter().chain(&all.doors) {
            assert_eq!(event_in(&source.text), source.file.event, "{}", source.path);
        }
        assert_eq!(Suite::embedded_hash(), all.hash());
        for (patterns, files, doors) in [
            (&["os.mkdir"][..], 1, 0),
            (&["os.mkdir::path", "os.rmdir"], 2, 0),
            (&["doors.files::*"], 0, 1),
            (&["o[rs].mkdir", "nothing"], 1, 0),
            (&["[o::]*"], all.files.len(), all.doors.len()),
            (&[], all.files.len(), all.doors.len()),
        ] {
            let globs: Vec<_> =
                patterns.iter().map(|text| Glob::try_from((*text).to_owned()).expect("a glob")).collect();
            let part = Suite::embedded_for(&globs);
            assert_eq!((part.files.len(), part.doors.len()), (files, doors), "{patterns:?}");
            assert_eq!(part.hash(), all.hash(), "{patterns:?}");
        }
    }

    #[test]
    fn every_known_gap_of_the_suite_has_a_reason_and_can_be_reported() {
        let unfinished: Vec<String> = Suite::embedded().unfinished_gaps().iter().map(ToString::to_string).collect();
        assert_eq!(unfinished, [""; 0]);
    }

    #[test]
    fn every_door_names_events_that_the_suite_has_and_its_words_are_sentences() {
        let suite = Suite::embedded();
        let known: BTreeSet<&String> = suite.files.iter().map(|source| &source.file.event).collect();
        assert!(suite.doors().count() >= 150, "{} doors", suite.doors().count());
        for (source, case) in suite.doors() {
            let (id, advice) = (source.file.id(case), case.door.as_ref().expect("advice"));
            for event in &advice.events {
                assert!(known.contains(event), "{id}: no case file has the event {event}");
            }
            for words in [&advice.why, &advice.instead] {
                assert!(words.ends_with('.'), "{id}: {words}");
            }
        }
    }

    #[test]
    fn every_case_file_names_its_schema_in_the_first_line() {
        let suite = Suite::embedded();
        for source in suite.files.iter().chain(&suite.doors) {
            let up = "../".repeat(1 + source.path.matches('/').count());
            let kind = source.list().trim_end_matches('s');
            let line = format!("# yaml-language-server: $schema={up}harness/suite/{kind}.schema.json");
            assert_eq!(source.text.lines().next(), Some(line.as_str()), "{}", source.path);
        }
    }
}
