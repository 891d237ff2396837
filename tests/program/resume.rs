//! `run --resume`: a run that is killed at any moment goes on, and ends as one that nobody disturbed.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::{MKDIR, PYTHON, Project};

/// The cases that are run.
const CASES: [&str; 3] = ["os.mk*", "os.l*", "doors.identity"];

/// Returns the records of a results file without what differs from run to run.
fn records(project: &Project, file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(project.path(file)).expect("results");
    let record = |line: &str| {
        let mut record: Value = serde_json::from_str(line).expect("JSON");
        record.as_object_mut().expect("an object").retain(|key, _| !["seconds", "started", "stderr"].contains(&&**key));
        record.to_string()
    };
    text.lines().map(record).collect()
}

/// Returns a number below a limit.
fn random(limit: u128) -> u64 {
    u64::try_from(u128::from(RandomState::new().hash_one(0)) % limit.max(1)).expect("a small number")
}

/// Returns the folders that a process holds.
fn held(process: &Child) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("/proc/{}/fd", process.id())).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    let locks = files.filter(|path| path.to_string_lossy().contains("/audit578-run-") && path.ends_with("lock"));
    locks.filter_map(|lock| lock.parent().map(Path::to_owned)).collect()
}

/// Tells whether a process works in a folder, which may be removed.
fn has_process(folder: &Path) -> bool {
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    processes.filter_map(|process| fs::read_link(process.path().join("cwd")).ok()).any(|cwd| cwd.starts_with(folder))
}

#[test]
fn a_killed_run_goes_on_and_leaves_nothing() {
    let kills: usize = std::env::var("AUDIT578_KILLS").map_or(10, |kills| kills.parse().expect("a number"));
    let project = Project::empty();
    let temporary = project.path("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let env = [("TMPDIR", temporary.to_str().expect("UTF-8"))];
    let run = |option: &'static str, file: &'static str| {
        [&["run", "--python", &*PYTHON, "--timeout", "60", option, file], &CASES[..]].concat()
    };
    let start = Instant::now();
    let undisturbed = project.output_with(&run("--results", "whole.jsonl"), &env);
    let mut length = start.elapsed();
    let whole = records(&project, "whole.jsonl");
    let (mut folders, mut begun, mut done) = (BTreeSet::new(), 0, 0);
    while done < kills {
        let start = Instant::now();
        let mut process = project.start(&run("--resume", "killed.jsonl"), &env);
        thread::sleep(Duration::from_micros(random(length.as_micros())));
        folders.extend(held(&process));
        if process.try_wait().expect("a process").is_none() {
            process.kill().expect("a process");
            done += 1;
        }
        let is_complete = process.wait().expect("a process").code().is_some();
        let lines = fs::read_to_string(project.path("killed.jsonl")).unwrap_or_default();
        begun += usize::from(lines.contains("\"record\":\"trial\"") && !is_complete);
        if is_complete {
            // The machine may have been busy at first. Who waits too long kills nothing.
            length = length.min(start.elapsed());
            assert_eq!(records(&project, "killed.jsonl"), whole, "after {done} kills");
            fs::remove_file(project.path("killed.jsonl")).expect("a file");
        }
    }
    let resumed = project.output_with(&run("--resume", "killed.jsonl"), &env);
    assert_eq!(resumed.status.code(), undisturbed.status.code());
    let found = records(&project, "killed.jsonl");
    assert_eq!(found, whole);
    while has_process(&temporary) {
        thread::sleep(Duration::from_millis(10));
    }
    project.output_with(&run("--resume", "killed.jsonl"), &env);
    let left: Vec<_> = folders.iter().filter(|folder| folder.exists()).collect();
    assert!(left.is_empty() && fs::read_dir(&temporary).expect("a folder").next().is_none(), "{left:?} are left");
    println!("{done} kills, {begun} of them after the first trial; {} folders, all removed", folders.len());
}

#[test]
fn the_trials_of_the_file_are_taken_and_a_complete_file_stays_as_it_is() {
    let second = MKDIR.split_once("cases:\n").expect("cases").1.replace("name: path", "name: other");
    let project = Project::fake("dropped-event", &(MKDIR.to_owned() + &second));
    // The progress is in the order in which trials end.
    let run = |file: &str| {
        let said = project.run(&["run", "--cases", "cases", "--jobs", "1", "--resume", file]);
        let (shown, notes) = said.split_once("--- stderr\n").expect("both outputs");
        let notes: Vec<&str> = notes.lines().filter(|line| line.starts_with("trials")).collect();
        format!("{shown}{}\n", notes.join("\n"))
    };
    let all = run("missing.jsonl");
    assert!(
        all.starts_with("exit code: 1\n") && all.contains("trials that were taken from missing.jsonl: 0 of 2\n"),
        "{all}"
    );
    let text = fs::read_to_string(project.path("missing.jsonl")).expect("results");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let trial = lines.iter().position(|line| line.contains("\"record\":\"trial\"")).expect("a trial");
    let one = lines[..=trial].concat();
    for (name, content, taken) in [
        ("empty", "", 0),
        ("head", &text[..30], 0),
        ("runtime", &lines[..2].concat(), 0),
        ("one", &one, 1),
        ("cut", &(one.clone() + &lines[trial + 1][..50]), 1),
        ("both", &lines[..trial + 2].concat(), 2),
        ("complete", &text, 2),
    ] {
        fs::write(project.path(name), content).expect("a file");
        let expected = all.replace("missing.jsonl: 0 of 2", &format!("{name}: {taken} of 2"));
        assert_eq!(run(name), expected, "{name}");
        assert_eq!(records(&project, name), records(&project, "missing.jsonl"), "{name}");
    }
    assert_eq!(fs::read_to_string(project.path("complete")).expect("results"), text, "nothing was run");
}

#[test]
fn a_run_of_another_suite_interpreter_or_option_is_not_resumed() {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "r.jsonl"]);
    let text = fs::read_to_string(project.path("r.jsonl")).expect("results");
    let refused = |project: &Project, more: &[&str], why: &str| {
        let said = project.run(&[&["run", "--cases", "cases", "--resume", "r.jsonl"], more].concat());
        let start = "exit code: 2\n--- stdout\n--- stderr\nerror: cannot resume r.jsonl: ";
        assert!(said.starts_with(start) && said.contains(why), "{more:?}: {said}");
        assert_eq!(fs::read_to_string(project.path("r.jsonl")).expect("results"), text, "{more:?}");
    };
    for (more, why) in [
        (&["--timeout", "77"][..], "another command line"),
        (&["--repeat", "2"], "another command line"),
        (&["--hot"], "another command line"),
        (&["--isolation", "shared"], "another command line"),
        (&["os.*"], "another selection of cases"),
        (&["--shard", "1/2"], "another selection of cases"),
        (&["--python", &*PYTHON], "another command line"),
    ] {
        refused(&project, more, why);
    }
    let project = project.runtimes(&["other"]);
    refused(&project, &[], "fake is not started as before");
    let project = project.runtimes(&["faithful", "other"]);
    refused(&project, &[], "it has the runtime fake");
    let project = project.runtimes(&["faithful"]).file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + "\n# A comment\n");
    refused(&project, &[], "another suite");
    let project = project.file("cases/os/os.mkdir.yaml", MKDIR);
    let slow = fs::read_to_string(project.path("runtimes.toml")).expect("a file") + "timeout = 33\n";
    let project = project.file("runtimes.toml", slow);
    refused(&project, &[], "the configuration of the runtimes");
    for option in ["--results", "--cached", "--failed"] {
        let code = project.output(&["run", "--cases", "cases", "--resume", "r.jsonl", option, "x"]).status.code();
        assert_eq!(code, Some(2), "{option}");
    }
}
