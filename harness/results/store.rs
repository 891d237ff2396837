//! Results files: reads them, refuses those that are damaged, and writes them.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::Value;

use super::records::{FORMAT, Header, Record, Results};
use crate::input;
use crate::process::system::open_alone;

/// Why a results file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file cannot be opened or read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is empty.
    #[error("the file is empty\n  hint: `audit578 run --results FILE` writes a results file")]
    Empty,
    /// The file does not begin with a header.
    #[error(
        "line 1: expected the header of a results file\n  hint: `audit578 run --results FILE` writes a results file"
    )]
    Foreign,
    /// The file has another format than this program reads.
    #[error("line 1: unknown format {format}; this program reads format {FORMAT}\n  hint: audit578 {version} wrote the file, and this is audit578 {}", env!("CARGO_PKG_VERSION"))]
    Format {
        /// The version of the format.
        format: u64,
        /// The version of the program that wrote the file.
        version: String,
    },
    /// The last line ends in the middle of a record.
    #[error(
        "line {0}: the line ends in the middle of a record\n  hint: the file was cut; copy it again, or delete its last line to read the rest"
    )]
    Cut(usize),
    /// A line is not a record.
    #[error("line {0}: {message}", message = without_position(.1))]
    Line(usize, serde_json::Error),
    /// A line contradicts the lines before it.
    #[error("line {0}: {1}")]
    Contradiction(usize, String),
}

/// Returns the parser's message without its position, which is always in line 1 because records are read one by one.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

impl Results {
    /// Reads a results file.
    ///
    /// # Errors
    /// When the file cannot be read, with the first line that is wrong.
    pub fn load(path: &Path) -> Result<Results, ResultsError> {
        Results::read(BufReader::new(input::open(path)?))
    }

    /// Reads results from the lines of a file.
    ///
    /// # Errors
    /// When the lines cannot be read, with the first one that is wrong.
    pub fn read(mut file: impl BufRead) -> Result<Results, ResultsError> {
        let mut line = Vec::new();
        input::read_line(&mut file, &mut line)?;
        let mut reading = Reading::new(header(&line)?);
        reading.read(file, |_, _| true)?;
        Ok(reading.results.sorted())
    }
}

/// The records of a run that may have been killed.
#[derive(Debug)]
pub struct Interrupted {
    /// The results, unless the run was killed before its header was written.
    pub results: Option<Results>,
    /// The number of bytes with whole records. The rest is to be written again.
    pub length: u64,
}

impl Interrupted {
    /// Reads a results file whose last line may be cut, or which may be empty or missing.
    ///
    /// # Errors
    /// When the file cannot be read, with the first line that is wrong.
    pub fn load(path: &Path) -> Result<Interrupted, ResultsError> {
        match input::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Interrupted { results: None, length: 0 }),
            file => Interrupted::read(BufReader::new(file?)),
        }
    }

    /// Reads the lines of such a file.
    ///
    /// # Errors
    /// When the lines cannot be read, with the first one that is wrong.
    pub(crate) fn read(mut file: impl BufRead) -> Result<Interrupted, ResultsError> {
        let mut line = Vec::new();
        input::read_line(&mut file, &mut line)?;
        if !is_whole(&line) && (HEADER_START.starts_with(&line) || line.starts_with(HEADER_START)) {
            return Ok(Interrupted { results: None, length: 0 });
        }
        let mut reading = Reading::new(header(&line)?);
        let mut length = line.len() as u64;
        // The trials with too few rounds are the last ones.
        reading.read(file, |line, record| {
            let goes_on = is_whole(line) && !matches!(record, Ok(Record::Trial(trial)) if trial.cut);
            length += if goes_on { line.len() as u64 } else { 0 };
            goes_on
        })?;
        Ok(Interrupted { results: Some(reading.results.sorted()), length })
    }
}

/// The bytes with which [`Writer`] begins a file.
const HEADER_START: &[u8] = br#"{"record":"header""#;

/// Tells whether a line has its end.
fn is_whole(line: &[u8]) -> bool {
    line.last() == Some(&b'\n')
}

/// Reads the header from the first line. The version of its format is read first, because another version may have
/// another content.
fn header(line: &[u8]) -> Result<Header, ResultsError> {
    if line.is_empty() {
        return Err(ResultsError::Empty);
    }
    let value: Value = serde_json::from_slice(line).unwrap_or_default();
    let format = value["format"].as_u64().filter(|_| value["record"] == "header").ok_or(ResultsError::Foreign)?;
    if format != u64::from(FORMAT) {
        let version = value["version"].as_str().unwrap_or("of another version").to_owned();
        return Err(ResultsError::Format { format, version });
    }
    match record(line, 1)? {
        Record::Header(header) => Ok(header),
        _ => Err(ResultsError::Foreign),
    }
}

fn record(line: &[u8], number: usize) -> Result<Record, ResultsError> {
    match serde_json::from_slice(line) {
        Ok(record) => Ok(record),
        Err(_) if !is_whole(line) => Err(ResultsError::Cut(number)),
        Err(error) => Err(ResultsError::Line(number, error)),
    }
}

/// The results that have been read so far.
struct Reading {
    results: Results,
    /// The names of the runtimes that were tested.
    runtimes: BTreeSet<String>,
    /// The names of the events.
    events: BTreeSet<String>,
    /// The ids of the cases.
    cases: BTreeSet<String>,
    /// Digests of the runtime and the case of each trial. Nobody knows their secrets, and so no file has two of one digest.
    trials: HashSet<[u64; 2]>,
    secrets: [RandomState; 2],
}

impl Reading {
    fn new(header: Header) -> Reading {
        Reading {
            results: Results::new(header),
            runtimes: BTreeSet::new(),
            events: BTreeSet::new(),
            cases: BTreeSet::new(),
            trials: HashSet::new(),
            secrets: [RandomState::new(), RandomState::new()],
        }
    }

    /// Adds the lines of a file behind its header, as long as they are wanted.
    fn read(
        &mut self,
        mut file: impl BufRead,
        mut is_wanted: impl FnMut(&[u8], &Result<Record, ResultsError>) -> bool,
    ) -> Result<(), ResultsError> {
        let mut line = Vec::new();
        for number in 2.. {
            line.clear();
            if input::read_line(&mut file, &mut line)? == 0 {
                break;
            }
            let record = record(&line, number);
            if !is_wanted(&line, &record) {
                break;
            }
            self.add(record?).map_err(|message| ResultsError::Contradiction(number, message))?;
        }
        Ok(())
    }

    /// Adds a record, or returns how it contradicts those before it.
    fn add(&mut self, record: Record) -> Result<(), String> {
        if self.results.footer.is_some() {
            return Err("a record after the footer".to_owned());
        }
        match record {
            Record::Header(_) => return Err("a second header; `audit578 merge` joins files".to_owned()),
            Record::Runtime(runtime) => {
                // A runtime that is absent has only a label, and several may have the same.
                if runtime.absent.is_none() && !self.runtimes.insert(runtime.name.clone()) {
                    return Err(format!("a second runtime {}", runtime.name));
                }
                self.results.runtimes.push(*runtime);
            }
            Record::Event(event) => {
                if !self.events.insert(event.event.clone()) {
                    return Err(format!("a second event {}", event.event));
                }
                self.results.events.push(*event);
            }
            Record::Case(case) => {
                if !self.cases.insert(case.id()) {
                    return Err(format!("a second case {}", case.id()));
                }
                self.results.add_case(*case);
            }
            Record::Trial(trial) => {
                if !self.runtimes.contains(trial.runtime.as_str()) {
                    return Err(format!("a trial on {}, but no runtime above has this name", trial.runtime));
                }
                let key = (&trial.runtime, &trial.event, &trial.case);
                if !self.trials.insert(self.secrets.each_ref().map(|secret| secret.hash_one(key))) {
                    return Err(format!("a second trial of {} on {}", trial.id(), trial.runtime));
                }
                self.results.add_trial(trial);
            }
            Record::Footer(footer) => {
                let lines = self.results.lines();
                for (what, expected, count) in [
                    ("trials", footer.trials, self.results.all_trials().count()),
                    ("lines", footer.lines.unwrap_or(lines), lines),
                ] {
                    if expected != count {
                        return Err(format!(
                            "lines are missing: the footer expects {what}: {expected}, the file has {what}: {count}"
                        ));
                    }
                }
                self.results.footer = Some(footer);
            }
        }
        Ok(())
    }
}

/// A results file being written. Each record is on disk before the next one begins.
#[derive(Debug)]
pub struct Writer(Option<File>);

impl Writer {
    /// Opens the file, if there is a path. This happens before anything runs, so that a bad path fails at once. The file
    /// keeps its content until [`Writer::begin`].
    ///
    /// # Errors
    /// When the file cannot be written, or another run writes to it: the lines of both would be mixed.
    pub fn open(path: Option<&Path>) -> io::Result<Writer> {
        let open = |path| {
            let file = open_alone(File::options().write(true).create(true).truncate(false), path)?;
            file.ok_or_else(|| io::Error::other("another run writes to it"))
        };
        path.map(open).transpose().map(Writer)
    }

    /// Tells whether there is a file.
    pub fn has_file(&self) -> bool {
        self.0.is_some()
    }

    /// Empties the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&mut self) -> io::Result<()> {
        match &self.0 {
            Some(file) if file.metadata()?.is_file() => file.set_len(0),
            _ => Ok(()),
        }
    }

    /// Goes on behind the records that the file has in its first bytes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn resume(&mut self, length: u64) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length)).map(|_| ())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

/// Writes results as the lines of a file.
///
/// # Errors
/// When they cannot be written.
pub fn write(results: &Results, mut file: impl Write) -> io::Result<()> {
    let mut put = |record: &Record| {
        serde_json::to_writer(&mut file, record)?;
        file.write_all(b"\n")
    };
    put(&Record::Header(results.header.clone()))?;
    results.runtimes.iter().try_for_each(|runtime| put(&Record::Runtime(Box::new(runtime.clone()))))?;
    results.events.iter().try_for_each(|event| put(&Record::Event(Box::new(event.clone()))))?;
    results.all_cases().try_for_each(|case| put(&Record::Case(Box::new(case.clone()))))?;
    results.all_trials().try_for_each(|trial| put(&Record::Trial(Box::new(trial.clone()))))?;
    results.footer.iter().try_for_each(|footer| put(&Record::Footer(footer.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"record":"header","format":1,"version":"0.1.0","suite":"s","host":"h","started":"t","repeat":["audit578","run"]}"#;
    const RUNTIME: &str = r#"{"record":"runtime","name":"r","optional":true,"command":["python"],"isolation":null}"#;
    const ABSENT: &str =
        r#"{"record":"runtime","name":"a","absent":"not found","optional":true,"command":["a"],"isolation":null}"#;
    const EVENT: &str = r#"{"record":"event","event":"e","module":"m","file":"f","documented":true,"arguments":[{"names":["x"]}],"raised-by":["a"]}"#;
    const CASE: &str = r#"{"record":"case","event":"e","case":"c","file":"f","line":7,"digest":"d"}"#;
    const TRIAL: &str = r#"{"record":"trial","event":"e","case":"c","module":"m","api":"a","runtime":"r","verdict":"pass","raised":"kept","arguments":"kept","veto":"kept","asserts":"name","seconds":0.5}"#;
    const FOOTER: &str = r#"{"record":"footer","trials":1,"seconds":2.5}"#;

    fn read(lines: &[&str]) -> Result<Results, String> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        Results::read(text.as_bytes()).map_err(|error| error.to_string())
    }

    /// Returns the error of a file, without its hint.
    fn refusal(lines: &[&str]) -> String {
        let message = read(lines).expect_err("the file is refused");
        message.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let lines = [HEADER, RUNTIME, ABSENT, ABSENT, EVENT, CASE, TRIAL, FOOTER];
        for count in 1..=lines.len() {
            let results = read(&lines[..count]).expect("the file is right");
            let mut written = Vec::new();
            write(&results, &mut written).expect("memory takes it");
            let read_again = Results::read(written.as_slice()).expect("the written file is right");
            assert_eq!(format!("{results:?}"), format!("{read_again:?}"));
            assert_eq!(String::from_utf8_lossy(&written).lines().count(), count);
        }
    }

    #[test]
    fn a_file_without_a_right_header_is_refused() {
        let newer = HEADER.replace("\"format\":1", "\"format\":2").replace("\"host\"", "\"machine\"");
        let unnamed = newer.replace("\"version\":\"0.1.0\",", "");
        let incomplete = HEADER.replace("\"host\":\"h\",", "");
        for (first, message) in [
            ("all passed", "line 1: expected the header of a results file"),
            ("", "line 1: expected the header of a results file"),
            ("{\"version\": \"2.1.0\"}", "line 1: expected the header of a results file"),
            ("{\"format\": 1}", "line 1: expected the header of a results file"),
            (RUNTIME, "line 1: expected the header of a results file"),
            (FOOTER, "line 1: expected the header of a results file"),
            (&newer, "line 1: unknown format 2; this program reads format 1"),
            (&unnamed, "line 1: unknown format 2; this program reads format 1"),
            (&incomplete, "line 1: missing field `host`"),
        ] {
            assert_eq!(refusal(&[first, RUNTIME]), message, "{first}");
        }
        assert!(matches!(Results::read(&b""[..]), Err(ResultsError::Empty)));
        let error = read(&[&newer]).expect_err("the format is unknown");
        assert!(error.contains("hint: audit578 0.1.0 wrote the file"), "{error}");
    }

    #[test]
    fn a_line_that_is_not_a_record_is_refused() {
        let misspelt = TRIAL.replace("\"pass\"", "\"passed\"");
        for (line, start) in [
            ("{", "line 3: EOF while parsing an object"),
            ("", "line 3: EOF while parsing a value"),
            ("7", "line 3: invalid type"),
            (r#"{"record":"runtime"}"#, "line 3: missing field `name`"),
            (r#"{"record":"summary"}"#, "line 3: unknown variant `summary`"),
            (&misspelt, "line 3: unknown variant `passed`"),
        ] {
            let message = refusal(&[HEADER, RUNTIME, line, FOOTER]);
            assert!(message.starts_with(start) && !message.contains("column"), "{line}: {message}");
        }
    }

    #[test]
    fn a_file_that_was_cut_is_refused() {
        let cut = |text: &str| Results::read(text.as_bytes()).expect_err("the file is cut").to_string();
        let header = cut(&HEADER[..HEADER.len() - 1]);
        assert!(header.starts_with("line 1: expected the header"), "{header}");
        let trial = cut(&format!("{HEADER}\n{RUNTIME}\n{}", &TRIAL[..40]));
        assert!(
            trial.starts_with("line 3: the line ends in the middle of a record\n  hint: the file was cut"),
            "{trial}"
        );
        let whole = format!("{HEADER}\n{RUNTIME}");
        assert!(Results::read(whole.as_bytes()).is_ok(), "only the last line end is missing");
    }

    #[test]
    fn an_interrupted_file_is_read_up_to_its_last_whole_record() {
        let whole = [HEADER, RUNTIME, CASE, TRIAL, FOOTER].map(|line| format!("{line}\n")).concat();
        for end in 0..=whole.len() {
            let found = Interrupted::read(&whole.as_bytes()[..end]).expect("any cut is right");
            let expected = whole[..end].rfind('\n').map_or(0, |last| last + 1);
            assert_eq!((found.length, found.results.is_some()), (expected as u64, expected > 0), "{end}");
            let count = whole[..expected].lines().count();
            let records = found.results.map_or(0, |results| {
                1 + results.runtimes.len()
                    + results.cases.len()
                    + results.trials.len()
                    + usize::from(results.footer.is_some())
            });
            assert_eq!(records, count, "{end}");
        }
        let cut = TRIAL.replace("\"seconds\"", "\"cut\":true,\"seconds\"");
        let text = format!("{HEADER}\n{RUNTIME}\n{CASE}\n{cut}\n{}\n", cut.replace("\"c\"", "\"d\""));
        let found = Interrupted::read(text.as_bytes()).expect("the file is right");
        assert_eq!(
            found.length,
            (HEADER.len() + RUNTIME.len() + CASE.len() + 3) as u64,
            "its trials have too few rounds"
        );
        assert!(found.results.expect("results").trials.is_empty());
    }

    #[test]
    fn an_interrupted_file_is_refused_where_more_is_wrong_than_its_end() {
        for text in [
            "all passed",
            "{\"a\"",
            &format!("{RUNTIME}\n"),
            &format!("{HEADER}\n{{\n{RUNTIME}\n"),
            &format!("{HEADER}\n{HEADER}\n"),
        ] {
            assert!(Interrupted::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_that_contradicts_those_before_it_is_refused() {
        let stranger = TRIAL.replace("\"runtime\":\"r\"", "\"runtime\":\"a\"");
        let five = FOOTER.replace("\"seconds\"", "\"lines\":5,\"seconds\"");
        let absent_first = ABSENT.replace("\"name\":\"a\"", "\"name\":\"r\"");
        for (lines, message) in [
            (&[HEADER, HEADER][..], "line 2: a second header; `audit578 merge` joins files"),
            (&[HEADER, RUNTIME, RUNTIME], "line 3: a second runtime r"),
            (&[HEADER, RUNTIME, TRIAL, TRIAL], "line 4: a second trial of e::c on r"),
            (&[HEADER, TRIAL], "line 2: a trial on r, but no runtime above has this name"),
            (&[HEADER, TRIAL, RUNTIME], "line 2: a trial on r, but no runtime above has this name"),
            (&[HEADER, RUNTIME, ABSENT, &stranger], "line 4: a trial on a, but no runtime above has this name"),
            (&[HEADER, &absent_first, TRIAL], "line 3: a trial on r, but no runtime above has this name"),
            (
                &[HEADER, RUNTIME, FOOTER],
                "line 3: lines are missing: the footer expects trials: 1, the file has trials: 0",
            ),
            (&[HEADER, EVENT, EVENT], "line 3: a second event e"),
            (&[HEADER, CASE, CASE], "line 3: a second case e::c"),
            (
                &[HEADER, RUNTIME, CASE, TRIAL, &five],
                "line 5: lines are missing: the footer expects lines: 5, the file has lines: 4",
            ),
            (&[HEADER, RUNTIME, TRIAL, FOOTER, FOOTER], "line 5: a record after the footer"),
            (&[HEADER, RUNTIME, TRIAL, FOOTER, HEADER], "line 5: a record after the footer"),
        ] {
            assert_eq!(refusal(lines), message);
        }
    }

    #[test]
    fn a_time_that_cannot_be_added_is_refused() {
        for seconds in ["-0.5", "1e10", "1e308", "-1e308"] {
            let trial = TRIAL.replace("\"seconds\":0.5", &format!("\"seconds\":{seconds}"));
            let footer = FOOTER.replace("2.5", seconds);
            for message in [refusal(&[HEADER, RUNTIME, &trial]), refusal(&[HEADER, RUNTIME, TRIAL, &footer])] {
                assert!(message.contains("expected a number of seconds from 0 to 1000000000"), "{message}");
                assert!(message.starts_with("line 3: ") || message.starts_with("line 4: "), "{message}");
            }
        }
        for (seconds, start) in [("1e999", "line 3: number out of range"), ("null", "line 3: invalid type: null")] {
            let trial = TRIAL.replace("\"seconds\":0.5", &format!("\"seconds\":{seconds}"));
            let message = refusal(&[HEADER, RUNTIME, &trial]);
            assert!(message.starts_with(start), "{message}");
        }
        for seconds in ["0", "0.0", "1000000000"] {
            let footer = FOOTER.replace("2.5", seconds);
            assert!(read(&[HEADER, RUNTIME, TRIAL, &footer]).is_ok(), "{seconds}");
        }
    }

    #[test]
    fn a_writer_keeps_the_old_content_until_it_begins() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.jsonl");
        let content = || std::fs::read_to_string(&path).expect("the file can be read");
        std::fs::write(&path, "old\n").expect("the file can be written");
        let mut writer = Writer::open(Some(&path)).expect("the file can be opened");
        assert_eq!(content(), "old\n");
        writer.begin().expect("the file can be emptied");
        assert_eq!(content(), "");
        for line in [HEADER, RUNTIME] {
            writer.write(&serde_json::from_str(line).expect("a record")).expect("the file can be written");
        }
        assert_eq!(content(), format!("{HEADER}\n{RUNTIME}\n"));
        let results = Results::load(&path).expect("the file is right");
        assert_eq!(results.runtimes[0].name, "r");
        assert!(Writer::open(Some(folder.path())).is_err(), "a folder cannot be written");
        let missing = Results::load(&folder.path().join("none")).expect_err("there is no such file");
        assert!(matches!(missing, ResultsError::Io(_)));
    }

    #[test]
    fn two_runs_do_not_write_to_one_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.jsonl");
        let first = Writer::open(Some(&path)).expect("the file can be opened");
        let refused = Writer::open(Some(&path)).expect_err("the first still writes");
        assert_eq!(refused.to_string(), "another run writes to it");
        drop(first);
        Writer::open(Some(&path)).expect("the first has ended");
    }

    #[test]
    #[cfg(unix)]
    fn a_device_is_for_all_and_is_written_without_being_emptied() {
        let open = || Writer::open(Some(Path::new("/dev/null"))).expect("the device can be opened");
        let (mut one, mut other) = (open(), open());
        one.begin().and(other.begin()).expect("a device is not emptied");
    }

    #[test]
    fn a_writer_without_a_file_writes_nothing() {
        let mut writer = Writer::open(None).expect("there is nothing to open");
        writer.begin().expect("there is nothing to empty");
        writer.write(&serde_json::from_str(FOOTER).expect("a record")).expect("there is nothing to write");
    }
}
