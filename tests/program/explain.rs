//! `explain`.

use crate::project::Project;

#[test]
fn a_topic_is_explained_in_the_width_of_a_terminal() {
    let project = Project::empty();
    for (topic, words) in [
        (
            "os.mkdir",
            &[
                "\ncan         write\n",
                "\nraised by   os.makedirs, os.mkdir,",
                "\nveto        proven: it stops the operation before it has an effect (",
                "\ntimes       once in ",
                "3 times in pathlib-parents [pathlib.Path.mkdir]\n",
                "the value 0o777",
                "\n  pypy, missing in every case\n",
                "doors.files::os-mknod",
                "\n  https://docs.python.org/3/library/os.html#os.mkdir\n",
            ][..],
        ),
        (
            "open",
            &[
                "\ncan         read, write\n",
                "arriving: it reaches the caller",
                "\n  flags\n    - equal to os.O_RDONLY",
                "    Python 3.8 to 3.13: The event is not raised for the files that the readline",
            ],
        ),
        (
            "sys._getframe",
            &[
                "sys._getframe() 3.8 to 3.10\n",
                "not at all in back [inspect.currentframe]\n",
                "\n  https://github.com/pypy/pypy/pull/5292\n",
            ],
        ),
        ("os.mkdir::path", &["\n    os.mkdir(target, 0o700)\n", "mode: 0o700, dir_fd: -1)", "pypy, missing: PyPy"]),
        ("sys._getframe::bug-pypy-pr-5292", &["\ntracker     https://github.com/pypy/pypy/pull/5292\n"]),
        ("doors.files::os-mknod", &["why: It makes a file", "instead: "]),
        (
            "network",
            &["\nMakes or uses connections, or resolves names.\n", "\n  socket.sendmsg(self, address); Unix\n"],
        ),
        ("unvetoed", &["An exception from the hook did not stop the operation.", "\nKnown gaps of cpython ("]),
        ("pypy", &["\nmissing (", "audit578 install NAME: pypy-3.11", "\n  sys._getframe: version before 8\n"]),
        ("pypy-8.0.1", &["\nmissing ("]),
        ("windows-3.14", &["\n  winreg.OpenKey: key; "]),
        ("capabilities", &["\nexecute     Starts a program", "\ntoo-late            The hook objected"]),
    ] {
        let shown = project.run(&["explain", topic]);
        assert!(shown.starts_with("exit code: 0\n"), "{topic}: {shown}");
        let missing: Vec<_> = words.iter().filter(|word| !shown.contains(**word)).collect();
        assert!(missing.is_empty(), "{topic} lacks {missing:?}: {shown}");
        let is_wide = |line: &&str| line.chars().count() > 80 && !line.starts_with("    ");
        assert_eq!(shown.lines().find(is_wide), None, "{topic}");
    }
}

#[test]
fn the_known_gaps_of_an_event_fit_on_a_screen() {
    let shown = Project::empty().run(&["explain", "open"]);
    let (_, section) = shown.split_once("\nKnown gaps\n").expect("known gaps");
    let lines = section.lines().take_while(|line| !line.is_empty()).count();
    assert!((10..=25).contains(&lines), "{lines} lines: {section}");
    assert!(section.starts_with("  cpython, missing in "), "CPython comes first: {section}");
    assert!(section.contains("\n  also wasi wrong-count, windows-3.14 wrong-args ("), "{section}");
}

#[test]
fn a_runtime_has_the_gaps_of_its_version_and_platform() {
    let project = Project::empty();
    for (topic, event, has) in [
        ("pypy", "sys._getframe", true),
        ("pypy-7.3.11", "sys._getframe", true),
        ("pypy-8.0.1", "sys._getframe", false),
        ("cpython-3.8.18", "syslog.openlog", true),
        ("cpython-3.15", "syslog.openlog", false),
        ("windows-3.14", "winreg.OpenKey", true),
        ("wasi-3.15", "winreg.OpenKey", false),
        ("cinderx-3.14", "sys.addaudithook", true),
    ] {
        let shown = project.run(&["explain", topic]);
        assert!(shown.starts_with("exit code: 0\n"), "{topic}: {shown}");
        let words = shown.split_whitespace().map(|word| word.trim_end_matches([',', ':']));
        assert_eq!(words.into_iter().any(|word| word == event), has, "{topic}: {shown}");
    }
}

#[test]
fn an_unknown_topic_gets_the_nearest_name() {
    let project = Project::empty();
    for (topic, words) in [
        ("os.mkdr", "there is nothing to explain about `os.mkdr` (did you mean `os.mkdir`?)"),
        ("netwrk", "(did you mean `network`?)"),
        ("os.mkdir::pth", "(did you mean `os.mkdir::path`?)"),
        ("pyyy", "(did you mean `pypy`?)"),
        ("os.makedirs", "(it is an API that raises `os.mkdir`)"),
        (
            "zzzzzzzz",
            "(name an event such as `os.mkdir`, a case, a capability such as `network`, a verdict, or a runtime",
        ),
    ] {
        let shown = project.run(&["explain", topic]);
        assert!(shown.starts_with("exit code: 4\n") && shown.contains(words), "{topic}: {shown}");
    }
}
