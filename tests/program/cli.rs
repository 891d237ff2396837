//! The program as its users meet it: what it prints, and its exit codes.

use std::collections::BTreeSet;
use std::fs;
#[cfg(unix)]
use std::time::Duration;

use insta::assert_snapshot;

use crate::project::{self, MKDIR, Project};

#[test]
fn a_conformant_run() {
    let project = Project::fake("faithful", MKDIR);
    let short = project.run(&["run", "--cases", "cases"]);
    let whole = project.run(&["run", "--cases", "cases", "--show", "matrix,gaps,skips,doors"]);
    assert_snapshot!([short, whole].concat());
}

#[test]
fn a_failure_shows_the_difference_and_how_to_repeat_it() {
    let project = Project::fake("wrong-argument", MKDIR);
    assert_snapshot!(project.run(&["run", "--cases", "cases", "--timeout", "5"]));
}

#[test]
fn a_known_gap_is_no_failure_until_it_is_fixed() {
    let gap = "known-gaps:\n  - runtime: fake\n    cases: [path]\n    verdict: wrong-args\n    arguments: [mode]\n    kind: bug\n    \
               reason: The mode has its execute bits flipped.\n    issue: https://example.org/1\n";
    let case = format!("{MKDIR}{gap}").replace("runtime: fake", "runtime: cpython");
    assert_snapshot!("known_gap", Project::fake("wrong-argument", &case).run(&["run", "--cases", "cases"]));
    assert_snapshot!("fixed_gap", Project::fake("faithful", &case).run(&["run", "--cases", "cases"]));
    let other = case.replace("verdict: wrong-args\n    arguments: [mode]", "verdict: missing");
    let output = Project::fake("wrong-argument", &other).output(&["run", "--cases", "cases"]);
    assert_eq!(output.status.code(), Some(1), "a gap of another verdict does not excuse this one");
}

#[test]
fn the_version_names_the_suite_and_the_formats_of_its_files() {
    let project = Project::fake("faithful", MKDIR);
    let text = String::from_utf8(project.output(&["--version"]).stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let [version, suite, formats] = lines[..] else { panic!("{text}") };
    assert_eq!(version, concat!("audit578 ", env!("CARGO_PKG_VERSION")));
    assert_eq!(formats, "formats: results 1, data 1, guard 1, coverage 1");
    assert!(include_str!("../../CHANGELOG.md").contains(formats), "the changelog names each change of the formats");
    project.output(&["run", "os.mkdir", "--results", "results.jsonl"]);
    let results = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let header: serde_json::Value = serde_json::from_str(results.lines().next().expect("a header")).expect("JSON");
    assert_eq!(suite, format!("suite {}", header["suite"].as_str().expect("a hash")));
}

#[test]
fn a_report_is_what_the_run_showed() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&[
        "faithful",
        "dropped-event",
        "swallowed",
        "no-audit",
    ]);
    let run = ["run", "--cases", "cases", "--results", "results.jsonl", "--show", "matrix,gaps,skips,doors"];
    let run = project.output(&run);
    let report = project.output(&["report", "results.jsonl"]);
    assert_eq!(String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&report.stdout));
    assert_snapshot!("report_csv", project.csv_without_times("results.jsonl"));
    let json = project.output(&["report", "results.jsonl", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(json["trials"].as_array().map(Vec::len), Some(4));
}

#[test]
fn results_that_are_cut_short_say_so() {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    let text = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let (whole, _) = text.trim_end().rsplit_once('\n').expect("lines");
    let project = project.file("short.jsonl", format!("{whole}\n")).file("garbage.jsonl", format!("{whole}\n{{\n"));
    let project = project.file("future.jsonl", text.replace("\"format\":1", "\"format\":2")).file("empty.jsonl", "");
    assert!(project.run(&["report", "short.jsonl"]).contains("incomplete: the run was cut short before its end"));
    let errors =
        ["garbage.jsonl", "future.jsonl", "empty.jsonl", "absent.jsonl"].map(|file| project.run(&["report", file]));
    assert_snapshot!(errors.join("\n"));
}

#[cfg(unix)]
#[test]
fn results_that_cannot_be_written_end_the_run() {
    let project = Project::fake("faithful", MKDIR);
    let run = project.run(&["run", "--cases", "cases", "--results", "/dev/full"]);
    assert!(run.starts_with("exit code: 3\n") && run.contains("error: cannot write the results: "), "{run}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_comes_to_an_orderly_end() {
    let two = MKDIR.to_owned() + &MKDIR.split_once("cases:\n").expect("cases").1.replace("name: path", "name: then");
    let project = Project::fake("hang", &two);
    let args = ["run", "--cases", "cases", "--jobs", "1", "--timeout", "3", "--results", "results.jsonl"];
    assert_eq!(project.interrupt(&args, &[], Duration::from_secs(2)), Some(3));
    let report = project.run(&["report", "results.jsonl"]);
    assert!(report.contains("trials: 1 (") && report.contains("incomplete: the run was cut short"), "{report}");
}

#[test]
fn every_fault_of_every_file_is_shown_and_the_others_load() {
    let layer =
        |c: char| format!("      - args: [&{c} {{list: [{}]}}]\n", format!("*{}, ", (c as u8 - 1) as char).repeat(9));
    let bomb = "      - args: [&a any]\n".to_owned() + &('b'..='k').map(layer).collect::<String>();
    let semantic = MKDIR
        .replace("dir_fd: -1}", "dirfd: -1}")
        .replace("raised-by: [os.mkdir]", "raised-by: [os.mkdir, os.makedirs]")
        + "  - name: path\n    api: os.mkdirs\n    expect: []\n    veto: after\n"
        + "known-gaps:\n  - {runtime: pypy, cases: [nope], verdict: pass, kind: bug, reason: x, issue: http://x}\n";
    let project = Project::empty()
        .file("cases/os/os.mkdir.yaml", MKDIR)
        .file("cases/a/typo.yaml", MKDIR.replace("snippet:", "snipet:"))
        .file("cases/a/tab.yaml", MKDIR.replace("    api", "\tapi"))
        .file("cases/a/utf8.yaml", b"event: a\ndocumented: \xff\n")
        .file("cases/a/bomb.yaml", MKDIR.replace("    effect", &format!("{bomb}    effect")))
        .file("cases/a/huge.yaml", vec![b'a'; 100_000_000])
        .file("cases/a/semantic.yaml", semantic)
        .file("cases/a/version.yaml", MKDIR.replace("cases:", "python: \">=3.x\"\ncases:"))
        .file("cases/a/missing.yaml", MKDIR.replace("    api: os.mkdir\n", ""))
        .file("cases/a/shape.yaml", MKDIR.replace("{same: target}", "{sane: target}"))
        .file("cases/a/two-keys.yaml", MKDIR.replace("{same: target}", "{same: target, type: str}"))
        .file("cases/a/twice.yaml", MKDIR.replace("dir_fd: -1}", "dir_fd: -1, dir_fd: -1}"))
        .file("cases/a/documents.yaml", "event: a\n---\nevent: b\n")
        .file("cases/a/empty.yaml", "")
        .file("cases/a/twin.yaml", MKDIR)
        .file("cases/z/os.mkdir.yaml", MKDIR);
    let check = project.run(&["check", "--cases", "cases"]);
    assert_snapshot!(check);
    assert_eq!(project.output(&["run", "--cases", "cases"]).status.code(), Some(2));
    let list = project.run(&["list", "--cases", "cases"]);
    assert!(list.starts_with("exit code: 2\n--- stdout\nos.mkdir::path\n"), "{list}");
}

#[test]
fn no_python_says_what_was_searched() {
    let project = Project::empty().file("runtimes.toml", "[discover]\nsources = [\"path\", \"pyenv\", \"uv\"]\n");
    let nowhere = project.path("nowhere").to_string_lossy().into_owned();
    let env = ["PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"].map(|name| (name, nowhere.as_str()));
    let output = project.output_with(&["run"], &env);
    assert_snapshot!(project.transcript(&output));
}

#[cfg(unix)]
#[test]
fn each_interpreter_is_found_once_wherever_it_is_linked() {
    let project = Project::empty().file("runtimes.toml", "[discover]\nsources = [\"path\", \"pyenv\", \"uv\"]\n");
    let links = [
        "path/python3",
        "path/python3.8",
        "path/python3-config",
        "pyenv/shims/python3",
        "pyenv/versions/a/bin/python3.9",
        "uv/b/bin/pypy3",
    ];
    for link in links {
        let link = project.path(link);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(project::PYTHON.as_str(), link).expect("a link");
    }
    let path = |name: &str| project.path(name).to_string_lossy().into_owned();
    let found = |path_folder: &str, pyenv: &str, uv: &str| {
        let env = [("PATH", path(path_folder)), ("PYENV_ROOT", path(pyenv)), ("UV_PYTHON_INSTALL_DIR", path(uv))];
        let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
        let output = project.output_with(&["runtimes", "--json"], &env);
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let commands =
            rows.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|row| row["command"][0].to_string());
        commands.map(|command| command.replace(&path(""), "").replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(found("path", "pyenv", "uv"), ["path/python3"]);
    assert_eq!(found("none", "pyenv", "uv"), ["pyenv/versions/a/bin/python3.9"]);
    assert_eq!(found("none", "none", "uv"), ["uv/b/bin/pypy3"]);
    // A shim only starts one of pyenv's versions, which are found by themselves.
    assert!(found("pyenv/shims", "pyenv/none", "none").len() == 1);
    assert!(found("pyenv/shims", "pyenv", "none") == ["pyenv/versions/a/bin/python3.9"]);
}

#[cfg(unix)]
#[test]
fn what_is_not_wanted_is_asked_only_for_its_name() {
    use std::os::unix::fs::PermissionsExt;
    // A command line, as the harness itself tries whether these can be watched.
    let (head, _) = MKDIR.split_once("    setup").expect("a setup");
    let case = format!(
        "{head}    invoke: {{args: [-c, \"import os; os.mkdir('d')\"]}}\n    expect:\n      \
         - args: {{path: d, mode: 0o777, dir_fd: -1}}\n    effect: os.path.isdir('d')\n"
    );
    let project = Project::empty()
        .file("cases/os/os.mkdir.yaml", case)
        .file("runtimes.toml", "[discover]\nsources = [\"pyenv\"]\n")
        .file("pyenv/versions/a/bin/python3", format!("#!/bin/sh\nexec {} \"$@\"\n", *project::PYTHON));
    let log = project.path("asked").to_string_lossy().into_owned();
    let logged = format!("#!/bin/sh\necho >>{log}\nexec {} \"$@\"\n", *project::PYTHON);
    let project = project.file("pyenv/versions/b/bin/python3", logged);
    for version in ["a", "b"] {
        let path = project.path(&format!("pyenv/versions/{version}/bin/python3"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a script");
    }
    let root = project.path("pyenv").to_string_lossy().into_owned();
    let run = |args: &[&str]| project.output_with(args, &[("PYENV_ROOT", &root)]);
    let all = String::from_utf8(run(&["runtimes", "--json"]).stdout).expect("JSON");
    let names: Vec<serde_json::Value> = serde_json::from_str(&all).expect("a list");
    let names: Vec<&str> = names.iter().filter_map(|row| row["name"].as_str()).collect();
    let [first, second] = names[..] else { panic!("two interpreters: {all}") };
    assert_eq!(second, format!("{first}-2"));
    let asked = |name: &str| {
        fs::write(&log, "").expect("a file");
        let output = run(&["run", "--cases", "cases", "--runtime", name]);
        assert_eq!(output.status.code(), Some(0), "{}", project.transcript(&output));
        let text = project.transcript(&output);
        assert!(text.contains("1 passed") && text.contains("runtimes: 1"), "{text}");
        fs::read_to_string(&log).expect("a file").len()
    };
    assert_eq!(asked(first), 1, "the other is asked for its name, and for nothing more");
    assert!(asked(second) > 3, "what is wanted is asked for all and does the work");
}

#[test]
fn exit_codes_of_mistakes() {
    let project = Project::fake("faithful", MKDIR).file("bad.toml", "[[runtime]]\nname = \"x\"\ncomand = []\n");
    let mistakes: [&[&str]; 10] = [
        &["run", "--cases", "cases", "os.nothing"],
        &["run", "--cases", "cases", "--runtime", "nothing*"],
        &["run", "--cases", "nowhere"],
        &["run", "--cases", "cases", "--results", "no/such/folder/file"],
        &["run", "--cases", "cases", "--runtimes", "nowhere.toml"],
        &["run", "--cases", "cases", "--runtimes", "bad.toml"],
        &["run", "--cases", "cases", "--timeout", "0"],
        &["run", "--jobs", "0"],
        &["run", "--colour"],
        &["list", "--cases", "cases", "[a"],
    ];
    let said = mistakes.map(|args| format!("$ audit578 {}\n{}", args.join(" "), project.run(args)));
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_runtime_that_cannot_be_started_is_a_row() {
    let entry = |name: &str, rest: &str| format!("[[runtime]]\nname = \"{name}\"\n{rest}\n");
    let project = Project::fake("faithful", MKDIR);
    let fake = fs::read_to_string(project.path("runtimes.toml")).expect("a file");
    let absent = entry("absent", "command = [\"./no-such-python\"]\noptional = true");
    let text = entry("text", "command = [\"./cases/os/os.mkdir.yaml\"]\noptional = true");
    let mute = entry("mute", "command = [\"true\"]\noptional = true");
    let project = project.file("runtimes.toml", format!("{fake}{absent}{text}{mute}"));
    assert_snapshot!("absent_optional", project.run(&["run", "--cases", "cases"]));
    let required = absent.replace("optional = true", "");
    let project = project.file("runtimes.toml", format!("{fake}{required}"));
    assert_eq!(project.output(&["run", "--cases", "cases"]).status.code(), Some(3));
    let project = project.file("runtimes.toml", "").runtimes(&["no-audit"]);
    assert_snapshot!("only_without_audit", project.run(&["run", "--cases", "cases"]));
}

#[cfg(unix)]
#[test]
fn an_interpreter_is_named_by_the_folder_of_its_environment_and_counts_once() {
    let project = Project::empty().file("env/bin/other", "");
    let python = project::PYTHON.as_str();
    std::os::unix::fs::symlink(python, project.path("env/bin/python3")).expect("a link");
    let paths = |project: &Project| {
        let output = project.output(&["runtimes", "--json", "--python", "./env", "--python", python]);
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let rows = rows.as_array().expect("a list").iter();
        rows.map(|row| row["command"][0].as_str().expect("a path").to_owned()).collect::<Vec<_>>()
    };
    let in_folder = project.path("env/bin/python3").to_string_lossy().into_owned();
    assert_eq!(paths(&project), [in_folder.as_str()]);
    // A virtual environment has packages of its own.
    let project = project.file("env/pyvenv.cfg", "");
    assert_eq!(BTreeSet::from_iter(paths(&project)), BTreeSet::from([in_folder, python.to_owned()]));
    let empty = project.run(&["runtimes", "--python", "cases"]);
    assert!(
        empty.starts_with("exit code: 2\n") && empty.contains("cases: the folder has none of bin/python3"),
        "{empty}"
    );
}

#[test]
fn list_and_check() {
    let project = Project::fake("faithful", MKDIR);
    let said = [
        project.run(&["list", "--cases", "cases"]),
        project.run(&["list", "--cases", "cases", "--json", "os.*"]),
        project.run(&["check", "--cases", "cases"]),
    ];
    assert_snapshot!(said.join("\n"));
}

#[test]
fn check_says_which_apis_are_looked_up_and_found() {
    let named = |name: &str, api: &str| {
        MKDIR.replace("raised-by: [os.mkdir]", "raised-by: [os.mkdir, API]").replace("API", api)
            + &MKDIR
                .split_once("cases:\n")
                .expect("cases")
                .1
                .replace("name: path", &format!("name: {name}"))
                .replace("api: os.mkdir", &format!("api: {api}"))
    };
    let check = |api: &str| {
        let project = Project::fake("faithful", &named("other", api));
        let results = ["run", "--cases", "cases", "--results", "r.jsonl"];
        project.output(&results);
        let without = project.run(&["check", "--cases", "cases"]);
        let with = project.run(&["check", "--cases", "cases", "--results", "r.jsonl"]);
        if with == without { without } else { format!("{without}--- with results: {with}") }
    };
    assert_snapshot!(["os.rmdir", "mkdir -p", "os.mkdr"].map(check).join("\n"));
    let project = Project::fake("faithful", &named("other", "python"));
    assert_snapshot!("check_a_word", project.run(&["check", "--cases", "cases"]));
    assert_eq!(project.output(&["check", "--results", "absent"]).status.code(), Some(2));
}

#[test]
fn a_recording_is_ready_for_a_case() {
    let project = Project::fake("faithful", MKDIR);
    let setup = "import os; target = os.path.join(tmp, 'd')";
    assert_snapshot!(project.run(&[
        "record",
        "--setup",
        setup,
        "-c",
        "os.mkdir(target, 0o700); os.listdir(tmp + '/d')"
    ]));
    let nothing = project.run(&["record", "-c", "1 / 0"]);
    assert!(nothing.contains("expect: []\n# then raised ZeroDivisionError: division by zero\n"), "{nothing}");
}

#[test]
fn every_format_has_a_schema() {
    let project = Project::empty();
    for format in ["case", "door", "runtimes", "results", "compare", "coverage"] {
        let output = project.output(&["schema", format]);
        let schema: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
    assert_snapshot!([project.run(&["schema", "cases"]), project.run(&["schema", "--help"])].join("\n"));
}

#[test]
fn help_names_the_exit_codes() {
    let project = Project::empty();
    assert_snapshot!(project.run(&["--help"]));
}

#[test]
fn one_interpreter_by_its_path() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR);
    let output = project.output(&["run", "--cases", "cases", "--python", project::PYTHON.as_str()]);
    assert_eq!(output.status.code(), Some(0), "{}", project.transcript(&output));
    let absent = project.output(&["run", "--cases", "cases", "--python", "no-such-python"]);
    assert_eq!(absent.status.code(), Some(3), "{}", project.transcript(&absent));
}
