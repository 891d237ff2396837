//! Results files: reading them, with all that can be wrong with them, and writing them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde_json::Value;

use super::description::EventRecord;
use super::records::{CaseRecord, FORMAT, Footer, Header, Record, Results, RuntimeRecord};
use crate::run::TrialRecord;

/// Why a results file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file cannot be read at all.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("it is empty\n  hint: `audit578 run --results FILE` writes a results file")]
    Empty,
    /// It is something else.
    #[error(
        "line 1: this is no header of audit578's results\n  hint: `audit578 run --results FILE` writes a results file"
    )]
    Foreign,
    /// The file is of a newer version, by that version of the program.
    #[error("line 1: its format is {format}, and this program reads {FORMAT}\n  hint: audit578 {version} wrote it, this is {}", env!("CARGO_PKG_VERSION"))]
    Format {
        /// The version of the format.
        format: u64,
        /// The version of the program.
        version: String,
    },
    /// The last line has no end.
    #[error(
        "line {0}: it ends in the middle of a record\n  hint: the file was cut; copy it again, or take the last line out to see what is left"
    )]
    Cut(usize),
    /// A line is no record.
    #[error("line {0}: {message}", message = without_place(.1))]
    Line(usize, serde_json::Error),
    /// A line contradicts the lines before it.
    #[error("line {0}: {1}")]
    Contradiction(usize, String),
}

/// What the parser says, without its place in a text of one line.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

impl Results {
    /// Reads a results file.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn load(path: &Path) -> Result<Results, ResultsError> {
        Results::read(BufReader::new(File::open(path)?))
    }

    /// Reads results from the lines of a file.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn read(mut file: impl BufRead) -> Result<Results, ResultsError> {
        let mut line = Vec::new();
        file.read_until(b'\n', &mut line)?;
        let mut reading = Reading::begin(header(&line)?);
        for number in 2.. {
            line.clear();
            if file.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            reading.add(record(&line, number)?).map_err(|message| ResultsError::Contradiction(number, message))?;
        }
        Ok(reading.finish())
    }
}

/// The header in the first line: its version is looked at before its content, which is for those who know the version.
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
        Err(_) if line.last() != Some(&b'\n') => Err(ResultsError::Cut(number)),
        Err(error) => Err(ResultsError::Line(number, error)),
    }
}

/// Results as far as they were read.
struct Reading {
    header: Header,
    runtimes: Vec<RuntimeRecord>,
    events: Vec<EventRecord>,
    cases: Vec<CaseRecord>,
    trials: Vec<TrialRecord>,
    footer: Option<Footer>,
    /// The names of the runtimes, and the trials by runtime and case.
    seen: BTreeSet<(String, String)>,
}

impl Reading {
    fn begin(header: Header) -> Reading {
        let (runtimes, events, cases, trials) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Reading { header, runtimes, events, cases, trials, footer: None, seen: BTreeSet::new() }
    }

    /// Adds a record, which says what it contradicts if it does.
    fn add(&mut self, record: Record) -> Result<(), String> {
        if self.footer.is_some() {
            return Err("there is more behind the footer".to_owned());
        }
        match record {
            Record::Header(_) => return Err("a second header; `audit578 merge` joins files".to_owned()),
            Record::Runtime(runtime) => {
                // One that is absent has no name yet, but for the command that was to start it.
                if runtime.absent.is_none() {
                    self.see(&runtime.name, None)?;
                }
                self.runtimes.push(*runtime);
            }
            Record::Event(event) => self.events.push(*event),
            Record::Case(case) => self.cases.push(*case),
            Record::Trial(trial) => {
                if !self.seen.contains(&(trial.runtime.clone(), String::new())) {
                    return Err(format!("a trial of {}, which is no runtime above", trial.runtime));
                }
                self.see(&trial.runtime, Some(trial.id()))?;
                self.trials.push(*trial);
            }
            Record::Footer(footer) if footer.trials != self.trials.len() => {
                return Err(format!(
                    "the footer counts trials: {}, and there are {}: lines are missing",
                    footer.trials,
                    self.trials.len()
                ));
            }
            Record::Footer(footer) => self.footer = Some(footer),
        }
        Ok(())
    }

    /// Notes a runtime, or a trial on it, which must not be there twice.
    fn see(&mut self, runtime: &str, id: Option<String>) -> Result<(), String> {
        let what = id.as_ref().map_or("the runtime".to_owned(), |id| format!("{id} on"));
        let is_new = self.seen.insert((runtime.to_owned(), id.unwrap_or_default()));
        is_new.then_some(()).ok_or_else(|| format!("{what} {runtime} is there already"))
    }

    fn finish(self) -> Results {
        let Reading { header, runtimes, events, cases, trials, footer, .. } = self;
        Results { events, ..Results::new(header, runtimes, cases, trials, footer) }
    }
}

/// A results file being written. Each record is on disk before the next one begins.
#[derive(Debug)]
pub struct Writer(Option<File>);

impl Writer {
    /// Opens the file, if there is to be one, before anything is run: a bad path fails at once. What is in the file stays
    /// there until the writing begins.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(path: Option<&Path>) -> io::Result<Writer> {
        let open = |path| File::options().write(true).create(true).truncate(false).open(path);
        path.map(open).transpose().map(Writer)
    }

    /// Takes out what is in the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&mut self) -> io::Result<()> {
        match &self.0 {
            Some(file) if file.metadata()?.is_file() => file.set_len(0),
            _ => Ok(()),
        }
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

/// Writes whole results as the lines of a file.
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
    results.cases.iter().try_for_each(|case| put(&Record::Case(Box::new(case.clone()))))?;
    results.trials.iter().try_for_each(|trial| put(&Record::Trial(Box::new(trial.clone()))))?;
    results.footer.iter().try_for_each(|footer| put(&Record::Footer(footer.clone())))
}
