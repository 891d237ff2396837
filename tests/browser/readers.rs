//! Five readers with a question each: the answer is at most two clicks from the first page.

use serde_json::{Value, json};

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[
    ("readers::which_python_keeps_an_event", which_python_keeps_an_event),
    ("readers::what_an_implementation_misses", what_an_implementation_misses),
    ("readers::which_bugs_of_a_version_are_reported", which_bugs_of_a_version_are_reported),
    ("readers::what_changed_between_two_versions", what_changed_between_two_versions),
    ("readers::where_the_documentation_is_wrong", where_the_documentation_is_wrong),
];

fn first_page() -> Browser {
    let browser = Browser::start();
    browser.resize(1280, 900);
    browser.open(&REAL, "index.html");
    browser
}

/// Runs a script that leads to another page, and waits for that page.
fn go(browser: &Browser, script: &str) {
    browser.run(&format!("document.body.id = 'old'; {script}"));
    browser.wait("document.body?.id !== 'old' && document.readyState === 'complete'");
}

fn text(browser: &Browser, selector: &str) -> String {
    let found = browser.run(&format!("return document.querySelector({}).innerText", json!(selector)));
    found.as_str().expect("text").to_owned()
}

fn is_seen(browser: &Browser, selector: &str) -> Value {
    browser.run(&format!(
        "const at = document.querySelector({}).getBoundingClientRect(); return at.y >= 0 && at.y < innerHeight",
        json!(selector)
    ))
}

fn which_python_keeps_an_event() {
    const ENTER: char = '\u{e007}';
    let browser = first_page();
    browser.run("document.body.id = 'old'; document.querySelector('[data-go=event] input').focus()");
    browser.press(&"os.mkdir".chars().chain([ENTER]).collect::<Vec<_>>());
    browser.wait("document.body?.id !== 'old' && document.readyState === 'complete'");
    assert_eq!(text(&browser, "h1"), "os.mkdir");
    let answer = text(&browser, ".answer");
    let (kept, missing) = answer.split_once("missing").expect("both");
    assert!(kept.contains("kept") && kept.contains("CPython 3.8") && missing.contains("PyPy"), "{answer}");
    assert_eq!(is_seen(&browser, ".answer"), true);
    browser.open(&REAL, "index.html");
    let none =
        "const form = document.querySelector('[data-go=event]'); form.q.value = 'os.nothing'; form.requestSubmit();
        return form.querySelector('output').textContent";
    assert_eq!(browser.run(none), "No event of the suite has this name.");
}

fn what_an_implementation_misses() {
    let browser = first_page();
    go(&browser, "[...document.querySelectorAll('.chips a')].find((a) => a.textContent === 'PyPy').click()");
    assert!(text(&browser, "h1").starts_with("PyPy "));
    let missing = text(&browser, ".missing");
    assert!(missing.contains("load-code") && missing.contains("compile"), "{missing}");
    assert!(missing.contains("PyPy does not raise the event"), "{missing}");
    assert_eq!(is_seen(&browser, ".missing"), true);
}

fn which_bugs_of_a_version_are_reported() {
    let browser = first_page();
    go(
        &browser,
        "const form = document.querySelector('[data-go=runtime]');
        form.one.value = [...form.one.options].find((option) => option.text.startsWith('CPython 3.13')).value;
        form.requestSubmit()",
    );
    assert!(text(&browser, "h1").starts_with("CPython 3.13"));
    let bugs = text(&browser, "#bug");
    assert!(bugs.contains("reported") && bugs.contains("unreported"), "{bugs}");
    let link = "return document.querySelector('#bug a.s-reported').href.startsWith('https://')";
    assert_eq!(browser.run(link), true);
}

fn what_changed_between_two_versions() {
    let browser = first_page();
    go(&browser, "document.querySelector('.box .plain a').click()");
    let lead = text(&browser, "#differences .lead");
    assert!(lead.contains(" → ") && lead.contains(" the same."), "{lead}");
    let before = browser.run("return [location.search, document.querySelectorAll('#differences tbody tr').length]");
    browser.run("document.getElementById('swap').click()");
    let after = browser.run("return [location.search, document.querySelectorAll('#differences tbody tr').length]");
    assert!(before[0] != after[0] && before[1] == after[1], "{before} {after}");
    // A CPython and a PyPy differ in more: each row has its kind, its two outcomes and a reason.
    let row = browser.run(
        "const form = document.getElementById('compare');
        form.new.value = [...form.new.options].find((option) => option.text.startsWith('PyPy')).value;
        form.dispatchEvent(new Event('input'));
        const row = [...document.querySelectorAll('#two-lost + p + div tr')].find((row) => row.cells[0].textContent === 'os.mkdir');
        return [...row.cells].slice(1).map((cell) => cell.textContent)",
    );
    assert_eq!((&row[0], &row[1]), (&json!("kept"), &json!("missing")), "{row}");
    assert!(row[3].as_str().is_some_and(|reason| reason.contains("PyPy does not raise the event")), "{row}");
}

fn where_the_documentation_is_wrong() {
    let browser = first_page();
    go(
        &browser,
        "[...document.querySelectorAll('main a')].find((a) => a.textContent === 'the documentation is wrong').click()",
    );
    let shown = "const shown = [...document.querySelectorAll('.findings article')].filter((each) => each.checkVisibility());
        return [shown.length > 0, shown.every((each) => each.closest('section').dataset.kind === 'documentation'),
            shown.every((each) => each.querySelector('blockquote a')?.href.startsWith('https://docs.python.org/') ?? false),
            document.getElementById('filters').kind.value]";
    assert_eq!(browser.run(shown), json!([true, true, true, "documentation"]));
    let anchor = "const link = [...document.querySelectorAll('.findings h3 a')].find((a) => a.checkVisibility()); return link.hash.slice(1)";
    let anchor = browser.run(anchor);
    browser.open(&REAL, &format!("findings.html#{}", anchor.as_str().expect("an anchor")));
    assert_eq!(browser.run("return document.querySelector(':target').tagName"), "ARTICLE");
    let filtered = "const form = document.getElementById('filters');
        form.state.value = 'reported'; form.dispatchEvent(new Event('input', { bubbles: true }));
        const shown = [...document.querySelectorAll('.findings article')].filter((each) => each.checkVisibility());
        return [shown.length > 0, shown.every((each) => each.querySelector('a.s-reported')), location.search]";
    assert_eq!(browser.run(filtered), json!([true, true, "?state=reported"]));
}
