//! Wrong names on the command line: each gets the nearest name that there is.

use crate::project::{MKDIR, Project};

#[test]
fn every_command_knows_the_nearest_name() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).python();
    let results = project.run(&["run", "--cases", "cases", "--results", "r.jsonl"]);
    assert!(results.starts_with("exit code: 0\n"), "{results}");
    for (args, code, words) in [
        (&["run", "os.mkdr"][..], 4, "no case matches `os.mkdr` (did you mean `os.mkdir`?); see `audit578 list`"),
        (&["run", "os.mkdir::pth"], 4, "no case matches `os.mkdir::pth` (did you mean `os.mkdir::path`?)"),
        (&["run", "os.mkdir", "--runtime", "pythn"], 4, "no runtime matches `pythn` (did you mean `python`?); see"),
        (&["run", "os.mkdir", "--variant", "dve"], 2, "unknown variant `dve`, expected `all` or one of `jit`"),
        (&["run", "os.mkdir", "--variant", "dve"], 2, "(did you mean `dev`?)"),
        (&["run", "--differential", "pythn", "python"], 2, "unknown runtime `pythn` (did you mean `python`?); see"),
        (&["run", "--differential", "python", "python", "os.mkdr"], 4, "no case matches `os.mkdr` (did you mean"),
        (&["list", "doors.netwrk"], 4, "no case matches `doors.netwrk` (did you mean `doors.network`?)"),
        (&["guard", "hook.py", "--deny", "netwrk"], 2, "(did you mean `network`?)"),
        (&["repro", "os.mkdir::pth"], 4, "there is no case `os.mkdir::pth` (did you mean `os.mkdir::path`?)"),
        (&["repro", "--runtime", "pyyy"], 4, "no known gap of `pyyy` (did you mean `pypy`?) can be reported"),
        (&["install", "pypi"], 2, "unknown runtime `pypi` (did you mean `pypy`?); see `audit578 install --list`"),
        (&["bless", "r.jsonl", "--cases", "cases", "--runtime", "pythn"], 4, "such a runtime (did you mean `python`?)"),
        (&["compare", "r.jsonl", "r.jsonl", "--map", "pythn=python"], 2, "they have python (did you mean `python`?)"),
    ] {
        let shown = project.run(args);
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}: {shown}");
    }
}

#[test]
fn a_pattern_that_matches_nothing_beside_others_is_a_warning() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).python();
    for args in [
        &["list", "os.mkdir", "os.mkdr", "--cases", "cases"][..],
        &["run", "os.mkdir", "os.mkdr", "--cases", "cases"],
        &["run", "os.mkdir", "--cases", "cases", "--runtime", "python", "--runtime", "pythn"],
    ] {
        let shown = project.run(args);
        assert!(shown.starts_with("exit code: 0\n"), "{args:?}: {shown}");
        let warnings: Vec<&str> = shown.lines().filter(|line| line.starts_with("warning: no ")).collect();
        assert!(matches!(warnings[..], [one] if one.contains("did you mean `")), "{args:?}: {shown}");
    }
}
