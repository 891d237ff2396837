//! The native hook: one binary for each version of each C library.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

/// The hook, as the build made it.
const HOOK: &str = concat!(env!("OUT_DIR"), "/native.so");

/// A linker that finds a library writes the versions of its functions into the hook, and older ones do not load it.
#[test]
#[cfg(target_os = "linux")]
fn the_native_hook_asks_for_no_version_of_a_library() {
    let hook = fs::read(HOOK).expect("the build wrote the hook");
    assert!(hook.starts_with(b"\x7fELF"), "without a C compiler there is no hook");
    for library in ["GLIBC_", "libc.so", "libdl.so", "libc.musl"] {
        assert!(!hook.windows(library.len()).any(|bytes| bytes == library.as_bytes()), "the hook names {library}");
    }
}

/// Interpreters under glibc are watched by the cases that say `observe: native`.
#[test]
#[ignore = "needs musl-gcc (`apt-get install musl-tools`); `.ci/run` has it"]
fn the_native_hook_watches_a_process_under_musl() {
    let folder = TempDir::new().expect("a folder");
    let [program, report] = ["program", "report"].map(|name| folder.path().join(name));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/musl.c");
    let built = Command::new("musl-gcc")
        .args(["-Wall", "-Wextra", "-Werror", "-rdynamic", source, "-o"])
        .arg(&program)
        .status();
    assert!(built.expect("musl-gcc starts").success());
    let mut command = Command::new(&program);
    command.env("LD_PRELOAD", HOOK).env("AUDIT578_NATIVE", &report).env("AUDIT578_VETO", "os.mkdir");
    assert!(command.status().expect("the process starts").success(), "the hook was not added, or did not raise");
    let event = r#"{"event":{"name":"os.mkdir","args":[{"type":"str","value":"n\"a"},{"type":"int","value":7}]}}"#;
    let expected = [r#"{"agent":1}"#, r#"{"native":true}"#, event, r#"{"end":true}"#].join("\n") + "\n";
    assert_eq!(fs::read_to_string(&report).expect("a report"), expected);
}
