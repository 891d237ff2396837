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
    for tool in ["sh", "cp", "cat", "chmod", "sleep", "mktemp", "mkdir", "mv", "rm", "sed", "head", "find"] {
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
    let npm = r#": >"$TMPDIR/left"; mkdir "$3/part"; echo there is no network >&2; exit 1"#;
    let failed = install(&project, &[("node", ""), ("npm", npm)], &["micropython"]);
    assert!(failed.starts_with("exit code: 3\n") && failed.contains("there is no network"), "{failed}");
    assert_eq!(cached(&project), ["micropython.log"]);
    // A recipe that does not say what it installed is wrong. An older installation stays.
    let project = project.file("cache/micropython/python", "old");
    let wrong = install(&project, &[("node", ""), ("npm", "")], &["--again", "micropython"]);
    assert!(wrong.contains("micropython: not installed: its recipe is wrong: "), "{wrong}");
    assert_eq!(fs::read_to_string(project.path("cache/micropython/python")).ok().as_deref(), Some("old"));
    assert_eq!(cached(&project).len(), 2, "the runtime and the log");
}

#[test]
fn output_that_is_not_utf8_is_shown_with_replacement_characters() {
    let project = Project::empty();
    let npm = r"printf 'no \377 network\n' >&2; exit 1";
    let failed = install(&project, &[("node", ""), ("npm", npm)], &["micropython"]);
    assert!(failed.starts_with("exit code: 3\n") && failed.contains("no \u{fffd} network"), "{failed}");
}

/// A node that answers a probe as `MicroPython` does.
const NODE: &str = r#"echo 'audit578 {"implementation":"micropython","language":[3,4,0],"release":"final","implementation-version":"1.27.0","build":"x","platform":"webassembly","machine":null,"executable":null,"flags":[],"audit":false,"compiler":null,"compiled":null}'"#;

/// An npm that installs an interpreter.
const NPM: &str = r#"package=$3/node_modules/@micropython/micropython-webassembly-pyscript; mkdir -p "$package"; echo wasm >"$package/micropython.wasm""#;

#[test]
fn a_recipe_that_succeeds_is_probed_and_replaced_only_with_again() {
    let project = Project::empty();
    let programs = [("node", NODE), ("npm", NPM)];
    let installed = install(&project, &programs, &["micropython"]);
    let found =
        ": micropython-1.27.0 on webassembly, npm package @micropython/micropython-webassembly-pyscript 1.27.0\n";
    assert!(installed.starts_with("exit code: 0\n") && installed.contains(found), "{installed}");
    let again = install(&project, &[("npm", "exit 1")], &["micropython"]);
    assert!(again.contains(&format!("micropython: installed already{found}")), "{again}");
    let replaced = install(&project, &programs, &["--again", "micropython"]);
    assert!(replaced.contains("micropython: installed in "), "{replaced}");
    assert_eq!(cached(&project).len(), 2, "the runtime and the log of its recipe");
}

#[test]
fn an_update_replaces_what_is_old_or_of_unknown_age_and_says_which() {
    let project = Project::empty();
    let programs = [("node", NODE), ("npm", NPM)];
    let update = |project: &Project, args: &[&str]| install(project, &programs, &[&["--update"], args].concat());
    let nothing = update(&project, &[]);
    assert!(nothing.starts_with("exit code: 4\n") && nothing.contains("none of them is installed"), "{nothing}");
    install(&project, &programs, &["micropython"]);
    let newest = "npm package @micropython/micropython-webassembly-pyscript 1.27.0";
    let current = update(&project, &[]);
    assert!(
        current.starts_with(&format!("exit code: 0\n--- stdout\nmicropython: up to date: {newest}\n")),
        "{current}"
    );

    let origin = "cache/micropython/audit578.json";
    let project = project.file(origin, r#"{"package": "npm package x 1.0", "interpreter": "python"}"#);
    let old = update(&project, &["micro*"]);
    let reason = format!("micropython: installing again: {newest} replaces npm package x 1.0\n");
    assert!(old.contains(&reason) && old.contains("\nmicropython: installed in "), "{old}");
    let project = project.file(origin, "{");
    let unknown = update(&project, &["micropython"]);
    let reason = "micropython: installing again: it is not known which version is installed\n";
    assert!(unknown.contains(reason) && unknown.contains("\nmicropython: installed in "), "{unknown}");
    assert!(update(&project, &[]).contains("up to date"), "it was installed again");
}

#[test]
fn a_removed_runtime_is_gone_with_its_log() {
    let project = Project::empty();
    install(&project, &[("node", NODE), ("npm", NPM)], &["micropython"]);
    assert_snapshot!("install_remove", install(&project, &[], &["--remove", "m*"]));
    assert_eq!(cached(&project), [""; 0]);
    let again = install(&project, &[], &["--remove", "micropython"]);
    assert!(again.starts_with("exit code: 4\n"), "{again}");
}

#[test]
fn the_list_as_json_has_what_is_installed() {
    let project = Project::empty();
    install(&project, &[("node", NODE), ("npm", NPM)], &["micropython"]);
    let listed = install(&project, &[], &["--list", "--json"]);
    let json = listed.trim_start_matches("exit code: 0\n--- stdout\n").split("--- stderr").next().expect("JSON");
    let rows: Vec<serde_json::Value> = serde_json::from_str(json).expect("JSON");
    let installed: Vec<_> = rows.iter().filter(|row| row["installed"] == true).collect();
    assert_snapshot!("install_list_json", serde_json::to_string_pretty(&installed).expect("JSON"));
}

#[test]
fn the_hash_of_a_runtime_is_that_of_its_interpreter_and_not_of_its_launcher() {
    let project = Project::empty().file("runtimes.toml", "[[runtime]]\ncommand = [\"{cache}/micropython/python\"]\n");
    let programs = [("node", NODE), ("npm", NPM)];
    install(&project, &programs, &["micropython"]);
    let env = environment(&project, &programs);
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    let output = project.output_with(&["runtimes", "--json"], &env);
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let probe = &rows[0]["probe"];
    assert_eq!(probe["package"], "npm package @micropython/micropython-webassembly-pyscript 1.27.0");
    // That of the text `wasm` and a line end.
    assert_eq!(probe["sha256"], "2025cc5baa737ceeb7f326a8ea44317de4a0def3d7bac14e3c9018d4b3aee7ef");

    // A file that cannot be right makes the runtime unusable, because nobody knows then what is tested.
    let project = project.file("cache/micropython/audit578.json", "{}");
    let output = project.output_with(&["runtimes"], &env);
    assert!(String::from_utf8_lossy(&output.stdout).contains("absent: "), "{output:?}");
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

/// An apt-get of a machine whose mirror of Debian has a Python 3.15 in the suite `testing` only.
#[cfg(target_os = "linux")]
const APT_GET: &str = r#"
conf=$3
case " $* " in
    *" --print-uris "*)
        echo "'http://mirror.example/other/dists/any/main/binary-amd64/Packages.xz' any 0"
        echo "'http://mirror.example/linux/debian/dists/any/stable/binary-amd64/Packages.xz' any 0"
        echo "'http://mirror.example/debian/dists/any/main/binary-amd64/Packages.xz' any 0" ;;
    *" update "*) cat "${conf%/*}/sources.list" >&2 ;;
    *" --download-only python3.15 "*)
        : >"${conf%/*}/archives/libc6_2.43-7_amd64.deb"
        : >"${conf%/*}/archives/python3.15_3.15.1-1_amd64.deb" ;;
esac"#;

/// The apt-cache of the same machine.
#[cfg(target_os = "linux")]
const APT_CACHE: &str = r#"
case "$5 $(cat "${3%/*}/sources.list")" in
    "python3.15 deb "*" testing main") echo "Package: python3.15"; echo "Version: 3.15.1-1" ;;
    *) echo "E: No packages found" >&2; exit 100 ;;
esac"#;

/// A dpkg-deb that unpacks an interpreter whose loader is a script. The loader answers a probe, and prints how it is called.
#[cfg(target_os = "linux")]
const DPKG_DEB: &str = r#"
mkdir -p "$3"; cd "$3"
mkdir -p usr/bin usr/lib/python3.15/test usr/lib/x86_64-linux-gnu/gconv usr/share/doc
[ -e usr/bin/python3.15 ] || ln -s /nowhere usr/lib/python3.15/sitecustomize.py
: >usr/bin/python3.15
cat >usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 <<'END'
#!/bin/sh
case " $* " in
    *" -I -S -B "*/*) echo 'audit578 {"implementation":"cpython","language":[3,15,1],"release":"final","implementation-version":"3.15.1","build":"x","platform":"linux","machine":null,"executable":null,"flags":[],"audit":false,"compiler":null,"compiled":null}' ;;
    *) for word; do echo "$word"; done; cat /proc/$$/environ ;;
esac
END
chmod +x usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"#;

#[cfg(target_os = "linux")]
#[test]
fn a_package_of_debian_is_unpacked_behind_a_launcher_that_can_be_moved() {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let project = Project::empty();
    let path = std::env::var("PATH").expect("a PATH");
    let cc = format!("PATH='{path}' exec cc \"$@\"");
    let programs = [("apt-get", APT_GET), ("apt-cache", APT_CACHE), ("dpkg-deb", DPKG_DEB), ("cc", &cc)];
    let installed = install(&project, &programs, &["cpython-3.15"]);
    let steps = ["looking for python3.15 in Debian sid", "looking for python3.15 in Debian testing", "downloading"];
    assert!(steps.iter().all(|step| installed.contains(step)), "{installed}");
    let found = ": cpython-3.15.1 on linux, Debian package python3.15 3.15.1-1 (testing)\n";
    assert!(installed.starts_with("exit code: 0\n") && installed.contains(found), "{installed}");
    let log = fs::read_to_string(project.path("cache/cpython-3.15.log")).expect("a log");
    assert!(log.contains("gpg] http://mirror.example/debian sid main\n"), "{log}");

    let programs = [("apt-get", "exit 100"), ("apt-cache", APT_CACHE), ("dpkg-deb", DPKG_DEB), ("cc", &cc)];
    let update = install(&project, &programs, &["--update"]);
    let reason = "cpython-3.15: installing again: it cannot be told whether there is a newer version\n";
    assert!(update.contains(reason) && update.contains("found no mirror of Debian"), "{update}");

    let folder = project.path("a folder");
    fs::rename(project.path("cache/cpython-3.15"), &folder).expect("the folder can be moved");
    let left: Vec<_> = fs::read_dir(folder.join("lib/python3.15")).expect("a library").collect();
    assert!(left.is_empty(), "neither tests nor a link out of the folder: {left:?}");
    let python = folder.join("python").to_string_lossy().into_owned();
    for (name, seen) in [("python", &*python), (&*python, &*python), ("other/python", "other/python")] {
        let mut command = Command::new(&python);
        command.arg0(name).args(["-c", "a b"]).env_clear().env("A", "b");
        let output = command.output().expect("the launcher starts");
        let folder = folder.to_string_lossy();
        let expected = format!(
            "--inhibit-cache\n--library-path\n{folder}/lib/x86_64-linux-gnu\n--argv0\n{seen}\n\
             {folder}/bin/python3.15\n-c\na b\nA=b\0"
        );
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "called as {name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_package_that_debian_does_not_have_is_not_installed() {
    let project = Project::empty();
    let programs = [("apt-get", APT_GET), ("apt-cache", APT_CACHE), ("dpkg-deb", DPKG_DEB), ("cc", "")];
    let failed = install(&project, &programs, &["cpython-3.14"]);
    let reason = "cpython-3.14: not installed: python3.14: not in Debian's suites: sid testing";
    assert!(failed.starts_with("exit code: 3\n") && failed.contains(reason), "{failed}");
    assert_eq!(cached(&project), ["cpython-3.14.log"]);
}
