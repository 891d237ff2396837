//! Every page: its links work, it requests no other address, and it fits into the window.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[
    ("pages::keep_to_themselves_and_fit", keep_to_themselves_and_fit),
    ("pages::links_lead_somewhere", links_lead_somewhere),
    ("pages::a_deep_link_opens_what_is_folded", a_deep_link_opens_what_is_folded),
    ("pages::light_and_dark", light_and_dark),
    ("pages::without_scripts", without_scripts),
    ("pages::print", print),
    ("pages::tables_are_sorted", tables_are_sorted),
    ("pages::code_is_copied", code_is_copied),
    ("pages::wide_parts_of_the_guide_scroll", wide_parts_of_the_guide_scroll),
];

/// Returns the paths of all pages of a site.
pub fn pages(site: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    for folder in ["", "data/", "event/", "guide/", "runtime/"] {
        let entries = fs::read_dir(site.join(folder)).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().into_string().expect("a name"));
        pages.extend(
            names
                .filter(|name| Path::new(name).extension().is_some_and(|end| end == "html"))
                .map(|name| format!("{folder}{name}")),
        );
    }
    pages.sort();
    pages
}

/// Measures a page: its width, the number of main headings, and the elements that are wider than the window.
const SHOWN: &str = "
    const columns = document.getElementById('columns');
    if (columns) columns.open = true;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const isWide = (each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.scroll') && each.checkVisibility();
    const wide = [...document.querySelectorAll('main *')].filter(isWide).slice(0, 3);
    done([document.documentElement.scrollWidth, document.querySelectorAll('h1').length,
        wide.map((each) => each.outerHTML.slice(0, 200))])";

/// Opens every page in two widths. The console must be empty, no other address requested, and no element too wide.
pub fn check(browser: &Browser, site: &Path) {
    for page in pages(site) {
        for width in [1280, 320] {
            browser.resize(width, 844);
            browser.open(site, &page);
            let shown = browser.run_async(SHOWN);
            assert_eq!(shown, json!([width, 1, []]), "{page}: its width, its headings, and what is too wide");
        }
        assert_eq!(browser.console(), [""; 0], "{page}");
    }
    let folder = format!("file://{}/", site.display());
    let outside: Vec<String> =
        browser.requests().into_iter().filter(|url| !url.starts_with(&folder) && url != "about:blank").collect();
    assert_eq!(outside, [""; 0]);
}

fn keep_to_themselves_and_fit() {
    let browser = Browser::start();
    assert!(pages(&REAL).len() > 10);
    check(&browser, &REAL);
}

fn links_lead_somewhere() {
    let browser = Browser::start();
    for page in pages(&REAL) {
        browser.open(&REAL, &page);
        let links = browser.run(
            "return [...document.querySelectorAll('a[href], link[href], img[src], script[src]')]
            .map((each) => each.href || each.src).filter((address) => !/^https?:/.test(address))",
        );
        for link in links.as_array().expect("a list") {
            let link = link.as_str().expect("an address").strip_prefix("file://").expect("a file");
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = path.split('?').next().unwrap_or_default();
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{page}: {link}: {error}"));
            let has = |quote: &str| text.contains(&format!("id={quote}{anchor}{quote}"));
            assert!(anchor.is_empty() || has("\"") || has(""), "{page}: {link}");
        }
    }
}

fn a_deep_link_opens_what_is_folded() {
    let browser = Browser::start();
    browser.open(&REAL, "event/os.mkdir.html");
    let folded = "return [...document.querySelectorAll('details.case')].findLast((each) => !each.open).id";
    let anchor = browser.run(folded).as_str().expect("a case").to_owned();
    // Older links name a runtime behind the case.
    for anchor in [anchor.clone(), format!("{anchor}@cpython-3.13.0")] {
        browser.open(&REAL, &format!("event/os.mkdir.html#{anchor}"));
        let seen = "const row = document.getElementById(location.hash.slice(1).split('@')[0]), at = row.getBoundingClientRect();
            return [row.open, at.y >= 0 && at.y < innerHeight]";
        assert_eq!(browser.run(seen), json!([true, true]), "{anchor}");
    }
}

fn light_and_dark() {
    let browser = Browser::start();
    let brightness = "const shade = (name) => {
            const [r, g, b] = getComputedStyle(document.body)[name].match(/\\d+/g).map(Number); return (r + g + b) / 765; };
        return [shade('backgroundColor') > .5, shade('color') > .5]";
    for (scheme, expected) in [("light", json!([true, false])), ("dark", json!([false, true]))] {
        browser.prefer(scheme);
        for page in ["index.html", "matrix.html", "event/os.mkdir.html", "findings.html"] {
            browser.open(&REAL, page);
            assert_eq!(browser.run(brightness), expected, "{page}");
        }
    }
}

fn without_scripts() {
    let browser = Browser::start();
    browser.resize(1280, 900);
    browser.scripts(false);
    browser.open(&REAL, "matrix.html");
    let shown = browser.run(
        "return [document.querySelectorAll('#matrix tbody td.p').length > 10,
        document.getElementById('filters').checkVisibility(), document.querySelector('#matrix tbody a').checkVisibility(),
        [...document.querySelectorAll('.js')].some((each) => each.checkVisibility())]",
    );
    assert_eq!(shown, json!([true, false, true, false]), "the matrix is shown, and the filters are not");
    browser.open(&REAL, "index.html");
    let shown = browser.run(
        "return [[...document.querySelectorAll('form')].some((each) => each.checkVisibility()),
        document.querySelectorAll('.bars tbody tr').length > 1, document.querySelectorAll('.box a').length > 3]",
    );
    assert_eq!(shown, json!([false, true, true]), "the questions have links");
    browser.open(&REAL, "findings.html");
    assert_eq!(browser.run("return document.querySelectorAll('.findings article').length > 5"), true);
    browser.open(&REAL, "compare.html");
    assert_eq!(browser.run("return document.querySelector('.noscript').checkVisibility()"), true);
}

fn print() {
    let browser = Browser::start();
    browser.print();
    browser.open(&REAL, "matrix.html");
    let shown = browser.run(
        "const style = (name) => getComputedStyle(document.querySelector(name));
        return [style('#filters').display, style('.scroll').overflow, style('#matrix thead').position]",
    );
    assert_eq!(shown, json!(["none", "visible", "static"]));
    // The text of a page of A4 with margins of 15 mm is 180 by 267 mm.
    browser.resize(680, 1009);
    browser.open(&REAL, "event/os.mkdir.html");
    let pages = browser.run("return document.documentElement.scrollHeight / innerHeight").as_f64();
    assert!(pages.is_some_and(|pages| pages < 2.0), "{pages:?} pages");
}

fn tables_are_sorted() {
    let browser = Browser::start();
    browser.open(&REAL, &crate::accessible::runtime());
    let sort = "const table = document.querySelector('#modules + .scroll table'), head = table.tHead.rows[0].cells[3];
        head.querySelector('button').click();
        const numbers = [...table.tBodies[0].rows].map((row) => Number(row.cells[3].textContent));
        const sorted = [...numbers].sort((one, other) => one - other);
        return [head.getAttribute('aria-sort'), numbers, sorted]";
    let first = browser.run(sort);
    assert_eq!((&first[0], &first[1]), (&json!("ascending"), &first[2]));
    assert!(first[1].as_array().is_some_and(|numbers| numbers.len() > 1));
    let second = browser.run(sort);
    let reversed: Vec<_> = second[2].as_array().expect("a list").iter().rev().cloned().collect();
    assert_eq!((&second[0], &second[1]), (&json!("descending"), &json!(reversed)));
}

fn code_is_copied() {
    let browser = Browser::start();
    browser.open(&REAL, "event/os.mkdir.html");
    let copied = browser.run_async(
        "const button = document.querySelector('.case .copies button'), pre = button.previousSibling;
        button.closest('details').open = true;
        let text = null; navigator.clipboard.writeText = async (given) => { text = given; };
        button.click(); await new Promise((resolve) => setTimeout(resolve, 50));
        done([button.textContent, text === pre.textContent && text.includes('os.mkdir')])",
    );
    assert_eq!(copied, json!(["Copied", true]));
}

fn wide_parts_of_the_guide_scroll() {
    let browser = Browser::start();
    browser.resize(320, 844);
    browser.open(&REAL, "guide/ci.html");
    let wide = browser.run(
        "const isWide = (each) => each.scrollWidth > each.clientWidth && each.tabIndex === 0;
        return ['pre', '.scroll:has(table)'].map((name) => [...document.querySelectorAll('.guide ' + name)].some(isWide))
            .concat(document.documentElement.scrollWidth)",
    );
    assert_eq!(wide, json!([true, true, 320]), "code, tables, and the page");
    let found = browser.run(
        "return [document.querySelector('nav [aria-current]').textContent, document.querySelector('#split-a-run').tagName]",
    );
    assert_eq!(found, json!(["Guide", "H2"]));
}
