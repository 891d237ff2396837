//! Pairs: the two cold passes of a trial in one child, where that is possible. A child costs more than a pass.

use std::cell::RefCell;

use super::observation::Observation;
use super::observe::{Agent, Pass};
use crate::runtime::{Isolation, Trial};
use crate::suite::Demand;

/// Observes passes. The veto pass runs ahead of the plain pass in the same child, and what it saw is kept until it is
/// asked for.
#[derive(Debug)]
pub struct Pairs<'a> {
    agent: &'a Agent,
    /// The observation of the veto pass of the last trial, with the ids of its case and runtime.
    ahead: RefCell<Option<([String; 2], Observation)>>,
}

impl<'a> Pairs<'a> {
    /// Observes with an agent.
    pub fn new(agent: &'a Agent) -> Pairs<'a> {
        Pairs { agent, ahead: RefCell::default() }
    }

    /// Observes one pass of a trial, as [`Agent::observe`] does. Only the first plain pass of a trial is one of a pair.
    pub fn observe(&self, trial: &Trial, demands: &[Demand], pass: Pass, isolation: Isolation) -> Observation {
        let alone = || self.agent.observe(trial, demands, pass, isolation);
        if isolation != Isolation::Fork {
            return alone();
        }
        let id = [trial.id(), trial.runtime.name().to_owned()];
        let ahead = self.ahead.take().filter(|(of, _)| *of == id);
        match (pass, ahead) {
            (Pass::Veto, Some((_, veto))) => veto,
            (Pass::Plain, None) if self.agent.is_pair(trial) => {
                let (veto, plain) = self.agent.observe_pair(trial, demands);
                self.ahead.replace(Some((id, veto)));
                plain.unwrap_or_else(alone)
            }
            (_, ahead) => {
                self.ahead.replace(ahead);
                alone()
            }
        }
    }
}
