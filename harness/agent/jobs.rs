//! Jobs: the instructions for the agent. Each job is one JSON object.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::workspace::Workspace;
use crate::runtime::Heat;
use crate::suite::{Need, Shape};

/// A job of the agent.
#[derive(Serialize)]
pub struct Job<'a> {
    /// `probe`, `trial` or `time`.
    pub task: &'static str,
    /// Its files.
    #[serde(flatten)]
    pub files: Files,
    /// The setup of the case, or the code that adds a hook whose cost is measured.
    pub setup: &'a str,
    /// The snippet of the case.
    pub snippet: &'a str,
    /// The names of the events to record; all events if it is `None`.
    pub names: Option<Vec<&'a str>>,
    /// The shapes of the arguments of each expected event.
    pub shapes: Vec<Vec<&'a Shape>>,
    /// The expression that tells whether the effect is there.
    pub effect: Option<&'a str>,
    /// The name of the events to veto.
    pub veto: Option<&'a str>,
    /// How long the snippet runs before it is recorded, if it is to be hot code.
    pub hot: Option<Heat>,
    /// Whether to report also the snippet's names for the arguments.
    pub record: bool,
    /// Whether a native hook records, so that the agent reports only answers and effect.
    pub native: bool,
    /// The needs that a probe asks about.
    pub needs: &'a [Need],
    /// Whether a probe compiles the agent for the processes to come.
    pub compile: bool,
    /// The files of the plain pass, which follows a veto pass in the same child.
    pub next: Option<Files>,
}

/// The files and the folder of a pass.
#[derive(Serialize)]
pub struct Files {
    /// The file for the report.
    pub report: PathBuf,
    /// The file for standard output, which a child of a warm interpreter opens itself.
    pub stdout: PathBuf,
    /// The file for standard error.
    pub stderr: PathBuf,
    /// The working directory.
    pub tmp: PathBuf,
}

impl Files {
    /// Returns the files in a workspace.
    pub fn of(workspace: &Workspace) -> Files {
        Files {
            report: workspace.path("report"),
            stdout: workspace.path("stdout"),
            stderr: workspace.path("stderr"),
            tmp: workspace.work.clone(),
        }
    }
}

impl<'a> Job<'a> {
    /// Returns a job that asks for nothing yet, with its files in a workspace.
    pub fn new(task: &'static str, workspace: &Workspace) -> Job<'a> {
        Job {
            task,
            files: Files::of(workspace),
            setup: "",
            snippet: "",
            names: None,
            shapes: Vec::new(),
            effect: None,
            veto: None,
            hot: None,
            record: false,
            native: false,
            needs: &[],
            compile: false,
            next: None,
        }
    }

    /// Returns the two lines that a warm interpreter reads: groups of modules to import before, and the job itself.
    ///
    /// # Errors
    /// When the job has something that JSON cannot have.
    pub fn lines(&self, groups: &[Vec<&str>]) -> io::Result<String> {
        let groups: String = groups.iter().map(|modules| modules.join(" ") + ";").collect();
        Ok(format!("{groups}\n{}\n", serde_json::to_string(self)?))
    }

    /// Writes the job into its workspace, and returns the path.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, workspace: &Workspace) -> io::Result<PathBuf> {
        let path = workspace.path("job");
        fs::write(&path, serde_json::to_vec(self)?)?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::workspace::Room;
    use super::*;

    #[test]
    fn a_warm_interpreter_reads_two_lines_of_which_the_second_is_the_file() {
        let room = Room::new().expect("a room");
        let workspace = Workspace::new(&room).expect("a folder");
        let job = Job { setup: "a\nb", ..Job::new("trial", &workspace) };
        let text = fs::read_to_string(job.write(&workspace).expect("a file")).expect("text");
        let lines = job.lines(&[vec!["json", "re"], vec!["ssl"]]).expect("JSON");
        assert_eq!(lines, format!("json re;ssl;\n{text}\n"));
        assert_eq!(job.lines(&[]).expect("JSON"), format!("\n{text}\n"));
    }
}
