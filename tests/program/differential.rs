//! `run --differential`: the events of the same snippets on two interpreters.

use insta::assert_snapshot;

use crate::project::{MKDIR, PYTHON, Project};

/// A script whose events all have values that differ between processes.
const SCRIPT: &str = "import os, tempfile\nfd = os.open('.', os.O_RDONLY)\nos.listdir(fd)\nos.close(fd)\nid(os)\n\
                      os.rmdir(tempfile.mkdtemp())\nos.mkdir('d')\n";

fn differential(project: &Project, more: &[&str]) -> String {
    project.run(&[&["run", "--cases", "cases", "--differential"], more].concat())
}

#[test]
fn an_event_that_only_one_runtime_raises_is_shown() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&["faithful", "dropped-event"]);
    assert_snapshot!("differential", differential(&project, &["faithful", "dropped-event"]));
    assert_snapshot!("differential_alike", differential(&project, &["faithful", "faithful"]));
}

#[test]
fn values_that_differ_between_processes_are_equal() {
    let project = Project::empty().file("script.py", SCRIPT).runtimes(&["faithful", "late", "wrong-argument"]);
    let alike = differential(&project, &["faithful", "late", "script.py"]);
    assert!(alike.starts_with("exit code: 0\n") && alike.contains("1 alike"), "{alike}");
    let different = differential(&project, &["faithful", "wrong-argument", "script.py"]);
    assert!(different.starts_with("exit code: 1\n"), "{different}");
    assert!(
        different.contains("- os.mkdir(\"d\", 511, -1)") && different.contains("+ os.mkdir(\"d\", 438, -1)"),
        "{different}"
    );
}

#[test]
fn interpreters_are_given_by_name_or_path() {
    let project = Project::fake("no-audit", MKDIR).file("script.py", SCRIPT);
    let same = differential(&project, &[&PYTHON, &PYTHON, "script.py"]);
    assert!(same.starts_with("exit code: 0\n"), "{same}");
    let errors = [["fake", &PYTHON], ["nothing", &PYTHON], ["./nothing", &PYTHON]];
    assert_snapshot!("differential_errors", errors.map(|names| differential(&project, &names)).join("\n"));
    let missing = differential(&project, &[&PYTHON, &PYTHON, "nothing.py"]);
    assert!(missing.starts_with("exit code: 2\n"), "{missing}");
}
