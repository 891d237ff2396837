//! The agent's side of the harness: writes jobs, has interpreters do them, reads their reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;

use super::observation::Observation;
use super::workspace::{self, Workspace};
use crate::process::system::environment;
use crate::process::{self, Exit, Limits, Spawn, Stdin, Warm};
use crate::runtime::{Found, Isolation, Launch, Probe, Trial};
use crate::suite::{Demand, Invoke, Need, Observer, Passes, Shape, VetoPromise, is_dotted};

/// `native.c`, built.
const NATIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/native.so"));
const NATIVE_NAME: &str = "native.so";

/// The script that a probe begins with.
const PROBE_NAME: &str = "probe.py";

/// The deadline of a pass where nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The agent on disk, and the interpreters that it keeps warm.
#[derive(Debug)]
pub struct Agent {
    folder: TempDir,
    deadline: Duration,
    /// The agent as each interpreter has it, by command.
    scripts: Mutex<BTreeMap<Vec<String>, Script>>,
    /// The warm interpreters that do nothing at the moment, by command line.
    idle: Mutex<BTreeMap<Vec<String>, Vec<Kept>>>,
}

/// What most of the modules that setups import would import themselves, or when they are used: a warm interpreter imports
/// these once for all.
const STOCK: [&str; 7] = ["encodings.idna", "pathlib", "re", "shutil", "socket", "subprocess", "tempfile"];

/// The modules that a setup imports, as it names them: what a warm interpreter may import once for many children. The
/// agent has `os` and `sys` already.
fn imports(setup: &str) -> BTreeSet<&str> {
    let named = setup.lines().flat_map(|line| {
        let from = line.strip_prefix("from ").and_then(|rest| rest.split(' ').next());
        let list = line.strip_prefix("import ").into_iter().flat_map(|rest| rest.split(','));
        from.into_iter().chain(list.filter_map(|module| module.split_whitespace().next()))
    });
    named.filter(|module| is_dotted(module) && !matches!(*module, "os" | "sys")).collect()
}

/// The agent in a folder of its own for one interpreter, which compiles it when it is probed: that is a third of what a
/// new process takes.
#[derive(Debug, Clone)]
struct Script {
    /// The folder, in which it is the module `sitecustomize`.
    site: PathBuf,
    /// Its compiled code, once it is compiled.
    compiled: Option<PathBuf>,
}

impl Script {
    fn source(&self) -> PathBuf {
        self.site.join("sitecustomize.py")
    }

    /// What is run as a script.
    fn text(&self) -> String {
        self.compiled.clone().unwrap_or_else(|| self.source()).to_string_lossy().into_owned()
    }
}

/// A warm interpreter, and the folder that it lives in.
#[derive(Debug)]
struct Kept {
    argv: Vec<String>,
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
    /// Whether a native hook records, and the agent only tells the effect.
    native: bool,
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
            native: false,
            needs: &[],
        }
    }

    /// The job as a warm interpreter reads it: groups of modules that it may import before, and the job itself.
    fn lines(&self, groups: &[&[&str]]) -> io::Result<String> {
        let groups: String = groups.iter().map(|modules| modules.join(" ") + ";").collect();
        Ok(format!("{groups}\n{}\n", serde_json::to_string(self)?))
    }

    /// Writes the job into its workspace, and returns the path.
    fn write(&self, space: &Workspace) -> io::Result<PathBuf> {
        let path = space.path("job");
        fs::write(&path, serde_json::to_vec(self)?)?;
        Ok(path)
    }
}

impl Agent {
    /// Makes a folder for the agent. The deadline is for passes of runtimes that have none.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new(deadline: Option<Duration>) -> io::Result<Agent> {
        let folder = tempfile::Builder::new().prefix("audit578-agent-").tempdir()?;
        // Empty, and so of no effect, where there was nothing to build it with.
        fs::write(folder.path().join(NATIVE_NAME), NATIVE)?;
        fs::write(folder.path().join(PROBE_NAME), include_str!("probe.py"))?;
        let deadline = deadline.unwrap_or(DEADLINE);
        Ok(Agent { folder, deadline, scripts: Mutex::default(), idle: Mutex::default() })
    }

    /// Ends the interpreters that are kept warm.
    pub fn rest(&self) {
        self.idle().clear();
    }

    /// Asks an interpreter what it is, and what it has of some needs.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn probe(&self, launch: &Launch, needs: &[Need]) -> Result<Found, String> {
        if launch.is_installable && !Path::new(&launch.command[0]).exists() {
            return Err("not installed (`audit578 install` sets it up)".to_owned());
        }
        let (tried, needs): (Vec<_>, Vec<_>) = needs.iter().cloned().partition(Need::is_tried);
        let mut answer = None;
        let seen = workspace::observe(|space| {
            let job = Job { needs: &needs, ..Job::new("probe", space) };
            let scripts = [self.folder.path().join(PROBE_NAME), self.script(launch)?.source()];
            let scripts = scripts.map(|path| path.to_string_lossy().into_owned());
            let argv = [launch.command.as_slice(), &launch.args, &scripts].concat();
            let ended = self.run_with(launch, space, argv, &job)?;
            answer = said_without_hooks(&fs::read(space.path("stdout")).unwrap_or_default());
            Ok(ended)
        });
        let probe = match (seen.probe.or(answer), seen.fault) {
            (Some(probe), None) if seen.finished || !probe.audit => probe,
            (_, Some(fault)) => return Err(fault),
            (_, None) => match seen.stderr.trim_end().lines().last() {
                Some(last) => return Err(format!("{} without an answer: {last}", seen.exit)),
                None if matches!(seen.exit, Exit::NotStarted(_)) => return Err(seen.exit.to_string()),
                None => return Err(format!("{} without an answer", seen.exit)),
            },
        };
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        scripts.entry(launch.command.clone()).and_modify(|script| script.compiled.clone_from(&probe.compiled));
        drop(scripts);
        let mut features = seen.features;
        if probe.audit {
            features.extend(tried.into_iter().map(|need| (need.as_str().to_owned(), self.is_watched(launch, &need))));
        }
        Ok(Found { probe, features, pace: Duration::from_secs_f64(seen.seconds) })
    }

    /// Tries whether the native hook, or the agent as `sitecustomize`, watches a command line to its end.
    fn is_watched(&self, launch: &Launch, need: &Need) -> bool {
        let native = *need == Need::native();
        if native && NATIVE.is_empty() {
            return false;
        }
        let seen = workspace::observe(|space| {
            let job = Job { native, ..Job::new("trial", space) };
            let args = if native { launch.args.clone() } else { vec!["-c".to_owned(), "pass".to_owned()] };
            self.run_command_line(launch, space, &job, &Invoke { args, ..Invoke::default() })
        });
        seen.native == native && seen.finished && seen.exit == Exit::Status(0)
    }

    /// Runs one pass of a trial, apart from all others as the isolation says. A command line, and a case that wants a
    /// fresh interpreter, get a process of their own under any isolation.
    pub fn observe(&self, trial: &Trial, demands: &[Demand], pass: Pass, isolation: Isolation) -> Observation {
        let (file, case) = (&trial.source.file, trial.case);
        let mut seen = self.observe_job(trial, isolation, |space| Job {
            setup: &case.setup,
            snippet: case.snippet.as_deref().unwrap_or_default(),
            names: (!case.only).then(|| case.names(file).into_iter().collect()),
            shapes: demands.iter().map(|d| d.args.iter().map(|(_, shape)| shape).collect()).collect(),
            effect: case.effect.as_deref(),
            veto: (pass == Pass::Veto && case.veto != VetoPromise::None).then_some(&file.event),
            native: case.observe == Observer::Native,
            ..Job::new("trial", space)
        });
        seen.events.retain(|event| file.is_about(case, &trial.runtime.identity.language, event));
        seen
    }

    /// Records all that a case's snippet raises. What must not happen is vetoed here too.
    pub fn watch(&self, trial: &Trial) -> Observation {
        let (event, case) = (&trial.source.file.event, trial.case);
        self.observe_job(trial, trial.runtime.isolation(), |space| Job {
            setup: &case.setup,
            snippet: case.snippet.as_deref().unwrap_or_default(),
            veto: (case.run == Passes::Vetoed).then_some(event),
            record: true,
            ..Job::new("trial", space)
        })
    }

    fn observe_job<'a>(
        &self,
        trial: &Trial,
        isolation: Isolation,
        job: impl FnOnce(&Workspace) -> Job<'a>,
    ) -> Observation {
        let (case, launch) = (trial.case, &trial.runtime.launch);
        let mut left = None;
        let seen = workspace::observe(|space| {
            let job = job(space);
            match (&case.invoke, isolation) {
                (Some(invoke), _) => self.run_command_line(launch, space, &job, invoke),
                (None, Isolation::Fork) if !case.is_alone() => self.run_forked(trial, space, &job),
                (None, Isolation::Shared) if !case.is_alone() && !case.leaves_something() => {
                    let (exit, time, stain) = self.run_shared(trial, space, &job)?;
                    left = stain;
                    Ok((exit, time))
                }
                (None, _) => self.run_script(launch, space, &job),
            }
        });
        Observation { left, ..seen }
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
        self.run_with(launch, space, self.argv(launch, &[])?, job)
    }

    fn run_with(
        &self,
        launch: &Launch,
        space: &Workspace,
        mut argv: Vec<String>,
        job: &Job,
    ) -> io::Result<(Exit, Duration)> {
        argv.push(job.write(space)?.to_string_lossy().into_owned());
        self.start(launch, space, &spawn(launch, space, argv))
    }

    /// Has an interpreter of its own run a command line: in a new process, or in what its launcher has ready.
    fn start(&self, launch: &Launch, space: &Workspace, spawn: &Spawn) -> io::Result<(Exit, Duration)> {
        let limits = self.limits(launch, space);
        if !launch.serves || matches!(spawn.stdin, Stdin::Terminal(_)) {
            return Ok(process::run(spawn, &limits));
        }
        let server = [launch.command.as_slice(), &["--serve".to_owned()]].concat();
        let mut kept = self.take(launch, server)?;
        let (exit, time, goes_on) = kept.warm.serve(spawn, launch.command.len(), &limits);
        if goes_on {
            self.keep(kept);
        }
        Ok((exit, time))
    }

    /// The agent as `sitecustomize`, in a process with a command line of its own, which may have a native hook.
    fn run_command_line(
        &self,
        launch: &Launch,
        space: &Workspace,
        job: &Job,
        invoke: &Invoke,
    ) -> io::Result<(Exit, Duration)> {
        let here = |text: &String| text.replace("{tmp}", &space.work.to_string_lossy());
        for (name, text) in &invoke.files {
            let path = space.work.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&space.work))?;
            fs::write(path, text)?;
        }
        let args: Vec<String> = invoke.args.iter().map(here).collect();
        let mut spawn = spawn(launch, space, [launch.command.as_slice(), &args].concat());
        let stdin = space.path("stdin");
        fs::write(&stdin, &invoke.stdin)?;
        spawn.stdin = if invoke.terminal { Stdin::Terminal(stdin) } else { Stdin::File(stdin) };
        let mut set =
            |name: &str, value: &Path| spawn.env.insert(name.to_owned(), value.to_string_lossy().into_owned());
        set("AUDIT578_JOB", &job.write(space)?);
        set("PYTHONPATH", &self.script(launch)?.site);
        set("PYTHONDONTWRITEBYTECODE", Path::new("1"));
        if job.native {
            set("AUDIT578_NATIVE", &job.report);
            if let Some(event) = job.veto {
                set("AUDIT578_VETO", Path::new(event));
            }
            let others = launch.env.get("LD_PRELOAD").into_iter().cloned();
            let ours = self.folder.path().join(NATIVE_NAME).to_string_lossy().into_owned();
            let all = others.chain([ours]).collect::<Vec<_>>().join(":");
            set("LD_PRELOAD", Path::new(&all));
        }
        spawn.env.extend(invoke.env.iter().map(|(name, value)| (name.clone(), here(value))));
        self.start(launch, space, &spawn)
    }

    /// The agent in a child that a warm interpreter forks. One that is lost is not used again.
    fn run_forked(&self, trial: &Trial, space: &Workspace, job: &Job) -> io::Result<(Exit, Duration)> {
        let launch = &trial.runtime.launch;
        let mut kept = self.take(launch, self.argv(launch, &["serve"])?)?;
        let wanted = imports(job.setup);
        let rest: Vec<&str> = wanted.iter().copied().filter(|module| !STOCK.contains(module)).collect();
        let groups: &[&[&str]] = match (wanted.is_empty(), rest.is_empty()) {
            (true, _) => &[],
            (_, true) => &[&STOCK],
            _ => &[&STOCK, &rest],
        };
        let ended = kept.warm.fork(&job.lines(groups)?, &self.limits(launch, space))?;
        self.keep(kept);
        Ok(ended)
    }

    /// The agent in an interpreter that others had before and will have after it. One that is lost, or not as it was
    /// before, is not used again.
    fn run_shared(&self, trial: &Trial, space: &Workspace, job: &Job) -> io::Result<(Exit, Duration, Option<String>)> {
        let launch = &trial.runtime.launch;
        let mut kept = self.take(launch, self.argv(launch, &["share"])?)?;
        let wanted: Vec<&str> = imports(job.setup).into_iter().collect();
        let ended = kept.warm.share(&job.lines(&[&wanted])?, &self.limits(launch, space));
        if matches!(ended, (Exit::Status(0), _, None)) {
            self.keep(kept);
        }
        Ok(ended)
    }

    /// Takes a warm interpreter of a command line that does nothing at the moment, or starts one.
    fn take(&self, launch: &Launch, argv: Vec<String>) -> io::Result<Kept> {
        if let Some(kept) = self.idle().get_mut(&argv).and_then(Vec::pop) {
            return Ok(kept);
        }
        let space = Workspace::new()?;
        let warm = Warm::start(&spawn(launch, &space, argv.clone()))?;
        Ok(Kept { argv, warm, _space: space })
    }

    fn keep(&self, kept: Kept) {
        self.idle().entry(kept.argv.clone()).or_default().push(kept);
    }

    fn idle(&self) -> MutexGuard<'_, BTreeMap<Vec<String>, Vec<Kept>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The command line of the agent with some arguments.
    fn argv(&self, launch: &Launch, args: &[&str]) -> io::Result<Vec<String>> {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        Ok([launch.command.as_slice(), &launch.args, &[self.script(launch)?.text()], &args].concat())
    }

    /// The agent for an interpreter, written when it is first asked for.
    fn script(&self, launch: &Launch) -> io::Result<Script> {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = scripts.get(&launch.command) {
            return Ok(script.clone());
        }
        let site = self.folder.path().join(scripts.len().to_string());
        fs::create_dir(&site)?;
        let script = Script { site, compiled: None };
        fs::write(script.source(), include_str!("agent.py"))?;
        Ok(scripts.entry(launch.command.clone()).or_insert(script).clone())
    }

    fn limits(&self, launch: &Launch, space: &Workspace) -> Limits {
        let files = ["stdout", "stderr", "report"].map(|name| space.path(name)).to_vec();
        Limits { deadline: launch.timeout.unwrap_or(self.deadline), files }
    }
}

/// What `probe.py` prints where there are no audit hooks.
fn said_without_hooks(stdout: &[u8]) -> Option<Probe> {
    let text = String::from_utf8_lossy(stdout);
    serde_json::from_str(text.lines().find_map(|line| line.strip_prefix("audit578 "))?).ok()
}

fn spawn(launch: &Launch, space: &Workspace, argv: Vec<String>) -> Spawn {
    let mut env = environment(&space.work.to_string_lossy());
    env.extend(launch.env.clone());
    let (stdout, stderr) = (space.path("stdout"), space.path("stderr"));
    Spawn { argv, folder: space.work.clone(), env, stdin: Stdin::Empty, stdout, stderr }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_imports_what_it_names_without_indentation() {
        let names = |setup| imports(setup).into_iter().collect::<Vec<_>>();
        assert_eq!(names("import os, sys\nx = 1\n"), [""; 0]);
        assert_eq!(names("import socket\nimport http.client, ssl as tls\n"), ["http.client", "socket", "ssl"]);
        assert_eq!(names("from xml.sax import handler\nif x:\n    import gc\n"), ["xml.sax"]);
        assert_eq!(names("import json  # why\nfrom . import x\n# import re\n"), ["json"]);
    }
}
