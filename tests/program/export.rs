//! Exported tests: that their verdicts are those of the harness.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::project::{MKDIR, OLDEST_PYTHON, PYTHON, Project};

/// The verdict of each case.
type Verdicts = BTreeMap<String, String>;

/// The beginnings of the names of runtimes on which the suite is exported: the first one that is installed of each.
const RUNTIMES: [&str; 5] = ["cpython-3.8.", "cpython-3.13.", "cpython-3.15.", "pypy-", "rustpython-"];

/// A part of the suite with shapes, vetoes and conditions of all kinds.
const PART: [&str; 6] = ["compile", "os.chown", "os.mkdir", "os.posix_spawn*", "pep578.f*", "socket.bind"];

/// A file of cases that break each promise, in which `f` does what is expected, and `late` has a veto that comes late.
const BROKEN: &str = r#"event: m.f
documented: true
arguments:
  - {python: "<3.9", arguments: [a]}
  - {python: ">=3.9", arguments: [a, b]}
raised-by: [open]
setup: |
  import os, sys
  def f(*args):
      sys.audit("m.f", 1, *args[:sys.version_info >= (3, 9)])
      done.append(1)
  done = []
cases:
  - {name: kept, api: open, snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: fresh, api: open, fresh: true, snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: missing, api: open, snippet: done.append(1), expect: [args: {a: 1, b: 2}], effect: done}
  - {name: twice, api: open, snippet: "f(2); f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: unexpected, api: open, snippet: "f(2)", expect: []}
  - {name: only, api: open, only: true, snippet: "sys.audit('m.g'); f(2)", expect: [args: {a: 1, b: 2}]}
  - {name: wrong-value, api: open, snippet: "f(2)", expect: [args: {a: true, b: 2}], effect: done}
  - {name: wrong-type, api: open, snippet: "f(2)", expect: [args: {a: {type: [str, bool]}, b: any}], effect: done}
  - {name: wrong-item, api: open, snippet: "sys.audit('m.g', (1, [b'x']), 'ab')",
     expect: [{event: m.g, args: [{tuple: [1, {list: [{bytes: y}]}]}, {match: a}]}]}
  - {name: items, api: open, snippet: "sys.audit('m.g', (1, [b'x']), 'ab')",
     expect: [{event: m.g, args: [{tuple: [{equal: 2 - 1}, {list: [{bytes: x}]}]}, {match: a.}]}]}
  - {name: attributes, api: open, setup: "x = type(done)", snippet: "sys.audit('m.g', f, x)",
     expect: [{event: m.g, args: [{attrs: {__name__: f, __code__: {attrs: {co_name: f}}}}, {one-of: [1, {same: x}]}]}]}
  - {name: other-attribute, api: open, snippet: "sys.audit('m.g', f, 1)",
     expect: [{event: m.g, args: [{attrs: {__name__: g}}, {instance: int}]}]}
  - {name: other-class, api: open, snippet: "sys.audit('m.g', f, 1)",
     expect: [{event: m.g, args: [{attrs: {__name__: f}}, {instance: collections.abc.Sized}]}]}
  - {name: too-late, api: open, snippet: "done.append(1); f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: after, api: open, snippet: "done.append(1); f(2)", expect: [args: {a: 1, b: 2}], effect: done, veto: after, because: x}
  - {name: caught, api: open, snippet: "try: f(2)\nexcept RuntimeError: pass\n", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: swallowed, api: open, snippet: "try: f(2)\nexcept RuntimeError: pass\n", expect: [args: {a: 1, b: 2}],
     effect: done, veto: swallowed, because: x}
  - {name: vetoed, api: open, run: vetoed, snippet: "f(2); os.abort()", expect: [args: {a: 1, b: 2}]}
  - {name: error, api: open, snippet: "f(2); 1 / 0", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: no-effect, api: open, snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: nothing}
  - {name: setup, api: open, setup: 1 / 0, snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: exit, api: open, snippet: "os._exit(0)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: crash, api: open, needs: [fork], snippet: "os.abort()", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: timeout, api: open, needs: [fork], snippet: "while True: pass", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: needs-nothing, api: open, needs: ["attr:os.nothing"], snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: newer, api: open, python: ">=3.99", snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: elsewhere, api: open, platform: [wasi], snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
  - {name: of-pypy, api: open, implementation: [pypy], snippet: "f(2)", expect: [args: {a: 1, b: 2}], effect: done}
"#;

fn output(project: &Project, args: &[&str]) -> String {
    let output = project.output(args);
    assert!(output.status.success(), "{}", project.transcript(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs the exported tests in `test_cases.py`, and returns what the failed ones say without what was not expected.
fn outcomes(project: &Project, command: &[String], env: &[(&str, &str)]) -> Verdicts {
    outcomes_by("unittest", project, command, env)
}

/// Runs the exported tests by a test runner. Others than unittest say `expected failure` for all verdicts of such failures.
fn outcomes_by(runner: &str, project: &Project, command: &[String], env: &[(&str, &str)]) -> Verdicts {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export/outcomes.py");
    let mut python = Command::new(&command[0]);
    python.args(&command[1..]).args(["-B", script, runner]).arg(project.path("test_cases.py"));
    let output = python.envs(env.iter().copied()).envs(pytest()).output().expect("the interpreter starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("outcomes "));
    let line = line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(line).expect("verdicts")
}

/// Returns the variable that lets interpreters import pytest, from the folder that `AUDIT578_PYTEST` names.
fn pytest() -> Option<(&'static str, OsString)> {
    Some(("PYTHONPATH", env::var_os("AUDIT578_PYTEST")?))
}

/// Returns the test runners that an interpreter has besides unittest. Many come without the tests of Python.
fn other_runners(command: &[String]) -> Vec<&'static str> {
    let has = |module: &str| {
        let mut python = Command::new(&command[0]);
        python.args(&command[1..]).args(["-B", "-c", &format!("import {module}")]).envs(pytest());
        python.output().expect("the interpreter starts").status.success()
    };
    let runners = [("pytest", "pytest"), ("regrtest", "test.libregrtest")].into_iter();
    runners.filter(|(_, module)| has(module)).map(|(runner, _)| runner).collect()
}

/// Returns verdicts as all test runners keep them.
fn simple(verdicts: &Verdicts) -> Verdicts {
    let simple = |verdict: &str| match verdict {
        "pass" | "skipped" | "unsupported" => verdict.to_owned(),
        _ => "expected failure".to_owned(),
    };
    verdicts.iter().map(|(id, verdict)| (id.clone(), simple(verdict))).collect()
}

/// Returns the verdicts of a results file, of all cases that an export has.
fn verdicts(project: &Project, file: &str, exported: &Verdicts) -> Verdicts {
    let text = fs::read_to_string(project.path(file)).expect("results");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let text = |trial: &Value, key: &str| trial[key].as_str().unwrap_or_default().to_owned();
    let trials = records.filter(|record| record["record"] == "trial");
    let verdicts =
        trials.map(|trial| (format!("{}::{}", text(&trial, "event"), text(&trial, "case")), text(&trial, "verdict")));
    verdicts.filter(|(id, _)| exported.contains_key(id)).collect()
}

#[test]
fn each_verdict_of_an_exported_test_is_that_of_the_harness() {
    for python in [&*PYTHON, &*OLDEST_PYTHON] {
        let project = Project::empty().file("cases/m/m.f.yaml", BROKEN);
        let run =
            ["run", "--cases", "cases", "--python", python, "--timeout", "2", "--hot=none", "--results", "r.jsonl"];
        assert_eq!(project.output(&run).status.code(), Some(1));
        output(&project, &["export", "--unittest", "--cases", "cases", "--output", "test_cases.py"]);
        for isolation in ["fork", "process"] {
            let env = [("AUDIT578_ISOLATION", isolation), ("AUDIT578_TIMEOUT", "2")];
            let found = outcomes(&project, &[python.to_owned()], &env);
            let found: Verdicts =
                found.into_iter().map(|(id, text)| (id, text.replace(" (a pass was expected)", ""))).collect();
            assert_eq!(found.len(), 28);
            assert_eq!(found, verdicts(&project, "r.jsonl", &found), "{python} {isolation}");
        }
    }
}

#[test]
fn exported_tests_run_in_one_process_where_there_are_no_others() {
    let project = Project::empty();
    output(
        &project,
        &["export", "--unittest", "--runtime", "cpython", "--output", "test_cases.py", "os.mkdir", "open"],
    );
    let [shared, forked] = ["shared", "fork"]
        .map(|isolation| outcomes(&project, &[PYTHON.to_owned()], &[("AUDIT578_ISOLATION", isolation)]));
    let differ: Vec<_> = shared.iter().filter(|(id, verdict)| forked[*id] != **verdict).collect();
    assert!(differ.iter().all(|(_, verdict)| *verdict == "skipped"), "{differ:?}");
    assert!(shared.len() > 40 && differ.len() < 5, "{} of {}", differ.len(), shared.len());
}

/// Exports the suite with the known gaps of each runtime: all failures are expected, and all verdicts are those of the
/// harness, under unittest, and on CPython under the other test runners that are there. That is a part of the suite, or all of it if
/// `AUDIT578_WHOLE` is set.
#[test]
fn the_exported_suite_finds_what_the_suite_finds() {
    let project = Project::empty();
    let rows: Value =
        serde_json::from_str(&output(&project, &["runtimes", "--runtimes", REPOSITORY, "--json"])).expect("JSON");
    let names: Vec<&str> = rows.as_array().expect("a list").iter().filter_map(|row| row["name"].as_str()).collect();
    let first = |start| names.iter().find(|name| name.starts_with(start) && !name.contains("-debug"));
    let wanted: Vec<&&str> = RUNTIMES.into_iter().filter_map(first).collect();
    let part = if env::var_os("AUDIT578_WHOLE").is_some() { &["*"][..] } else { &PART[..] };
    let (mut tried, mut cpythons, mut runners) = (0, 0, BTreeMap::new());
    for row in rows.as_array().expect("a list") {
        let name = row["name"].as_str().expect("a name");
        if !wanted.contains(&&name) || row["probe"]["audit"] != true {
            continue;
        }
        tried += 1;
        cpythons += usize::from(name.starts_with("cpython-"));
        let run = [
            "run",
            "--runtimes",
            REPOSITORY,
            "--runtime",
            name,
            "--hot=none",
            "--timeout",
            "60",
            "--results",
            "r.jsonl",
        ];
        assert_eq!(project.output(&[&run, part].concat()).status.code(), Some(0), "{name}");
        output(&project, &[&["export", "--unittest", "--runtime", name, "--output", "test_cases.py"], part].concat());
        let command = row["command"].as_array().expect("words").iter().take(1);
        let command: Vec<String> = command.map(|word| word.as_str().expect("a word").to_owned()).collect();
        let found = outcomes(&project, &command, &[("AUDIT578_TIMEOUT", "60")]);
        assert!(found.len() > 80, "{name}: {}", found.len());
        let known = verdicts(&project, "r.jsonl", &found);
        let differ: Vec<_> = found.iter().filter(|(id, verdict)| known.get(*id) != Some(verdict)).collect();
        assert!(differ.is_empty(), "{name}: {differ:?}");
        // The test runners do the same on every implementation, and slowly on some.
        let others = if name.starts_with("cpython-") { other_runners(&command) } else { Vec::new() };
        for runner in others {
            let by_other = outcomes_by(runner, &project, &command, &[("AUDIT578_TIMEOUT", "60")]);
            assert_eq!(by_other, simple(&found), "{name} {runner}");
            *runners.entry(runner).or_insert(0) += 1;
        }
    }
    assert!(tried > 0, "no runtime of {RUNTIMES:?} is installed");
    if pytest().is_some() {
        assert_eq!(runners.get("pytest"), Some(&cpythons));
        assert!(runners.contains_key("regrtest"), "no runtime of {RUNTIMES:?} has the tests of Python");
    }
}

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runtimes.toml");

#[test]
fn an_interpreter_that_does_not_work_is_not_an_expected_failure() {
    let project = Project::empty();
    let text = output(&project, &["export", "--unittest", "--runtime", "cpython", "compile"]);
    assert!(text.contains("@expected_failure_if(") || text.contains("@unittest.expectedFailure"), "some are expected");
    let project = project.file("test_cases.py", text.replace("\"-I\", \"-S\"", "\"-m\", \"no_such_module\""));
    let tests =
        Command::new(&*PYTHON).args(["-B", "-m", "unittest", "test_cases"]).current_dir(project.path("")).output();
    let tests = tests.expect("the interpreter starts");
    let said = String::from_utf8_lossy(&tests.stderr);
    assert!(!tests.status.success(), "{said}");
    assert!(said.contains(" gives no answer: it ended with exit status 1\n") && said.contains("Ran 0 tests"), "{said}");
}

/// An event whose name ends with a null byte broke the JUnit file of regrtest on Python 3.8.
#[test]
fn a_message_of_an_exported_test_has_no_control_characters() {
    let case = r#"  - {name: zero, api: open, snippet: "f(2)", expect: [{event: "m.f\0tail", args: [1]}]}"#;
    let project = Project::empty().file("cases/m/m.f.yaml", format!("{BROKEN}{case}\n"));
    output(&project, &["export", "--unittest", "--cases", "cases", "--output", "test_cases.py", "m.f::zero"]);
    let tests =
        Command::new(&*PYTHON).args(["-B", "-m", "unittest", "test_cases"]).current_dir(project.path("")).output();
    let said = String::from_utf8(tests.expect("the interpreter starts").stderr).expect("UTF-8");
    assert!(said.contains(r"m.f\x00tail") && !said.contains('\0'), "{said:?}");
}

#[test]
fn expected_failures_are_marked_as_each_project_does_it() {
    let gaps = "known-gaps:
  - {runtime: rustpython, cases: [path], verdict: missing, kind: not-implemented, reason: It has no event.}
  - {runtime: pypy, implementation: '<8', platform: [linux], cases: [path], verdict: missing, kind: bug, reason: None.}
  - {runtime: cpython, python: '<3.9', cases: ['*'], verdict: wrong-args, arguments: [mode], kind: bug, reason: Old.}
  - {runtime: 'pyodide-*', cases: [path], verdict: cold-only, hot: veto, kind: bug, reason: Hot.}
  - {runtime: graalpy, platform: [macos], cases: [path], verdict: missing, kind: bug, reason: None.}
";
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + gaps).file(
        "gaps.txt",
        "suite 0.1.0 0123456789ab\nmissing os.mkdir::path @ <3.10  # later\nflaky os.mkdir::* @ windows\nunvetoed os.*::* @ pypy<8\n",
    );
    let export = |more: &str| {
        let args = ["export", "--unittest", "--cases", "cases"].into_iter().chain(more.split_whitespace());
        output(&project, &args.collect::<Vec<_>>())
    };
    let marks = |more: &str| {
        let text = export(more);
        let lines = text.lines().skip_while(|line| !line.starts_with("class Test_os_mkdir"));
        lines.filter(|line| line.starts_with("    @")).map(str::trim).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(marks(""), "");
    assert_eq!(marks("--runtime rustpython"), "@unittest.expectedFailure  # missing: It has no event.");
    assert_eq!(
        marks("--runtime rustpython --markers rustpython"),
        "@unittest.expectedFailure  # TODO: RUSTPYTHON; missing: It has no event."
    );
    assert_eq!(
        marks("--runtime pypy-7.3.11"),
        "@expected_failure_if(is_on(\"linux\") and IMPLEMENTATION_VERSION < (8, 0, 0))  # missing: None."
    );
    assert_eq!(marks("--runtime cpython"), "@expected_failure_if(VERSION < (3, 9, 0))  # wrong-args: Old.");
    assert_eq!(marks("--runtime pyodide-3.14"), "@expected_failure_if(VERSION < (3, 9, 0))  # wrong-args: Old.");
    assert_eq!(
        marks("--gaps gaps.txt"),
        "@unittest.skipIf(is_on(\"windows\"), \"flaky\")\n\
         @expected_failure_if(((VERSION < (3, 10, 0)) or (IMPLEMENTATION == \"pypy\" and IMPLEMENTATION_VERSION < (8, 0, 0))))  \
         # missing: later; unvetoed"
    );
    assert_eq!(
        export("--runtime graalpy --markers tags"),
        "test.test_audit578.Test_os_mkdir.test_path @ linux-aarch64,linux-x86_64,win32-AMD64\n"
    );
    assert_eq!(
        export("--runtime pyodide-3.14 --markers yaml"),
        "- test_audit578:\n    skip:\n      - \"*.Test_os_mkdir.test_path\" # wrong-args: Old.\n"
    );
    assert_eq!(export("--runtime graalpy --markers yaml"), "- test_audit578\n");
    let said = project.run(&["export", "--unittest", "--cases", "cases", "--runtime", "rustpyton"]);
    assert!(
        said.starts_with("exit code: 4\n")
            && said.contains("no known gap is of `rustpyton` (did you mean `rustpython`?)"),
        "{said}"
    );
}

#[test]
fn the_head_names_the_suite_and_what_is_left_out() {
    let project = Project::empty();
    let text =
        output(&project, &["export", "--unittest", "cpython.run_stdin", "cpython._PySys_ClearAuditHooks", "os.mkdir"]);
    let results = ["run", "os.mkdir::path", "--python", &*PYTHON, "--results", "r.jsonl"];
    output(&project, &results);
    let header = fs::read_to_string(project.path("r.jsonl")).expect("results");
    let header: Value = serde_json::from_str(header.lines().next().expect("a line")).expect("JSON");
    assert!(
        text.contains(&format!("from the suite {}.", header["suite"].as_str().expect("a hash"))),
        "{}",
        &text[..900]
    );
    let (head, _) = text.split_once("\nimport ").expect("imports");
    assert!(
        head.contains("# These cases are left out, because they are command lines:\n# - cpython.run_stdin::"),
        "{head}"
    );
    assert!(
        head.contains("because a hook written in C must watch them:\n# - cpython._PySys_ClearAuditHooks::"),
        "{head}"
    );
    let none = project.run(&["export", "--unittest", "cpython.run_stdin"]);
    assert!(
        none.starts_with("exit code: 4\n") && none.contains("no case that matches can be a test; tests: 0; "),
        "{none}"
    );
}
