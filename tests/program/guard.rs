//! `guard` with the hooks of `tests/guards`, each written like one of a public report.

use std::fs;

use crate::project::{PYTHON, Project};

/// Runs `guard` in the folder of the hooks. Returns what it shows.
fn guard(project: &Project, args: &[&str]) -> String {
    project.run(&[&["guard"], args, &["--python", &PYTHON]].concat())
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

/// Returns the numbers of a row of the table: denied, all, and let through.
fn row(shown: &str, capability: &str) -> (usize, usize, usize) {
    let line =
        shown.lines().find(|line| line.starts_with(capability)).unwrap_or_else(|| panic!("{capability}: {shown}"));
    let cells: Vec<&str> = line.split_whitespace().collect();
    let number = |cell: &str| cell.parse().unwrap_or(0);
    let (denied, all) = cells[1].split_once('/').unwrap_or(("0", "0"));
    (number(denied), number(all), number(cells[2]))
}

#[test]
fn each_hook_gets_the_answer_that_its_report_had() {
    let project = hooks();
    for (hook, capability, ways, is_partly) in [
        ("open_mode.py", "write", &["let-through os.open ", "let-through os.chmod "][..], true),
        ("popen_and_system:install", "execute", &["let-through os.posix_spawn ", "let-through os.execv "], true),
        ("egress.py", "network", &["let-through socket.socket.sendto ", "let-through socket.socket.bind "], true),
        ("imports.py", "memory", &["let-through array.array "], false),
        ("printing.py", "signal", &["let-through os.kill "], false),
    ] {
        let shown = guard(&project, &[hook, "--deny", capability, "--ways", "200"]);
        let (denied, all, open) = row(&shown, capability);
        assert!(shown.starts_with("exit code: 1\n") && open > 0, "{hook}: {shown}");
        assert_eq!(is_partly, denied > 0 && denied < all, "{hook}: {shown}");
        assert!(ways.iter().all(|way| shown.contains(way)), "{hook}: {shown}");
        assert!(shown.contains("harmless operations that pass: 6 of 6\n"), "{hook}: {shown}");
    }
}

#[test]
fn a_hook_that_is_mended_as_its_report_was_gets_another_answer() {
    let project = hooks();
    let source = fs::read_to_string(project.path("open_mode.py")).expect("a hook");
    let mended = source.replace("isinstance(args[1], str) and set(args[1]) & set(\"wax+\")", "args[2] & 0o1101");
    assert_ne!(source, mended);
    let project = project.file("mended.py", mended);
    let [before, after] =
        ["open_mode.py", "mended.py"].map(|hook| guard(&project, &[hook, "--deny", "write", "--ways", "200"]));
    assert!(before.contains("let-through os.open ") && !after.contains("let-through os.open "), "{after}");
    assert!(row(&after, "write").0 > row(&before, "write").0, "{after}");
}

#[test]
fn a_good_hook_passes_and_one_that_denies_everything_does_not() {
    let project = hooks();
    let good = guard(&project, &["good.py", "--deny", "write,execute,network"]);
    assert!(good.starts_with("exit code: 0\n"), "{good}");
    assert!(["write", "execute", "network"].iter().all(|word| row(&good, word).2 == 0), "{good}");
    let everything = guard(&project, &["everything.py", "--deny", "signal"]);
    assert!(everything.starts_with("exit code: 1\n"), "{everything}");
    assert!(everything.contains("disturbed importing modules of the standard library: RuntimeError"), "{everything}");
}

#[test]
fn a_hook_that_cannot_be_added_is_an_error() {
    let project = hooks().file("empty.py", "").file("wrong.py", "import no_such_module\n");
    for (args, code, words) in [
        (&["empty.py"][..], 2, "empty.py cannot be added: RuntimeError: empty.py adds no audit hook"),
        (&["wrong.py"], 2, "wrong.py cannot be added: ModuleNotFoundError: No module named 'no_such_module'"),
        (&["absent.py"], 2, "absent.py cannot be added: FileNotFoundError"),
        (&["good:nothing"], 2, "good:nothing cannot be added: AttributeError"),
        (&["good.py", "--deny", "reed"], 2, "there is no such capability; the capabilities are read, write, "),
    ] {
        let shown = guard(&project, args);
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}: {shown}");
    }
}
