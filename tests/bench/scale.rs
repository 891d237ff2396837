//! `cargo bench --bench scale`: what commands cost for results of a size, and for results of twice the size.
//!
//! The results have many runtimes and many cases, each case once on each runtime. `cargo bench --bench scale -- N FOLDER` makes
//! results of N and of 2 N trials in FOLDER, and keeps them; without, N is 20,000. A ratio near 2 means that the cost grows
//! with the size. Where the system tells it, the largest memory of each command is shown too.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};

/// The number of trials of each runtime.
const CASES: usize = 2500;

/// The number of cases of each event.
const PER_EVENT: usize = 10;

fn main() {
    let mut args = env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let trials = args.next().map_or(20_000, |text| text.parse().expect("a number of trials"));
    let own = tempfile::tempdir().expect("a folder");
    let folder = args.next().map_or_else(|| own.path().to_owned(), PathBuf::from);
    let files = [trials, 2 * trials].map(|trials| write(&folder, trials).expect("a file"));
    println!(
        "{:<12}{:>12}{:>12}{:>8}{:>14}{:>14}{:>8}",
        "command",
        trials,
        2 * trials,
        "ratio",
        "memory",
        "memory",
        "ratio"
    );
    let reports = ["summary", "terminal", "markdown", "csv", "junit", "github", "json"];
    let reports = reports.map(|format| (format.to_owned(), vec!["report", "FILE", "--format", format]));
    let others = [
        ("compare".to_owned(), vec!["compare", "FILE", "FILE"]),
        ("merge".to_owned(), vec!["merge", "FILE", "FILE", "--output", "OUT"]),
        ("html".to_owned(), vec!["report", "FILE", "--format", "html", "--output", "SITE"]),
    ];
    for (name, words) in reports.into_iter().chain(others) {
        let [one, two] = files.each_ref().map(|file| cost(&words, file, &folder));
        println!(
            "{name:<12}{:>10.2} s{:>10.2} s{:>8.2}{:>10.0} MiB{:>10.0} MiB{:>8.2}",
            one.seconds,
            two.seconds,
            two.seconds / one.seconds,
            one.mebibytes,
            two.mebibytes,
            two.mebibytes / one.mebibytes
        );
    }
}

/// The time and the memory of a command. Memory is not a number where the system does not tell it.
struct Cost {
    seconds: f64,
    mebibytes: f64,
}

/// Runs a command.
fn cost(words: &[&str], file: &Path, folder: &Path) -> Cost {
    let word = |word: &&str| match *word {
        "FILE" => file.to_owned(),
        "OUT" => folder.join("merged.jsonl"),
        "SITE" => folder.join("site"),
        word => PathBuf::from(word),
    };
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit578"));
    let mut child = command.args(words.iter().map(word)).stdout(Stdio::null()).spawn().expect("the program starts");
    let mut mebibytes = f64::NAN;
    let status = loop {
        mebibytes = peak(child.id()).unwrap_or(mebibytes);
        match child.try_wait().expect("the program is ours") {
            Some(status) => break status,
            None => sleep(Duration::from_millis(5)),
        }
    };
    assert!(status.code().is_some_and(|code| code < 2), "{words:?}");
    Cost { seconds: start.elapsed().as_secs_f64(), mebibytes }
}

/// Returns the largest memory that a process had so far, if it still runs and the system tells it.
fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Writes results with some number of trials.
fn write(folder: &Path, trials: usize) -> std::io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{trials}.jsonl"));
    let mut file = BufWriter::new(File::create(&path)?);
    let mut put = |record: Value| writeln!(file, "{record}");
    put(json!({"record": "header", "format": 1, "version": "0.1.0", "suite": "5".repeat(64), "host": "linux x86_64",
        "started": "2026-11-29T00:00:00Z", "repeat": ["audit578", "run"]}))?;
    let runtimes = trials.div_ceil(CASES);
    let name = |runtime: usize| format!("cpython-3.{}.{}", 8 + runtime % 8, runtime / 8);
    for runtime in 0..runtimes {
        let version = name(runtime)["cpython-".len()..].to_owned();
        put(
            json!({"record": "runtime", "name": name(runtime), "optional": false, "command": ["python3"], "isolation": "fork",
            "probe": {"implementation": "cpython", "language": version, "implementation-version": version, "build": "b",
                "platform": "linux", "machine": "x86_64", "flags": [], "audit": true, "features": {}, "sha256": null}}),
        )?;
    }
    let event = |case: usize| format!("module{}.event{}", case / PER_EVENT % 25, case / PER_EVENT);
    for first in (0..CASES).step_by(PER_EVENT) {
        put(json!({"record": "event", "event": event(first), "module": format!("module{}", first / PER_EVENT % 25),
            "file": format!("cases/{}.yaml", event(first)), "documented": true, "arguments": [{"names": ["path"]}],
            "raised-by": ["os.mkdir"]}))?;
    }
    for case in 0..CASES {
        put(json!({"record": "case", "event": event(case), "case": format!("case-{case}"),
            "file": format!("cases/{}.yaml", event(case)), "line": 7, "digest": "0123456789abcdef"}))?;
    }
    for number in 0..trials {
        put(trial(number % CASES, &name(number / CASES), &event(number % CASES)))?;
    }
    put(json!({"record": "footer", "trials": trials, "seconds": 1.0}))?;
    file.into_inner()?.sync_all()?;
    Ok(path)
}

/// Returns a record: most trials pass, some are known gaps, some are skipped, and a few fail.
fn trial(case: usize, runtime: &str, event: &str) -> Value {
    let mut record = json!({"record": "trial", "event": event, "case": format!("case-{case}"),
        "module": event.split('.').next(), "api": "os.mkdir", "runtime": runtime, "verdict": "pass", "raised": "kept",
        "arguments": "kept", "veto": "kept", "asserts": "value", "seconds": 0.0125});
    let changes = match case % 100 {
        0..5 => json!({"verdict": "missing", "raised": "broken",
            "gap": {"state": "known", "kind": "bug", "reason": format!("It is not raised in way {}.", case % 7)}}),
        5..15 => json!({"verdict": "skipped", "raised": "unchecked", "reason": "for Python >=3.14"}),
        15 => json!({"verdict": "wrong-args", "arguments": "broken", "expected": ["os.mkdir", "  path: 'a'"],
            "observed": ["os.mkdir", "  path: 'b'"], "reason": "path is not as expected"}),
        _ => json!({}),
    };
    record.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    record
}
