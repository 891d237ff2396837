//! Lists of tests that other projects keep beside a test file. Pure.

use super::file::Export;
use super::known::{Failure, Known};
use super::test::{class_name, method_name};
use crate::report::python::{comment, literal};
use crate::suite::{Case, Source};

/// The module of the tests, as the lists name it.
const MODULE: &str = "test_audit578";

/// The platforms of GraalPy, as its tags write them, with `sys.platform`.
const PLATFORMS: [(&str, &str); 5] = [
    ("darwin-arm64", "darwin"),
    ("darwin-x86_64", "darwin"),
    ("linux-aarch64", "linux"),
    ("linux-x86_64", "linux"),
    ("win32-AMD64", "win32"),
];

/// Tells whether a case is for a platform.
fn is_for(source: &Source, case: &Case, sys_platform: &str) -> bool {
    let holds = |platforms: &[crate::suite::Platform]| {
        platforms.is_empty() || platforms.iter().any(|platform| platform.is(sys_platform))
    };
    holds(&source.file.platform) && holds(&case.platform)
}

/// Returns the tags of GraalPy: a line for each test that passes, with the platforms on which it does. A test that may
/// fail in some version has no line.
pub(crate) fn tags(export: &Export, known: &Known) -> String {
    let line = |(source, case): (&Source, &Case)| {
        let failures = known.of(&source.file, case);
        let passes = |sys_platform: &str| {
            is_for(source, case, sys_platform) && !failures.iter().any(|failure| failure.may_be_on(sys_platform))
        };
        let platforms = PLATFORMS.iter().filter(|(_, sys_platform)| passes(sys_platform)).map(|(name, _)| *name);
        let platforms = platforms.collect::<Vec<_>>().join(",");
        let (class, method) = (class_name(&source.file.event), method_name(case));
        (!platforms.is_empty()).then(|| format!("test.{MODULE}.{class}.{method} @ {platforms}\n"))
    };
    let mut lines: Vec<String> = export.tests().filter_map(line).collect();
    lines.sort();
    lines.concat()
}

/// Returns the entry of Pyodide's list of tests: the tests that fail on Emscripten are skipped, each with its reason.
pub(crate) fn yaml(export: &Export, known: &Known) -> String {
    const EMSCRIPTEN: &str = "emscripten";
    let line = |(source, case): (&Source, &Case)| {
        let failures = known.of(&source.file, case);
        let failure = failures.iter().find(|failure| failure.may_be_on(EMSCRIPTEN));
        let failure = failure.filter(|_| is_for(source, case, EMSCRIPTEN))?;
        let pattern = literal(&format!("*.{}.{}", class_name(&source.file.event), method_name(case)));
        Some(format!("      - {pattern} # {}\n", comment(&Failure::text(failure))))
    };
    let lines: String = export.tests().filter_map(line).collect();
    if lines.is_empty() { format!("- {MODULE}\n") } else { format!("- {MODULE}:\n    skip:\n{lines}") }
}
