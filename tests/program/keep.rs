//! Folders of passes that are kept to be looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{MKDIR, PYTHON, Project};

#[test]
fn a_kept_pass_can_be_repeated_by_hand() {
    for isolation in ["process", "fork"] {
        let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).python();
        let args = ["run", "--cases", "cases", "--keep", "kept", "--isolation", isolation];
        let transcript = project.run(&args);
        assert!(transcript.contains("exit code: 0"), "{transcript}");
        let folders = folders(&project.path("kept"));
        let passes: Vec<&str> = folders.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(passes, ["os.mkdir.path-python-plain", "os.mkdir.path-python-veto"], "{isolation}");
        for (name, folder) in &folders {
            repeat(folder);
            let report = fs::read_to_string(folder.join("report")).expect("a report");
            let ends = report.lines().filter(|line| *line == r#"{"end":true}"#).count();
            assert_eq!(ends, 2, "{name}: one end of the run, and one of its repetition\n{report}");
        }
    }
}

/// Returns the folders of passes by name, without the letters that make the name unique.
fn folders(kept: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(kept).expect("the folder of kept passes").flatten();
    let named = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name.rsplit_once('-').expect("a unique end").0.to_owned(), path)
    };
    let mut folders: Vec<_> = entries.map(|entry| named(entry.path())).collect();
    folders.sort();
    folders
}

/// Does again what the pass did, as CONTRIBUTING says.
fn repeat(folder: &Path) {
    let work = folder.join("work");
    let _ = fs::remove_dir(work.join("d"));
    let mut command = Command::new(PYTHON.as_str());
    let status = command.args(["-I", "-S", "-B", "../agent.py", "../job"]).current_dir(work).status();
    assert!(status.expect("Python starts").success());
}
