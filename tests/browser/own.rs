//! Results files that a reader drops on a page.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::Test;
use crate::driver::Browser;
use crate::matrix;
use crate::samples::{EVIL, REAL};

pub const TESTS: &[Test] = &[
    ("own::dropped_results_have_the_cells_that_the_site_would_have", same_cells),
    ("own::dropped_results_run_nothing", hostile_results_run_nothing),
    ("own::a_wrong_file_is_refused", a_wrong_file_is_refused),
];

/// Drops a file with a text on the page.
fn drop_file(browser: &Browser, text: &str) {
    browser.run(&format!(
        "const data = new DataTransfer(); data.items.add(new File([{}], 'mine.jsonl'));
        dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, cancelable: true }}))",
        json!(text)
    ));
}

fn results(site: &Path) -> String {
    fs::read_to_string(site.join("data/results.jsonl")).expect("results")
}

fn same_cells() {
    let browser = Browser::start();
    browser.resize(1280, 900);
    browser.open(&REAL, "index.html");
    drop_file(&browser, &results(&REAL));
    browser.wait("document.querySelector('#matrix thead .own')");
    // The file is the one that the site is made of: each of its columns has a published one with the same cells.
    let different = matrix::run(
        &browser,
        "document.querySelectorAll('.choice button')[1].click();
        const all = heads(), own = all.filter((head) => head.matches('.own'));
        const name = (head) => head.firstChild.textContent;
        const at = new Map(published.columns.map((column, at) => [column.name, at + own.length]));
        const look = (cell) => { const copy = cell.cloneNode(true); copy.querySelector('sup')?.remove(); return `${cell.className} ${copy.textContent}`; };
        const different = [];
        for (const row of table.querySelectorAll('tbody tr')) {
            own.forEach((head, place) => {
                const [mine, theirs] = [row.cells[place + 1], row.cells[at.get(name(head)) + 1]].map(look);
                if (mine !== theirs) different.push(`${row.id || row.cells[0].textContent} on ${name(head)}: ${mine}, not ${theirs}`);
            });
        }
        return [own.length, published.columns.length, different.slice(0, 5)]",
    );
    assert_eq!(different[0], different[1], "each runtime has a column");
    assert_eq!(different[2], json!([]));
    let own = "const head = table.tHead.rows[1].cells[1]; return [head.className, document.getElementById('own-results').textContent.includes('mine.jsonl')]";
    assert_eq!(matrix::run(&browser, own), json!(["own", true]), "own results come first");
    assert_eq!(browser.run("return [...document.querySelectorAll('#matrix .own .total')].every((each) => /^\\d+\\/\\d+ kept$/.test(each.textContent))"), true);
    browser.open(&REAL, "compare.html");
    assert_eq!(browser.run("return document.querySelector('#compare optgroup').label"), "Your results");
    browser.open(&REAL, "matrix.html");
    browser.run("document.querySelector('#own-results button').click()");
    assert_eq!(matrix::run(&browser, "return table.querySelectorAll('.own').length"), 0, "they can be removed");
}

fn hostile_results_run_nothing() {
    let browser = Browser::start();
    browser.open(&REAL, "matrix.html");
    // Without the lines of megabytes, which are refused.
    let evil: String =
        results(&EVIL).lines().filter(|line| line.len() < 1 << 20).map(|line| format!("{line}\n")).collect();
    drop_file(&browser, &evil);
    browser.wait("document.querySelector('#matrix thead .own')");
    let state = browser.run(
        "for (const each of document.querySelectorAll('main *')) each.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        return [typeof window.pwned, document.querySelectorAll('main img, main iframe, main script').length,
            document.querySelectorAll('h1').length, /[\\u202e\\u200b\\u0000]/.test(document.body.textContent),
            [...document.querySelectorAll('#matrix .own')].every((head) => head.textContent.length < 1000)]",
    );
    assert_eq!(state, json!(["undefined", 0, 1, false, true]));
}

fn a_wrong_file_is_refused() {
    let browser = Browser::start();
    let real = results(&REAL);
    let long = format!("{}\n\"{}", real.lines().next().expect("a header"), "W".repeat(5 << 20));
    let future = real.replacen("\"format\":1", "\"format\":2", 1);
    for (text, message) in [
        ("", "The file is empty."),
        ("<html>", "not JSON"),
        ("{\"record\":\"trial\"}\n", "does not begin with a header"),
        (future.as_str(), "another format"),
        (real.lines().next().expect("a header"), "no runtime on which a case was run"),
        (long.as_str(), "too long"),
    ] {
        for page in ["index.html", "matrix.html"] {
            browser.open(&REAL, page);
            drop_file(&browser, text);
            browser.wait("document.querySelector('main .banner.x:not([hidden])')");
            let shown: Value = browser.run("return document.querySelector('main .banner.x').textContent");
            assert!(shown.as_str().is_some_and(|shown| shown.contains(message)), "{page}: {message}: {shown}");
        }
    }
}
