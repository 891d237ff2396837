//! The parts of a release that must agree before it is made.
#![cfg(unix)]

use std::process::Command;

use crate::project::Project;

const MANIFEST: &str =
    "[package]\nname = \"audit578\"\nversion = \"0.2.0\"\nrepository = \"https://example.org/p\"\n\n[lib]\n";
const LOCK: &str = "[[package]]\nname = \"audit578\"\nversion = \"0.2.0\"\n";
const CHANGELOG: &str = "# Changelog\n\n## 0.2.0 - 2026-12-01\n\n- New.\n\n## 0.1.0 - 2026-11-01\n\n- Old.\n";

/// Checks a release, and returns the exit code and what is printed.
fn check(tag: &str, files: [&str; 3]) -> (Option<i32>, String) {
    let [manifest, lock, changelog] = files;
    let project =
        Project::empty().file("Cargo.toml", manifest).file("Cargo.lock", lock).file("CHANGELOG.md", changelog);
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/release"));
    let output = command.arg(tag).arg(project.path(".")).output().expect("bash starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).trim().to_owned())
}

#[test]
fn a_release_has_the_notes_of_its_version() {
    assert_eq!(check("v0.2.0", [MANIFEST, LOCK, CHANGELOG]), (Some(0), "- New.".to_owned()));
}

#[test]
fn a_release_that_does_not_agree_is_refused() {
    let (nowhere, other) = (MANIFEST.replace("https://example.org/p", ""), LOCK.replace("0.2.0", "0.1.0"));
    let [unreleased, dateless, silent] = [
        CHANGELOG.replace("## 0.2.0 - 2026-12-01", "## Unreleased"),
        CHANGELOG.replace(" - 2026-12-01", ""),
        CHANGELOG.replace("- New.", ""),
    ];
    for (tag, files, reason) in [
        ("v0.1.0", [MANIFEST, LOCK, CHANGELOG], "the tag is v0.1.0, and Cargo.toml has version 0.2.0"),
        ("v0.2.0", [&nowhere, LOCK, CHANGELOG], "Cargo.toml has no repository"),
        ("v0.2.0", [MANIFEST, &other, CHANGELOG], "Cargo.lock has another version than 0.2.0"),
        ("v0.2.0", [MANIFEST, LOCK, &unreleased], "the first part of CHANGELOG.md is '## Unreleased'"),
        ("v0.2.0", [MANIFEST, LOCK, &dateless], "the first part of CHANGELOG.md is '## 0.2.0'"),
        ("v0.2.0", [MANIFEST, LOCK, &silent], "CHANGELOG.md says nothing of 0.2.0"),
    ] {
        let (code, text) = check(tag, files);
        assert!(code == Some(1) && text.contains(reason), "{reason}: {text}");
    }
}
