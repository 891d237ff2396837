//! The action of GitHub and the job of GitLab: their steps, run as these services run them.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_yaml::Value;

use crate::project::{OLDEST_PYTHON, PYTHON, Project};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A step that ran: its exit code, its output, the outputs that it set, and the summary that it wrote.
struct Step {
    code: Option<i32>,
    text: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

fn document(file: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(format!("{ROOT}/{file}")).expect("a file")).expect("YAML")
}

fn keys(mapping: &Value) -> BTreeSet<String> {
    mapping.as_mapping().expect("a mapping").keys().map(|key| key.as_str().expect("text").to_owned()).collect()
}

/// Runs the first step of the action with these inputs.
fn run_action(project: &Project, inputs: &[(&str, &str)]) -> Step {
    let action = document("action.yml");
    let known = keys(&action["inputs"]);
    assert!(inputs.iter().all(|(name, _)| known.contains(*name)), "{inputs:?} are not all among {known:?}");
    let step = &action["runs"]["steps"][0];
    let mut command = Command::new(step["shell"].as_str().expect("a shell"));
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().expect("a script")]);
    for (name, value) in step["env"].as_mapping().expect("variables") {
        let name = name.as_str().expect("a name");
        let input = value.as_str().and_then(|text| text.strip_prefix("${{ inputs.")?.strip_suffix(" }}"));
        let input = input.unwrap_or_else(|| panic!("{name} is not an input"));
        assert!(known.contains(input), "there is no input {input}");
        let given = inputs.iter().find(|(name, _)| *name == input).map_or("", |(_, value)| value);
        command.env(name, given);
    }
    let [outputs, summary] = ["outputs", "step-summary"].map(|name| project.path(name));
    for file in [&outputs, &summary] {
        fs::write(file, "").expect("a file");
    }
    command.env("GITHUB_ACTION_PATH", ROOT).env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
    command.env("AUDIT578_PROGRAM", env!("CARGO_BIN_EXE_audit578")).current_dir(project.path("."));
    let ran = command.output().expect("bash starts");
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let outputs = fs::read_to_string(outputs).expect("outputs");
    Step {
        code: ran.status.code(),
        text: [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat(),
        outputs: outputs.lines().map(|line| pair(line).unwrap_or_else(|| panic!("{line}"))).collect(),
        summary: fs::read_to_string(summary).expect("a summary"),
    }
}

#[test]
fn the_action_sets_each_output_that_it_promises() {
    let project = Project::empty();
    let pythons = format!("{}\n{}\n", *PYTHON, *OLDEST_PYTHON);
    let step = run_action(&project, &[("python", &pythons), ("patterns", "os.mkdir::path os.rmdir::path")]);
    assert_eq!(step.code, Some(0), "{}", step.text);
    let action = document("action.yml");
    let promised = keys(&action["outputs"]);
    assert_eq!(step.outputs.keys().cloned().collect::<BTreeSet<_>>(), promised);
    for name in promised {
        let value = format!("${{{{ steps.run.outputs.{name} }}}}");
        assert_eq!(action["outputs"][&name]["value"].as_str(), Some(&*value));
    }
    let number = |name: &str| step.outputs[name].as_str();
    assert_eq!(["exit-code", "passed", "failed", "fixed", "new"].map(number), ["0", "4", "0", "0", "0"]);
    assert!(step.summary.contains("## Audit events (PEP 578)"), "{}", step.summary);
    assert!(
        fs::read_to_string(project.path(&step.outputs["results"])).expect("results").contains(r#""record":"footer""#)
    );
    let badges = fs::read_dir(project.path(&step.outputs["badge"])).expect("badges");
    assert_eq!(badges.count(), 4, "SVG and JSON for each of two interpreters");
}

#[test]
fn a_failed_run_leaves_its_reports_and_annotations() {
    let project = Project::empty().file("gaps.txt", "suite 0.1.0 000000000000\nmissing os.mkdir::path\n");
    let inputs = [("python", PYTHON.as_str()), ("patterns", "os.mkdir::path"), ("gaps", "gaps.txt"), ("timeout", "20")];
    let step = run_action(&project, &inputs);
    assert_eq!(step.code, Some(1), "{}", step.text);
    assert_eq!([&step.outputs["exit-code"], &step.outputs["fixed"]], ["1", "1"]);
    assert!(step.text.contains("::notice file="), "{}", step.text);
    assert!(fs::read_to_string(project.path("audit578-results/junit.xml")).expect("JUnit").contains("os.mkdir"));
    let forgiving = run_action(&project, &[inputs.as_slice(), &[("fail-on", "never")]].concat());
    assert_eq!((forgiving.code, forgiving.outputs["fixed"].as_str()), (Some(0), "1"));
}

#[test]
fn a_run_without_results_leaves_none_of_an_earlier_one() {
    let project = Project::empty();
    let python = ("python", PYTHON.as_str());
    assert_eq!(run_action(&project, &[python, ("patterns", "os.mkdir::path")]).code, Some(0));
    let step = run_action(&project, &[python, ("patterns", "no.such.event")]);
    assert_eq!(step.code, Some(4), "{}", step.text);
    assert_eq!(step.outputs, BTreeMap::from([("exit-code".to_owned(), "4".to_owned())]));
    assert!(!project.path("audit578-results/junit.xml").exists() && step.summary.is_empty());
}

#[test]
fn a_baseline_and_a_shard_reach_the_run() {
    let project = Project::empty();
    let inputs = [("python", PYTHON.as_str()), ("patterns", "os.mkdir"), ("shard", "1/2")];
    let first = run_action(&project, &inputs);
    assert_eq!(first.code, Some(0), "{}", first.text);
    fs::rename(project.path("audit578-results/results.jsonl"), project.path("old.jsonl")).expect("results");
    let second =
        run_action(&project, &[inputs.as_slice(), &[("baseline", "old.jsonl"), ("fail-on", "worse")]].concat());
    assert_eq!(second.code, Some(0), "{}", second.text);
    assert!(second.text.contains("0 worse, 0 other, 0 better, 8 unchanged"), "{}", second.text);
    assert_eq!(first.outputs["passed"], second.outputs["passed"]);
    let whole = run_action(&project, &inputs[..2]);
    let passed = |step: &Step| step.outputs["passed"].parse::<usize>().expect("a number");
    assert!(passed(&first) < passed(&whole));
}

/// The script of the job needs the installed package, which `.ci/package` has. Here the package of the source stands for it.
#[test]
fn the_job_of_gitlab_leaves_the_files_that_it_keeps() {
    let job = &document(".github/gitlab/audit578.gitlab-ci.yml")["audit578"];
    let project = Project::empty();
    for line in job["script"].as_sequence().expect("lines") {
        let mut command = Command::new("bash");
        command.args(["-eo", "pipefail", "-c", line.as_str().expect("a line")]).current_dir(project.path("."));
        for (name, value) in job["variables"].as_mapping().expect("variables") {
            command.env(name.as_str().expect("a name"), value.as_str().expect("a value"));
        }
        command.env("PYTHONPATH", format!("{ROOT}/harness/python")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("AUDIT578_PROGRAM", env!("CARGO_BIN_EXE_audit578"));
        command.env("AUDIT578_PYTHON", &*PYTHON).env("AUDIT578_PATTERNS", "os.mkdir::path");
        let output = command.output().expect("bash starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let kept = &job["artifacts"];
    for path in [&kept["paths"][0], &kept["reports"]["junit"]] {
        assert!(project.path(path.as_str().expect("a path")).exists(), "{path:?}");
    }
}
