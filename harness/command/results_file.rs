//! The results file of a run, which is written while the run goes on.

use std::mem;
use std::path::Path;

use anyhow::{Context, Result};

use super::interpreters::Found;
use super::stop::Stop;
use crate::results::store::Writer;
use crate::results::{Footer, Record, Results};
use crate::run::TrialRecord;

/// The file. The runtimes come before the trials in it, and so the first trials wait until all runtimes have answered.
pub(super) struct ResultsFile {
    writer: Writer,
    /// Whether it has what comes before the trials.
    has_begun: bool,
    waiting: Vec<TrialRecord>,
}

impl ResultsFile {
    /// Opens the file, if there is a path. It keeps its content until the first trial is written.
    pub(super) fn open(path: Option<&Path>) -> Result<ResultsFile> {
        let name = path.unwrap_or(Path::new("")).display();
        let writer = Writer::open(path).map_err(|error| Stop::usage(format!("cannot create {name}: {error}")))?;
        Ok(ResultsFile { writer, has_begun: false, waiting: Vec::new() })
    }

    /// Tells whether there is a file.
    pub(super) fn is_wanted(&self) -> bool {
        self.writer.has_file()
    }

    /// Goes on behind the records that the file has in its first bytes.
    pub(super) fn resume(&mut self, length: u64) -> Result<()> {
        self.has_begun = true;
        self.writer.resume(length).context("cannot write the results")
    }

    /// Writes what comes before the trials, unless it is there, and the trials that waited. `results` has all but the runtimes.
    pub(super) fn begin(&mut self, found: &Found, results: &Results) -> Result<()> {
        if mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        self.writer.begin().context("cannot write the results")?;
        self.write(&Record::Header(results.header.clone()))?;
        found.rows().into_iter().try_for_each(|row| self.write(&Record::Runtime(Box::new(row))))?;
        results.events.iter().try_for_each(|event| self.write(&Record::Event(Box::new(event.clone()))))?;
        results.all_cases().try_for_each(|case| self.write(&Record::Case(Box::new(case.clone()))))?;
        mem::take(&mut self.waiting).into_iter().try_for_each(|trial| self.write(&Record::Trial(Box::new(trial))))
    }

    /// Writes a trial, or lets it wait for the runtimes.
    pub(super) fn add(&mut self, trial: &TrialRecord, found: &Found, results: &Results) -> Result<()> {
        if !self.has_begun {
            self.waiting.push(trial.clone());
            return if found.is_known() { self.begin(found, results) } else { Ok(()) };
        }
        self.write(&Record::Trial(Box::new(trial.clone())))
    }

    /// Writes the end of a run that is complete.
    pub(super) fn end(&mut self, footer: &Footer) -> Result<()> {
        self.write(&Record::Footer(footer.clone()))
    }

    fn write(&mut self, record: &Record) -> Result<()> {
        self.writer.write(record).context("cannot write the results")
    }
}
