//! The agent's side of the harness: writes jobs, has interpreters do them, reads their reports.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;

use crate::case::{Case, Demand, Invoke, VetoPromise};
use crate::guard::Need;
use crate::observation::Observation;
use crate::plan::Trial;
use crate::process::{self, Exit, Limits, Spawn, Warm};
use crate::runtime::{Isolation, Launch, Probe};
use crate::shape::Shape;
use crate::workspace::{self, Workspace};

/// The deadline of a pass where nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The agent on disk, as a script and as a `sitecustomize` module, and the interpreters that it keeps warm.
#[derive(Debug)]
pub struct Agent {
    folder: TempDir,
    deadline: Duration,
    /// The warm interpreters that do nothing at the moment, by runtime and what they have imported.
    idle: Mutex<BTreeMap<(String, Stock), Vec<Kept>>>,
}

/// What a warm interpreter has imported. The smaller it is, the faster it forks; the more it has, the less a child has
/// to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stock {
    /// What the agent imports, which is enough for most cases.
    Bare,
    /// What the other cases import most.
    Full,
}

impl Stock {
    /// The stock for a case: bare if its code imports nothing but `os` and `sys`.
    fn of(case: &Case) -> Stock {
        let code = case.setup.lines().chain(case.snippet.iter().flat_map(|snippet| snippet.lines()));
        let mut imports =
            code.map(str::trim_start).filter(|line| line.starts_with("import ") || line.starts_with("from "));
        let bare = imports.all(|line| matches!(line, "import os" | "import sys" | "import os, sys"));
        if bare { Stock::Bare } else { Stock::Full }
    }

    fn modules(self) -> &'static [&'static str] {
        match self {
            Stock::Bare => &[],
            Stock::Full => &["pathlib", "pickle", "shutil", "socket", "subprocess", "tempfile"],
        }
    }
}

/// A warm interpreter, and the folder that it lives in.
#[derive(Debug)]
struct Kept {
    warm: Warm,
    _space: Workspace,
}

/// One of the two passes of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The hook only watches.
    Plain,
    /// The hook raises at the event under test.
    Veto,
}

/// What the agent is told to do.
#[derive(Serialize)]
struct Job<'a> {
    task: &'static str,
    report: PathBuf,
    stdout: PathBuf,
    stderr: PathBuf,
    tmp: PathBuf,
    setup: &'a str,
    snippet: &'a str,
    names: Option<Vec<&'a str>>,
    shapes: Vec<Vec<&'a Shape>>,
    effect: Option<&'a str>,
    veto: Option<&'a str>,
    record: bool,
    needs: &'a [Need],
}

impl<'a> Job<'a> {
    fn new(task: &'static str, space: &Workspace) -> Job<'a> {
        Job {
            task,
            report: space.path("report"),
            stdout: space.path("stdout"),
            stderr: space.path("stderr"),
            tmp: space.work.clone(),
            setup: "",
            snippet: "",
            names: None,
            shapes: Vec::new(),
            effect: None,
            veto: None,
            record: false,
            needs: &[],
        }
    }

    /// Writes the job into its workspace, and returns the path.
    fn write(&self, space: &Workspace) -> io::Result<PathBuf> {
        let path = space.path("job");
        fs::write(&path, serde_json::to_vec(self)?)?;
        Ok(path)
    }
}

impl Agent {
    /// Writes the agent to a folder of its own. The deadline is for passes of runtimes that have none.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new(deadline: Option<Duration>) -> io::Result<Agent> {
        let folder = tempfile::Builder::new().prefix("audit578-agent-").tempdir()?;
        let text = include_str!("agent.py");
        fs::write(folder.path().join("agent.py"), text)?;
        fs::create_dir(folder.path().join("site"))?;
        fs::write(folder.path().join("site/sitecustomize.py"), text)?;
        Ok(Agent { folder, deadline: deadline.unwrap_or(DEADLINE), idle: Mutex::default() })
    }

    /// Asks an interpreter what it is, and what it has of some needs.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn probe(&self, launch: &Launch, needs: &[Need]) -> Result<(Probe, BTreeMap<String, bool>), String> {
        let seen = workspace::observe(|space| {
            let job = Job { needs, ..Job::new("probe", space) };
            self.run_script(launch, space, &job)
        });
        match (seen.probe, seen.fault) {
            (Some(probe), None) if seen.finished => Ok((probe, seen.features)),
            (_, Some(fault)) => Err(fault),
            (_, None) => match seen.stderr.trim_end().lines().last() {
                Some(last) => Err(format!("{} without an answer: {last}", seen.exit)),
                None if matches!(seen.exit, Exit::NotStarted(_)) => Err(seen.exit.to_string()),
                None => Err(format!("{} without an answer", seen.exit)),
            },
        }
    }

    /// Runs one pass of a trial, apart from all others as the isolation says. A command line, and a case that wants a
    /// fresh interpreter, get a process of their own under any isolation.
    pub fn observe(&self, trial: &Trial, demands: &[Demand], pass: Pass, isolation: Isolation) -> Observation {
        let (file, case, launch) = (&trial.source.file, trial.case, &trial.runtime.launch);
        workspace::observe(|space| {
            let job = Job {
                setup: &case.setup,
                snippet: case.snippet.as_deref().unwrap_or_default(),
                names: (!case.only).then(|| case.names(file).into_iter().collect()),
                shapes: demands.iter().map(|d| d.args.iter().map(|(_, shape)| shape).collect()).collect(),
                effect: case.effect.as_deref(),
                veto: (pass == Pass::Veto && case.veto != VetoPromise::None).then_some(&file.event),
                ..Job::new("trial", space)
            };
            match &case.invoke {
                Some(invoke) => self.run_command_line(launch, space, &job, invoke),
                None if isolation == Isolation::Fork && !case.fresh => self.run_forked(trial, space, &job),
                None => self.run_script(launch, space, &job),
            }
        })
    }

    /// Records what a snippet raises.
    pub fn record(&self, launch: &Launch, setup: &str, snippet: &str) -> Observation {
        workspace::observe(|space| {
            let job = Job { setup, snippet, record: true, ..Job::new("trial", space) };
            self.run_script(launch, space, &job)
        })
    }

    /// The agent as a script.
    fn run_script(&self, launch: &Launch, space: &Workspace, job: &Job) -> io::Result<(Exit, Duration)> {
        let mut argv = self.script(launch);
        argv.push(job.write(space)?.to_string_lossy().into_owned());
        Ok(process::run(&spawn(launch, space, argv), &self.limits(launch, space)))
    }

    /// The agent as `sitecustomize`, in a process with a command line of its own.
    fn run_command_line(
        &self,
        launch: &Launch,
        space: &Workspace,
        job: &Job,
        invoke: &Invoke,
    ) -> io::Result<(Exit, Duration)> {
        for (name, text) in &invoke.files {
            fs::write(space.work.join(name), text)?;
        }
        let mut spawn = spawn(launch, space, [launch.command.as_slice(), &invoke.args].concat());
        let stdin = space.path("stdin");
        fs::write(&stdin, &invoke.stdin)?;
        spawn.stdin = Some(stdin);
        for (name, value) in [("AUDIT578_JOB", job.write(space)?), ("PYTHONPATH", self.folder.path().join("site"))] {
            spawn.env.insert(name.to_owned(), value.to_string_lossy().into_owned());
        }
        spawn.env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        spawn.env.extend(invoke.env.clone());
        Ok(process::run(&spawn, &self.limits(launch, space)))
    }

    /// The agent in a child that a warm interpreter forks. One that is lost is not used again.
    fn run_forked(&self, trial: &Trial, space: &Workspace, job: &Job) -> io::Result<(Exit, Duration)> {
        let launch = &trial.runtime.launch;
        let limits = self.limits(launch, space);
        let kind = (trial.runtime.name().to_owned(), Stock::of(trial.case));
        let job = serde_json::to_vec(job)?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().get_mut(&kind).and_then(Vec::pop);
        let mut kept = kept.map_or_else(|| self.warm_up(launch, kind.1), Ok)?;
        let ended = kept.warm.run(job, &limits)?;
        idle().entry(kind).or_default().push(kept);
        Ok(ended)
    }

    fn warm_up(&self, launch: &Launch, stock: Stock) -> io::Result<Kept> {
        let space = Workspace::new()?;
        let mut argv = self.script(launch);
        argv.extend(["serve"].iter().chain(stock.modules()).map(ToString::to_string));
        let warm = Warm::start(&spawn(launch, &space, argv))?;
        Ok(Kept { warm, _space: space })
    }

    fn script(&self, launch: &Launch) -> Vec<String> {
        let script = self.folder.path().join("agent.py").to_string_lossy().into_owned();
        [launch.command.as_slice(), &launch.args, &[script]].concat()
    }

    fn limits(&self, launch: &Launch, space: &Workspace) -> Limits {
        let files = ["stdout", "stderr", "report"].map(|name| space.path(name)).to_vec();
        Limits { deadline: launch.timeout.unwrap_or(self.deadline), files }
    }
}

fn spawn(launch: &Launch, space: &Workspace, argv: Vec<String>) -> Spawn {
    let home = space.work.to_string_lossy().into_owned();
    let mut env = BTreeMap::from([
        ("HOME".to_owned(), home.clone()),
        ("TMPDIR".to_owned(), home),
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ]);
    env.extend(launch.env.clone());
    let (stdout, stderr) = (space.path("stdout"), space.path("stderr"));
    Spawn { argv, folder: space.work.clone(), env, stdin: None, stdout, stderr }
}
