//! The scripts and reports of `repro`.

use std::fs;
use std::process::Command;

use crate::project::{MKDIR, OLDEST_PYTHON, PYTHON, Project};

/// A known gap that the interpreter does not have: the event has another mode.
const GAP: &str = "known-gaps:
  - runtime: cpython
    python: '<3.9'
    cases: [path]
    verdict: wrong-args
    arguments: [mode]
    kind: bug
    title: 'os.mkdir: the audit event has another mode'
    unreported: true
    reason: The mode is not that of the caller.
";

/// Writes the script of a case, runs it with an interpreter, and returns its exit code and its output.
fn try_script(project: &Project, args: &[&str], python: &str) -> (Option<i32>, String) {
    let shown = project.output(&[&["repro"], args].concat());
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let script = project.path("script.py");
    fs::write(&script, shown.stdout).expect("a file");
    let output = Command::new(python).arg(script).output().expect("it starts");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_script_ends_with_0_if_the_promise_is_kept_and_with_1_if_it_is_broken() {
    let wrong_mode = MKDIR.replace("mode: 0o700", "mode: 0o755");
    let no_event = MKDIR.replace("os.mkdir(target, 0o700)", "os.listdir(tmp)").replace("effect: os.path", "# os.path");
    let no_effect = MKDIR.replace("effect: os.path.isdir(target)", "effect: os.path.isfile(target)");
    let late = MKDIR.replace("effect: os.path.isdir(target)", "effect: 'True'");
    let exits = MKDIR.replace("os.mkdir(target, 0o700)", "os._exit(0)");
    let elsewhere = MKDIR.replace("    api: os.mkdir\n", "    api: os.mkdir\n    platform: [wasi]\n");
    let no_setup = MKDIR.replace("import os\n", "import no_such_module\n");
    for (case, code, words) in [
        (MKDIR, 0, &["with a hook that watches: as promised", "with a hook that raises: as promised"][..]),
        (&wrong_mode, 1, &["watches: mode of os.mkdir is 0o700, not 0o755", "raises: as promised"]),
        (
            &no_event,
            1,
            &["watches: these events were expected: ['os.mkdir']; these were raised: []", "os.mkdir is not raised"],
        ),
        (&no_effect, 1, &["watches: the operation lacks its effect", "raises: as promised"]),
        (&late, 1, &["watches: as promised", "raises: the operation has its effect"]),
        (&exits, 1, &["the process ended with exit status 0 before the end of the case"]),
        (&no_setup, 2, &[]),
        (&elsewhere, 2, &["this case is for other platforms: wasi"]),
    ] {
        let project = Project::empty().file("cases/os/os.mkdir.yaml", case);
        for python in [&*PYTHON, &*OLDEST_PYTHON] {
            let (found, output) = try_script(&project, &["os.mkdir::path", "--cases", "cases"], python);
            assert_eq!(found, Some(code), "{case}\n{output}");
            assert!(words.iter().all(|word| output.contains(word)), "{case}\n{output}");
        }
    }
}

#[test]
fn a_script_from_standard_input_says_that_it_must_be_a_file() {
    let project = Project::empty();
    let script = project.output(&["repro", "os.mkdir::path"]).stdout;
    for python in [&*PYTHON, &*OLDEST_PYTHON] {
        let output = duct::cmd!(python, "-").stdin_bytes(script.clone()).stdout_capture().unchecked().run();
        let output = output.expect("it starts");
        assert_eq!(output.status.code(), Some(2));
        let message = "save this script in a file, and run that: it starts itself again\n";
        assert_eq!(String::from_utf8_lossy(&output.stdout), message);
    }
}

/// The verdict of the suite and the exit code of the script agree: for shapes of all kinds, command lines, terminals,
/// vetoes that come later, and known gaps.
#[test]
fn the_scripts_of_the_suite_find_what_the_suite_finds() {
    let project = Project::empty().python();
    let cases = [
        ("os.mkdir::path", 0),
        ("open::read", 0),
        ("cpython.run_command::command", 0),
        ("cpython.run_startup::terminal", 0),
        ("os.chown::unchanged-ids", 1),
        ("compile::tree", 1),
        ("object.__setattr__::function-defaults-none", 1),
        ("cpython.run_file::directory", 1),
    ];
    for (case, code) in cases {
        let (found, output) = try_script(&project, &[case], &PYTHON);
        assert_eq!(found, Some(code), "{case}\n{output}");
    }
}

#[test]
fn a_report_has_title_promise_versions_and_the_script() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", format!("{MKDIR}{GAP}"));
    let shown = project.run(&["repro", "os.mkdir::path", "--issue", "--cases", "cases"]);
    for words in [
        "exit code: 0\n",
        "# os.mkdir: the audit event has another mode\n\nThe mode is not that of the caller.\n",
        "> Raises an auditing event os.mkdir with arguments path, mode, dir_fd.\n\n\
         https://docs.python.org/3/library/os.html#os.mkdir\n",
        "- cpython, Python <3.9\n",
        "```python\n\"\"\"os.mkdir: the audit event has another mode\n",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let list = project.run(&["repro", "--cases", "cases"]);
    assert!(list.contains("os.mkdir::path  unreported  os.mkdir: the audit event has another mode\n"), "{list}");
}

#[test]
fn a_case_without_a_script_or_a_gap_is_an_error_with_a_hint() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR);
    for (args, code, words) in [
        (
            &["os.mkdir::nope"][..],
            4,
            "there is no case `os.mkdir::nope` (did you mean `os.mkdir::path`?); `audit578 list`",
        ),
        (&["os.mkdir::path", "--issue"], 4, "`os.mkdir::path` has no known gap of `cpython` that can be reported ("),
        (&["--runtime", "pypy"], 4, "no known gap of `pypy` can be reported"),
        (&["--issue"], 2, "the following required arguments were not provided"),
    ] {
        let shown = project.run(&[&["repro", "--cases", "cases"], args].concat());
        assert!(shown.contains(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}\n{shown}");
    }
    let embedded = Project::empty().run(&["repro", "pep578.native-hooks::development-mode"]);
    assert!(
        embedded.contains("exit code: 2\n") && embedded.contains("a hook written in C must watch it"),
        "{embedded}"
    );
}
