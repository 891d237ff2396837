//! `guard` with the hooks of `tests/guards`, each written like one of a public report.

use std::fs;

use serde_json::Value;

use crate::project::{PYTHON, Project};

/// Runs `guard` in the folder of the hooks. Returns what it shows.
fn guard(project: &Project, args: &[&str]) -> String {
    project.run(&[&["guard"], args, &["--python", &PYTHON]].concat())
}

/// Runs `guard --format json`. Returns the exit code, and the findings on the runtime.
fn findings(project: &Project, args: &[&str]) -> (Option<i32>, Value) {
    let all = [&["guard"], args, &["--format", "json", "--python", &PYTHON]].concat();
    let output = project.output(&all);
    let mut answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{args:?}: {error}: {}", project.transcript(&output)));
    assert_eq!(answer["format"], 1);
    (output.status.code(), answer["runtimes"][0].take())
}

/// Returns a project with the hooks.
fn hooks() -> Project {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guards");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    files.filter(|path| path.extension().is_some_and(|end| end == "py")).fold(Project::empty(), |project, path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        project.file(&name, fs::read(path).expect("a hook"))
    })
}

/// Returns the number of operations of a capability with an outcome.
fn count(findings: &Value, capability: &str, outcome: &str) -> u64 {
    let mut rows = findings["capabilities"].as_array().expect("rows").iter();
    let row = rows.find(|row| row["capability"] == capability).unwrap_or_else(|| panic!("{capability}: {findings}"));
    row["outcomes"][outcome].as_u64().unwrap_or(0)
}

/// Returns the APIs of the operations with an outcome, the worst first.
fn apis<'a>(findings: &'a Value, outcome: &str) -> Vec<&'a str> {
    let operations = findings["operations"].as_array().expect("operations").iter();
    operations.filter(|tried| tried["outcome"] == outcome).map(|tried| tried["api"].as_str().expect("a name")).collect()
}

/// Returns the number of harmless operations that the hook disturbs.
fn disturbed(findings: &Value) -> usize {
    let harmless = findings["harmless"].as_array().expect("harmless operations");
    harmless.iter().filter(|control| !control["disturbed"].is_null()).count()
}

/// A hook, and how its report mended it.
struct Example {
    hook: &'static str,
    capability: &'static str,
    /// Ways through that only the first version has.
    ways: &'static [&'static str],
    /// Whether the first version denies a part of the operations.
    is_partly: bool,
    /// A text of the source, and that of the mended hook.
    mended: [&'static str; 2],
}

const EXAMPLES: [Example; 5] = [
    Example {
        hook: "open_mode.py",
        capability: "write",
        ways: &["os.open"],
        is_partly: true,
        mended: ["isinstance(args[1], str) and set(args[1]) & set(\"wax+\")", "args[2] & 0o1103"],
    },
    Example {
        hook: "popen_and_system.py",
        capability: "execute",
        ways: &["os.posix_spawn", "os.execv", "os.fork"],
        is_partly: true,
        mended: [
            "(\"subprocess.Popen\", \"os.system\"):",
            "(\"subprocess.Popen\", \"os.system\", \"os.posix_spawn\", \"os.exec\", \"os.fork\", \"os.forkpty\"):",
        ],
    },
    Example {
        hook: "egress.py",
        capability: "network",
        ways: &["socket.socket.sendto", "socket.socket.sendmsg", "socket.socket.bind"],
        is_partly: true,
        mended: [
            "event == \"socket.connect\" and args[1][0] != PROXY",
            "event in (\"socket.connect\", \"socket.sendto\", \"socket.sendmsg\", \"socket.bind\") and PROXY not in (args[1] or ())",
        ],
    },
    Example {
        hook: "imports.py",
        capability: "memory",
        ways: &["ctypes.string_at"],
        is_partly: false,
        mended: [
            "    if event == \"import\"",
            "    if event.startswith(\"ctypes.\"):\n        raise ImportError(\"denied\")\n    if event == \"import\"",
        ],
    },
    Example {
        hook: "printing.py",
        capability: "signal",
        ways: &["os.kill"],
        is_partly: false,
        mended: [
            "if event.startswith(\"os.\"):\n        print(event, args, file=sys.stderr)",
            "if event in (\"os.kill\", \"os.killpg\", \"signal.pthread_kill\"):\n        raise PermissionError(event)",
        ],
    },
];

#[test]
fn each_hook_gets_the_answer_that_its_report_had_and_another_once_it_is_mended() {
    let project = hooks();
    for Example { hook, capability, ways, is_partly, mended: [from, to] } in EXAMPLES {
        let source = fs::read_to_string(project.path(hook)).expect("a hook");
        assert_eq!(source.matches(from).count(), 1, "{hook}");
        fs::write(project.path("mended.py"), source.replace(from, to)).expect("a file");
        let target = if hook == "popen_and_system.py" { "popen_and_system:install" } else { hook };
        let mended = if target == hook { "mended.py" } else { "mended:install" };
        let [(code, before), (_, after)] =
            [target, mended].map(|hook| findings(&project, &[hook, "--deny", capability]));
        let [denied, open] = ["denied", "let-through"].map(|outcome| count(&before, capability, outcome));
        assert!(code == Some(1) && open > 0 && (denied > 0) == is_partly, "{hook}: {code:?} {open} {denied}");
        let [ways_before, ways_after] = [&before, &after].map(|findings| apis(findings, "let-through"));
        for way in ways {
            assert!(ways_before.contains(way) && !ways_after.contains(way), "{hook}, {way}: {ways_after:?}");
        }
        assert!(count(&after, capability, "denied") > denied, "{hook}");
        assert_eq!((disturbed(&before), disturbed(&after)), (0, 0), "{hook}");
    }
}

#[test]
fn a_good_hook_passes_and_one_that_denies_everything_does_not() {
    let project = hooks();
    let (code, good) = findings(&project, &["good.py", "--deny", "write,execute,network"]);
    assert_eq!(code, Some(0), "{:?}", apis(&good, "let-through"));
    assert!(["write", "execute", "network"].iter().all(|word| count(&good, word, "let-through") == 0));
    let doors =
        good["capabilities"].as_array().expect("rows").iter().map(|row| row["doors"].as_u64().expect("a number"));
    assert!(doors.sum::<u64>() > 50, "{good}");

    let source = fs::read_to_string(project.path("everything.py")).expect("a hook");
    let project = project.file("mended.py", source.replace("    raise", "    if event == \"os.kill\":\n        raise"));
    let [(before, everything), (_, mended)] =
        ["everything.py", "mended.py"].map(|hook| findings(&project, &[hook, "--deny", "signal"]));
    assert_eq!((before, disturbed(&everything) > 0, disturbed(&mended)), (Some(1), true, 0));
    assert!(!apis(&mended, "let-through").contains(&"os.kill"));
    // The hook objects to the event `exec` too, which must not keep the agent from looking for the effect.
    let ends = ["denied", "cannot-be-denied", "broke"].map(|outcome| count(&everything, "signal", outcome));
    assert!(ends[0] > 0 && ends[1] > 0 && ends[2] == 0, "{everything}");
}

#[test]
fn a_hook_that_only_watches_breaks_nothing() {
    let project = Project::empty().file("watching.py", "import sys\nsys.addaudithook(lambda event, args: None)\n");
    let (code, found) = findings(&project, &["watching.py", "--only", "inspect,thread,limits"]);
    assert_eq!((code, disturbed(&found)), (Some(0), 0));
    let ends = |outcome| apis(&found, outcome).len();
    assert!(ends("let-through") > 50 && ends("cannot-be-denied") > 20, "{found}");
    assert_eq!(ends("let-through") + ends("cannot-be-denied"), found["operations"].as_array().expect("a list").len());
}

#[test]
fn what_is_allowed_must_work() {
    let project = hooks();
    let (code, found) = findings(&project, &["everything.py", "--allow", "read", "--deny", "signal"]);
    assert_eq!((code, count(&found, "signal", "denied-but-allowed")), (Some(1), 0));
    assert!(apis(&found, "denied-but-allowed").contains(&"os.listdir"), "{found}");
    // `open` may write too, and is therefore not wholly allowed.
    assert!(!apis(&found, "denied-but-allowed").contains(&"os.open"), "{found}");
    let (code, found) = findings(&project, &["open_mode.py", "--allow", "read"]);
    assert_eq!((code, count(&found, "read", "denied-but-allowed")), (Some(0), 0), "{found}");
    let shown = guard(&project, &["open_mode.py", "--allow", "read", "--deny", "write,read"]);
    assert!(shown.starts_with("exit code: 2\n") && shown.contains("`read` is in --deny and in --allow"), "{shown}");
}

#[test]
fn the_worst_ways_come_first_with_the_event_to_look_at_and_a_warning() {
    let project = hooks();
    let shown = guard(&project, &["open_mode.py", "--deny", "write,device", "--ways", "3"]);
    for words in [
        "exit code: 1\n",
        "\ncapability    denied  let-through  too-late  cannot-be-denied  broke\n",
        "\nwrite!  ",
        "\n!: must be denied (--deny)\n",
        "\ndoors that are open: ",
        "\nharmless operations that pass: 6 of 6\n",
        "\nWorst first (3 of ",
        "\nlet-through os.rename (write, os.rename::",
        "\n  the event to look at: os.rename(\"{tmp}/f\", \"{tmp}/g\", -1, -1)\n",
        "\nNo hook makes a sandbox\n",
        "https://peps.python.org/pep-0578/#why-not-a-sandbox\n",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let ways = ["\nlet-through ", "\ntoo-late "].map(|outcome| shown.matches(outcome).count());
    assert_eq!(ways.iter().sum::<usize>(), 3, "{shown}");
    let table = shown.lines().filter(|line| !line.starts_with("    ") && !line.starts_with("  the event"));
    assert_eq!(table.filter(|line| line.chars().count() > 90).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn each_format_escapes_what_the_hook_says() {
    let hostile = "import sys\ndef hook(event, args):\n    if event.startswith('os.'):\n        \
                   raise OSError('</style><script>alert(1)</script> ]]> | `x` \\x1b[31m')\nsys.addaudithook(hook)\n";
    let project = hooks().file("hostile.py", hostile);
    let render = |format: &str| {
        guard(&project, &["hostile.py", "--allow", "log", "--deny", "signal", "--only", "signal", "--format", format])
    };
    let html = render("html");
    assert!(html.contains("<style>") && !html.contains("<script>") && !html.contains("\u{1b}["), "{html}");
    let junit = render("junit");
    assert!(junit.contains("<testcase name=\"os.kill::") && !junit.contains("<script>"), "{junit}");
    let markdown = render("markdown");
    assert!(markdown.contains("\n| signal! |") && !markdown.contains('\u{1b}'), "{markdown}");
    let project = project.file("other.py", hostile.replace("'os.'", "'syslog.'"));
    let args = ["other.py", "--allow", "log", "--only", "log"];
    for format in ["html", "junit", "markdown", "terminal"] {
        let shown = guard(&project, &[&args[..], &["--format", format]].concat());
        assert!(shown.starts_with("exit code: 1\n") && shown.contains("denied-but-allowed"), "{format}: {shown}");
        assert!(shown.contains("alert(1)") && !shown.contains('\u{1b}'), "{format}: {shown}");
        assert_eq!(shown.contains("<script>"), matches!(format, "markdown" | "terminal"), "{format}: {shown}");
    }
    let written = guard(&project, &[&args[..], &["--format", "html", "--output", "guard.html"]].concat());
    assert_eq!(written, "exit code: 1\n--- stdout\n--- stderr\n");
    assert!(fs::read_to_string(project.path("guard.html")).expect("a page").starts_with("<!doctype html>"));
}

#[test]
fn the_cost_of_a_slow_hook_is_greater_than_that_of_an_empty_one() {
    let slow = "import sys, time\ndef hook(event, args):\n    if event == 'open':\n        time.sleep(0.01)\n    \
                if event == 'compile':\n        raise OSError('no')\nsys.addaudithook(hook)\n";
    let project = hooks().file("slow.py", slow);
    let (code, found) = findings(&project, &["slow.py", "--cost"]);
    assert_eq!((code, found["operations"].as_array().map(Vec::len)), (Some(0), Some(0)));
    let costs = found["costs"].as_array().expect("costs");
    let cost = |name: &str| costs.iter().find(|cost| cost["operation"] == name).unwrap_or_else(|| panic!("{name}"));
    let number = |name: &str, key: &str| cost(name)[key].as_f64().unwrap_or_else(|| panic!("{name}, {key}: {found}"));
    assert_eq!(costs.len(), 4);
    assert!(number("open", "hook") > 20.0 * number("open", "empty"), "{found}");
    assert!(number("import (6 modules)", "seconds") > 0.0 && number("object.__getattr__", "hook") > 0.0);
    assert!(cost("compile")["hook"].is_null() && cost("compile")["objection"] == "OSError: no", "{found}");
    let shown = guard(&project, &["slow.py", "--cost"]);
    assert!(shown.contains("operation                  no hook  empty hook   this hook\n"), "{shown}");
    assert!(shown.contains("\ndenied compile: OSError: no\n") && shown.contains("sandbox"), "{shown}");
    let shown = guard(&project, &["slow.py", "--cost", "--format", "junit"]);
    assert!(shown.starts_with("exit code: 2\n") && shown.contains("--cost has no test cases"), "{shown}");
}

#[test]
fn a_hook_that_cannot_be_added_is_an_error() {
    let project = hooks().file("empty.py", "").file("wrong.py", "import no_such_module\n");
    for (args, code, words) in [
        (&["empty.py"][..], 2, "empty.py cannot be added: RuntimeError: empty.py adds no audit hook"),
        (&["empty.py", "--cost"], 2, "empty.py cannot be added: RuntimeError: empty.py adds no audit hook"),
        (&["wrong.py"], 2, "wrong.py cannot be added: ModuleNotFoundError: No module named 'no_such_module'"),
        (&["wrong.py", "--cost"], 2, "wrong.py cannot be added: ModuleNotFoundError: No module named 'no_such_module'"),
        (&["absent.py"], 2, "absent.py cannot be added: FileNotFoundError"),
        (&["good:nothing"], 2, "good:nothing cannot be added: AttributeError"),
        (&["good.py", "--deny", "reed"], 2, "there is no such capability; the capabilities are execute, load-code, "),
        (&["good.py", "--deny", "registry"], 4, "no operation with these capabilities works on "),
        (&["good.py", "--output", "no/such/folder/file"], 2, "cannot write no/such/folder/file"),
    ] {
        let shown = guard(&project, args);
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}: {shown}");
    }
}

#[test]
#[cfg(unix)]
fn a_hook_finds_the_packages_of_its_environment() {
    let hook = "import sys\nimport policy\n\nsys.addaudithook(policy.check)\n";
    let policy = "def check(event, args):\n    if event == \"os.mkdir\":\n        raise PermissionError(event)\n";
    let project = Project::empty().file("hook.py", hook);
    let environment = project.path("environment");
    let made = std::process::Command::new(&*PYTHON).args(["-m", "venv", "--without-pip"]).arg(&environment).status();
    assert!(made.expect("a program").success());
    let library =
        fs::read_dir(environment.join("lib")).expect("a folder").next().expect("a version").expect("a folder");
    let run = || project.run(&["guard", "hook.py", "--only", "write", "--python", "environment", "--ways", "1"]);
    let without = run();
    assert!(without.contains("No module named 'policy'"), "{without}");
    fs::write(library.path().join("site-packages/policy.py"), policy).expect("a file");
    let with = run();
    assert!(with.starts_with("exit code: 0\n") && !with.contains("policy'"), "{with}");
    let row = with.lines().find(|line| line.starts_with("write")).expect("a row");
    assert!(!row.split_whitespace().nth(1).expect("a cell").starts_with('.'), "os.mkdir is denied: {row}");
}
