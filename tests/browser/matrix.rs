//! The matrix: filters, folding, columns, the address, the keyboard.

use serde_json::{Value, json};

use crate::Test;
use crate::driver::Browser;
use crate::samples::REAL;

pub const TESTS: &[Test] = &[
    ("matrix::filters", filters),
    ("matrix::events_rules_and_doors_are_apart", events_rules_and_doors_are_apart),
    ("matrix::only_differences", only_differences),
    ("matrix::reasons_are_those_of_the_rows", reasons_are_those_of_the_rows),
    ("matrix::folding", folding),
    ("matrix::columns", columns),
    ("matrix::all_state_is_in_the_address", all_state_is_in_the_address),
    ("matrix::heads_are_as_wide_as_their_columns", heads_are_as_wide_as_their_columns),
    ("matrix::keyboard", keyboard),
    ("matrix::a_cell_leads_to_its_outcome", a_cell_leads_to_its_outcome),
    ("matrix::head_and_first_column_stay", head_and_first_column_stay),
];

/// Functions for the scripts of these tests.
pub const HELPERS: &str = "
    const table = document.getElementById('matrix'), form = document.getElementById('filters');
    const rows = () => [...table.querySelectorAll('tbody[data-kind=events] tr:not(.group)')];
    const visible = () => [...table.querySelectorAll('tbody tr:not(.group)')].filter((row) => row.checkVisibility());
    const names = (list) => list.map((row) => row.cells[0].textContent);
    const cells = (row) => [...row.cells].slice(1);
    const heads = () => [...table.tHead.rows[1].cells].slice(1).filter((head) => head.checkVisibility());
    const word = (cell) => cell.querySelector('a').firstChild.textContent.replace(/ \\d+\\/\\d+$/, '');
    const set = (name, value) => {
        const input = form[name];
        input.type === 'checkbox' ? input.checked = value : input.value = value;
        form.dispatchEvent(new Event('input', { bubbles: true }));
    };";

fn matrix() -> Browser {
    let browser = Browser::start();
    browser.resize(1280, 900);
    browser.open(&REAL, "matrix.html");
    browser
}

pub fn run(browser: &Browser, script: &str) -> Value {
    browser.run(&format!("{HELPERS} {script}"))
}

fn filters() {
    let browser = matrix();
    let all = run(&browser, "return rows().length").as_u64().expect("a number");
    assert!(all > 10);
    assert_eq!(run(&browser, "set('q', 'MKdir'); return names(visible())"), json!(["os.mkdir"]));
    assert_eq!(run(&browser, "return [...table.tBodies].filter((body) => body.checkVisibility()).length"), 1);
    let module = "set('q', ''); set('module', 'os');
        return [visible().length > 1, names(visible()).every((name) => name.startsWith('os.'))]";
    assert_eq!(run(&browser, module), json!([true, true]));
    for (outcome, class) in [("failure", ".k, .x"), ("missing", ".x"), ("not here", ".s")] {
        let script = format!(
            "set('module', ''); set('outcome', '{outcome}');
            const fits = (row) => row.querySelector('td:is({class})') !== null;
            return [visible().length, visible().every(fits), rows().filter(fits).length]"
        );
        let found = run(&browser, &script);
        assert!(found[0].as_u64() > Some(0) && found[0].as_u64() < Some(all), "{outcome}: {found}");
        assert_eq!((&found[1], &found[2]), (&json!(true), &found[0]), "{outcome}");
    }
    let words = "set('outcome', 'partly');
        return [visible().length > 0, visible().every((row) => cells(row).some((cell) => word(cell) === 'partly'))]";
    assert_eq!(run(&browser, words), json!([true, true]));
    let count = run(&browser, "return [document.getElementById('count').textContent, visible().length, rows().length]");
    let said = count[0].as_str().expect("text");
    assert!(said.starts_with(&format!("{} of {} events", count[1], count[2])), "{said}");
    assert_eq!(run(&browser, "set('outcome', ''); set('q', 'no such event'); return visible().length"), 0);
    assert_eq!(run(&browser, "form.querySelector('[type=reset]').click(); return form.q.value"), "");
}

fn events_rules_and_doors_are_apart() {
    let browser = matrix();
    for (kind, start) in [("rules", "pep578."), ("events", "")] {
        let found = run(&browser, &format!("set('kind', '{kind}'); return names(visible())"));
        let found = found.as_array().expect("a list");
        assert!(!found.is_empty(), "{kind}");
        for name in found.iter().map(|name| name.as_str().expect("a name")) {
            assert_eq!(name.starts_with("pep578."), start == "pep578.", "{kind}: {name}");
        }
    }
    let doors = "set('kind', 'doors');
        return [names(visible()), cells(visible()[0]).every((cell) => /^(\\d+\\/\\d+ open|not tried)$/.test(cell.textContent)),
            visible()[0].querySelector('td a').getAttribute('href')]";
    assert_eq!(run(&browser, doors), json!([["tracing"], true, "doors.html#tracing"]));
}

fn only_differences() {
    let browser = matrix();
    let found = run(
        &browser,
        "set('diff', true);
        const differs = (row) => new Set(cells(row).map(word)).size > 1;
        const lacksSome = (row) => cells(row).some((cell) => cell.matches('.s, .u')) && cells(row).some((cell) => cell.matches('.p'));
        const shown = new Set(names(visible()));
        return [rows().filter(differs).every((row) => shown.has(row.cells[0].textContent)), rows().filter(lacksSome).length > 0,
            names(visible()).length, rows().length]",
    );
    assert_eq!((&found[0], &found[1]), (&json!(true), &json!(true)), "an event that one side lacks is a difference");
    assert!(found[2].as_u64() > Some(0) && found[2].as_u64() < found[3].as_u64(), "{found}");
}

fn reasons_are_those_of_the_rows() {
    let browser = matrix();
    let notes = "return [...document.querySelectorAll('.notes li')].filter((note) => note.checkVisibility()).map((note) => note.id)";
    let all = browser.run(notes).as_array().map(Vec::len).expect("a list");
    run(&browser, "set('q', 'os.mkdir')");
    let few = browser.run(notes);
    let numbers = run(
        &browser,
        "return [...new Set([...visible()[0].querySelectorAll('sup')].flatMap((sup) => sup.textContent.split(' ')))].map((number) => 'note-' + number)",
    );
    assert!(few.as_array().is_some_and(|few| !few.is_empty() && few.len() < all));
    assert_eq!(few, numbers);
    let title = run(&browser, "return visible()[0].querySelector('td.x a').title");
    assert!(
        title.as_str().is_some_and(|title| title.contains("raised broken") && title.lines().count() == 3),
        "{title}"
    );
}

fn folding() {
    let browser = matrix();
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
    let browser = matrix();
    let shown = "heads().map((head) => head.querySelector('a').getAttribute('href'))";
    let before = run(&browser, &format!("return {shown}"));
    let before: Vec<String> =
        before.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
    let cells = run(&browser, "return visible().map((row) => row.textContent.trim())");
    let click = |at: usize| format!("document.querySelectorAll('.choice input:checked')[{at}].click(); return {shown}");
    let after = run(&browser, &click(0));
    assert_eq!(after, json!(before[1..]));
    let widths =
        run(&browser, "return [...new Set([...table.querySelectorAll('tbody tr')].map((row) => row.cells.length))]");
    assert_eq!(widths, json!([before.len()]));
    browser.reload();
    assert_eq!(run(&browser, &format!("return {shown}")), json!(before[1..]), "the choice is kept");
    let usual = format!("document.querySelector('.choice button').click(); return {shown}");
    assert_eq!(run(&browser, &usual), json!(before));
    assert_eq!(
        run(&browser, "return visible().map((row) => row.textContent.trim())"),
        cells,
        "made anew, cells are as they were"
    );
    assert_eq!(run(&browser, "return location.search"), "");
    let all = format!("document.querySelectorAll('.choice button')[1].click(); return {shown}");
    let all = run(&browser, &all).as_array().map(Vec::len).expect("a list");
    assert_eq!(run(&browser, "return published.columns.length"), all);
}

fn heads_are_as_wide_as_their_columns() {
    let browser = matrix();
    let widths = "const width = (cell) => cell.getBoundingClientRect().width;
        const families = [...table.tHead.rows[0].cells].slice(1).filter((head) => head.checkVisibility());
        return Math.round(heads().reduce((sum, head) => sum + width(head), 0) - families.reduce((sum, head) => sum + width(head), 0))";
    assert_eq!(run(&browser, widths), 0);
}

fn all_state_is_in_the_address() {
    let browser = matrix();
    let state = "const open = names(visible());
        return [form.q.value, form.outcome.value, form.diff.checked, heads().length, open]";
    run(
        &browser,
        "set('q', 'b'); set('outcome', 'failure'); set('diff', true);
        document.querySelectorAll('.choice input')[1].click(); document.querySelector('.group button').click()",
    );
    let before = run(&browser, state);
    let address = browser.run("return location.search").as_str().expect("text").to_owned();
    assert!(
        ["q=b", "outcome=failure", "diff=", "columns=", "folded="].iter().all(|part| address.contains(part)),
        "{address}"
    );
    let other = Browser::start();
    other.resize(1280, 900);
    other.open(&REAL, &format!("matrix.html{address}"));
    assert_eq!(run(&other, state), before);
}

fn keyboard() {
    const DOWN: char = '\u{e015}';
    const RIGHT: char = '\u{e014}';
    const TAB: char = '\u{e004}';
    const ENTER: char = '\u{e007}';
    let browser = matrix();
    browser.press(&['/']);
    assert_eq!(browser.run("return document.activeElement.name"), "q", "/ leads to the filter");
    assert_eq!(run(&browser, "return table.querySelectorAll('tbody [tabindex=\"0\"]').length"), 1, "one stop");
    run(&browser, "document.querySelector('.scroll').focus()");
    // The Tab key visits the heads of the columns, then the cells as one stop.
    let heads = run(&browser, "return heads().length");
    let tabs = usize::try_from(heads.as_u64().expect("a number")).expect("few") + 1;
    browser.press(&vec![TAB; tabs]);
    assert_eq!(browser.run("return document.activeElement.className"), "fold");
    let (at, row) =
        ("document.activeElement.closest('td, th').cellIndex", "document.activeElement.closest('tr').rowIndex");
    let place = format!("return [{at}, {row}, document.activeElement.tabIndex]");
    let start = browser.run(&place);
    browser.press(&[DOWN, RIGHT]);
    let row = start[1].as_u64().expect("a number") + 1;
    assert_eq!(browser.run(&place), json!([1, row, 0]), "to the first cell of the first event");
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

fn a_cell_leads_to_its_outcome() {
    let browser = matrix();
    run(&browser, "document.querySelector('tr[id=compile] td.k a').click()");
    let target = "const mark = document.querySelector(':target'), segment = mark.closest('li');
        const at = segment.getBoundingClientRect();
        return [location.pathname.split('/').pop(), segment.className[0], at.y >= 0 && at.y < innerHeight]";
    assert_eq!(browser.run(target), json!(["compile.html", "k", true]));
    browser.run("document.querySelector('.reasons small a').click()");
    let case = "const target = document.querySelector(':target'); return [target.tagName, target.open]";
    assert_eq!(browser.run(case), json!(["DETAILS", true]));
}

fn head_and_first_column_stay() {
    let browser = matrix();
    browser.resize(390, 844);
    let place = "const box = document.querySelector('.scroll'); box.scrollTo(400, 300);
        const frame = box.getBoundingClientRect(), head = table.tHead.rows[0].cells[1].getBoundingClientRect();
        const first = visible()[0].cells[0].getBoundingClientRect();
        return [box.scrollTop, Math.round(head.y - frame.y) <= 1, Math.round(first.x - frame.x) <= 1]";
    assert_eq!(run(&browser, place), json!([300, true, true]));
}
