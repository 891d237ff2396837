//! Variants: one interpreter in several configurations.

use std::collections::BTreeMap;
use std::fs;

use crate::project::{PYTHON, Project};

/// Two cases that pass only in the development mode, with a variable of the variant `odd`.
const CASES: &str = r#"event: demo.event
documented: false
arguments: []
raised-by: [sys.audit]
cases:
  - name: command-line
    api: sys.audit
    invoke:
      args: [-c, "import os, sys; sys.audit('demo.event'); seen = sys.flags.dev_mode, os.environ.get('MARK')"]
    expect:
      - {}
    effect: seen == (True, "odd")
    veto: none
    because: The command ends with the exception.
  - name: snippet
    api: sys.audit
    setup: |
      import os, sys
    snippet: |
      sys.audit("demo.event")
    expect:
      - {}
    effect: (sys.flags.dev_mode, os.environ.get("MARK")) == (True, "odd")
    veto: none
    because: The effect is no part of the event.
"#;

/// Variants of which an interpreter can have the first two.
const VARIANTS: &str = r#"
[[variant]]
name = "odd"
args = ["-X", "dev"]
env = { MARK = "odd" }
needs = ["module:os"]

[[variant]]
name = "even"
env = { MARK = "even" }

[[variant]]
name = "later"
python = ">=4"

[[variant]]
name = "without"
needs = ["module:nothing_has_this_name"]
"#;

fn project() -> Project {
    let runtime = format!("[[runtime]]\nname = \"python\"\ncommand = [{:?}]\n", *PYTHON);
    Project::empty().file("cases/demo/demo.event.yaml", CASES).file("runtimes.toml", runtime + VARIANTS)
}

/// Runs the cases, and returns their verdicts by runtime and case, and the records of the runtimes.
fn run(project: &Project, args: &[&str]) -> (BTreeMap<[String; 2], String>, Vec<serde_json::Value>) {
    let output = project.output(&[&["run", "--cases", "cases", "--results", "r.jsonl"], args].concat());
    let text = fs::read_to_string(project.path("r.jsonl"))
        .unwrap_or_else(|error| panic!("{error}: {}", project.transcript(&output)));
    let records: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| records.iter().filter(|record| record["record"] == kind).cloned().collect::<Vec<_>>();
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let verdict =
        |trial: &serde_json::Value| ([word(&trial["runtime"]), word(&trial["case"])], word(&trial["verdict"]));
    (of("trial").iter().map(verdict).collect(), of("runtime"))
}

#[test]
fn a_variant_is_in_force_for_snippets_and_command_lines() {
    let project = project();
    let table = |rows: &[(&str, &str)]| {
        let row = |(runtime, verdict): &(&str, &str)| {
            ["command-line", "snippet"].map(|case| ([(*runtime).to_owned(), case.to_owned()], (*verdict).to_owned()))
        };
        rows.iter().flat_map(row).collect::<BTreeMap<_, _>>()
    };
    for (args, rows) in [
        (&[][..], &[("python", "error")][..]),
        (&["--variant", "odd"], &[("python+odd", "pass")]),
        (&["--variant", "odd", "--variant", "even"], &[("python+odd", "pass"), ("python+even", "error")]),
        (&["--variant", "odd", "--variant", "later", "--variant", "without"], &[("python+odd", "pass")]),
        (&["--variant", "odd", "--variant", "even", "--runtime", "*+odd"], &[("python+odd", "pass")]),
        (&["--variant", "odd", "--runtime", "python"], &[("python+odd", "pass")]),
    ] {
        assert_eq!(run(&project, args).0, table(rows), "{args:?}");
    }
}

#[test]
fn the_results_say_which_variant_was_started_and_how() {
    let (_, runtimes) = run(&project(), &["--variant", "odd"]);
    assert_eq!(runtimes.len(), 1);
    assert_eq!(runtimes[0]["variant"], "odd");
    assert_eq!(runtimes[0]["env"]["MARK"], "odd");
    let command: Vec<_> = runtimes[0]["command"].as_array().expect("words").iter().skip(1).collect();
    assert_eq!(command, ["-X", "dev", "-I", "-S", "-B"]);
    let (_, runtimes) = run(&project(), &[]);
    assert_eq!((runtimes[0].get("variant"), runtimes[0].get("env")), (None, None));
}

#[test]
fn a_failure_in_a_variant_says_how_to_repeat_it() {
    let shown = project().run(&["run", "--cases", "cases", "--variant", "even", "demo.event::snippet"]);
    let repeat = "repeat: audit578 run --cases cases --variant even demo.event::snippet --runtime python+even\n";
    assert!(shown.starts_with("exit code: 1\n") && shown.contains(repeat), "{shown}");
}

#[test]
fn a_variant_that_is_unknown_or_that_no_interpreter_has_is_said() {
    let project = project();
    for (args, code, message) in [
        (
            &["--variant", "jti"][..],
            2,
            "unknown variant `jti`, expected `all` or one of `odd`, `even`, `later`, `without`, `jit`",
        ),
        (&["--variant", "later"], 4, "no runtime matches; see `audit578 runtimes --variant all`"),
        (&["--variant", "odd", "--runtime", "python+even"], 4, "no runtime matches"),
    ] {
        let shown = project.run(&[&["run", "--cases", "cases"], args].concat());
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(message), "{shown}");
    }
}

#[test]
fn the_page_of_a_runtime_says_its_variant_and_variables() {
    let project = project();
    run(&project, &["--variant", "odd"]);
    project.run(&["report", "r.jsonl", "--format", "html", "--output", "site"]);
    let pages = fs::read_dir(project.path("site/runtime")).expect("a folder").flatten();
    let pages: Vec<String> = pages.map(|page| fs::read_to_string(page.path()).expect("a page")).collect();
    assert_eq!(pages.len(), 1);
    for part in [" · <code>python+odd</code>", "<dt>Variant<dd>odd\n", "<dd><code>MARK=odd ", " -X dev -I -S -B</code>"]
    {
        assert!(pages[0].contains(part), "{part}: {}", pages[0]);
    }
}

/// Those of recipes for other implementations take seconds to start.
#[cfg(unix)]
#[test]
fn no_interpreter_of_a_recipe_for_another_implementation_is_started() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::empty().file("cases/demo/demo.event.yaml", CASES).file(
        "runtimes.toml",
        format!(
            "[[runtime]]\ncommand = [{:?}]\n\n[[runtime]]\ncommand = [\"{{cache}}/graalpy-3.12/python\"]\n",
            *PYTHON
        ),
    );
    let project = project.file("cache/graalpy-3.12/python", "#!/bin/sh\necho >>\"${0%/*}/started\"\nexit 1\n");
    let other = project.path("cache/graalpy-3.12/python");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).expect("a program");
    let started = project.path("cache/graalpy-3.12/started");
    let cache = project.path("cache");
    let run = |name: &str| {
        let args = ["run", "--cases", "cases", "--variant", "dev", "--runtime", name];
        project.output_with(&args, &[("AUDIT578_CACHE", &cache.to_string_lossy())])
    };
    let output = run("cpython*");
    assert_eq!(output.status.code(), Some(1), "{}", project.transcript(&output));
    assert!(!started.exists());
    run("graalpy*");
    assert!(started.exists());
}
