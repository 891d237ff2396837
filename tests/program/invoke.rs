//! Cases with a command line: the native hook and the terminal.

use std::collections::BTreeMap;

use crate::project::{MKDIR, PYTHON, Project};

/// Returns a file with cases of the event `demo.event`. Each case is a name and the keys that follow it.
fn cases(cases: &[(&str, &str)]) -> String {
    let head = "event: demo.event\ndocumented: false\narguments: [number]\nraised-by: [sys.audit]\ncases:\n";
    let case = |(name, keys): &(&str, &str)| {
        let keys: String = keys.trim_end().lines().map(|line| format!("    {line}\n")).collect();
        format!("  - name: {name}\n    api: sys.audit\n{keys}")
    };
    head.to_owned() + &cases.iter().map(case).collect::<String>()
}

/// Runs cases, and returns their verdicts and reasons.
fn verdicts(project: &Project, args: &[&str]) -> BTreeMap<String, (String, String)> {
    let args = [&["run", "--cases", "cases", "--results", "r.jsonl"], args].concat();
    let output = project.output(&args);
    let text = std::fs::read_to_string(project.path("r.jsonl"))
        .unwrap_or_else(|error| panic!("{error}: {}", project.transcript(&output)));
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let trials = records.filter(|record| record["record"] == "trial");
    trials.map(|trial| (word(&trial["case"]), (word(&trial["verdict"]), word(&trial["reason"])))).collect()
}

fn check(all: &[(&str, &str)], python: impl Fn(Project) -> Project, args: &[&str], expected: &[(&str, &str)]) {
    let project = python(Project::empty().file("cases/demo/demo.event.yaml", cases(all)));
    let seen = verdicts(&project, args);
    let seen_verdicts: Vec<_> = seen.iter().map(|(case, (verdict, _))| (case.as_str(), verdict.as_str())).collect();
    assert_eq!(seen_verdicts, expected, "{seen:#?}");
}

const SCRIPT: &str = "\
invoke:
  args: [script.py]
  files:
    script.py: |
      import sys
      for number in (1, 2):
          sys.audit(\"demo.event\", number)
      done = True
effect: done
";

#[cfg(target_os = "linux")]
#[test]
fn a_native_hook_records_compares_and_vetoes_events() {
    let native = |rest: &str| format!("observe: native\n{SCRIPT}{rest}");
    let both = native("expect:\n  - args: {number: 1}\n  - args: {number: 2}\n");
    let one = native("expect:\n  - args: {number: 1}\n");
    let filtered = native("where: {number: 2}\nexpect:\n  - args: {number: 2}\nveto: none\nbecause: a test\n");
    let other = native("expect:\n  - args: {number: 1}\n  - args: {number: true}\n");
    let swallowed = both.replace(
        "sys.audit(\"demo.event\", number)",
        "exec('try: sys.audit(\"demo.event\", number)\\nexcept RuntimeError: pass')",
    );
    let large = both
        .replace("sys.audit(\"demo.event\", number)", "sys.audit(\"demo.event\", (b'\\xff' * 4000,) * 16)")
        .replace("{number: 1}", "{number: {type: tuple}}")
        .replace("{number: 2}", "{number: {type: tuple}}");
    let killed = both.replace("done = True", "import os; os.abort()");
    let abrupt = both.replace("done = True", "import os; os._exit(0)");
    let all = [
        ("abrupt", abrupt.as_str()),
        ("both", &both),
        ("filtered", &filtered),
        ("killed", &killed),
        ("large", &large),
        ("one", &one),
        ("other", &other),
        ("swallowed", &swallowed),
    ];
    let expected = [
        ("abrupt", "error"),
        ("both", "pass"),
        ("filtered", "pass"),
        ("killed", "crash"),
        ("large", "pass"),
        ("one", "wrong-count"),
        ("other", "wrong-args"),
        ("swallowed", "unvetoed"),
    ];
    check(&all, Project::python, &[], &expected);
}

#[cfg(target_os = "linux")]
#[test]
fn only_native_cases_are_unsupported_without_a_native_hook() {
    let expect = "expect:\n  - args: {number: 1}\n  - args: {number: 2}\n";
    let native = format!("observe: native\n{SCRIPT}{expect}");
    let ordinary = format!("{SCRIPT}{expect}");
    // `env` removes the hook before the interpreter starts.
    let command =
        format!("[[runtime]]\nname = \"python\"\ncommand = [\"env\", \"-u\", \"LD_PRELOAD\", {:?}]\n", *PYTHON);
    let without = |project: Project| project.file("runtimes.toml", &command);
    let all = [("native", native.as_str()), ("ordinary", ordinary.as_str())];
    check(&all, without, &[], &[("native", "unsupported"), ("ordinary", "pass")]);
}

#[cfg(unix)]
#[test]
fn all_streams_are_one_terminal_which_no_process_keeps_open() {
    let script = |lines: &str, rest: &str| {
        let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
        format!(
            "invoke:\n  args: [script.py]\n  terminal: true\n{rest}  files:\n    script.py: |\n{lines}expect: []\neffect: done\n"
        )
    };
    let streams = script("import os\ndone = all(map(os.isatty, (0, 1, 2)))", "");
    let typed = script("done = (input(), input()) == ('one', 'two')", "  stdin: \"one\\ntwo\\n\"\n");
    let end = script("import sys\ndone = sys.stdin.read() == 'x\\n'", "  stdin: \"x\\n\"\n");
    let waits = script("import time\ntime.sleep(600)", "");
    // This child leaves the process group, and keeps the terminal open.
    let lingers = script(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(3)\n    os._exit(0)\ndone = True",
        "",
    );
    let all =
        [("end", end.as_str()), ("lingers", &lingers), ("streams", &streams), ("typed", &typed), ("waits", &waits)];
    let expected = [("end", "pass"), ("lingers", "pass"), ("streams", "pass"), ("typed", "pass"), ("waits", "timeout")];
    check(&all, Project::python, &["--timeout", "2"], &expected);
}

#[test]
fn a_native_case_that_the_hook_cannot_check_is_a_fault() {
    let faulty = [
        ("question", format!("observe: native\n{SCRIPT}expect:\n  - args: {{number: {{same: done}}}}\n")),
        ("snippet", "observe: native\nsnippet: pass\nexpect: []\n".to_owned()),
        ("filter", format!("where: {{number: 1}}\n{SCRIPT}expect: []\n")),
        ("name", format!("observe: native\nwhere: {{numer: 1}}\n{SCRIPT}expect: []\n")),
    ];
    let faulty: Vec<_> = faulty.iter().map(|(name, keys)| (*name, keys.as_str())).collect();
    let project = Project::empty().file("cases/demo/demo.event.yaml", cases(&faulty));
    insta::assert_snapshot!(project.run(&["check", "--cases", "cases"]));
}

#[test]
fn a_run_reports_unverified_cases_that_pass() {
    let unverified = MKDIR.replace("    expect:", "    unverified: true\n    expect:");
    let shown = Project::fake("", &unverified).python().run(&["run", "--cases", "cases"]);
    assert!(shown.starts_with("exit code: 0\n"), "{shown}");
    assert!(shown.contains("Verified by this run: `unverified: true` can go\n  os.mkdir (path)\n"), "{shown}");
    let wrong = unverified.replace("mode: 0o700", "mode: 7");
    let shown = Project::fake("", &wrong).python().run(&["run", "--cases", "cases"]);
    assert!(shown.starts_with("exit code: 1\n") && shown.contains("the case itself may be wrong"), "{shown}");
    let gap = "known-gaps:\n  - {runtime: cpython, cases: [path], verdict: wrong-args, arguments: [mode], kind: by-design, reason: No mode.}\n";
    let shown = Project::fake("", &(wrong + gap)).python().run(&["run", "--cases", "cases"]);
    assert!(shown.starts_with("exit code: 0\n") && !shown.contains("Verified by this run"), "{shown}");
}
