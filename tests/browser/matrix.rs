//! The overview: filters, folding, columns, the address, the keyboard.

use serde_json::{Value, json};

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[
    ("matrix::filters", filters),
    ("matrix::only_differences", only_differences),
    ("matrix::folding", folding),
    ("matrix::columns", columns),
    ("matrix::all_state_is_in_the_address", all_state_is_in_the_address),
    ("matrix::heads_are_as_wide_as_their_columns", heads_are_as_wide_as_their_columns),
    ("matrix::keyboard", keyboard),
    ("matrix::a_cell_leads_to_its_trials", a_cell_leads_to_its_trials),
    ("matrix::head_and_first_column_stay", head_and_first_column_stay),
];

/// Functions for the scripts of these tests.
const HELPERS: &str = "
    const table = document.getElementById('matrix'), form = document.getElementById('filters');
    const rows = () => [...table.querySelectorAll('tbody tr:not(.group)')];
    const visible = () => rows().filter((row) => row.checkVisibility());
    const names = (list) => list.map((row) => row.cells[0].textContent);
    const cells = (row) => [...row.cells].slice(2);
    const set = (name, value) => {
        const input = form[name];
        input.type === 'checkbox' ? input.checked = value : input.value = value;
        input.dispatchEvent(new Event('input', { bubbles: true }));
    };";

fn overview() -> Browser {
    let browser = Browser::start();
    browser.resize(1280, 900);
    browser.open(&REAL, "index.html");
    browser
}

fn run(browser: &Browser, script: &str) -> Value {
    browser.run(&format!("{HELPERS} {script}"))
}

fn filters() {
    let browser = overview();
    let all = run(&browser, "return rows().length").as_u64().expect("a number");
    assert!(all > 10);
    assert_eq!(run(&browser, "set('q', 'MKdir'); return names(visible())"), json!(["os.mkdir"]));
    assert_eq!(run(&browser, "return [...table.tBodies].filter((body) => body.checkVisibility()).length"), 1);
    let module = "set('q', ''); set('module', 'os');
        return [visible().length > 1, names(visible()).every((name) => name.startsWith('os.'))]";
    assert_eq!(run(&browser, module), json!([true, true]));
    for (verdict, class) in [("known", ".k"), ("failure", ".k, .x, .n"), ("skip", ".s")] {
        let script = format!(
            "set('module', ''); set('verdict', '{verdict}');
            const fits = (row) => row.querySelector('td:is({class})') !== null;
            return [visible().length, visible().every(fits), rows().filter(fits).length]"
        );
        let found = run(&browser, &script);
        assert!(found[0].as_u64() > Some(0) && found[0].as_u64() < Some(all), "{verdict}: {found}");
        assert_eq!((&found[1], &found[2]), (&json!(true), &found[0]), "{verdict}");
    }
    let words = run(
        &browser,
        "set('verdict', 'wrong-args');
        return visible().every((row) => cells(row).some((cell) => cell.textContent.includes('wrong-args')))",
    );
    assert_eq!(words, true);
    let count = run(&browser, "return [document.getElementById('count').textContent, visible().length, rows().length]");
    let said = count[0].as_str().expect("text");
    assert!(said.starts_with(&format!("{} of {} events", count[1], count[2])), "{said}");
    assert_eq!(run(&browser, "set('verdict', ''); set('q', 'no such event'); return visible().length"), 0);
    assert_eq!(run(&browser, "set('q', ''); set('platform', 'linux'); return visible().length"), all);
    assert_eq!(run(&browser, "form.querySelector('[type=reset]').click(); return form.q.value"), "");
}

fn only_differences() {
    let browser = overview();
    let found = run(
        &browser,
        "set('diff', true);
        const look = (cell) => cell.querySelector('a').textContent.trim().replace(/ \\d+\\/\\d+/, '').replace(/[\\d ]+$/, '');
        const differs = (row) => new Set(cells(row).filter((cell) => !cell.matches('.s, .o')).map(look)).size > 1;
        return [visible().length, visible().every(differs), rows().filter(differs).length]",
    );
    assert_eq!((&found[1], &found[2]), (&json!(true), &found[0]));
    assert!(found[0].as_u64() > Some(0), "a CPython and a PyPy differ in something");
}

fn folding() {
    let browser = overview();
    let fold = "const button = document.querySelector('[data-module=os] button'); button.click();
        return [button.getAttribute('aria-expanded'), names(visible()).includes('os.mkdir'), location.search]";
    assert_eq!(run(&browser, fold), json!(["false", false, "?folded=os"]));
    let total = "return document.querySelector('[data-module=os] .group').checkVisibility()";
    assert_eq!(run(&browser, total), true, "the numbers of the group stay");
    assert_eq!(run(&browser, fold), json!(["true", true, ""]));
    let all =
        "const button = document.getElementById('fold'); button.click(); return [visible().length, button.textContent]";
    assert_eq!(run(&browser, all), json!([0, "Unfold all"]));
    assert_eq!(run(&browser, all)[1], "Fold all");
}

fn columns() {
    let browser = overview();
    let shown = "[...table.tHead.rows[1].cells].slice(2).filter((head) => head.checkVisibility()).map((head) => head.dataset.name)";
    let before = run(&browser, &format!("return {shown}"));
    let before: Vec<String> =
        before.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
    let cells = run(&browser, "return visible().map((row) => row.textContent.trim())");
    let click = |at: usize| format!("document.querySelectorAll('.choice input')[{at}].click(); return {shown}");
    let after = run(&browser, &click(0));
    assert_eq!(after, json!(before[1..]));
    let widths = run(&browser, "return [...new Set(visible().map((row) => row.cells.length))]");
    assert_eq!(widths, json!([before.len() + 1]));
    let groups =
        run(&browser, "return [...new Set([...table.querySelectorAll('.group')].map((row) => row.cells.length))]");
    assert_eq!(groups, json!([before.len()]));
    browser.reload();
    assert_eq!(run(&browser, &format!("return {shown}")), json!(before[1..]), "the choice is kept");
    assert_eq!(run(&browser, &click(0)), json!(before));
    assert_eq!(
        run(&browser, "return visible().map((row) => row.textContent.trim())"),
        cells,
        "made anew, cells are as they were"
    );
    assert_eq!(run(&browser, "return location.search"), "");
}

fn heads_are_as_wide_as_their_columns() {
    let browser = overview();
    let widths = "const width = (cell) => cell.getBoundingClientRect().width;
        const heads = [...table.tHead.rows[1].cells].slice(2), families = [...table.tHead.rows[0].cells].slice(2);
        return families.map((family) => {
            const own = heads.filter((head) => head.dataset.implementation === family.dataset.implementation);
            return Math.round(width(family) - own.reduce((sum, head) => sum + width(head), 0));
        })";
    let found = run(&browser, widths);
    let found = found.as_array().expect("a list");
    assert!(!found.is_empty() && found.iter().all(|difference| *difference == 0), "{found:?}");
}

fn all_state_is_in_the_address() {
    let browser = overview();
    let state = "const open = names(visible());
        const heads = [...table.tHead.rows[1].cells].slice(2).filter((head) => head.checkVisibility()).length;
        return [form.q.value, form.verdict.value, form.diff.checked, heads, open]";
    run(
        &browser,
        "set('q', 'b'); set('verdict', 'failure'); set('diff', true);
        document.querySelectorAll('.choice input')[1].click(); document.querySelector('.group button').click()",
    );
    let before = run(&browser, state);
    let address = browser.run("return location.search").as_str().expect("text").to_owned();
    assert!(
        ["q=b", "verdict=failure", "diff=", "columns=", "folded="].iter().all(|part| address.contains(part)),
        "{address}"
    );
    let other = Browser::start();
    other.resize(1280, 900);
    other.open(&REAL, &format!("index.html{address}"));
    assert_eq!(run(&other, state), before);
}

fn keyboard() {
    const DOWN: char = '\u{e015}';
    const RIGHT: char = '\u{e014}';
    const TAB: char = '\u{e004}';
    const ENTER: char = '\u{e007}';
    let browser = overview();
    browser.press(&['/']);
    assert_eq!(browser.run("return document.activeElement.name"), "q", "/ leads to the filter");
    assert_eq!(run(&browser, "return table.querySelectorAll('tbody [tabindex=\"0\"]').length"), 1, "one stop");
    run(&browser, "document.querySelector('.scroll').focus()");
    // The Tab key visits the heads of the columns, then the cells as one stop.
    let heads =
        run(&browser, "return [...table.tHead.querySelectorAll('a')].filter((a) => a.checkVisibility()).length");
    let tabs = usize::try_from(heads.as_u64().expect("a number")).expect("few") + 1;
    browser.press(&vec![TAB; tabs]);
    assert_eq!(browser.run("return document.activeElement.className"), "fold");
    let (at, row) =
        ("document.activeElement.closest('td, th').cellIndex", "document.activeElement.closest('tr').rowIndex");
    let place = format!("return [{at}, {row}, document.activeElement.tabIndex]");
    let start = browser.run(&place);
    browser.press(&[DOWN, RIGHT]);
    let row = start[1].as_u64().expect("a number") + 1;
    assert_eq!(browser.run(&place), json!([2, row, 0]), "to the first cell of the first event");
    assert_eq!(run(&browser, "return table.querySelectorAll('tbody [tabindex=\"0\"]').length"), 1, "still one stop");
    let is_seen = "const at = document.activeElement.getBoundingClientRect();
        return document.elementFromPoint(at.x + 5, at.y + 5).closest('a') === document.activeElement";
    for _ in 0..15 {
        browser.press(&[DOWN]);
        assert_eq!(browser.run(is_seen), true, "the head does not cover what has the focus");
    }
    browser.press(&[ENTER]);
    assert!(browser.run("return location.pathname").as_str().is_some_and(|path| path.contains("/event/")));
}

fn a_cell_leads_to_its_trials() {
    let browser = overview();
    run(&browser, "document.querySelector('tr[id=compile] td.k a').click()");
    let target = "const row = document.querySelector(':target');
        const at = row.getBoundingClientRect();
        return [location.pathname.split('/').pop(), row.tagName, row.id === location.hash.slice(1), at.y >= 0 && at.y < innerHeight]";
    assert_eq!(browser.run(target), json!(["compile.html", "TR", true, true]));
    browser.run("document.querySelector(':target .why a').click()");
    let trial = "const row = document.querySelector(':target');
        return [row.checkVisibility(), row.closest('details').open, row.nextElementSibling.className, row.id.includes('@')]";
    assert_eq!(browser.run(trial), json!([true, true, "failure", true]));
}

fn head_and_first_column_stay() {
    let browser = overview();
    browser.resize(390, 844);
    let place = "const box = document.querySelector('.scroll'); box.scrollTo(400, 300);
        const frame = box.getBoundingClientRect(), head = table.tHead.rows[0].cells[2].getBoundingClientRect();
        const first = visible()[0].cells[0].getBoundingClientRect();
        return [box.scrollTop, Math.round(head.y - frame.y) <= 1, Math.round(first.x - frame.x) <= 1]";
    assert_eq!(run(&browser, place), json!([300, true, true]));
}
