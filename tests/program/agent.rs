//! The agent: its own tests, and what it leaves in the folder of an interpreter.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::PYTHON;
use crate::python::unittest;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_unit_tests_of_the_agent_pass_on_the_oldest_and_on_the_newest_python() {
    unittest("tests/agent");
}

#[cfg(unix)]
mod bytecode {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::project::Project;

    #[test]
    fn a_run_writes_no_bytecode_into_the_folder_of_python() {
        let project = Project::empty();
        let python = copy_python(&PYTHON, &project.path("python"));
        let cases = format!("{ROOT}/cases");
        for isolation in ["fork", "process", "shared"] {
            // Both start interpreters: one with the environment of the pass, and one without it.
            let patterns = ["subprocess.Popen::args", "pep578.exit"];
            let fixed = ["run", "--cases", &cases, "--python", &python, "--isolation", isolation];
            let output = project.output(&[&fixed, patterns.as_slice()].concat());
            let text = project.transcript(&output);
            assert!(output.status.success(), "{text}");
            assert!(text.contains(" passed, ") && !text.contains(" 0 passed, "), "{text}");
            assert_eq!(bytecode(&project.path("python")), [""; 0], "with the isolation {isolation}");
        }
    }

    #[test]
    fn a_case_that_starts_an_isolated_interpreter_keeps_it_from_writing_bytecode() {
        for path in files(&Path::new(ROOT).join("cases")) {
            let text = fs::read_to_string(&path).expect("a case file");
            for line in text.lines() {
                let ignores_environment = line.contains("\"-I\"") || line.contains("\"-E\"") || line.contains(", -E");
                assert!(!ignores_environment || line.contains("-B"), "without -B in {path}: {line}");
            }
        }
    }

    /// Makes a Python without bytecode, whose modules are links to those of another one. Returns its path.
    fn copy_python(python: &str, target: &Path) -> String {
        let code = "import sys, sysconfig; print(sys._base_executable); print(sysconfig.get_path('stdlib'))";
        let output = Command::new(python).args(["-I", "-S", "-c", code]).output().expect("Python starts");
        let text = String::from_utf8(output.stdout).expect("paths are Unicode");
        let [executable, library] = text.lines().collect::<Vec<_>>()[..] else { panic!("two paths: {text}") };
        let name = Path::new(library).file_name().expect("a folder has a name");
        link_sources(Path::new(library), &target.join("lib").join(name));
        fs::create_dir(target.join("bin")).expect("a new folder");
        let copy = target.join("bin/python");
        fs::copy(executable, &copy).expect("a copy");
        copy.to_string_lossy().into_owned()
    }

    fn link_sources(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            let is_left_out = ["__pycache__", "test", "site-packages", "dist-packages"].iter().any(|&out| out == name);
            match entry.path().is_dir() {
                _ if is_left_out => {}
                true => link_sources(&entry.path(), &to.join(name)),
                false => symlink(entry.path(), to.join(name)).expect("a link"),
            }
        }
    }

    fn bytecode(folder: &Path) -> Vec<String> {
        files(folder).into_iter().filter(|path| path.contains("__pycache__")).collect()
    }

    /// Returns the files below a folder.
    fn files(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let below = |path: std::path::PathBuf| match path.is_dir() {
            true => files(&path),
            false => vec![path.to_string_lossy().into_owned()],
        };
        entries.flat_map(below).collect()
    }
}
