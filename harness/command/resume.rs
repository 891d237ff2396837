//! `run --resume`: the trials of an interrupted run, which need not run again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::{say, unreadable};
use super::stop::Stop;
use crate::results::resume::obstacle;
use crate::results::store::Interrupted;
use crate::results::{Footer, Results};
use crate::run::TrialRecord;
use crate::runtime::Trial;

/// An interrupted run.
pub(super) struct Resumed {
    path: PathBuf,
    found: Interrupted,
}

impl Resumed {
    /// Reads what the run wrote.
    pub(super) fn load(path: &Path) -> Result<Resumed, Stop> {
        let found = Interrupted::load(path).map_err(|error| unreadable(path, error))?;
        Ok(Resumed { path: path.to_owned(), found })
    }

    /// Refuses a run that is another than the one that begins.
    pub(super) fn check(&self, begun: &Results) -> Result<(), Stop> {
        match self.found.results.as_ref().and_then(|results| obstacle(results, begun)) {
            Some(why) => Err(self.refused(&why)),
            None => Ok(()),
        }
    }

    fn refused(&self, why: &str) -> Stop {
        let hint = "`audit578 run --results FILE` begins a new run";
        Stop::usage(format!("cannot resume {}: {why}\n  hint: {hint}", self.path.display()))
    }

    /// Returns the number of bytes to go on behind, if everything that comes before the trials is there.
    pub(super) fn length(&self) -> Option<u64> {
        let results = self.found.results.as_ref()?;
        (results.footer.is_some() || results.all_trials().next().is_some()).then_some(self.found.length)
    }

    /// Returns the end of the run, if it is complete.
    pub(super) fn footer(&self) -> Option<&Footer> {
        self.found.results.as_ref()?.footer.as_ref()
    }

    /// Splits a plan into the trials that must run, and the records of the others. Says on standard error how many those are.
    pub(super) fn split<'a>(&self, plan: Vec<Trial<'a>>) -> Result<(Vec<Trial<'a>>, Vec<TrialRecord>), Stop> {
        let (count, mut rest, mut taken) = (plan.len(), Vec::new(), Vec::new());
        let trials = self.found.results.iter().flat_map(Results::all_trials);
        let mut known: BTreeMap<_, _> = trials.map(|record| ((record.runtime.as_str(), record.id()), record)).collect();
        for trial in plan {
            match known.remove(&(trial.runtime.name(), trial.id())) {
                Some(record) => taken.push(record.clone()),
                None => rest.push(trial),
            }
        }
        if let Some((runtime, id)) = known.keys().next() {
            return Err(self.refused(&format!("it has the trial {id} on {runtime}, which is not selected")));
        }
        say(&format!("trials that were taken from {}: {} of {count}", self.path.display(), taken.len()));
        Ok((rest, taken))
    }
}
