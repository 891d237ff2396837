//! `install`, with tools that are shell scripts. None of these tests downloads anything.

use std::fs;
use std::time::Duration;

use insta::assert_snapshot;

use crate::project::Project;

/// Returns the environment of `install`: a cache folder in the project, and a PATH with some programs, each a shell script.
fn environment(project: &Project, programs: &[(&str, &str)]) -> [(&'static str, String); 2] {
    use std::os::unix::fs::PermissionsExt;
    let bin = project.path("bin");
    fs::create_dir_all(&bin).expect("a folder");
    for tool in ["sh", "cp", "cat", "chmod", "sleep"] {
        // A second call finds the link there already.
        let _ = std::os::unix::fs::symlink(format!("/bin/{tool}"), bin.join(tool));
    }
    for (name, script) in programs {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let text = |path: &str| project.path(path).to_string_lossy().into_owned();
    [("AUDIT578_CACHE", text("cache")), ("PATH", text("bin"))]
}

fn install(project: &Project, programs: &[(&str, &str)], args: &[&str]) -> String {
    let env = environment(project, programs);
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    project.transcript(&project.output_with(&[&["install"], args].concat(), &env))
}

/// Returns the names of the files in the cache folder.
fn cached(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.path("cache")).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_list_shows_all_recipes() {
    assert_snapshot!("install_list", install(&Project::empty(), &[], &["--list"]));
}

#[test]
fn missing_tools_are_reported_before_anything_is_written() {
    let project = Project::empty();
    assert_snapshot!("install_missing", install(&project, &[("node", "")], &["pyodide-3.14", "monty"]));
    assert!(!project.path("cache").exists());
    let unknown = install(&project, &[], &["pyodide-2.7"]);
    assert!(unknown.starts_with("exit code: 2\n") && unknown.contains("install --list"), "{unknown}");
}

#[test]
fn a_recipe_that_fails_keeps_its_log_and_nothing_else() {
    let project = Project::empty();
    let npm = "echo there is no network >&2; exit 1";
    let failed = install(&project, &[("node", ""), ("npm", npm)], &["micropython"]);
    assert!(failed.starts_with("exit code: 3\n") && failed.contains("there is no network"), "{failed}");
    assert_eq!(cached(&project), ["micropython.log"]);
}

#[test]
fn output_that_is_not_utf8_is_shown_with_replacement_characters() {
    let project = Project::empty();
    let npm = r"printf 'no \377 network\n' >&2; exit 1";
    let failed = install(&project, &[("node", ""), ("npm", npm)], &["micropython"]);
    assert!(failed.starts_with("exit code: 3\n") && failed.contains("no \u{fffd} network"), "{failed}");
}

#[test]
fn a_recipe_that_succeeds_is_probed_and_replaced_only_with_again() {
    let project = Project::empty();
    let answer = r#"audit578 {"implementation":"micropython","language":[3,4,0],"release":"final","implementation-version":"1.27.0","build":"x","platform":"webassembly","machine":null,"executable":null,"flags":[],"audit":false,"compiled":null}"#;
    let node = format!("echo '{answer}'");
    let programs = [("node", node.as_str()), ("npm", "")];
    let installed = install(&project, &programs, &["micropython"]);
    assert!(
        installed.starts_with("exit code: 0\n") && installed.contains(": micropython-3.4.0 on webassembly"),
        "{installed}"
    );
    let again = install(&project, &[("npm", "exit 1")], &["micropython"]);
    assert!(again.contains("micropython: installed already: micropython-3.4.0 on webassembly"), "{again}");
    let replaced = install(&project, &programs, &["--again", "micropython"]);
    assert!(replaced.contains("micropython: installed in "), "{replaced}");
    assert_eq!(cached(&project).len(), 2, "the runtime and the log of its recipe");
}

#[test]
fn an_interrupted_recipe_stops_its_processes_and_is_not_installed() {
    let project = Project::empty();
    let marker = project.path("late").to_string_lossy().into_owned();
    let npm = format!("sleep 5; echo late >{marker}");
    let env = environment(&project, &[("node", ""), ("npm", &npm)]);
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(project.interrupt(&["install", "micropython"], &env, Duration::from_secs(2)), Some(3));
    assert_eq!(cached(&project), ["micropython.log"]);
    std::thread::sleep(Duration::from_secs(4));
    assert!(!project.path("late").exists(), "npm outlived its recipe");
}
