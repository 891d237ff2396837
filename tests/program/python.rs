//! The Python package.

use std::process::Command;

use crate::project::{OLDEST_PYTHON, PYTHON};

#[test]
fn the_unit_tests_of_the_package_pass_on_the_oldest_and_on_the_newest_python() {
    unittest("tests/python");
}

/// Runs the tests of a folder on the oldest and on the newest Python.
pub fn unittest(folder: &str) {
    for python in [&*OLDEST_PYTHON, &*PYTHON] {
        let mut tests = Command::new(python);
        tests.args(["-B", "-m", "unittest", "discover", "-s", folder]).current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = tests.output().expect("Python starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{python}: {text}");
    }
}
