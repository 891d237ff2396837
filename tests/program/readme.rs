//! The README: its commands print what it shows, and the page of the package index is made from it.

use std::env;
use std::fs;
#[cfg(unix)]
use std::fs::Permissions;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};
#[cfg(unix)]
use std::process::Command;

use regex::{Captures, Regex};

#[cfg(unix)]
use crate::project::{PYTHON, Project};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/python/README.md");

#[test]
fn the_page_of_the_package_index_is_the_readme() {
    let page = page(&fs::read_to_string(README).expect("the README"), env!("CARGO_PKG_REPOSITORY"));
    if env::var_os("AUDIT578_BLESS").is_some() {
        fs::write(PAGE, &page).expect("it can be written");
    }
    let bless = "AUDIT578_BLESS=1 cargo test --test program readme writes it anew";
    assert!(
        fs::read_to_string(PAGE).expect("the page") == page,
        "harness/python/README.md is of another README: {bless}"
    );
}

/// Makes the page: without pictures and comments, and with links that work elsewhere. A link to a file of the project
/// becomes its text as long as the project has no address.
fn page(readme: &str, address: &str) -> String {
    let dropped = Regex::new(r"(?m)^(<!--.*-->|!\[[^\]]*\]\([^)]*\))\n").expect("a pattern");
    let link = Regex::new(r"\[([^\]]+)\]\(([^):#]+)\)").expect("a pattern");
    let elsewhere = |parts: &Captures| match address {
        "" => parts[1].to_owned(),
        _ => format!("[{}]({address}/blob/main/{})", &parts[1], &parts[2]),
    };
    link.replace_all(&dropped.replace_all(readme, ""), elsewhere).into_owned()
}

#[test]
fn links_to_files_need_the_address_of_the_project() {
    let readme = "<!-- a mark -->\n![A picture](a.webp)\n[all](tests/README.md), [PEP](https://example.org/x), [doors](#doors)\n";
    assert_eq!(page(readme, ""), "all, [PEP](https://example.org/x), [doors](#doors)\n");
    let linked =
        "[all](https://example.org/p/blob/main/tests/README.md), [PEP](https://example.org/x), [doors](#doors)\n";
    assert_eq!(page(readme, "https://example.org/p"), linked);
}

/// Replaces each number by `N` and each space between words by one space, because both differ between machines.
fn normal(text: &str) -> String {
    let number = Regex::new(r"[0-9]+(\.[0-9]+)*").expect("a pattern");
    let hash = Regex::new(r"suite [0-9a-f]+").expect("a pattern");
    let text = number.replace_all(&hash.replace_all(text, "suite HASH"), "N").into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells whether an output is as shown. A line with three dots stands for any lines.
fn is_as_shown(output: &str, shown: &str) -> bool {
    let parts: Vec<String> = shown.split("...\n").map(normal).collect();
    let (mut rest, last) = (normal(output), parts.len() - 1);
    for (at, part) in parts.iter().enumerate() {
        let found = match at {
            0 if last == 0 => (rest == *part).then_some(0),
            0 => rest.starts_with(part).then_some(0),
            _ if at == last => rest.ends_with(part).then(|| rest.len() - part.len()),
            _ => rest.find(part.as_str()),
        };
        let Some(found) = found else { return false };
        rest = rest.split_off(found + part.len());
    }
    true
}

#[test]
fn an_output_is_as_shown_but_for_numbers_and_lines_that_are_left_out() {
    for (output, shown, expected) in [
        ("a 1\nb\n", "a 2\nb\n", true),
        ("a\n", "b\n", false),
        ("a\nb\n", "a\n", false),
        ("a\nb\nc\n", "a\n...\nc\n", true),
        ("a\nb\nc\n", "a\n...\n", true),
        ("a\nb\nc\n", "...\nd\n", false),
        ("suite abc1, 2.5 s\n", "suite c960, 0.4 s\n", true),
    ] {
        assert_eq!(is_as_shown(output, shown), expected, "{output:?} {shown:?}");
    }
}

/// Runs what the README shows behind each `$`, in an empty folder, as its reader would.
#[cfg(unix)]
#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let readme = fs::read_to_string(README).expect("the README");
    let blocks: Vec<&str> =
        readme.split("```console\n").skip(1).filter_map(|block| block.split("\n```").next()).collect();
    assert!(blocks.len() >= 3, "{blocks:?}");
    let project = Project::empty();
    let programs = project.path("programs");
    fs::create_dir(&programs).expect("a folder");
    symlink(env!("CARGO_BIN_EXE_audit578"), programs.join("audit578")).expect("a link");
    // A link to an interpreter would change where it looks for its library.
    let python = format!("#!/bin/sh\nexec {:?} \"$@\"\n", *PYTHON);
    fs::write(programs.join("python3"), python).expect("a script");
    fs::set_permissions(programs.join("python3"), Permissions::from_mode(0o755)).expect("it can be run");
    let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap_or_default());
    for block in blocks {
        let (command, shown) = block.strip_prefix("$ ").and_then(|block| block.split_once('\n')).expect("a command");
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).env("PATH", &path).env("COLUMNS", "100").current_dir(project.path(""));
        let output = shell.output().expect("it starts");
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(is_as_shown(&output, &format!("{shown}\n")), "{command}\nprints:\n{output}\nand not:\n{shown}");
    }
}
