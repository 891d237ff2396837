//! `require`.

use serde_json::{Value, json};

use crate::project::{MKDIR, Project};

/// A list of ten events of which a monitor reads some arguments.
const LIST: &str = "\
# what the monitor watches
open(path, mode)
os.mkdir   # folders
os.chown(uid)
subprocess.Popen
socket.connect(address)
import
exec
ctypes.dlopen(name)
sys.settrace
winreg.OpenKey
";

#[test]
fn ten_events_are_looked_up_for_all_cpythons() {
    let project = Project::empty().file("events.txt", LIST);
    let shown = project.run(&["require", "events.txt", "--on", "cpython", "--python", ">=3.9"]);
    assert!(shown.starts_with("exit code: 1\n"), "{shown}");
    for words in [
        "\nopen(path, mode)\n",
        "\nos.mkdir\n  cpython/emscripten  kept ",
        "\nwinreg.OpenKey\n  cpython/windows  kept ",
        "\n  cpython/linux for Python >=3.9: broken by 3.9.18, and by ",
        "\n    os.chown: partly (wrong uid in some cases)\n      The hook gets 4294967295 instead of -1.",
        "https://github.com/python/cpython/issues/115322",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("pypy"), "only CPythons are shown: {shown}");
    assert_eq!(shown.lines().find(|line| line.chars().count() > 80), None);
}

#[test]
fn the_exit_code_says_whether_all_is_kept() {
    let project = Project::empty();
    for (args, code, words) in [
        (&["os.mkdir"][..], 0, "  cpython/linux: kept by 3.8.18 to 3."),
        (&["os.mkdir", "--python", ">=3.9,<3.12"], 0, "for Python >=3.9, <3.12: kept by 3.9.18 to 3.11.7"),
        (&["os.mkdir", "--on", "pypy"], 1, "  pypy/linux: broken by 7.3.11, and by "),
        (&["sys.settrace", "--python", "~=3.8.0"], 1, "    sys.settrace: partly (not vetoed)\n"),
        (&["sys.settrace", "--python", "~=3.8.0", "--watch-only"], 0, "kept by 3.8.18\n"),
        (&["os.mkdir", "--python", "<3"], 4, "no release that was tested is of Python <3; tested are 3.8.18, "),
        (&["os.mkdir", "--on", "pypi"], 4, "nothing was tested on `pypi` (did you mean `pypy`?); tested are "),
        (&["os.mkdir", "--python", "3.9"], 2, "`3.9` is not a version specifier of PEP 440, such as `>=3.8,<3.12`"),
        (&["os.mkdr"], 2, "there is no event `os.mkdr`, and no file of this name\n  hint: did you mean `os.mkdir`?"),
        (&["open(pth)"], 2, "open(pth): `open` has no argument `pth`\n  hint: did you mean `path`?"),
        (&[], 2, "required arguments were not provided"),
    ] {
        let shown = project.run(&[&["require"], args].concat());
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}: {shown}");
    }
}

#[test]
fn a_faulty_file_is_an_error_with_its_place() {
    let project = Project::empty()
        .file("list", "os.mkdir\n  os.mkdr  # folders\nopen(pth)\n")
        .file("bytes", b"os.mkdir\nopen(\xff)\n")
        .file("empty", "# nothing\n")
        .file("large", vec![b'#'; 2 << 20])
        .file("hook.py", "x = 1\ny = '''os.mkdir\n")
        .file("none.py", "print('open the door')\n");
    for (args, code, words) in [
        (
            &["list"][..],
            2,
            "list:2:3: there is no event `os.mkdr`\n  hint: did you mean `os.mkdir`?\nlist:3:6: `open` has no",
        ),
        (&["bytes"], 2, "bytes:2:6: byte 0xff is not UTF-8\n  hint: save the file as UTF-8"),
        (&["empty"], 4, "the lists name no event"),
        (&["large"], 2, "cannot read large: it has more than 1048576 bytes"),
        (&["--from", "large"], 2, "cannot read large: it has more than 1048576 bytes"),
        (&["--from", "nowhere.py"], 2, "cannot read nowhere.py: "),
        (&["--from", "bytes"], 2, "bytes:2:6: byte 0xff is not UTF-8"),
        (&["--from", "hook.py"], 2, "hook.py:2:5: the string that begins here has no end"),
        (&["--from", "none.py"], 4, "none.py: no string literal is the name of an event"),
        (&["cases"], 2, "cannot read cases: "),
    ] {
        let shown = project.run(&[&["require"], args].concat());
        assert!(shown.starts_with(&format!("exit code: {code}\n")) && shown.contains(words), "{args:?}: {shown}");
    }
}

#[test]
fn a_hook_names_the_events_that_it_depends_on() {
    let hook = "def hook(event, args):\n    if event in ('os.mkdir', 'open') or event.startswith('shutil.'):\n        \
                raise RuntimeError('denied')\n";
    let project = Project::empty().file("hook.py", hook);
    let output = project.output(&["require", "--from", "hook.py", "open(path)", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let events = answer["events"].as_array().expect("events");
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(names[..3], ["open", "os.mkdir", "shutil.chown"], "{names:?}");
    assert_eq!(events[0]["arguments"], json!(["path"]));
    assert!(names.contains(&"shutil.rmtree") && !names.contains(&"denied"), "{names:?}");
    let checked: Vec<&String> = answer["checked"].as_object().expect("columns").keys().collect();
    assert_eq!(checked, ["cpython/linux"]);
    assert_eq!(output.status.code(), Some(1), "readline opens files without the event in old versions");
}

#[test]
fn results_of_a_run_are_looked_in() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).python();
    let run = project.run(&["run", "--cases", "cases", "--results", "r.jsonl"]);
    assert!(run.starts_with("exit code: 0\n"), "{run}");
    let require = |event: &str| project.run(&["require", event, "--results", "r.jsonl", "--on", "cpython"]);
    let kept = require("os.mkdir(*)");
    assert!(kept.starts_with("exit code: 0\n") && kept.contains("os.mkdir(path, mode, dir_fd)\n"), "{kept}");
    let untested = require("os.rmdir");
    assert!(untested.starts_with("exit code: 1\n") && untested.contains("os.rmdir: untested\n"), "{untested}");
}
