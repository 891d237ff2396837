//! Interpreters that break a promise, and hostile snippets: each gets its own verdict, and no other trial is affected.

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

use crate::project::{MKDIR, PYTHON, Project};

#[test]
fn each_fake_interpreter_gets_its_own_verdict() {
    let fakes = [
        ("faithful", "pass"),
        ("wrong-event", "missing"),
        ("dropped-event", "missing"),
        ("extra-event", "wrong-count"),
        ("wrong-argument", "wrong-args"),
        ("wrong-type", "wrong-args"),
        ("missing-argument", "wrong-args"),
        ("copied-argument", "wrong-args"),
        ("late", "unvetoed"),
        ("swallowed", "unvetoed"),
        ("replaced", "unvetoed"),
        ("crash", "crash"),
        ("hang", "timeout"),
        ("grandchild", "timeout"),
        ("garbage", "error"),
        ("exit", "error"),
        ("flood", "error"),
        ("no-audit", "unsupported"),
        ("compiled-as-source", "pass"),
    ];
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&fakes.map(|(mode, _)| mode));
    let verdicts = verdicts(&project, &["--timeout", "2"]);
    for (mode, verdict) in fakes {
        assert_eq!(verdicts[&(mode.to_owned(), "path".to_owned())], verdict, "{mode}");
    }
    assert!(!is_running(&project), "a grandchild outlived its trial");
}

#[test]
fn a_compiler_that_breaks_a_promise_after_many_rounds_is_told_apart() {
    let fakes = [
        ("faithful", "pass", "kept", "{}"),
        ("hot-dropped-event", "cold-only", "broken", r#"{"hot":["raised"]}"#),
        ("hot-extra-event", "cold-only", "broken", r#"{"hot":["raised"]}"#),
        ("hot-wrong-argument", "cold-only", "broken", r#"{"hot":["arguments"]}"#),
        ("hot-copied-argument", "cold-only", "broken", r#"{"hot":["arguments"]}"#),
        ("hot-swallowed", "cold-only", "broken", r#"{"hot":["veto"]}"#),
        ("hot-replaced", "cold-only", "broken", r#"{"hot":["veto"]}"#),
        ("hot-crash", "crash", "broken", "{}"),
        ("hot-exit", "pass", "unchecked", "{}"),
        ("dropped-event", "missing", "unchecked", "{}"),
    ];
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&fakes.map(|(mode, ..)| mode));
    let found = |args: &[&str]| -> BTreeMap<String, (String, String, String)> {
        let word =
            |trial: &serde_json::Value, key: &str, default: &str| trial[key].as_str().unwrap_or(default).to_owned();
        let details = |trial: &serde_json::Value| trial.get("details").map_or("{}".to_owned(), ToString::to_string);
        let outcome =
            |trial: &serde_json::Value| (word(trial, "verdict", ""), word(trial, "hot", "unchecked"), details(trial));
        trials(&project, args).iter().map(|trial| (word(trial, "runtime", ""), outcome(trial))).collect()
    };
    let hot = found(&["--hot"]);
    for (mode, verdict, promise, details) in fakes {
        assert_eq!(hot[mode], (verdict.to_owned(), promise.to_owned(), details.to_owned()), "{mode}");
    }
    // Their interpreter has no compiler that the probe knows.
    for args in [&[][..], &["--hot=none"]] {
        let cold = found(args);
        for (mode, ..) in fakes.into_iter().filter(|(mode, ..)| mode.starts_with("hot-")) {
            assert_eq!(cold[mode], ("pass".to_owned(), "unchecked".to_owned(), "{}".to_owned()), "{mode}");
        }
    }
}

#[test]
fn a_probe_that_is_slower_than_the_deadline_of_a_pass_still_answers() {
    let shown = Project::fake("slow-probe", MKDIR).run(&["runtimes", "--timeout", "1"]);
    assert!(shown.starts_with("exit code: 0\n") && shown.contains("fake"), "{shown}");
    assert!(!shown.contains("deadline"), "{shown}");
}

/// The interpreters of a run are asked for their needs while the trials of others run, and the file has the runtimes first.
#[test]
fn a_runtime_that_fails_when_it_is_asked_for_needs_is_absent_and_the_others_run() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR);
    let project = project.runtimes(&["faithful", "fails-at-needs", "wrong-event"]);
    for args in [&[][..], &["--fail-fast"], &["--repeat", "2"]] {
        let output = project.output(&[&["run", "--cases", "cases", "--results", "r.jsonl"], args].concat());
        let text = project.transcript(&output);
        assert_eq!(output.status.code(), Some(3), "{args:?}: {text}");
        assert!(text.contains("it was killed by signal 11 without an answer"), "{args:?}: {text}");
        let file = fs::read_to_string(project.path("r.jsonl")).expect("results");
        let records: Vec<serde_json::Value> =
            file.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let count = if args == ["--fail-fast"] { 1..=2 } else { 2..=2 };
        let is_trial = |record: &&serde_json::Value| record["record"] == "trial";
        assert!(count.contains(&records.iter().filter(is_trial).count()), "{args:?}: {file}");
        assert!(records.iter().filter(is_trial).all(|trial| trial["runtime"] != "fails-at-needs"), "{args:?}: {file}");
        let absent: Vec<_> = records.iter().filter(|record| record["absent"].is_string()).collect();
        assert_eq!((absent.len(), &absent[0]["name"]), (1, &"fails-at-needs".into()), "{args:?}: {file}");
        let shown = project.run(&["report", "r.jsonl"]);
        assert!(shown.contains("missing") && !shown.contains("error: "), "{args:?}: {shown}");
    }
}

#[test]
fn a_failure_of_the_agent_itself_is_said_and_decides_nothing() {
    let project = Project::fake("failing-agent", MKDIR);
    let output = project.output(&["run", "--cases", "cases", "--isolation", "shared"]);
    let shown = project.transcript(&output);
    assert!(shown.contains("1 passed") && output.status.success(), "{shown}");
    let warning = "warning: the agent failed on fake in 1 pass, which a new process repeated: AttributeError: ";
    assert!(shown.contains(warning) && shown.contains("'gc' has no attribute 'collect' (share_jobs:"), "{shown}");
    let faithful = Project::fake("faithful", MKDIR);
    let shown = faithful.run(&["run", "--cases", "cases", "--isolation", "shared"]);
    assert!(shown.contains("1 passed") && !shown.contains("warning"), "{shown}");
}

/// Runs the cases of a project and returns the verdicts by runtime and case.
fn verdicts(project: &Project, args: &[&str]) -> BTreeMap<(String, String), String> {
    let word = |record: &serde_json::Value, key: &str| record[key].as_str().expect("a word").to_owned();
    let verdict = |trial: &serde_json::Value| ((word(trial, "runtime"), word(trial, "case")), word(trial, "verdict"));
    trials(project, args).iter().map(verdict).collect()
}

/// Runs the cases of a project and returns the records of its trials.
fn trials(project: &Project, args: &[&str]) -> Vec<serde_json::Value> {
    let run = [&["run", "--cases", "cases", "--results", "results.jsonl"], args].concat();
    let output = project.output(&run);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", project.transcript(&output));
    let text = fs::read_to_string(project.path("results.jsonl")).expect("a results file");
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    records.filter(|record| record["record"] == "trial").collect()
}

/// Tells whether a process of the fake interpreter `grandchild` is alive. Its command line has the project's folder in it.
fn is_running(project: &Project) -> bool {
    let mark = project.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .any(|line| line.contains("time.sleep") && line.contains(&mark))
}

#[test]
fn an_agent_of_another_version_is_refused() {
    let project = Project::fake("other-protocol", MKDIR);
    let output = project.run(&["run", "--cases", "cases"]);
    assert!(output.contains("the agent speaks version 99, not 1"), "{output}");
    assert!(output.starts_with("exit code: 3"), "{output}");
}

/// Runs `os.mkdir::path` with other snippets, which must still make the directory, and an ordinary case after each of them on
/// the same interpreter. Returns both verdicts for each snippet.
fn verdicts_of(snippets: &[&str], isolation: &str) -> Vec<(String, String)> {
    let (head, ordinary) = MKDIR.split_once("cases:\n").expect("a case file");
    let two = |(index, snippet): (usize, &&str)| {
        let lines: String = snippet.lines().map(|line| format!("      {line}\n")).collect();
        let hostile = ordinary.replace("      os.mkdir(target, 0o700)\n", &lines);
        let [hostile, ordinary] = [(&*hostile, "path"), (ordinary, "then")]
            .map(|(case, name)| case.replace("name: path", &format!("name: {name}{index}")));
        hostile + &ordinary
    };
    let cases: String = snippets.iter().enumerate().map(two).collect();
    let project = Project::fake("", &format!("{head}cases:\n{cases}")).python();
    let verdicts = verdicts(&project, &["--timeout", "5", "--jobs", "1", "--isolation", isolation]);
    let verdict = |case: &str, index: usize| verdicts[&("python".to_owned(), format!("{case}{index}"))].clone();
    (0..snippets.len()).map(|index| (verdict("path", index), verdict("then", index))).collect()
}

#[test]
fn a_snippet_cannot_break_the_recording() {
    let snippets = [
        ("closes descriptors", "os.closerange(0, 100)\nos.mkdir(target, 0o700)"),
        (
            "takes the report's descriptor",
            "os.closerange(0, 100)\nfor n in range(9):\n    os.open('f', os.O_CREAT | os.O_RDWR)\nos.mkdir(target, 0o700)",
        ),
        ("changes directory", "os.mkdir(target, 0o700)\nos.chdir('/')"),
        ("replaces the streams", "import sys\nsys.stdout = sys.stderr = None\nos.mkdir(target, 0o700)"),
        ("replaces os.write", "os.write = os.open = os.fstat = None\nos.mkdir(target, 0o700)"),
        (
            "forks",
            "if os.fork() == 0:\n    os.mkdir(target + 'x')\n    os._exit(0)\nos.wait()\nos.mkdir(target, 0o700)",
        ),
        ("lets a child run on", "home = os.getpid()\nos.fork()\nif os.getpid() == home:\n    os.mkdir(target, 0o700)"),
        ("leaves a child behind", "if os.fork() == 0:\n    import time\n    time.sleep(600)\nos.mkdir(target, 0o700)"),
        (
            "starts threads",
            "import threading\nfor n in range(50):\n    threading.Thread(target=os.listdir).start()\nos.mkdir(target, 0o700)",
        ),
        (
            "recurses",
            "def f():\n    os.listdir('.')\n    f()\ntry:\n    f()\nexcept RecursionError:\n    pass\nos.mkdir(target, 0o700)",
        ),
        ("fills its streams", "os.write(1, b'x' * 5000000)\nos.mkdir(target, 0o700)"),
        ("adds a hook", "import sys\nsys.addaudithook(lambda *args: None)\nos.mkdir(target, 0o700)"),
        ("traces", "import sys\nsys.settrace(lambda *args: None)\nos.mkdir(target, 0o700)"),
    ];
    for isolation in ["process", "fork", "shared"] {
        let verdicts = verdicts_of(&snippets.map(|(_, snippet)| snippet), isolation);
        for (verdicts, (what, _)) in verdicts.into_iter().zip(snippets) {
            assert_eq!(verdicts, ("pass".into(), "pass".into()), "{isolation}: a snippet that {what}");
        }
    }
}

#[test]
fn a_snippet_that_ends_its_process_gets_a_verdict_and_affects_no_other_case() {
    let snippets = [
        ("os.mkdir(target, 0o700)\nos._exit(0)", "error"),
        ("os.mkdir(target, 0o700)\nos.execv('/bin/true', ['true'])", "error"),
        ("os.mkdir(target, 0o700)\nos.abort()", "crash"),
        ("os.mkdir(target, 0o700)\nos.kill(os.getpid(), 9)", "crash"),
        ("os.mkdir(target, 0o700)\nraise SystemExit", "error"),
        ("os.mkdir(target, 0o700)\nwhile True: pass", "timeout"),
        ("def f(): f()\nos.mkdir(target, 0o700)\nf()", "error"),
        ("pass", "missing"),
    ];
    for isolation in ["process", "fork", "shared"] {
        let verdicts = verdicts_of(&snippets.map(|(snippet, _)| snippet), isolation);
        for (verdicts, (snippet, verdict)) in verdicts.into_iter().zip(snippets) {
            assert_eq!(verdicts, (verdict.into(), "pass".into()), "{isolation}: {snippet}");
        }
    }
    // Only under `fork` is the parent a warm interpreter or its branch. Otherwise it is a keeper, which cannot be seen, or
    // the harness, which must not die.
    for import in ["", "import socket\n"] {
        let parricide = format!(
            "{import}path = '/proc/%d/cmdline' % os.getppid()\n\
             if os.path.exists(path) and b'serve' in open(path, 'rb').read():\n    os.kill(os.getppid(), 9)\n\
             os.mkdir(target, 0o700)"
        );
        assert_eq!(verdicts_of(&[&parricide], "fork"), [("pass".into(), "pass".into())], "{import}");
    }
}

/// Every isolation must give the verdicts of new processes. `fork` is tested on the oldest and the newest CPython, and on
/// every other implementation that forks; `shared` on the newest CPython.
#[test]
fn isolations_agree() {
    let project = Project::empty().file("runtimes.toml", include_str!("../../runtimes.toml"));
    let (cpython, others) = forking_runtimes(&project);
    let newest = cpython.first().expect("this test needs CPython 3.8 or later").clone();
    let mut chosen = vec![cpython[cpython.len() - 1].clone(), newest.clone()];
    chosen.dedup();
    chosen.extend(others);
    let process = rows(&project, "process", &chosen);
    assert!(process.len() > 100 * chosen.len());
    assert_eq!(rows(&project, "fork", &chosen), process);
    let of_newest: Vec<_> = process.into_iter().filter(|row| row.contains(&format!("{newest:?}"))).collect();
    assert_eq!(rows(&project, "shared", &[newest]), of_newest);
}

/// Returns the arguments that choose a part of the suite, or all of it if `AUDIT578_WHOLE` is set.
fn part(shard: &'static str) -> Vec<&'static str> {
    if env::var_os("AUDIT578_WHOLE").is_some() { Vec::new() } else { vec!["--shard", shard] }
}

/// Runs cases on some runtimes under an isolation, and returns the verdict and the promises of each trial.
fn rows(project: &Project, isolation: &str, runtimes: &[String]) -> Vec<String> {
    let results = format!("{isolation}.jsonl");
    let mut args = vec!["run", "--hot=none", "--isolation", isolation, "--results", &results];
    args.extend(part("1/16"));
    args.extend(runtimes.iter().flat_map(|name| ["--runtime", name]));
    let run = project.output(&args);
    assert_eq!(run.status.code(), Some(0), "{}", project.transcript(&run));
    let text = fs::read_to_string(project.path(&results)).expect("a results file");
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let row = |trial: serde_json::Value| {
        ["event", "case", "runtime", "verdict", "raised", "arguments", "veto"]
            .map(|key| trial[key].to_string())
            .join(" ")
    };
    let mut rows: Vec<String> = records.filter(|record| record["record"] == "trial").map(row).collect();
    rows.sort();
    rows
}

/// Returns the names of the runtimes with audit hooks that fork: those of CPython, by version, and one of each other
/// implementation.
fn forking_runtimes(project: &Project) -> (Vec<String>, Vec<String>) {
    let found = project.output(&["runtimes", "--json"]).stdout;
    let found: Vec<serde_json::Value> = serde_json::from_slice(&found).expect("JSON");
    let forking = found.iter().filter(|row| row["isolation"] == "fork" && row["probe"]["audit"] == true);
    let (cpython, mut others): (Vec<_>, Vec<_>) = forking.partition(|row| row["probe"]["implementation"] == "cpython");
    let mut seen = BTreeSet::new();
    others.retain(|row| seen.insert(row["probe"]["implementation"].as_str()));
    let names = |rows: Vec<&serde_json::Value>| {
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    (names(cpython), names(others))
}

#[test]
fn a_shared_interpreter_goes_on_after_residue_that_can_be_put_back() {
    let snippets = [
        "os.open('f', os.O_CREAT | os.O_RDWR)",
        "import sys\nif hasattr(sys, 'monitoring'):\n    sys.monitoring.use_tool_id(2, 'x')",
        "os.chdir('/')\nos.environ['X'] = '1'",
        "import socket, threading\nserver = socket.create_server(('127.0.0.1', 0))\n\
         client = socket.create_connection(server.getsockname())\npeer = server.accept()[0]\n\
         threading.Thread(target=lambda: peer.recv(1), daemon=True).start()",
        "pass",
    ];
    assert_eq!(passes_and_processes("shared", &snippets), (2 * snippets.len(), 1));
}

#[test]
fn a_shared_interpreter_with_residue_is_replaced() {
    for residue in [
        "import sys\ngetattr(sys, 'addaudit' + 'hook')(lambda *args: None)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        "os.close(0)",
    ] {
        // The first trial's plain pass leaves residue, so that both its passes are repeated in processes of their own. Both
        // passes of the second trial share a new interpreter.
        assert_eq!(passes_and_processes("shared", &[residue, "pass"]), (1 + 2 + 2, 1 + 2 + 1), "{residue}");
    }
}

#[test]
fn both_passes_have_one_child_unless_a_trace_of_the_first_is_left() {
    for (snippet, processes) in [
        ("pass", 1),
        ("os.open('f', os.O_CREAT | os.O_RDWR)", 1),
        ("os.chdir('/')", 1),
        ("os.umask(0o77)", 2),
        ("import this", 2),
        ("os.fork() or os._exit(0)", 2),
        ("import _thread\n_thread.start_new_thread(os.read, (os.pipe()[0], 1))", 2),
    ] {
        assert_eq!(passes_and_processes("fork", &[snippet]), (2, processes), "{snippet}");
    }
}

/// Runs a case for each snippet under an isolation, one after another, all of which must pass. Returns the number of
/// passes, and of the processes in which they ran.
fn passes_and_processes(isolation: &str, snippets: &[&str]) -> (usize, usize) {
    let (head, case) = MKDIR.split_once("cases:\n").expect("a case file");
    let cases = snippets.iter().enumerate().map(|(number, snippet)| {
        let log = "with open(os.environ['STARTS'], 'a') as file:\n    print(os.getpid(), file=file)";
        let lines = format!("{log}\n{snippet}\nos.mkdir(target, 0o700)").replace('\n', "\n      ");
        let case = case.replace("name: path", &format!("name: case-{number}"));
        case.replace("      os.mkdir(target, 0o700)\n", &format!("      {lines}\n"))
    });
    let file = format!("{head}cases:\n{}", cases.collect::<String>());
    let project = Project::fake("", &file).python();
    let starts = project.path("starts");
    let runtimes = fs::read_to_string(project.path("runtimes.toml")).expect("runtimes");
    let runtimes = format!("{runtimes}env = {{ STARTS = {:?} }}\n", starts.to_string_lossy());
    fs::write(project.path("runtimes.toml"), runtimes).expect("it can be written");
    // The numbers of processes differ only without namespaces.
    let verdicts = verdicts(&project, &["--jobs", "1", "--isolation", isolation, "--uncontained"]);
    assert!(verdicts.len() == snippets.len() && verdicts.values().all(|verdict| verdict == "pass"), "{verdicts:?}");
    let starts = fs::read_to_string(starts).expect("each pass logs its start");
    (starts.lines().count(), starts.lines().collect::<BTreeSet<_>>().len())
}

#[test]
fn where_fork_and_process_differ_the_new_process_counts() {
    let snippet = "      import sys\n      if \"serve\" not in sys.argv:\n          os.mkdir(target, 0o700)\n";
    let case = MKDIR.replace("      os.mkdir(target, 0o700)\n", snippet);
    let shown = Project::fake("", &case).python().run(&["run", "--cases", "cases"]);
    assert!(shown.starts_with("exit code: 0\n"), "{shown}");
    assert!(shown.contains("os.mkdir::path on python: pass in fresh processes, missing in warm ones"), "{shown}");
    let fresh = case.replace("    expect:", "    fresh: true\n    expect:");
    let shown = Project::fake("", &fresh).python().run(&["run", "--cases", "cases"]);
    assert!(shown.starts_with("exit code: 0\n") && !shown.contains("in warm ones"), "{shown}");
}

/// Each case that promises that an exception stops its operation fails where exceptions come only after the operation.
/// Otherwise nobody could rely on its green cell.
#[test]
fn an_exception_that_comes_after_the_operation_passes_no_case_that_promises_a_stop() {
    let fake = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/late.py");
    let entry = format!("[[runtime]]\nname = \"late\"\ncommand = [{:?}, {fake:?}]\nargs = []\n", *PYTHON);
    let project = Project::empty().file("runtimes.toml", entry);
    project.run(&[&["run", "--results", "results.jsonl"], &*part("1/8")].concat());
    let results = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let records: Vec<serde_json::Value> =
        results.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of_kind = |kind: &'static str| records.iter().filter(move |record| record["record"] == kind);
    let id = |record: &serde_json::Value| format!("{}::{}", record["event"], record["case"]).replace('"', "");
    let stops: BTreeSet<String> =
        of_kind("case").filter(|case| case["description"].get("veto").is_none()).map(id).collect();
    let vetoed = of_kind("trial").filter(|trial| trial["veto"] != "unchecked" && stops.contains(&id(trial)));
    let (late, passed): (Vec<_>, Vec<_>) = vetoed.partition(|trial| trial["veto"] == "broken");
    let passed: Vec<String> = passed.into_iter().map(id).collect();
    assert!(late.len() > 100, "{} cases promise a stop", late.len());
    assert_eq!(passed, [""; 0], "the effects of these cases do not show whether their operation was stopped");
}
