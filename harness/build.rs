//! Packs the case files, launchers, data and pages of the guide that `suite`, `runtime` and `report` carry, so that an
//! installed binary is a complete tool. Joins the Python modules and builds the native hook that `agent` embeds.

use std::path::{Path, PathBuf};
use std::{env, fs};

use miniz_oxide::deflate::compress_to_vec;

#[path = "agent/join.rs"]
mod join;

/// The agent's modules. Each one imports only from those before it.
const AGENT: [&str; 13] = [
    "system", "report", "values", "shapes", "watch", "hot", "trial", "probe", "cost", "state", "fork", "share", "main",
];

/// The modules of its part that answers probes, likewise.
const IDENTITY: [&str; 5] = ["system", "report", "values", "probe", "identity"];

/// The modules of exported tests, likewise.
const EXPORT: [&str; 6] = ["generated", "expected", "observed", "verdict", "interpreter", "case"];

/// Modules in the same folders that are not in the whole script.
const OTHERS: [&str; 3] = ["hooks", "guard", "identity"];

fn main() {
    let has_end = |path: &Path, ends: &[&str]| path.extension().is_some_and(|end| ends.iter().any(|one| end == *one));
    pack("cases", "cases", &["cases"], |path| has_end(path, &["yaml", "yml"]));
    pack("launchers", "harness/runtime/launchers", &["harness/runtime/launchers"], |_| true);
    pack("guide", "", &["harness/guide", "CONTRIBUTING.md", "harness/report/compatibility.md"], |path| {
        has_end(path, &["md"])
    });
    pack("compatibility", "", &["harness/python/audit578/compatibility.json"], |_| true);
    join_modules("harness/agent", &AGENT, "agent.py");
    join_modules("harness/agent", &IDENTITY, "identity.py");
    join_modules("harness/export", &EXPORT, "export.py");
    build_native_hook();
}

/// Writes the modules of a folder as one script. It fails if a module cannot be joined, or is not in the list.
fn join_modules(folder: &str, names: &[&str], script: &str) {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join(folder);
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "py")) {
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        let is_known = [names, &AGENT, &OTHERS].iter().any(|list| list.contains(&&*name));
        assert!(is_known, "{folder}/{name}.py is not in the list of modules in harness/build.rs");
    }
    let text = |name: &&str| {
        let path = root.join(name).with_extension("py");
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let texts: Vec<String> = names.iter().map(text).collect();
    let modules: Vec<_> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    let joined = join::join(&modules).unwrap_or_else(|reason| panic!("{folder} cannot be joined: {reason}"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join(script);
    fs::write(out, format!("# Joined from the modules of {folder}.\n{joined}"))
        .expect("the output folder can be written");
}

/// Packs files, and those below folders, for `harness/packed.rs`: of each the path from a base, and the text, with a zero
/// byte behind both.
fn pack(name: &str, base: &str, roots: &[&str], is_wanted: impl Fn(&Path) -> bool) {
    let project = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut paths = Vec::new();
    for root in roots {
        collect(&project.join(root), &mut paths);
    }
    paths.retain(|path| is_wanted(path));
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let name = path.strip_prefix(project.join(base)).expect("below the base").to_string_lossy().replace('\\', "/");
        let content = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!content.contains('\0'), "{name} has a zero byte");
        text.extend([name.as_str(), "\0", content.as_str(), "\0"]);
    }
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join(format!("{name}.packed"));
    fs::write(out, compress_to_vec(text.as_bytes(), 9)).expect("the output folder can be written");
}

/// Builds `native.c` without any library, so that one file works with each version of each C library. If there is no
/// compiler, the file is empty, and the program works without the hook.
fn build_native_hook() {
    println!("cargo:rerun-if-changed=harness/agent/native.c");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("native.so");
    let compiler = cc::Build::new().opt_level(2).pic(true).warnings(true).try_get_compiler();
    let built = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
        && compiler.is_ok_and(|compiler| {
            let mut command = compiler.to_command();
            command
                .args(["-shared", "-nostdlib", "-fno-stack-protector", "-o"])
                .arg(&out)
                .arg("harness/agent/native.c");
            command.status().is_ok_and(|status| status.success())
        });
    if !built {
        println!("cargo:warning=the native hook was not built: its cases will be unsupported");
        fs::write(out, []).expect("the output folder can be written");
    }
}

fn collect(path: &Path, paths: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", path.display());
    if !path.is_dir() {
        paths.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).expect("the folder can be read") {
        collect(&entry.expect("the folder can be read").path(), paths);
    }
}
