//! The options that people use in a loop: what is shown, how often trials run, and which part of results is taken.

use std::fs;

use crate::project::{MKDIR, Project};

/// A case that passes on every fake, because it raises nothing.
const QUIET: &str = "  - name: nothing\n    api: os.mkdir\n    snippet: |\n      pass\n    expect: []\n";

/// Makes a project with two cases and a fake in this mode.
fn project(mode: &str) -> Project {
    Project::fake(mode, &(MKDIR.to_owned() + QUIET))
}

fn text(project: &Project, args: &[&str]) -> (Option<i32>, String) {
    let output = project.output(args);
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn a_quiet_run_shows_what_is_unexpected_and_nothing_else() {
    let quiet = ["run", "--cases", "cases", "--quiet"];
    assert_eq!(text(&project("faithful"), &quiet), (Some(0), String::new()));
    let output = project("dropped-event").output(&quiet);
    let (shown, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(shown.contains("missing os.mkdir::path on fake") && !shown.contains("trials:"), "{shown}");
    assert_eq!((output.status.code(), &*errors), (Some(1), ""));
}

#[test]
fn a_verbose_run_shows_what_a_report_shows() {
    let project = project("faithful");
    let run = text(&project, &["run", "--cases", "cases", "-v", "--results", "results.jsonl"]);
    assert_eq!(run, text(&project, &["report", "results.jsonl"]));
    assert!(run.1.contains("RAV"), "{}", run.1);
}

#[test]
fn a_run_that_fails_fast_stops_at_its_first_failure() {
    let more = (0..20).map(|number| QUIET.replace("nothing", &format!("z{number}"))).collect::<String>();
    for (mode, code) in [("dropped-event", 1), ("faithful", 0)] {
        let project = Project::fake(mode, &(MKDIR.to_owned() + &more));
        let args = ["run", "--cases", "cases", "--fail-fast", "--jobs", "1", "--results", "results.jsonl"];
        let (found, shown) = text(&project, &args);
        // The trial that runs when the first failure comes to light ends in peace.
        let is_cut = !shown.contains("trials: 21 (") && shown.contains("incomplete");
        assert_eq!((found, is_cut), (Some(code), code == 1), "{mode}: {shown}");
    }
}

#[test]
fn a_run_that_fails_fast_repeats_what_timed_out_before_it_goes_on() {
    // The first pass leaves a mark, and hangs.
    let hang = "  - name: hang\n    api: os.mkdir\n    snippet: |\n      import os\n      mark = os.environ['MARK'] + \
                '/mark'\n      hangs = ALWAYS or not os.path.exists(mark)\n      open(mark, 'w').close()\n      \
                while hangs:\n          pass\n    expect: []\n";
    let more = (0..20).map(|number| QUIET.replace("nothing", &format!("z{number}"))).collect::<String>();
    for (always, code) in [("True", 1), ("False", 0)] {
        let project = Project::fake("faithful", &(MKDIR.to_owned() + &hang.replace("ALWAYS", always) + &more));
        let args = ["run", "--cases", "cases", "--fail-fast", "--jobs", "1", "--timeout", "2", "--results", "r.jsonl"];
        let (found, shown) = text(&project, &args);
        let is_whole = shown.contains("trials: 22 (");
        assert_eq!((found, is_whole), (Some(code), code == 0), "{always}: {shown}");
    }
}

#[test]
fn only_what_failed_runs_again_and_where_it_failed() {
    let project = project("faithful").runtimes(&["faithful", "dropped-event"]);
    let run = |args: &[&str]| text(&project, &[&["run", "--cases", "cases"], args].concat());
    assert_eq!(run(&["--results", "all.jsonl"]).0, Some(1));
    let (code, shown) = run(&["--failed", "all.jsonl", "--results", "all.jsonl"]);
    assert_eq!(code, Some(1));
    assert!(shown.contains("trials: 1 (") && shown.contains("os.mkdir::path on dropped-event"), "{shown}");
    let (code, _) = run(&["--failed", "all.jsonl", "--runtime", "faithful"]);
    assert_eq!(code, Some(4), "the runtime with the failure is not there");
    run(&["--runtime", "faithful", "--results", "good.jsonl"]);
    let none = project.output(&["run", "--cases", "cases", "--failed", "good.jsonl"]);
    assert_eq!(none.status.code(), Some(4));
    assert_eq!(String::from_utf8_lossy(&none.stderr), "error: good.jsonl has no unexpected result\n");
}

#[test]
fn each_trial_runs_as_often_as_the_user_wants() {
    let count = "  - name: count\n    api: os.mkdir\n    snippet: |\n      import os\n      mark = os.environ['MARK'] + \
                 '/marks/x'\n      while os.path.exists(mark):\n          mark += 'x'\n      open(mark, 'w').close()\n    \
                 expect: []\n";
    let project = Project::fake("faithful", &(MKDIR.to_owned() + count));
    fs::create_dir(project.path("marks")).expect("a folder");
    let marks = || fs::read_dir(project.path("marks")).expect("a folder").count();
    let (code, shown) = text(&project, &["run", "os.mkdir::count", "--cases", "cases", "--repeat", "3"]);
    assert_eq!((code, marks()), (Some(0), 3), "{shown}");
    assert!(shown.contains("trials: 1 ("), "{shown}");
}

#[test]
fn reports_and_comparisons_are_of_the_chosen_part() {
    let project = project("faithful").runtimes(&["faithful", "dropped-event"]);
    project.output(&["run", "--cases", "cases", "--results", "all.jsonl"]);
    let rows = |args: &[&str]| {
        let (_, csv) = text(&project, &[&["report", "all.jsonl", "--format", "csv"], args].concat());
        csv.lines().skip(1).map(|line| line.split(',').take(4).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(rows(&[]).len(), 4);
    assert_eq!(rows(&["--verdict", "missing"]), ["os.mkdir path os.mkdir dropped-event"]);
    assert_eq!(rows(&["--runtime", "faith*", "--event", "*::nothing"]), ["os.mkdir nothing os.mkdir faithful"]);
    assert_eq!(rows(&["--by", "event"]), ["os.mkdir event os dropped-event", "os.mkdir event os faithful"]);
    let code = |args: &[&str]| project.output(args).status.code();
    assert_eq!(code(&["report", "all.jsonl", "--event", "os.rmdir"]), Some(4));
    assert_eq!(code(&["report", "all.jsonl", "--verdict", "lost"]), Some(2));
    assert_eq!(code(&["report", "all.jsonl", "--by", "event"]), Some(2));
    let compare = ["compare", "all.jsonl", "all.jsonl", "--map", "faithful=dropped-event"];
    assert_eq!(code(&compare), Some(1));
    assert_eq!(code(&[&compare[..], &["--event", "*::nothing"]].concat()), Some(0));
    assert_eq!(code(&[&compare[..], &["--verdict", "missing"]].concat()), Some(1));
}

#[test]
fn colours_completions_and_manual_pages_are_there_on_demand() {
    let project = project("faithful");
    project.output(&["run", "--cases", "cases", "--results", "all.jsonl"]);
    for (when, coloured) in [("always", true), ("auto", false), ("never", false)] {
        let (_, shown) = text(&project, &["report", "all.jsonl", "--color", when]);
        assert_eq!(shown.contains('\u{1b}'), coloured, "{when}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script) = text(&project, &["completions", shell]);
        assert!(code == Some(0) && script.contains("fail-fast"), "{shell}");
    }
    let (code, page) = text(&project, &["man", "run"]);
    assert!(code == Some(0) && page.contains(".TH audit578-run 1") && page.contains("fail\\-fast"), "{page}");
    assert_eq!(text(&project, &["man"]).0, Some(0));
    let wrong = project.output(&["man", "rnu"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(wrong.status.code() == Some(2) && said.contains("did you mean `run`?"), "{said}");
}
