//! `install`: what becomes of recipes. None of these tests downloads anything.

use std::fs;

use insta::assert_snapshot;

use crate::project::Project;

/// Runs `install` with a cache folder in the project and a PATH with some programs, each a shell script.
fn install(project: &Project, programs: &[(&str, &str)], args: &[&str]) -> String {
    use std::os::unix::fs::PermissionsExt;
    let bin = project.path("bin");
    fs::create_dir_all(&bin).expect("a folder");
    for tool in ["sh", "cp", "cat", "chmod", "mkdir", "rm", "mv", "tr", "ls", "env"] {
        let _ = std::os::unix::fs::symlink(format!("/bin/{tool}"), bin.join(tool));
    }
    for (name, script) in programs {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let cache = project.path("cache").to_string_lossy().into_owned();
    let env = [("AUDIT578_CACHE", cache.as_str()), ("PATH", &bin.to_string_lossy())];
    project.transcript(&project.output_with(&[&["install"], args].concat(), &env))
}

#[test]
fn what_can_be_installed_is_listed() {
    assert_snapshot!("install_list", install(&Project::empty(), &[], &["--list"]));
}

#[test]
fn what_is_missing_is_told_before_anything_is_done() {
    let project = Project::empty();
    assert_snapshot!("install_missing", install(&project, &[("node", "")], &["pyodide-3.14", "monty"]));
    assert!(!project.path("cache").exists());
    let unknown = install(&project, &[], &["pyodide-2.7"]);
    assert!(unknown.starts_with("exit code: 2\n") && unknown.contains("install --list"), "{unknown}");
}

#[test]
fn a_recipe_that_fails_leaves_its_output_and_nothing_else() {
    let project = Project::empty();
    let npm = "echo there is no network >&2; exit 1";
    let failed = install(&project, &[("node", ""), ("npm", npm)], &["micropython"]);
    assert!(failed.starts_with("exit code: 3\n") && failed.contains("there is no network"), "{failed}");
    let left: Vec<_> =
        fs::read_dir(project.path("cache")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["micropython.log"]);
}

#[test]
fn a_recipe_that_succeeds_is_there_as_a_whole_and_asked_what_it_is() {
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
    assert!(again.contains("micropython: is installed: micropython-3.4.0 on webassembly"), "{again}");
    let replaced = install(&project, &programs, &["--again", "micropython"]);
    assert!(replaced.contains("micropython: installed in "), "{replaced}");
    let left = fs::read_dir(project.path("cache")).expect("a folder").count();
    assert_eq!(left, 2, "the runtime and the output of its recipe");
}
