//! Observing: runs passes of trials, and the snippets that are recorded, each in its own workspace.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;
use std::{fmt, fs};

use super::failures::Failures;
use super::jobs::{Files, Job};
use super::observation::Observation;
use super::pool::Start;
use super::runner::{Ended, Runner};
use super::workspace::{Kept, Workspace, in_workspace};
use crate::process::Exit;
use crate::runtime::{Found, Isolation, Launch, Trial};
use crate::suite::{Demand, Observer, Passes, VetoPromise};

/// The agent: runs passes and snippets for the other folders.
#[derive(Debug)]
pub struct Agent {
    pub(super) runner: Runner,
    keep: Option<PathBuf>,
    /// How many interpreters the run starts, if that is known.
    pub(super) starts: Option<Starts>,
    /// The failures of the agent itself.
    pub failures: Failures,
    /// The answers of interpreters that were asked what they are, by their command lines and environments.
    pub(super) identities: Mutex<BTreeMap<Start, Found>>,
}

/// How many interpreters a run starts on a runtime, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starts {
    /// Those of cases that need new ones.
    pub new: usize,
    /// Warm ones.
    pub warm: usize,
}

impl Starts {
    /// The number of starts that are worth compiling the agent: to compile and to try it takes as long as two starts, and
    /// saves half of each other one.
    const WORTH_COMPILING: usize = 6;

    /// Tells whether it is worth compiling the agent.
    pub(super) fn are_many(self) -> bool {
        self.new + self.warm >= Starts::WORTH_COMPILING
    }
}

/// The start of the reply of a warm interpreter in which the agent failed.
const FAILED: &str = "failed: ";

/// One of the passes of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The hook only records.
    Plain,
    /// The hook raises an exception at the event under test.
    Veto,
    /// The snippet is hot code, and the hook only records.
    Hot,
    /// The snippet is hot code, and the hook raises an exception at the event under test.
    HotVeto,
}

impl Pass {
    fn is_veto(self) -> bool {
        matches!(self, Pass::Veto | Pass::HotVeto)
    }

    fn is_hot(self) -> bool {
        matches!(self, Pass::Hot | Pass::HotVeto)
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pass::Plain => "plain",
            Pass::Veto => "veto",
            Pass::Hot => "hot",
            Pass::HotVeto => "hot-veto",
        })
    }
}

impl Agent {
    /// Makes a folder for the agent. The deadline is for passes of runtimes without a configured one.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new(deadline: Option<Duration>) -> io::Result<Agent> {
        let (runner, failures) = (Runner::new(deadline)?, Failures::default());
        Ok(Agent { runner, keep: None, starts: None, failures, identities: Mutex::default() })
    }

    /// Keeps the folders of all passes of trials in a folder, each with its job, its report, the agent and its output.
    #[must_use]
    pub fn keeping(self, folder: Option<PathBuf>) -> Agent {
        Agent { keep: folder, ..self }
    }

    /// Says how many interpreters the run starts. One that starts few ends sooner.
    #[must_use]
    pub fn expecting(self, starts: Starts) -> Agent {
        Agent { starts: Some(starts), ..self }
    }

    /// Ends the warm interpreters. The next trial starts new ones.
    pub fn end_warm_interpreters(&self) {
        self.runner.pool.clear();
    }

    /// Runs one pass of a trial, separated from all others as the isolation says. Under any isolation, a command line
    /// or a case with `fresh` gets a new process.
    pub fn observe(&self, trial: &Trial, demands: &[Demand], pass: Pass, isolation: Isolation) -> Observation {
        let kept = self.keep.as_deref().map(|parent| Kept { parent, name: folder_name(trial, pass) });
        let seen = self.observe_job(trial, isolation, kept.as_ref(), |workspace| job(trial, demands, pass, workspace));
        of_the_case(seen, trial)
    }

    /// Tells whether both passes of a trial may run in one child: if the veto holds, the veto pass is not likely to leave
    /// anything behind that the plain pass could find.
    pub fn is_pair(&self, trial: &Trial) -> bool {
        let (case, file) = (trial.case, &trial.source.file);
        let stops = matches!(case.veto(), VetoPromise::Stops | VetoPromise::Query);
        let is_forked = !(case.is_alone() || case.leaves_residue() || case.changes_objects()) && self.keep.is_none();
        is_forked && stops && case.run == Passes::Both && case.door.is_none() && case.is_vetoed(file)
    }

    /// Runs the veto pass of a trial, and then its plain pass, in one child. There is no plain pass if the veto did not
    /// hold, or something of the veto pass is left.
    pub fn observe_pair(&self, trial: &Trial, demands: &[Demand]) -> (Observation, Option<Observation>) {
        let launch = &trial.runtime.launch;
        let mut plain = None;
        let mut veto = self.runner.seated(launch, None, |seat, first| {
            let (mut ended, mut has_begun) = (Err(io::ErrorKind::NotFound.into()), false);
            let seen = in_workspace(Workspace::new(&seat.room), |second| {
                let next = Some(Files::of(second));
                let job = Job { next, ..job(trial, demands, Pass::Veto, first) };
                ended = self.runner.run_forked(seat, launch, &[first, second], &job);
                has_begun = second.path("report").exists();
                Ok(ended.as_ref().map_or_else(|_| (Exit::Status(0), Duration::ZERO), Clone::clone))
            });
            plain = has_begun.then(|| of_the_case(seen, trial));
            ended
        });
        if let Some(reason) = failure(&veto.exit, None) {
            self.failures.add(trial.runtime.name(), reason);
        }
        // How the child ended says something of its last pass only.
        if plain.is_some() && veto.finished {
            (veto.exit, veto.seconds) = (Exit::Status(0), 0.0);
        }
        (of_the_case(veto, trial), plain)
    }

    /// Records all events that a case's snippet raises. A case with `run: vetoed` gets the veto here too.
    pub fn record_case(&self, trial: &Trial) -> Observation {
        let (event, case) = (&trial.source.file.event, trial.case);
        self.observe_job(trial, trial.runtime.isolation(), None, |workspace| Job {
            setup: &case.setup,
            snippet: case.snippet.as_deref().unwrap_or_default(),
            veto: (case.run == Passes::Vetoed).then_some(event),
            record: true,
            ..Job::new("trial", workspace)
        })
    }

    /// Records all events that a snippet raises, in a new process.
    pub fn record(&self, launch: &Launch, setup: &str, snippet: &str) -> Observation {
        self.runner.seated(launch, None, |seat, workspace| {
            let job = Job { setup, snippet, record: true, ..Job::new("trial", workspace) };
            self.runner.run_script(seat, launch, workspace, &job)
        })
    }

    pub(super) fn observe_job<'a>(
        &self,
        trial: &Trial,
        isolation: Isolation,
        kept: Option<&Kept>,
        job: impl FnOnce(&Workspace) -> Job<'a>,
    ) -> Observation {
        let (case, launch, runner) = (trial.case, &trial.runtime.launch, &self.runner);
        let mut residue = None;
        let seen = runner.seated(launch, kept, |seat, workspace| {
            let job = job(workspace);
            if kept.is_some() {
                job.write(workspace)?;
                fs::copy(runner.scripts.of(launch)?.source(), workspace.path("agent.py"))?;
            }
            match (&case.invoke, isolation) {
                (Some(invoke), _) => runner.run_command_line(seat, launch, workspace, &job, invoke),
                (None, Isolation::Fork) if !case.is_alone() => runner.run_forked(seat, launch, &[workspace], &job),
                (None, Isolation::Shared) if !case.is_alone() && !case.leaves_residue() => {
                    let ended: Ended;
                    (ended, residue) = runner.run_shared(seat, launch, workspace, &job)?;
                    Ok(ended)
                }
                (None, _) => runner.run_script(seat, launch, workspace, &job),
            }
        });
        if let Some(reason) = failure(&seen.exit, residue.as_deref()) {
            self.failures.add(trial.runtime.name(), reason);
        }
        Observation { residue, ..seen }
    }
}

/// Returns the job of one pass of a trial.
fn job<'a>(trial: &'a Trial, demands: &'a [Demand], pass: Pass, workspace: &Workspace) -> Job<'a> {
    let (file, case) = (&trial.source.file, trial.case);
    Job {
        setup: &case.setup,
        snippet: case.snippet.as_deref().unwrap_or_default(),
        names: (!case.only).then(|| case.names(file).into_iter().collect()),
        shapes: demands.iter().map(|d| d.args.iter().map(|(_, shape)| shape).collect()).collect(),
        effect: case.effect.as_deref(),
        veto: (pass.is_veto() && case.veto() != VetoPromise::None).then_some(&file.event),
        hot: trial.runtime.heat.filter(|_| pass.is_hot()),
        native: case.observe == Observer::Native,
        ..Job::new("trial", workspace)
    }
}

/// Leaves out the events that the case is not about.
fn of_the_case(mut seen: Observation, trial: &Trial) -> Observation {
    let (file, language) = (&trial.source.file, &trial.runtime.identity.language);
    seen.events.retain(|event| file.is_about(trial.case, language, event));
    seen
}

/// Returns why a warm interpreter failed, if the agent itself did.
fn failure<'a>(exit: &'a Exit, residue: Option<&'a str>) -> Option<&'a str> {
    let reply = match exit {
        Exit::NotStarted(reason) => Some(reason.as_str()),
        _ => residue,
    };
    reply?.split_once(FAILED).map(|(_, reason)| reason)
}

/// Returns the name for the kept folder of a pass, from letters that every file system takes.
fn folder_name(trial: &Trial, pass: Pass) -> String {
    let name = format!("{}-{}-{pass}", trial.id().replace("::", "."), trial.runtime.name());
    name.replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c), "_")
}
