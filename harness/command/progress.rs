//! Progress of a run on standard error: a bar on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::run::Message;
use crate::runtime::Trial;

/// How often a plain line says how far the run is.
const PERIOD: Duration = Duration::from_secs(10);

/// What is known of a run under way.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    plan: &'a [Trial<'a>],
    bar: Option<ProgressBar>,
    running: BTreeMap<usize, Instant>,
    done: usize,
    failures: usize,
    said: Instant,
}

impl<'a> Progress<'a> {
    /// Begins to show the progress of a plan.
    pub(super) fn new(plan: &'a [Trial<'a>]) -> Progress<'a> {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}");
            let length = u64::try_from(plan.len()).unwrap_or(u64::MAX);
            ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { plan, bar, running: BTreeMap::new(), done: 0, failures: 0, said: Instant::now() }
    }

    /// Takes in what a worker said.
    pub(super) fn update(&mut self, message: &Message) {
        match message {
            Message::Started(index) => {
                self.running.insert(*index, Instant::now());
            }
            Message::Finished(index, record) => {
                self.running.remove(index);
                self.done += 1;
                if record.is_unexpected() {
                    self.failures += 1;
                    self.say(format!("{} {} on {}", record.outcome(), record.id(), record.runtime));
                }
            }
        }
        self.show();
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn say(&self, line: String) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }

    fn show(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(self.done).unwrap_or(u64::MAX));
            bar.set_message(format!("{} failures, slowest: {}", self.failures, self.slowest()));
        } else if self.said.elapsed() >= PERIOD {
            self.said = Instant::now();
            self.say(format!(
                "{}/{} trials, {} failures, slowest: {}",
                self.done,
                self.plan.len(),
                self.failures,
                self.slowest()
            ));
        }
    }

    fn slowest(&self) -> String {
        let oldest = self.running.iter().min_by_key(|(_, start)| **start);
        oldest
            .map(|(index, start)| {
                let trial = &self.plan[*index];
                format!("{} on {} ({:.1} s)", trial.id(), trial.runtime.name(), start.elapsed().as_secs_f64())
            })
            .unwrap_or_default()
    }
}
