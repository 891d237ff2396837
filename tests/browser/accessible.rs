//! axe-core finds nothing serious.

use std::{env, fs};

use serde_json::json;

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[("accessible::axe_finds_nothing_serious", axe_finds_nothing_serious)];

/// Why axe-core is not here, if it is not.
pub fn absence() -> Option<String> {
    let path = env::var_os("AUDIT578_AXE");
    let is_there = path.is_some_and(|path| fs::metadata(path).is_ok_and(|found| found.is_file()));
    (!is_there).then(|| "no axe-core: AUDIT578_AXE names axe.min.js".to_owned())
}

fn axe_finds_nothing_serious() {
    let axe = fs::read_to_string(env::var_os("AUDIT578_AXE").expect("it is there")).expect("a script");
    let browser = Browser::start();
    // Colours are the scheme's, the layout is the width's: two of the four show both.
    for (scheme, width) in [("light", 1280), ("dark", 390)] {
        browser.prefer(scheme);
        browser.resize(width, 844);
        for page in [
            "index.html",
            "event/compile.html",
            "event/os.mkdir.html",
            "findings.html",
            "compare.html",
            "data/index.html",
            &runtime(),
        ] {
            browser.open(&REAL, page);
            browser.run("for (const each of [...document.querySelectorAll('details')].slice(0, 8)) each.open = true");
            browser.run(&axe);
            let found = browser.run_async("const { violations, passes } = await axe.run();
                const serious = violations.filter((each) => ['serious', 'critical'].includes(each.impact));
                done([passes.length > 10, serious.map((each) => `${each.id}: ${each.nodes[0].html} ${each.nodes[0].failureSummary}`)])");
            assert_eq!(found, json!([true, []]), "{page}, {scheme}, {width} wide");
        }
    }
}

/// The page of a runtime, with all that such a page may have.
fn runtime() -> String {
    let entries = fs::read_dir(REAL.join("runtime")).expect("a folder").flatten();
    let tested = entries.filter(|entry| fs::read_to_string(entry.path()).expect("a page").contains("id=trend"));
    let name = tested.map(|entry| entry.file_name().into_string().expect("a name")).max();
    format!("runtime/{}", name.expect("a page"))
}
