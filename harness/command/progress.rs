//! The progress of a run on standard error: a bar on a terminal, lines elsewhere.

use super::files::say;
use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::report::text::log;
use crate::run::Message;
use crate::runtime::Trial;

/// The time between two lines of progress, if standard error is not a terminal.
const PERIOD: Duration = Duration::from_secs(10);

/// The progress of a run.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    plan: &'a [Trial<'a>],
    is_quiet: bool,
    bar: Option<ProgressBar>,
    running: BTreeMap<usize, Instant>,
    done: usize,
    failures: usize,
    last_line: Instant,
}

impl<'a> Progress<'a> {
    /// Starts to show the progress of a plan. One that is quiet shows nothing.
    pub(super) fn new(plan: &'a [Trial<'a>], is_quiet: bool) -> Progress<'a> {
        let bar = (stderr().is_terminal() && !is_quiet).then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}");
            let length = u64::try_from(plan.len()).unwrap_or(u64::MAX);
            ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { plan, is_quiet, bar, running: BTreeMap::new(), done: 0, failures: 0, last_line: Instant::now() }
    }

    /// Shows the progress after a message of a worker.
    pub(super) fn update(&mut self, message: &Message) {
        match message {
            Message::Started(index) => {
                self.running.insert(*index, Instant::now());
            }
            Message::Finished(index, record) => {
                self.running.remove(index);
                self.done += 1;
                if record.is_unexpected() {
                    self.failures += usize::from(!record.is_fixed());
                    self.print(&format!("{} {} on {}", record.outcome(), record.id(), record.runtime));
                }
            }
        }
        self.show();
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn print(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(log(line)),
            None if self.is_quiet => {}
            None => say(line),
        }
    }

    fn show(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(self.done).unwrap_or(u64::MAX));
            bar.set_message(log(&format!("{} failures, slowest: {}", self.failures, self.slowest())));
        } else if self.last_line.elapsed() >= PERIOD {
            self.last_line = Instant::now();
            self.print(&format!(
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
