//! Probing: asks an interpreter what it is, and which needs of the cases it meets.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

use super::jobs::Job;
use super::observe::{Agent, Starts};
use super::pool::Seat;
use super::script::Scripts;
use crate::input;
use crate::process::Exit;
use crate::runtime::{Found, Isolation, Launch, Probe};
use crate::suite::{Invoke, Need};

/// The shortest deadline of a probe. A probe starts several processes, and no verdict depends on how long they take.
const DEADLINE: Duration = Duration::from_secs(60);

/// Why an interpreter did not answer a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// The reason, for a message.
    pub reason: String,
    /// Whether the deadline passed. The reason may then be a busy machine.
    pub is_late: bool,
}

impl From<String> for NoAnswer {
    fn from(reason: String) -> NoAnswer {
        NoAnswer { reason, is_late: false }
    }
}

impl Agent {
    /// Asks an interpreter what it is, and whether it can fork. This takes a tenth of the time of a whole probe.
    ///
    /// # Errors
    /// Returns the reason why there is no answer.
    pub fn identify(&self, launch: &Launch) -> Result<Found, NoAnswer> {
        let identities = || self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        let start = ([launch.command.as_slice(), &launch.args].concat(), launch.env.clone());
        let known = identities().get(&start).cloned();
        let found = known.map_or_else(|| self.ask(launch, &[Need::fork()], false), Ok)?;
        identities().insert(start, found.clone());
        Ok(found)
    }

    /// Asks an interpreter what it is, and which needs it meets.
    ///
    /// # Errors
    /// Returns the reason why there is no answer.
    pub fn probe(&self, launch: &Launch, needs: &[Need]) -> Result<Found, NoAnswer> {
        let (tried, asked): (Vec<_>, Vec<_>) = needs.iter().cloned().partition(Need::is_tried);
        let mut found = self.ask(launch, &asked, true)?;
        if found.probe.audit && found.probe.compiled.is_some() {
            self.use_compiled(launch, found.probe.compiled.clone());
        }
        if found.probe.audit {
            found.features.extend(self.try_needs(launch, &tried));
        }
        Ok(found)
    }

    /// Asks an interpreter in a new process. If it is to run trials, it compiles the agent, or a warm one is started.
    fn ask(&self, launch: &Launch, needs: &[Need], has_trials: bool) -> Result<Found, NoAnswer> {
        if launch.recipe.is_some() && !Path::new(&launch.command[0]).exists() {
            return Err("not installed (`audit578 install` sets it up)".to_owned().into());
        }
        let deadline = self.runner.deadline(launch).max(DEADLINE);
        let launch = &Launch { timeout: Some(deadline), ..launch.clone() };
        let compile = has_trials && self.starts.is_none_or(Starts::are_many);
        let mut printed = None;
        let seen = self.runner.seated(launch, None, |seat, workspace| {
            if has_trials {
                self.prepare(seat, launch);
            }
            let job = Job { needs, compile, ..Job::new("probe", workspace) };
            let ended = self.runner.run_probe(seat, launch, workspace, &job)?;
            printed = printed_probe(&input::read(&workspace.path("stdout"), input::TEXT).unwrap_or_default());
            Ok(ended)
        });
        let probe = match (seen.probe.or(printed), seen.fault) {
            (Some(probe), None) if seen.finished || !probe.audit => probe,
            (_, Some(fault)) => return Err(fault.into()),
            (_, None) => return Err(no_answer(&seen.exit, &seen.stderr)),
        };
        Ok(Found { probe, features: seen.features, startup_time: Duration::from_secs_f64(seen.seconds) })
    }

    /// Starts a warm interpreter while the probe runs, for a run that starts few and would wait for it. Nobody knows yet whether
    /// the interpreter can fork; most can.
    fn prepare(&self, seat: &mut Seat, launch: &Launch) {
        let is_wanted = self.starts.is_some_and(|starts| starts.warm > 0 && !starts.are_many());
        if is_wanted && launch.isolation.is_none_or(|isolation| isolation == Isolation::Fork) {
            self.runner.warm_up(seat, launch);
        }
    }

    /// Lets an interpreter run the agent's compiled code from now on, if it can. GraalPy compiles a file, but reads the
    /// result as source code.
    fn use_compiled(&self, launch: &Launch, compiled: Option<PathBuf>) {
        let scripts = &self.runner.scripts;
        scripts.set_compiled(launch, compiled);
        let seen = self.runner.seated(launch, None, |seat, workspace| {
            self.runner.run_script(seat, launch, workspace, &Job::new("trial", workspace))
        });
        if !seen.finished || seen.exit != Exit::Status(0) {
            scripts.set_compiled(launch, None);
        }
    }

    /// Tries needs, all at the same time.
    fn try_needs(&self, launch: &Launch, needs: &[Need]) -> Vec<(String, bool)> {
        thread::scope(|scope| {
            let try_one = |need| scope.spawn(move || (Need::as_str(need).to_owned(), self.try_need(launch, need)));
            let tries: Vec<_> = needs.iter().map(try_one).collect();
            tries.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    /// Tries whether the native hook, or the agent as `sitecustomize`, records a command line to its end.
    fn try_need(&self, launch: &Launch, need: &Need) -> bool {
        let native = *need == Need::native();
        if native && !Scripts::has_native() {
            return false;
        }
        let seen = self.runner.seated(launch, None, |seat, workspace| {
            let job = Job { native, ..Job::new("trial", workspace) };
            let args = if native { launch.args.clone() } else { vec!["-c".to_owned(), "pass".to_owned()] };
            self.runner.run_command_line(seat, launch, workspace, &job, &Invoke { args, ..Invoke::default() })
        });
        seen.native == native && seen.finished && seen.exit == Exit::Status(0)
    }
}

/// Returns why a probe that ended gave no answer.
fn no_answer(exit: &Exit, stderr: &str) -> NoAnswer {
    let reason = match stderr.trim_end().lines().last() {
        Some(last) => format!("{exit} without an answer: {last}"),
        None if matches!(exit, Exit::NotStarted(_)) => exit.to_string(),
        None => format!("{exit} without an answer"),
    };
    NoAnswer { reason, is_late: *exit == Exit::Deadline }
}

/// Reads the answer that `hooks.py` prints if the interpreter has no audit hooks.
fn printed_probe(stdout: &[u8]) -> Option<Probe> {
    let text = String::from_utf8_lossy(stdout);
    serde_json::from_str(text.lines().find_map(|line| line.strip_prefix("audit578 "))?).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The answer of an interpreter without audit hooks.
    const ANSWER: &str = r#"audit578 {"implementation":"old","language":[2,7,0],"release":"final",
        "implementation-version":"2.7.0","build":"","platform":"linux","machine":null,"executable":null,"flags":[],
        "audit":false,"compiler":null,"compiled":null}"#;

    /// Probes a shell script.
    fn probe(script: &str) -> Result<Found, NoAnswer> {
        let command = ["sh", "-c", script].map(str::to_owned).to_vec();
        let launch = Launch { command, args: Vec::new(), ..Launch::python(Path::new("sh")) };
        Agent::new(Some(Duration::from_millis(50))).expect("a folder").probe(&launch, &[Need::native()])
    }

    #[test]
    fn a_probe_may_take_longer_than_a_pass() {
        let answer = ANSWER.replace('\n', "");
        let found = probe(&format!("sleep 0.3; echo 'a line before'; echo '{answer}'")).expect("an answer");
        assert_eq!(found.probe.name(), "old-2.7.0");
        assert!(found.features.is_empty(), "nothing is tried without audit hooks");
        assert!(found.startup_time >= Duration::from_millis(300), "{:?}", found.startup_time);
    }

    #[test]
    fn a_probe_without_an_answer_says_why() {
        for (script, reason) in [
            ("exit 3", "it ended with exit status 3 without an answer"),
            (
                "echo one >&2; echo 'no such option' >&2; exit 2",
                "it ended with exit status 2 without an answer: no such option",
            ),
            ("kill -9 $$", "it was killed by signal 9 without an answer"),
        ] {
            assert_eq!(probe(script).expect_err(script), reason.to_owned().into(), "{script}");
        }
    }

    #[test]
    fn an_interpreter_that_is_not_there_is_not_asked() {
        let agent = Agent::new(None).expect("a folder");
        let launch = Launch::python(Path::new("/nowhere/python"));
        let NoAnswer { reason, .. } = agent.probe(&launch, &[]).expect_err("it is not there");
        assert!(reason.starts_with("it cannot be started: "), "{reason}");
        let launch = Launch { recipe: Some("nowhere".to_owned()), ..launch };
        let NoAnswer { reason, .. } = agent.probe(&launch, &[]).expect_err("it is not there");
        assert_eq!(reason, "not installed (`audit578 install` sets it up)");
    }
}
