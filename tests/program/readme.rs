//! The page of the package index is made from the README.

use std::env;
use std::fs;

use regex::{Captures, Regex};

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
