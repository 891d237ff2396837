//! A temporary project in which tests run the program.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

/// A correct case file with the case `os.mkdir::path`.
pub const MKDIR: &str = r#"event: os.mkdir
documented: true
arguments: [path, mode, dir_fd]
raised-by: [os.mkdir]
cases:
  - name: path
    api: os.mkdir
    setup: |
      import os
      target = os.path.join(tmp, "d")
    snippet: |
      os.mkdir(target, 0o700)
    expect:
      - args: {path: {same: target}, mode: 0o700, dir_fd: -1}
    effect: os.path.isdir(target)
"#;

/// The versions of `CPython` with audit hooks that discovery finds, the newest first. Those of `install` are left out: some
/// take seconds to start.
static PYTHONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut runtimes = audit578();
    runtimes.args(["runtimes", "--json"]).env("AUDIT578_CACHE", "/nowhere");
    let output = runtimes.output().expect("the program starts");
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("runtimes --json prints JSON");
    let is_usual = |row: &&serde_json::Value| {
        row["isolation"] == "fork" && row["probe"]["implementation"] == "cpython" && row["probe"]["audit"] == true
    };
    let rows = rows.as_array().expect("a list").iter().filter(is_usual);
    rows.map(|row| row["command"][0].as_str().expect("a path").to_owned()).collect()
});

const NO_PYTHON: &str = "these tests need CPython 3.8 or later";

/// The oldest of these interpreters.
pub static OLDEST_PYTHON: LazyLock<String> = LazyLock::new(|| PYTHONS.last().expect(NO_PYTHON).clone());

/// The newest of these interpreters.
pub static PYTHON: LazyLock<String> = LazyLock::new(|| PYTHONS.first().expect(NO_PYTHON).clone());

fn audit578() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit578"));
    command.env("NO_COLOR", "1");
    command
}

/// A folder with a `cases/` folder and a `runtimes.toml`.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Makes a project without interpreters and cases.
    pub fn empty() -> Project {
        let project = Project { folder: TempDir::new().expect("a temporary folder") };
        fs::create_dir(project.path("cases")).expect("a folder");
        project.file("runtimes.toml", "")
    }

    /// Makes a project with one case file and one interpreter, named `fake`, that behaves as `mode` says.
    pub fn fake(mode: &str, case: &str) -> Project {
        Project::empty().file("cases/os/os.mkdir.yaml", case).runtimes(&[mode])
    }

    /// Writes a file.
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Project {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// Makes fake interpreters the only ones. A single one is named `fake`; several are named after their modes.
    pub fn runtimes(self, modes: &[&str]) -> Project {
        let fake = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/fake.py");
        let mark = self.folder.path().to_string_lossy().into_owned();
        let entry = |mode: &&str| {
            let name = if modes.len() == 1 { "fake" } else { mode };
            format!(
                "[[runtime]]\nname = {name:?}\ncommand = [{:?}, {fake:?}, {mode:?}]\nargs = []\nisolation = \"process\"\nenv = {{ MARK = {mark:?} }}\n",
                *PYTHON
            )
        };
        let text: String = modes.iter().map(entry).collect();
        self.file("runtimes.toml", text)
    }

    /// Makes the newest interpreter the only one, under the name `python`.
    pub fn python(self) -> Project {
        let text = format!("[[runtime]]\nname = \"python\"\ncommand = [{:?}]\n", *PYTHON);
        self.file("runtimes.toml", text)
    }

    /// Returns the path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program here.
    pub fn output(&self, args: &[&str]) -> Output {
        self.output_with(args, &[])
    }

    /// Runs the program here with other environment variables.
    pub fn output_with(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        let env = env.iter().copied();
        audit578().args(args).envs(env).current_dir(self.folder.path()).output().expect("the program starts")
    }

    /// Starts the program here, without its output.
    pub fn start(&self, args: &[&str], env: &[(&str, &str)]) -> Child {
        let mut command = audit578();
        command.args(args).envs(env.iter().copied()).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }

    /// Starts the program here, interrupts it after a time, and returns its exit code.
    #[cfg(unix)]
    pub fn interrupt(&self, args: &[&str], env: &[(&str, &str)], after: std::time::Duration) -> Option<i32> {
        use rustix::process::{Pid, Signal, kill_process};
        let mut child = self.start(args, env);
        std::thread::sleep(after);
        kill_process(Pid::from_child(&child), Signal::INT).expect("the program runs");
        child.wait().expect("it ends").code()
    }

    /// Runs `report --format csv`, and returns the output without the columns of times and of the machine's versions.
    pub fn csv_without_times(&self, results: &str) -> String {
        const LEFT_OUT: [&str; 4] = ["seconds", "implementation-version", "python", "platform"];
        let output = self.output(&["report", results, "--format", "csv"]).stdout;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(output.as_slice());
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        let is_kept = |column: &usize| !LEFT_OUT.contains(&&rows[0][*column]);
        let kept: Vec<usize> = (0..rows[0].len()).filter(is_kept).collect();
        let line = |row: &csv::StringRecord| kept.iter().map(|column| &row[*column]).collect::<Vec<_>>().join(",");
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Runs the program here, and returns all that a user sees, without the parts that differ from run to run.
    pub fn run(&self, args: &[&str]) -> String {
        self.transcript(&self.output(args))
    }

    /// Returns what a user sees of an output.
    pub fn transcript(&self, output: &Output) -> String {
        let text = format!(
            "exit code: {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().expect("an exit code"),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let text = text.replace(env!("CARGO_BIN_EXE_audit578"), "audit578").replace(PYTHON.as_str(), "[PYTHON]");
        let text = text.replace(&self.folder.path().to_string_lossy().into_owned(), "[PROJECT]");
        let lines = text.lines().map(|line| match line.split_once(' ') {
            Some(("suite", _)) => "suite [HASH], [TIME]".to_owned(),
            Some((what @ ("old:" | "new:" | "Old:" | "New:"), _)) => format!("{what} [RUN]"),
            Some(("audit578", rest)) if rest.contains(", suite ") => "[RUN]".to_owned(),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }
}
