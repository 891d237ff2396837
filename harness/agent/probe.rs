//! Probing: asks an interpreter what it is, and which needs of the cases it meets.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::jobs::Job;
use super::observe::Agent;
use super::script::Scripts;
use super::workspace::in_workspace;
use crate::process::Exit;
use crate::runtime::{Found, Launch, Probe};
use crate::suite::{Invoke, Need};

impl Agent {
    /// Asks an interpreter what it is, and which needs it meets.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn probe(&self, launch: &Launch, needs: &[Need]) -> Result<Found, String> {
        if launch.is_installable && !Path::new(&launch.command[0]).exists() {
            return Err("not installed (`audit578 install` sets it up)".to_owned());
        }
        let (tried, asked): (Vec<_>, Vec<_>) = needs.iter().cloned().partition(Need::is_tried);
        let mut printed = None;
        let seen = in_workspace(|workspace| {
            let job = Job { needs: &asked, ..Job::new("probe", workspace) };
            let ended = self.runner.run_probe(launch, workspace, &job)?;
            printed = printed_probe(&fs::read(workspace.path("stdout")).unwrap_or_default());
            Ok(ended)
        });
        let probe = match (seen.probe.or(printed), seen.fault) {
            (Some(probe), None) if seen.finished || !probe.audit => probe,
            (_, Some(fault)) => return Err(fault),
            (_, None) => match seen.stderr.trim_end().lines().last() {
                Some(last) => return Err(format!("{} without an answer: {last}", seen.exit)),
                None if matches!(seen.exit, Exit::NotStarted(_)) => return Err(seen.exit.to_string()),
                None => return Err(format!("{} without an answer", seen.exit)),
            },
        };
        self.runner.scripts.set_compiled(launch, probe.compiled.clone());
        let mut features = seen.features;
        if probe.audit {
            features.extend(tried.into_iter().map(|need| (need.as_str().to_owned(), self.try_need(launch, &need))));
        }
        Ok(Found { probe, features, startup_time: Duration::from_secs_f64(seen.seconds) })
    }

    /// Tries whether the native hook, or the agent as `sitecustomize`, records a command line to its end.
    fn try_need(&self, launch: &Launch, need: &Need) -> bool {
        let native = *need == Need::native();
        if native && !Scripts::has_native() {
            return false;
        }
        let seen = in_workspace(|workspace| {
            let job = Job { native, ..Job::new("trial", workspace) };
            let args = if native { launch.args.clone() } else { vec!["-c".to_owned(), "pass".to_owned()] };
            self.runner.run_command_line(launch, workspace, &job, &Invoke { args, ..Invoke::default() })
        });
        seen.native == native && seen.finished && seen.exit == Exit::Status(0)
    }
}

/// Reads the answer that `hooks.py` prints where there are no audit hooks.
fn printed_probe(stdout: &[u8]) -> Option<Probe> {
    let text = String::from_utf8_lossy(stdout);
    serde_json::from_str(text.lines().find_map(|line| line.strip_prefix("audit578 "))?).ok()
}
