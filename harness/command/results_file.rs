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
    /// Whether it has all that comes before the trials.
    takes_trials: bool,
    waiting: Vec<TrialRecord>,
}

impl ResultsFile {
    /// Opens the file, if there is a path. It keeps its content until the run begins.
    pub(super) fn open(path: Option<&Path>) -> Result<ResultsFile> {
        let name = path.unwrap_or(Path::new("")).display();
        let writer = Writer::open(path).map_err(|error| Stop::usage(format!("cannot create {name}: {error}")))?;
        Ok(ResultsFile { writer, takes_trials: false, waiting: Vec::new() })
    }

    /// Tells whether there is a file.
    pub(super) fn is_wanted(&self) -> bool {
        self.writer.has_file()
    }

    /// Goes on behind the records that the file has in its first bytes.
    pub(super) fn resume(&mut self, length: u64) -> Result<()> {
        self.takes_trials = true;
        self.writer.resume(length).context("cannot write the results")
    }

    /// Empties the file, and writes its header. An interrupted run leaves nothing of an earlier one.
    pub(super) fn begin(&mut self, found: &Found, results: &Results) -> Result<()> {
        self.writer.begin().context("cannot write the results")?;
        self.write(&Record::Header(results.header.clone()))?;
        if found.is_known() { self.take_trials(found, results) } else { Ok(()) }
    }

    /// Writes the rest of what comes before the trials, unless it is there, and the trials that waited. `results` has all but
    /// the runtimes.
    pub(super) fn take_trials(&mut self, found: &Found, results: &Results) -> Result<()> {
        if mem::replace(&mut self.takes_trials, true) {
            return Ok(());
        }
        found.rows().into_iter().try_for_each(|row| self.write(&Record::Runtime(Box::new(row))))?;
        results.events.iter().try_for_each(|event| self.write(&Record::Event(Box::new(event.clone()))))?;
        results.all_cases().try_for_each(|case| self.write(&Record::Case(Box::new(case.clone()))))?;
        mem::take(&mut self.waiting).into_iter().try_for_each(|trial| self.write(&Record::Trial(Box::new(trial))))
    }

    /// Writes a trial, or lets it wait for the runtimes.
    pub(super) fn add(&mut self, trial: &TrialRecord, found: &Found, results: &Results) -> Result<()> {
        if self.takes_trials {
            return self.write(&Record::Trial(Box::new(trial.clone())));
        }
        self.waiting.push(trial.clone());
        if found.is_known() { self.take_trials(found, results) } else { Ok(()) }
    }

    /// Writes the end of a run that is complete.
    pub(super) fn end(&mut self, footer: &Footer) -> Result<()> {
        self.write(&Record::Footer(footer.clone()))
    }

    fn write(&mut self, record: &Record) -> Result<()> {
        self.writer.write(record).context("cannot write the results")
    }
}
