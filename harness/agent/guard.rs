//! Guarding: runs snippets while a user's hook is active.

use std::path::PathBuf;

use serde_json::json;

use super::jobs::Job;
use super::observation::Observation;
use super::observe::Agent;
use crate::runtime::{Isolation, Launch, Trial};

/// The module that adds the hook.
const MODULE: &str = include_str!("guard.py");

/// The event that says that the hook raised an exception. Its arguments are the event and the exception.
pub const OBJECTION: &str = "audit578.objection";

/// A user's hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// A Python file, a module, or `module:function`.
    pub target: String,
    /// The folder from which it is imported.
    pub folder: PathBuf,
}

/// The hook that is there while operations are timed.
#[derive(Debug, Clone, Copy)]
pub enum Added<'a> {
    /// No hook at all.
    None,
    /// A hook that does nothing.
    Empty,
    /// The user's hook, as the user adds it.
    Hook(&'a Hook),
}

impl Hook {
    /// Returns a setup after which the hook is there. It is called while the snippet runs.
    fn setup(&self, setup: &str) -> String {
        format!("{setup}\n{}", self.call("watch"))
    }

    /// Returns code that calls a function of the module with the hook.
    fn call(&self, function: &str) -> String {
        let folder = self.folder.to_string_lossy();
        // A JSON string is a string of Python too.
        format!(
            "import sys\nsys.modules[\"audit578_guard\"] = type(sys)(\"audit578_guard\")\n\
             exec({}, vars(sys.modules[\"audit578_guard\"]))\nsys.modules[\"audit578_guard\"].{function}({}, {})\n",
            json!(MODULE),
            json!(self.target),
            json!(folder)
        )
    }
}

impl Added<'_> {
    /// Returns code that adds it.
    fn code(self) -> String {
        match self {
            Added::None => String::new(),
            Added::Empty => "import sys\nsys.addaudithook(lambda event, args: None)\n".to_owned(),
            Added::Hook(hook) => hook.call("add"),
        }
    }
}

/// The words with which a compound statement begins, which must stand at the start of a line.
const COMPOUND: [&str; 10] = ["@", "async ", "class ", "def ", "for ", "if ", "match ", "try:", "while ", "with "];

/// Returns a snippet during which the hook is called. Its lines keep their numbers if possible, because some effects look
/// for them.
fn guarded(snippet: &str) -> String {
    let is_compound = COMPOUND.iter().any(|word| snippet.starts_with(word));
    let separator = if is_compound { "\n" } else { "; " };
    format!("sys.modules[\"audit578_guard\"].start(){separator}{snippet}")
}

/// Returns an effect before which the hook is put to rest.
fn unguarded(effect: &str) -> String {
    format!("(sys.modules[\"audit578_guard\"].stop(), ({effect}\n))[1]")
}

impl Agent {
    /// Runs the snippet of a trial while a hook is active, in a process of its own or a forked one.
    pub fn guard(&self, trial: &Trial, hook: &Hook) -> Observation {
        let (file, case) = (&trial.source.file, trial.case);
        let (setup, snippet) = (hook.setup(&case.setup), guarded(case.snippet.as_deref().unwrap_or_default()));
        let effect = case.effect.as_deref().map(unguarded);
        // A hook stays, so that an interpreter cannot be shared.
        let isolation = match trial.runtime.isolation() {
            Isolation::Shared => Isolation::Process,
            isolation => isolation,
        };
        self.observe_job(trial, isolation, None, |workspace| Job {
            setup: &setup,
            snippet: &snippet,
            names: Some(case.names(file).into_iter().chain([OBJECTION]).collect()),
            effect: effect.as_deref(),
            ..Job::new("trial", workspace)
        })
    }

    /// Times the operations whose events are raised most, in a new process, with a hook or without.
    pub fn time(&self, launch: &Launch, added: Added) -> Observation {
        let setup = added.code();
        self.runner.seated(launch, None, |seat, workspace| {
            self.runner.run_script(seat, launch, workspace, &Job { setup: &setup, ..Job::new("time", workspace) })
        })
    }

    /// Runs a snippet while a hook is active, in a new process.
    pub fn guard_snippet(&self, launch: &Launch, hook: &Hook, snippet: &str) -> Observation {
        let (setup, snippet) = (hook.setup(""), guarded(snippet));
        self.runner.seated(launch, None, |seat, workspace| {
            let names = Some(vec![OBJECTION]);
            let job = Job { setup: &setup, snippet: &snippet, names, ..Job::new("trial", workspace) };
            self.runner.run_script(seat, launch, workspace, &job)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_stays_on_its_line_unless_it_begins_with_a_compound_statement() {
        for (snippet, end) in [
            ("m.f()\n", ".start(); m.f()\n"),
            ("format(1)", ".start(); format(1)"),
            ("for x in y:\n    pass", ".start()\nfor x in y:\n    pass"),
            ("", ".start(); "),
        ] {
            assert!(guarded(snippet).ends_with(end), "{snippet}");
        }
    }
}
