//! The sites for the browser: of a real run, of hostile results, and of a very large run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a temporary folder"));

/// The interpreters of the sample: an old and a new CPython, and another implementation. More take a minute, and change no page.
const RUNTIMES: [&str; 3] = ["cpython-3.8*", "cpython-3.13*", "pypy*"];

/// The site of a run of some events on these interpreters.
pub static REAL: LazyLock<PathBuf> = LazyLock::new(|| {
    let results = FOLDER.path().join("real.jsonl");
    let events = [
        "os.[lm]*",
        "compile",
        "builtins.*",
        "sys.set*",
        "pickle.*",
        "winreg.[OQ]*",
        "marshal.*",
        "pep578.[a-e]*",
        "doors.tracing",
    ];
    // Hot passes take a minute on PyPy.
    let mut run = Command::new(env!("CARGO_BIN_EXE_audit578"));
    let runtimes = RUNTIMES.iter().flat_map(|name| ["--runtime", name]);
    let run = run.args(["run", "--hot=none"]).args(events).args(runtimes).arg("--results").arg(&results).output();
    let run = run.expect("the program starts");
    assert!(run.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&run.stderr));
    let history = FOLDER.path().join("history");
    fs::create_dir(&history).expect("a folder");
    let old = history.join("old.jsonl");
    fs::write(&old, earlier(&fs::read_to_string(&results).expect("results"))).expect("a file");
    site_with("real", &results, &[Path::new("--history"), &history, Path::new("--baseline"), &old])
});

/// Makes the results of an earlier run, with another suite, in which passed trials failed.
fn earlier(results: &str) -> String {
    let header: Value = serde_json::from_str(results.lines().next().expect("a header")).expect("JSON");
    let text = results.replace(header["started"].as_str().expect("a time"), "2001-02-03T04:05:06Z");
    let text = text.replace(header["suite"].as_str().expect("a hash"), "01d");
    text.replace("\"verdict\":\"pass\",\"raised\":\"kept\"", "\"verdict\":\"missing\",\"raised\":\"broken\"")
}

/// Texts of a hostile interpreter. Each has an effect on a page that does not escape it.
pub const HOSTILE: [&str; 9] = [
    "<script>window.pwned = 1</script>",
    "\"><img src=x onerror='window.pwned = 2'>",
    "' onmouseover='window.pwned = 3' x='",
    "</script></style></pre></table></details><h1>out</h1>",
    "javascript:window.pwned=4",
    "a\u{202e}gnp.exe\u{2066}b\u{200b}c",
    "<!-- {{ 7 * 7 }} {% raw %} ]]>",
    "\0\u{1b}[31m\r\n\u{7f}",
    "../../../../etc/passwd?x=1#y&z=%00",
];

/// The site of results that are made of [`HOSTILE`] strings, and of some that are a megabyte long.
pub static EVIL: LazyLock<PathBuf> = LazyLock::new(|| {
    let long = "W".repeat(1 << 20);
    let texts: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    let mut records = vec![header()];
    for text in &texts {
        records.push(runtime(text, text, text));
    }
    for text in &texts {
        records.push(json!({"record": "event", "event": text, "module": text, "file": text, "documented": true,
            "arguments": [{"names": [text, text]}], "raised-by": [text], "python": text}));
        records.push(json!({"record": "case", "event": text, "case": text, "file": text, "line": 1, "digest": text,
            "description": {"setup": text, "snippet": text, "effect": text, "because": text, "needs": [text],
                "expect": [{"event": text, "args": [[text, text]]}]}}));
        // Two runtimes for each text are enough. All would make a hundred megabytes.
        let runtimes: std::collections::BTreeSet<&str> = [*text, texts[0]].into();
        records.extend(runtimes.iter().map(|runtime| failure(text, runtime)));
    }
    let results = write("evil.jsonl", records);
    let history = FOLDER.path().join("evil-history");
    fs::create_dir(&history).expect("a folder");
    let started = |text: &str| json!(text).to_string();
    let old = fs::read_to_string(&results).expect("results").replace(&started(STARTED), &started(&HOSTILE.concat()));
    fs::write(history.join("old.jsonl"), old).expect("a file");
    site_with("evil", &results, &[Path::new("--history"), &history])
});

/// Makes a site with a number of runtimes and events, with two cases for each event.
pub fn synthetic(name: &str, runtimes: usize, events: usize) -> PathBuf {
    let implementation = |index: usize| ["cpython", "pypy", "graalpy", "rustpython"][index % 4];
    let names: Vec<String> =
        (0..runtimes).map(|index| format!("{}-3.{}.{}", implementation(index), 8 + index % 8, index / 8)).collect();
    let mut records = vec![header()];
    for (index, name) in names.iter().enumerate() {
        let version = format!("3.{}.{}", 8 + index % 8, index / 8);
        records.push(runtime(name, implementation(index), &version));
    }
    for (index, event) in (0..events).map(|index| (index, format!("module{}.event_{index}", index / 6))) {
        records.push(
            json!({"record": "event", "event": event, "module": format!("module{}", index / 6), "file": "f.yaml",
            "documented": true, "arguments": [{"names": ["path", "mode"]}], "raised-by": ["f"]}),
        );
        for case in ["one", "two"] {
            records.push(
                json!({"record": "case", "event": event, "case": case, "file": "f.yaml", "line": 3, "digest": "0",
                "description": {"setup": "import os\n", "snippet": "os.mkdir(target)\n", "expect": [], "effect": "x"}}),
            );
        }
        for (at, runtime) in names.iter().enumerate() {
            for case in ["one", "two"] {
                records.push(trial(&event, case, runtime, (index * 7 + at * 3) % 10));
            }
        }
    }
    let results = write(&format!("{name}.jsonl"), records);
    site(name, &results)
}

/// The start time of all runs with invented results.
const STARTED: &str = "2026-01-02T03:04:05Z";

fn header() -> Value {
    json!({"record": "header", "format": 1, "version": "0.1.0", "suite": "0123456789abcdef".repeat(4),
        "host": "linux x86_64", "started": STARTED, "repeat": ["audit578", "run"]})
}

fn runtime(name: &str, implementation: &str, version: &str) -> Value {
    json!({"record": "runtime", "name": name, "optional": true, "command": [name], "isolation": "fork", "probe": {
        "implementation": implementation, "language": version, "implementation-version": version, "build": name,
        "platform": "linux", "machine": "x86_64", "flags": [], "audit": true, "features": {}, "sha256": null}})
}

fn failure(text: &str, runtime: &str) -> Value {
    json!({"record": "trial", "event": text, "case": text, "module": text, "api": text, "runtime": runtime,
        "verdict": "wrong-args", "raised": "kept", "arguments": "broken", "veto": "kept", "asserts": "value",
        "reason": text, "gap": {"state": "known", "kind": "bug", "reason": text, "issue": text},
        "expected": [text, "  a: 1"], "observed": [text, format!("  a: {text}")], "stderr": text, "seconds": 0.5})
}

fn trial(event: &str, case: &str, runtime: &str, luck: usize) -> Value {
    let module = event.split('.').next().unwrap_or_default();
    let mut trial = json!({"record": "trial", "event": event, "case": case, "module": module, "api": "f",
        "runtime": runtime, "verdict": "pass", "raised": "kept", "arguments": "kept", "veto": "kept", "asserts": "value",
        "seconds": 0.02});
    let changes = match luck {
        0 => json!({"verdict": "missing", "raised": "broken", "arguments": "unchecked", "veto": "broken",
            "reason": format!("{event} is not raised"), "expected": [event, "  path: same as target"],
            "gap": {"state": "known", "kind": "not-implemented", "reason": format!("{event} is not there yet.")}}),
        1 => json!({"verdict": "skipped", "raised": "unchecked", "arguments": "unchecked", "veto": "unchecked",
            "reason": "for Windows"}),
        _ => json!({}),
    };
    trial.as_object_mut().expect("a map").extend(changes.as_object().expect("a map").clone());
    trial
}

fn write(name: &str, records: Vec<Value>) -> PathBuf {
    let trials = records.iter().filter(|record| record["record"] == "trial").count();
    let footer = json!({"record": "footer", "trials": trials, "seconds": 1.5});
    let lines: String = records.into_iter().chain([footer]).map(|record| format!("{record}\n")).collect();
    let path = FOLDER.path().join(name);
    fs::write(&path, lines).expect("a file");
    path
}

fn site(name: &str, results: &Path) -> PathBuf {
    site_with(name, results, &[])
}

fn site_with(name: &str, results: &Path, more: &[&Path]) -> PathBuf {
    let folder = FOLDER.path().join(name);
    let made = Command::new(env!("CARGO_BIN_EXE_audit578"))
        .arg("report")
        .arg(results)
        .args(["--format", "html", "--output"])
        .arg(&folder)
        .args(more)
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}
