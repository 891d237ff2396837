//! axe-core reports no problem with accessibility.

use std::{env, fs};

use serde_json::json;

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[("accessible::axe_reports_no_problem", axe_reports_no_problem)];

/// Returns the reason why axe-core is absent, if it is.
pub fn absence() -> Option<String> {
    let path = env::var_os("AUDIT578_AXE");
    let is_there = path.is_some_and(|path| fs::metadata(path).is_ok_and(|found| found.is_file()));
    (!is_there).then(|| "no axe-core: AUDIT578_AXE names axe.min.js".to_owned())
}

fn axe_reports_no_problem() {
    let axe = fs::read_to_string(env::var_os("AUDIT578_AXE").expect("it is there")).expect("a script");
    let browser = Browser::start();
    browser.open(&REAL, "index.html");
    let two = browser.run("return document.querySelector('.box .plain a').getAttribute('href')");
    let two = two.as_str().expect("an address").to_owned();
    // Colours depend on the scheme only, and the layout on the width only: two of the four combinations are enough.
    for (scheme, width) in [("light", 1280), ("dark", 390)] {
        browser.prefer(scheme);
        browser.resize(width, 844);
        for page in [
            "index.html",
            "matrix.html",
            "event/compile.html",
            "event/os.mkdir.html",
            "findings.html",
            "compare.html",
            &two,
            "capabilities.html",
            "doors.html",
            "guide/index.html",
            "guide/ci.html",
            "guide/contributing.html",
            "about.html",
            "data/index.html",
            &runtime(),
        ] {
            browser.open(&REAL, page);
            browser.run("for (const each of [...document.querySelectorAll('details')].slice(0, 8)) each.open = true");
            browser.run(&axe);
            let found = browser.run_async(
                "const { violations, passes } = await axe.run();
                const text = ({ id, nodes: [node] }) => `${id}: ${node.html} ${node.failureSummary}`;
                done([passes.length > 10, violations.map(text)])",
            );
            assert_eq!(found, json!([true, []]), "{page}, {scheme}, {width} wide");
        }
    }
}

/// Returns the page of a runtime that has a trend, as this page has all parts.
pub fn runtime() -> String {
    let entries = fs::read_dir(REAL.join("runtime")).expect("a folder").flatten();
    let tested = entries.filter(|entry| fs::read_to_string(entry.path()).expect("a page").contains("id=trend"));
    let name = tested.map(|entry| entry.file_name().into_string().expect("a name")).max();
    format!("runtime/{}", name.expect("a page"))
}
