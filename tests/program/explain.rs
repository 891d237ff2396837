//! `explain`.

use crate::project::Project;

#[test]
fn a_topic_is_explained_in_the_width_of_a_terminal() {
    let project = Project::empty();
    for (topic, words) in [
        (
            "os.mkdir",
            &["\ncan         write\n", "\nraised by   os.makedirs, os.mkdir,", "Known gaps (", "doors.files::os-mknod"]
                [..],
        ),
        ("open", &["\ncan         read, write\n", "its answer is lost) (", "flags: "]),
        ("os.mkdir::path", &["\n    os.mkdir(target, 0o700)\n", "audit578 repro os.mkdir::path"]),
        ("doors.files::os-mknod", &["why: It makes a file", "instead: "]),
        ("network", &["\nMakes or uses connections, or resolves names.\n", "socket.connect"]),
        ("unvetoed", &["An exception from the hook did not stop the operation."]),
    ] {
        let shown = project.run(&["explain", topic]);
        assert!(shown.starts_with("exit code: 0\n"), "{topic}: {shown}");
        assert!(words.iter().all(|word| shown.contains(word)), "{topic}: {shown}");
        let is_wide = |line: &&str| line.chars().count() > 80 && line.contains("  ") && !line.starts_with("    ");
        assert_eq!(shown.lines().find(is_wide), None, "{topic}");
    }
}

#[test]
fn an_unknown_topic_gets_the_nearest_name() {
    let project = Project::empty();
    for (topic, words) in [
        ("os.mkdr", "there is nothing to explain about `os.mkdr` (did you mean `os.mkdir`?)"),
        ("netwrk", "(did you mean `network`?)"),
        ("os.mkdir::pth", "(did you mean `os.mkdir::path`?)"),
        ("zzzzzzzz", "(name an event such as `os.mkdir`, a case, a capability such as `network`, or a verdict)"),
    ] {
        let shown = project.run(&["explain", topic]);
        assert!(shown.starts_with("exit code: 4\n") && shown.contains(words), "{topic}: {shown}");
    }
}
