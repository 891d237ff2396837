//! Writes the list of case files that `suite.rs` embeds, so that an installed binary is a complete tool, and builds the
//! native hook that `agent.rs` embeds.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("cases");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let mut list = String::from(
        "/// The embedded case files: path from `cases/`, and text.\nstatic EMBEDDED: &[(&str, &str)] = &[\n",
    );
    for path in paths {
        let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
        let path = path.to_str().expect("the path of the package is Unicode");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("strings take everything");
    }
    list.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("embedded.rs");
    fs::write(out, list).expect("the output folder can be written");
    build_native_hook();
}

/// Builds `native.c`. Where that cannot be the file is empty: the program works without.
fn build_native_hook() {
    println!("cargo:rerun-if-changed=harness/native.c");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("native.so");
    let compiler = cc::Build::new().opt_level(2).pic(true).warnings(true).try_get_compiler();
    let built = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
        && compiler.is_ok_and(|compiler| {
            let mut command = compiler.to_command();
            command.args(["-shared", "-o"]).arg(&out).args(["harness/native.c", "-ldl"]);
            command.status().is_ok_and(|status| status.success())
        });
    if !built {
        println!("cargo:warning=the native hook was not built: its cases will be unsupported");
        fs::write(out, []).expect("the output folder can be written");
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).expect("the folder of cases can be read") {
        let path = entry.expect("the folder of cases can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            paths.push(path);
        }
    }
}
