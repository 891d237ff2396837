//! The agent's side of the harness: writes jobs, starts interpreters on them, reads their reports.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;

use crate::case::{Demand, Invoke, Need, VetoPromise};
use crate::event::Shape;
use crate::observation::Observation;
use crate::plan::Trial;
use crate::process::{self, Exit, Spawn};
use crate::runtime::{Isolation, Launch, Probe};

/// The deadline of a pass where nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The part of a report that is read, and of standard error that is kept, in bytes.
const REPORT: u64 = 16 << 20;
const STDERR: u64 = 4 << 10;

/// The agent on disk, as a script and as a `sitecustomize` module.
#[derive(Debug)]
pub struct Agent {
    folder: TempDir,
    deadline: Duration,
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
    report: &'a Path,
    tmp: &'a Path,
    setup: &'a str,
    snippet: &'a str,
    names: Option<Vec<&'a str>>,
    shapes: Vec<Vec<&'a Shape>>,
    effect: Option<&'a str>,
    veto: Option<&'a str>,
    record: bool,
    needs: &'a [Need],
}

/// The folder of one pass: the snippet's working directory, and beside it what the harness and the agent exchange.
struct Workspace {
    root: TempDir,
    work: PathBuf,
}

impl Workspace {
    fn new() -> io::Result<Workspace> {
        let root = tempfile::Builder::new().prefix("audit578-").tempdir()?;
        let work = root.path().canonicalize()?.join("work");
        fs::create_dir(&work)?;
        Ok(Workspace { root, work })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.work.with_file_name(name)
    }

    fn job<'a>(&'a self, task: &'static str, report: &'a Path) -> Job<'a> {
        Job {
            task,
            report,
            tmp: &self.work,
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
        Ok(Agent { folder, deadline: deadline.unwrap_or(DEADLINE) })
    }

    /// Asks an interpreter what it is, and what it has of some needs.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn probe(&self, launch: &Launch, needs: &[Need]) -> Result<(Probe, BTreeMap<String, bool>), String> {
        let seen = in_workspace(|space, report| {
            let job = Job { needs, ..space.job("probe", report) };
            self.script(launch, space, &job)
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

    /// Runs one pass of a trial, apart from all others as the runtime's isolation says.
    pub fn observe(&self, trial: &Trial, demands: &[Demand], pass: Pass) -> Observation {
        match trial.runtime.launch.isolation {
            Isolation::Process => self.observe_in_process(trial, demands, pass),
        }
    }

    fn observe_in_process(&self, trial: &Trial, demands: &[Demand], pass: Pass) -> Observation {
        let (file, case) = (&trial.source.file, trial.case);
        let launch = &trial.runtime.launch;
        in_workspace(|space, report| {
            let job = Job {
                setup: &case.setup,
                snippet: case.snippet.as_deref().unwrap_or_default(),
                names: (!case.only).then(|| case.names(file).into_iter().collect()),
                shapes: demands.iter().map(|d| d.args.iter().map(|(_, shape)| shape).collect()).collect(),
                effect: case.effect.as_deref(),
                veto: (pass == Pass::Veto && case.veto != VetoPromise::None).then_some(&file.event),
                ..space.job("trial", report)
            };
            match &case.invoke {
                Some(invoke) => self.invocation(launch, space, &job, invoke),
                None => self.script(launch, space, &job),
            }
        })
    }

    /// Records what a snippet raises.
    pub fn record(&self, launch: &Launch, setup: &str, snippet: &str) -> Observation {
        in_workspace(|space, report| {
            let job = Job { setup, snippet, record: true, ..space.job("trial", report) };
            self.script(launch, space, &job)
        })
    }

    fn deadline(&self, launch: &Launch) -> Duration {
        launch.timeout.unwrap_or(self.deadline)
    }

    /// The agent as a script.
    fn script(&self, launch: &Launch, space: &Workspace, job: &Job) -> io::Result<Spawn> {
        let path = space.path("job");
        fs::write(&path, serde_json::to_string(job)?)?;
        let script = [self.folder.path().join("agent.py"), path].map(|path| path.to_string_lossy().into_owned());
        let argv = [launch.command.as_slice(), &launch.args, &script].concat();
        Ok(self.spawn(launch, space, argv))
    }

    /// The agent as `sitecustomize`, in a process with a command line of its own.
    fn invocation(&self, launch: &Launch, space: &Workspace, job: &Job, invoke: &Invoke) -> io::Result<Spawn> {
        let path = space.path("job");
        fs::write(&path, serde_json::to_string(job)?)?;
        for (name, text) in &invoke.files {
            fs::write(space.work.join(name), text)?;
        }
        let argv = [launch.command.as_slice(), &invoke.args].concat();
        let mut spawn = self.spawn(launch, space, argv);
        let stdin = space.path("stdin");
        fs::write(&stdin, &invoke.stdin)?;
        spawn.stdin = Some(stdin);
        let site = self.folder.path().join("site");
        for (name, value) in [
            ("AUDIT578_JOB", path.to_string_lossy().into_owned()),
            ("PYTHONPATH", site.to_string_lossy().into_owned()),
            ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ] {
            spawn.env.insert(name.to_owned(), value);
        }
        spawn.env.extend(invoke.env.clone());
        Ok(spawn)
    }

    fn spawn(&self, launch: &Launch, space: &Workspace, argv: Vec<String>) -> Spawn {
        let home = space.work.to_string_lossy().into_owned();
        let mut env = BTreeMap::from([
            ("HOME".to_owned(), home.clone()),
            ("TMPDIR".to_owned(), home),
            ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ]);
        env.extend(launch.env.clone());
        Spawn {
            argv,
            folder: space.work.clone(),
            env,
            stdin: None,
            stdout: space.path("stdout"),
            stderr: space.path("stderr"),
            report: space.path("report"),
            deadline: self.deadline(launch),
        }
    }
}

/// Runs what `prepare` makes of a new workspace. A failure of the harness itself is an observation too.
fn in_workspace(prepare: impl FnOnce(&Workspace, &Path) -> io::Result<Spawn>) -> Observation {
    let failed = |error: io::Error| Observation::new("", Exit::NotStarted(error.to_string()), String::new(), 0.0);
    let space = match Workspace::new() {
        Ok(space) => space,
        Err(error) => return failed(error),
    };
    let report = space.path("report");
    let spawn = match prepare(&space, &report) {
        Ok(spawn) => spawn,
        Err(error) => return failed(error),
    };
    let (exit, time) = process::run(&spawn);
    let here = space.work.to_string_lossy().into_owned();
    let text = |path: &Path, limit| tail(path, limit).replace(&here, "{tmp}");
    let mut seen = Observation::new(&text(&report, REPORT), exit, text(&spawn.stderr, STDERR), time.as_secs_f64());
    if let Err(error) = space.root.close() {
        seen.fault.get_or_insert(format!("its folder could not be removed: {error}"));
    }
    seen
}

/// Returns the last bytes of a file as text; nothing if there is no file.
fn tail(path: &Path, limit: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
