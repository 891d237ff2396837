//! Interpreters and files that do what they must not: nothing hangs, and nothing is left behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use rustix::fs::{CWD, FileType, mknodat};

use crate::project::{PYTHON, Project};

const HEAD: &str =
    "event: os.mkdir\ndocumented: true\narguments: [path, mode, dir_fd]\nraised-by: [os.mkdir]\ncases:\n";

/// Snippets that do what they must not, each with its verdict in a new process. `here()` notes the process.
const MODES: [(&str, &str, &str); 12] = [
    ("own-session", "if os.fork() == 0:\n    os.setsid()\n    here()\n    time.sleep(600)", "pass"),
    (
        "daemon",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.chdir('/')\n        here()\n        time.sleep(600)\n    os._exit(0)",
        "pass",
    ),
    ("leaves-its-group", "here()\nif os.getpgrp() != os.getpid(): os.setsid()\ntime.sleep(600)", "timeout"),
    ("joins-another-group", "here()\nos.setpgid(0, os.getpgid(os.getppid()))\ntime.sleep(600)", "timeout"),
    ("stops-itself", "here()\nos.kill(os.getpid(), 19)", "timeout"),
    (
        "ignores-signals",
        "import signal\nfor number in range(1, 32):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nhere()\ntime.sleep(600)",
        "timeout",
    ),
    ("ends-well", "os._exit(0)", "error"),
    ("removes-its-folder", "shutil.rmtree(tmp)", "error"),
    ("writes-without-end", "while True: os.write(2, b'x' * 65536)", "error"),
    ("closes-all", "os.closerange(0, 1000)", "pass"),
    (
        "writes-replies",
        "for fd in range(30):\n    try: os.write(fd, b'\\x1estarted 1\\n\\x1eended 0\\n')\n    except OSError: pass",
        "error",
    ),
    ("is-in-order", "pass", "pass"),
];

/// Tells whether a process runs, or has not been waited for.
fn is_there(process: &str) -> bool {
    Path::new("/proc").join(process).exists()
}

#[test]
fn a_hostile_snippet_ends_in_a_verdict_and_leaves_no_process() {
    let case = |(name, snippet, _): (&str, &str, &str)| {
        let indented = |text: &str| text.lines().map(|line| format!("      {line}\n")).collect::<String>();
        let setup =
            "import os, shutil, time\ndef here():\n    open(os.environ['MARK'] + '/' + str(os.getpid()), 'w').close()";
        let (setup, snippet) = (indented(setup), indented(snippet));
        format!("  - name: {name}\n    api: os.mkdir\n    setup: |\n{setup}    snippet: |\n{snippet}    expect: []\n")
    };
    let cases = HEAD.to_owned() + &MODES.map(case).concat();
    for isolation in ["fork", "process", "shared"] {
        let project = Project::empty().file("cases/os/os.mkdir.yaml", &cases);
        let marks = project.path("marks");
        fs::create_dir(&marks).expect("a folder");
        let text = format!(
            "[[runtime]]\nname = \"python\"\ncommand = [{:?}]\nisolation = {isolation:?}\nenv = {{ MARK = {marks:?} }}\n",
            *PYTHON
        );
        let project = project.file("runtimes.toml", text);
        project.output(&["run", "--cases", "cases", "--timeout", "3", "--results", "results.jsonl"]);
        let csv = project.output(&["report", "results.jsonl", "--format", "csv"]).stdout;
        let csv = String::from_utf8(csv).expect("UTF-8");
        let found = |name: &str| {
            let line = csv.lines().find(|line| line.split(',').nth(1) == Some(name));
            line.and_then(|line| line.split(',').nth(4)).map(str::to_owned)
        };
        for (name, _, verdict) in MODES {
            assert_eq!(found(name).as_deref(), Some(verdict), "{isolation}: {name}\n{csv}");
        }
        let noted = fs::read_dir(&marks).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let noted: Vec<String> = noted.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(noted.len() >= 6, "{isolation}: {noted:?}");
        let left: Vec<&String> = noted.iter().filter(|process| is_there(process)).collect();
        assert!(left.is_empty(), "{isolation}: {left:?} are left");
    }
}

#[test]
fn nothing_waits_for_a_file_that_is_not_regular() {
    let project = Project::fake("faithful", crate::project::MKDIR);
    let pipe = |name: &str| {
        mknodat(CWD, project.path(name), FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    };
    pipe("pipe");
    fs::create_dir(project.path("piped")).expect("a folder");
    pipe("piped/case.yaml");
    for file in ["pipe", "/dev/zero", "cases"] {
        for args in [
            &["report", file][..],
            &["compare", file, file],
            &["merge", file, "--output", "all.jsonl"],
            &["run", "--cases", "cases", "--baseline", file],
            &["run", "--cases", "cases", "--failed", file],
            &["run", "--cases", "cases", "--gaps", file],
            &["run", "--cases", "cases", "--runtimes", file],
            &["coverage", "--docs", file],
            &["coverage", "--sites", file],
            &["record", file],
            &["require", "--from", file],
            &["bless", file, "--gaps", "gaps.txt"],
        ] {
            let output = project.output(args);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            assert!(said.contains("it is not a regular file") || said.contains("it is a folder"), "{args:?}: {said}");
        }
    }
    let check = project.run(&["check", "--cases", "piped"]);
    assert!(check.contains("piped/case.yaml:1:1: it is not a regular file"), "{check}");
}
