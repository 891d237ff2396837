//! Interpreters and files that do what they must not: nothing hangs, and nothing is left behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, FileType, mknodat};
use rustix::process::{Pid, Signal, kill_process};

use crate::project::{PYTHON, Project};

const HEAD: &str =
    "event: os.mkdir\ndocumented: true\narguments: [path, mode, dir_fd]\nraised-by: [os.mkdir]\ncases:\n";

/// Snippets that do what they must not, each with its verdict in a new process. Those that would hurt others run only where
/// interpreters are contained.
const MODES: [(&str, &str, &str); 21] = [
    ("own-session", "if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)", "pass"),
    (
        "daemon",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.chdir('/')\n        time.sleep(600)\n    os._exit(0)",
        "pass",
    ),
    ("leaves-its-group", "if os.getpgrp() != os.getpid(): os.setsid()\ntime.sleep(600)", "timeout"),
    ("stops-itself", "os.kill(os.getpid(), 19)", "timeout"),
    (
        "ignores-signals",
        "import signal\nfor number in range(1, 32):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ntime.sleep(600)",
        "timeout",
    ),
    (
        "leaves-a-thread",
        "import threading\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        "pass",
    ),
    ("sets-an-alarm", "import signal\nsignal.alarm(1)", "pass"),
    ("has-no-descriptors-left", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))", "pass"),
    ("ends-well", "os._exit(0)", "error"),
    ("ends-badly", "os.abort()", "crash"),
    ("becomes-another", "os.execv('/bin/true', ['true'])", "error"),
    ("leaves", "raise SystemExit", "error"),
    ("removes-its-folder", "shutil.rmtree(tmp)", "error"),
    ("writes-without-end", "while True: os.write(2, b'x' * 65536)", "error"),
    ("closes-all", "os.closerange(0, 1000)", "pass"),
    (
        "writes-replies",
        "for fd in range(30):\n    try: os.write(fd, b'\\x1estarted 1\\n\\x1eended 0\\n')\n    except OSError: pass",
        "error",
    ),
    (
        "replaces-its-report",
        "for fd in os.listdir('/proc/self/fd'):\n    try: path = os.readlink('/proc/self/fd/' + fd)\n    except OSError: continue\n    if path.endswith('/report'):\n        os.unlink(path)\n        os.mkfifo(path)",
        "error",
    ),
    (
        "raises-strange-events",
        "class Hostile:\n    def __repr__(self): raise SystemExit\n    __str__ = __eq__ = __hash__ = __repr__\nfor value in Hostile(), '\\ud800\\x1b[31m', 'x' * 10**6, 10**5000: sys.audit('os.mkdir', value, 0, -1)",
        "wrong-count",
    ),
    ("uses-all-memory", "held = []\nwhile True: held.append(b'x' * 2**24)", "error"),
    ("forks-without-end", "while True:\n    if os.fork() == 0: time.sleep(600)", "error"),
    ("is-in-order", "pass", "pass"),
];

/// Snippets that would hurt other processes without containment.
const CONTAINED: [(&str, &str, &str); 9] = [
    ("joins-another-group", "os.setpgid(0, os.getpgid(os.getppid()))\ntime.sleep(600)", "timeout"),
    ("kills-everybody", "try: os.kill(-1, 9)\nexcept ProcessLookupError: pass", "pass"),
    ("kills-its-parent", "os.kill(os.getppid(), 9)", "crash"),
    (
        "sees-the-caller",
        "found = [process for process in os.listdir('/proc') if process.isdigit() and int(process) > 50]\nassert not found, found",
        "pass",
    ),
    ("has-a-terminal", "try: os.open('/dev/tty', os.O_RDWR)\nexcept OSError: pass\nelse: raise AssertionError", "pass"),
    ("has-descriptors-of-the-caller", "assert not os.path.exists('/proc/self/fd/9')", "pass"),
    (
        "changes-the-agent",
        "import glob\nfor path in glob.glob(os.path.join(os.path.dirname(sys.argv[0]), '*')): os.unlink(path)",
        "error",
    ),
    // Its folder is one and the same by whatever path.
    ("links-in-its-folder", "open(tmp + '/f', 'w').close()\nos.link(tmp + '/f', 'g')", "pass"),
    (
        "writes-beside-other-passes",
        "for fd in os.listdir('/proc/self/fd'):\n    try: path = os.readlink('/proc/self/fd/' + fd)\n    except OSError: continue\n    if path.endswith('/report'): break\nfor above in '../..', tmp + '/../..', os.path.dirname(path) + '/../..':\n    try: open(above + '/stray', 'w')\n    except OSError as error: assert error.errno == 30, error\n    else: raise AssertionError(above)",
        "pass",
    ),
];

/// The imports that the snippets of all modes need.
const SETUP: &str = "import os, shutil, sys, time";

/// Returns the processes that have a text in their environment.
fn processes_with(text: &str) -> Vec<String> {
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    let all = fs::read_dir("/proc").expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let has_text = |process: &String| {
        let environment = fs::read(Path::new("/proc").join(process).join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(text)
    };
    all.map(|name| name.to_string_lossy().into_owned()).filter(is_number).filter(has_text).collect()
}

/// Returns case files with snippets.
fn cases(modes: &[(&str, &str, &str)], setup: &str) -> String {
    let case = |(name, snippet, _): &(&str, &str, &str)| {
        let indented = |text: &str| text.lines().map(|line| format!("      {line}\n")).collect::<String>();
        let (setup, snippet) = (indented(setup), indented(snippet));
        format!("  - name: {name}\n    api: os.mkdir\n    setup: |\n{setup}    snippet: |\n{snippet}    expect: []\n")
    };
    HEAD.to_owned() + &modes.iter().map(case).collect::<String>()
}

/// Runs hostile snippets under an isolation, and requires their verdicts, and that no process and no folder is left.
fn run_modes(modes: &[(&str, &str, &str)], setup: &str, isolation: &str, options: &str) {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", cases(modes, setup));
    let temporary = project.path("temporary");
    fs::create_dir(&temporary).expect("a folder");
    let mark = project.path("mark");
    let project = project.file(
        "runtimes.toml",
        format!(
            "[[runtime]]\nname = \"python\"\ncommand = [{:?}]\nisolation = {isolation:?}\nmemory = 512\nprocesses = 50\nenv = {{ MARK = {:?} }}\n",
            *PYTHON,
            mark.to_string_lossy()
        ),
    );
    let command = format!(
        "exec 9</dev/null; exec {} run --cases cases --timeout 2 --results results.jsonl {options}",
        env!("CARGO_BIN_EXE_audit578")
    );
    let mut command = duct::cmd("sh", ["-c", &command]).dir(project.path("")).env("TMPDIR", &temporary).unchecked();
    command = command.stdout_null().stderr_capture();
    let output = command.run().expect("it runs");
    let csv = project.output(&["report", "results.jsonl", "--format", "csv"]).stdout;
    let csv = String::from_utf8(csv).expect("UTF-8");
    let found = |name: &str| {
        let line = csv.lines().find(|line| line.split(',').nth(1) == Some(name));
        line.and_then(|line| line.split(',').nth(4)).map(str::to_owned)
    };
    let said = String::from_utf8_lossy(&output.stderr);
    for (name, _, verdict) in modes {
        assert_eq!(found(name).as_deref(), Some(*verdict), "{isolation}: {name}\n{csv}\n{said}");
    }
    let left = processes_with(&format!("MARK={}", mark.display()));
    assert!(left.is_empty(), "{isolation}: {left:?} are left");
    let left: Vec<_> = fs::read_dir(&temporary).expect("a folder").collect();
    assert!(left.is_empty(), "{isolation}: {left:?} are left");
}

#[test]
fn a_hostile_snippet_ends_in_a_verdict_and_leaves_nothing() {
    for isolation in ["fork", "process", "shared"] {
        run_modes(&MODES, SETUP, isolation, "");
    }
}

#[test]
fn a_hostile_snippet_ends_in_a_verdict_without_containment() {
    for isolation in ["fork", "process", "shared"] {
        run_modes(&MODES, SETUP, isolation, "--uncontained");
    }
}

#[test]
fn a_run_that_somebody_stops_for_longer_than_a_deadline_has_the_verdicts_of_any_other() {
    let project = Project::empty();
    let isolation = ["--isolation", "process"];
    let args = ["run", "os.mk*", "os.l*", "--python", &*PYTHON, "--timeout", "2", "--results", "results.jsonl"];
    let args = [&args[..], &isolation].concat();
    let mut process = project.start(&args, &[]);
    // Some trials have ended, and others run.
    while fs::read_to_string(project.path("results.jsonl")).unwrap_or_default().matches("\"trial\"").count() < 5 {
        assert!(process.try_wait().expect("a process").is_none(), "it ended too soon");
        thread::sleep(Duration::from_millis(5));
    }
    let id = i32::try_from(process.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, Signal::STOP).expect("a process");
    thread::sleep(Duration::from_secs(3));
    kill_process(id, Signal::CONT).expect("a process");
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
}

/// The deadline is far away, so that a busy machine gives the same reasons.
#[test]
fn a_pass_that_uses_too_much_says_of_what() {
    let modes = [
        ("memory", "held = []\nwhile True: held.append(b'x' * 2**24)", "it used more memory than it may"),
        (
            "processes",
            "for _ in range(40):\n    if os.fork() == 0: break\ntime.sleep(600)",
            "it started more processes than it may",
        ),
        (
            "open-files",
            "try: held = [os.open('/dev/null', 0) for _ in range(600)]\nfinally: time.sleep(600)",
            "it opened more files than it may",
        ),
        ("processor", "while True: pass", "it used more processor time than it may"),
        (
            "space",
            "file = open('file', 'wb')\nwhile file.tell() < 2**30: file.write(b'x' * 2**20)\ntime.sleep(600)",
            "its files take more space than they may",
        ),
        ("output", "while True: os.write(1, b'x' * 65536)", "it wrote more than it may"),
    ];
    for isolation in ["fork", "process"] {
        let project = Project::empty().file("cases/os/os.mkdir.yaml", cases(&modes, SETUP)).file(
            "runtimes.toml",
            format!(
                "[[runtime]]\nname = \"python\"\ncommand = [{:?}]\nisolation = {isolation:?}\nmemory = 512\nprocesses = 30\n\
                 open-files = 500\nprocessor = 1\nspace = 64\n",
                *PYTHON
            ),
        );
        let args = ["run", "--cases", "cases", "--timeout", "120", "--results", "results.jsonl"];
        assert_eq!(project.output(&args).status.code(), Some(1), "{isolation}");
        let csv = project.run(&["report", "results.jsonl", "--format", "csv"]);
        for (name, _, reason) in modes {
            let line = csv.lines().find(|line| line.split(',').nth(1) == Some(name)).expect("a trial");
            assert!(line.contains(reason), "{isolation}: {line}");
        }
    }
}

#[test]
fn a_contained_snippet_hurts_nobody() {
    let said = Project::empty().python().run(&["runtimes", "--verbose"]);
    if said.contains("not contained") {
        let can = duct::cmd!("unshare", "--pid", "--fork", "--mount-proc", "true").stderr_null().unchecked().run();
        assert!(!can.is_ok_and(|output| output.status.success()), "this machine has namespaces: {said}");
        eprintln!("not tested: {said}");
        return;
    }
    // The last defence of the machine on which this test runs.
    let setup = format!("{SETUP}\nif sum(name.isdigit() for name in os.listdir('/proc')) > 20: os._exit(9)");
    for isolation in ["fork", "process", "shared"] {
        run_modes(&CONTAINED, &setup, isolation, "");
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
