//! Sizes and times of a site of usual size, and of a very large one.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use std::path::PathBuf;

use crate::Test;
use crate::driver::Browser;
use crate::samples::synthetic;

pub const TESTS: &[Test] = &[
    ("large::forty_runtimes_load_little", forty_runtimes_load_little),
    ("large::two_hundred_runtimes_are_usable", two_hundred_runtimes_are_usable),
];

fn forty_runtimes_load_little() {
    let site = synthetic("forty", 40, 210);
    let browser = Browser::start();
    for (page, most) in [("index.html", 100_000), ("matrix.html", 400_000), ("event/module1.event_7.html", 150_000)] {
        browser.requests();
        browser.open(&site, page);
        let loaded: u64 = browser.requests().iter().filter_map(|url| size(url)).sum();
        assert!(loaded > 10_000 && loaded < most, "{page}: {loaded} bytes");
    }
    browser.open(&site, "matrix.html");
    let cells = browser.run("return document.querySelectorAll('#matrix tbody tr:not(.group) td').length");
    let heads =
        browser.run("return document.querySelectorAll('#matrix thead tr:last-child th:not([hidden], .corner)').length");
    assert_eq!(cells.as_u64(), heads.as_u64().map(|heads| heads * 210));
    let bytes = total(&site);
    assert!(bytes < 60_000_000, "{bytes} bytes");
}

fn size(url: &str) -> Option<u64> {
    let path = url.strip_prefix("file://")?.split('?').next()?;
    Some(fs::metadata(path).expect("a file").len())
}

static LARGE: LazyLock<PathBuf> = LazyLock::new(|| synthetic("large", 200, 250));

fn two_hundred_runtimes_are_usable() {
    let bytes = total(&LARGE);
    assert!(bytes < 500_000_000, "{bytes} bytes");
    let browser = Browser::start();
    browser.resize(1280, 900);
    // The best of three, so that other processes on the machine do not count.
    let paint = (0..3).map(|_| {
        browser.open(&LARGE, "matrix.html");
        browser.run("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity").as_f64()
    });
    let paint = paint.map(|time| time.unwrap_or(f64::INFINITY)).fold(f64::INFINITY, f64::min);
    assert!(paint < 2000.0, "the first paint came after {paint} ms");
    let filter = browser.run(
        "const q = document.getElementById('filters').q, body = document.body;
        const times = ['event_1', '', 'event_20', '', 'module3', ''].map((text) => {
            const start = performance.now();
            q.value = text; q.dispatchEvent(new Event('input', { bubbles: true }));
            body.getBoundingClientRect();
            return performance.now() - start;
        });
        return Math.min(Math.max(times[0], times[1]), Math.max(times[2], times[3]), Math.max(times[4], times[5]))",
    );
    assert!(filter.as_f64() < Some(100.0), "a filter takes {filter} ms");
    let all = browser.run(
        "[...document.querySelectorAll('.choice button')].find((button) => button.textContent === 'All').click();
        return document.querySelectorAll('#matrix tbody tr:not(.group) td').length",
    );
    assert_eq!(all, 200 * 250);
}

fn total(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { total(&path) } else { fs::metadata(path).expect("a file").len() }).sum()
}
