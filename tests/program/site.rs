//! The site as files: complete or not there, and scripts that do what they say.

use std::fs;
use std::process::Command;

use crate::project::{MKDIR, PYTHON, Project};

/// A project with a results file of one run.
fn project() -> Project {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    project
}

const SITE: [&str; 6] = ["report", "results.jsonl", "--format", "html", "--output", "site"];

fn with(results: &str) -> Vec<&str> {
    SITE.into_iter().map(|word| if word == "results.jsonl" { results } else { word }).collect()
}

#[test]
fn a_site_replaces_a_site_and_nothing_else() {
    let project = project();
    assert_eq!(project.output(&SITE).status.code(), Some(0));
    for file in ["index.html", "event/os.mkdir.html", "runtime/fake.html", "badge/fake.svg", "data/results.jsonl"] {
        assert!(project.path("site").join(file).is_file(), "{file}");
    }
    let project = project.file("site/stale.html", "of another time");
    assert_eq!(project.output(&SITE).status.code(), Some(0));
    assert!(!project.path("site/stale.html").exists(), "what is not of these results is gone");
    let project = project.file("own/thesis.txt", "years of work");
    let output = project.run(&["report", "results.jsonl", "--format", "html", "--output", "own"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("holds something else than a site"), "{output}");
    assert_eq!(fs::read_to_string(project.path("own/thesis.txt")).expect("it is there"), "years of work");
}

#[test]
fn the_data_of_a_site_gives_the_same_site() {
    let project = project();
    project.output(&SITE);
    let again = ["report", "site/data/results.jsonl", "--format", "html", "--output", "again"];
    assert_eq!(project.output(&again).status.code(), Some(0));
    for file in ["index.html", "event/os.mkdir.html", "findings.html"] {
        let read = |folder: &str| fs::read_to_string(project.path(folder).join(file)).expect("a page");
        assert_eq!(read("site"), read("again"), "{file}");
    }
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let project = project();
    let text = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let project = project
        .file("cut.jsonl", &text[..text.len() / 2])
        .file("future.jsonl", text.replace("\"format\":1", "\"format\":2"))
        .file("other.jsonl", "{\"type\": \"suite\", \"event\": \"started\", \"test_count\": 1}\n");
    for (file, said) in [
        ("cut.jsonl", "it ends in the middle of a record"),
        ("future.jsonl", "its format is 2, and this program reads 1"),
        ("other.jsonl", "no header of audit578's results"),
        ("absent.jsonl", "No such file"),
    ] {
        let output = project.run(&with(file));
        assert!(output.starts_with("exit code: 2\n") && output.contains(said), "{file}: {output}");
    }
    let output = project.run(&["report", "results.jsonl", "--format", "html", "--output", "/proc/site"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("cannot write /proc/site"), "{output}");
    let output = project.run(&["report", "results.jsonl", "--format", "html"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("--output"), "{output}");
    let left = fs::read_dir(project.path("")).expect("a folder").flatten().map(|entry| entry.file_name());
    assert!(left.into_iter().all(|name| name != "site" && !name.to_string_lossy().contains("audit578-site")));
}

#[test]
fn the_script_of_a_case_repeats_it() {
    let invoked = "event: cpython.run_command\ndocumented: true\narguments: [command]\nraised-by: [python -c]\ncases:\n  - \
                   name: c\n    api: python -c\n    invoke: {args: [-c, print(42)]}\n    expect:\n      - args: {command: any}\n    \
                   veto: none\n    because: It is an example.\n";
    let project = Project::fake("faithful", MKDIR).file("cases/cpython/cpython.run_command.yaml", invoked);
    let run = project.run(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    assert_eq!(project.output(&SITE).status.code(), Some(0), "{run}");
    let script = |event: &str| {
        let page = fs::read_to_string(project.path("site/event").join(format!("{event}.html"))).expect("a page");
        let (_, script) = page.rsplit_once("<pre class=copy><code># ").expect("a script");
        let text = script.split("</code>").next().expect("its end");
        [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .iter()
            .fold(format!("# {text}"), |text, (escaped, plain)| text.replace(escaped, plain))
    };
    let python = |event: &str, args: &[&str]| {
        let output = Command::new(&*PYTHON).arg("-c").arg(script(event)).args(args).output().expect("Python starts");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let plain = python("os.mkdir", &[]);
    assert!(plain.starts_with("os.mkdir ('") && plain.contains("', 448, -1)\n-- the snippet ended\n"), "{plain}");
    assert!(plain.ends_with("-- the effect is there\n"), "{plain}");
    let veto = python("os.mkdir", &["veto"]);
    assert!(veto.contains("-- the snippet raised RuntimeError('vetoed')\n-- the effect is not there\n"), "{veto}");
    let invoked = python("cpython.run_command", &[]);
    assert!(invoked.contains("42\n") && invoked.contains("cpython.run_command ('print(42)"), "{invoked}");
    assert!(invoked.contains("-- exit status 0\n"), "{invoked}");
}
