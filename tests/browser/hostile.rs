//! Hostile results: no text of them is executed, and every page keeps its layout.

use serde_json::json;

use crate::Test;
use crate::driver::Browser;
use crate::pages::{check, pages};
use crate::samples::{EVIL, HOSTILE};

pub const TESTS: &[Test] = &[
    ("hostile::nothing_is_executed", nothing_is_executed),
    ("hostile::the_layout_holds", the_layout_holds),
    ("hostile::hostile_text_is_shown_as_text", hostile_text_is_shown_as_text),
];

fn nothing_is_executed() {
    let browser = Browser::start();
    let all = pages(&EVIL);
    assert!(all.len() >= 2 * HOSTILE.len(), "{all:?}");
    for page in all {
        browser.open(&EVIL, &page);
        // Open all details and move the mouse over all elements, so that every handler would run.
        let state = browser.run(
            "for (const each of document.querySelectorAll('details')) each.open = true;
            for (const each of document.querySelectorAll('main *')) each.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            const all = [...document.querySelectorAll('*')];
            return [typeof window.pwned,
                all.filter((each) => [...each.attributes].some((attribute) => attribute.name.startsWith('on'))).length,
                [...document.querySelectorAll('a[href]')].filter((a) => !/^(file|https?):/.test(a.protocol)).length,
                [...document.scripts].filter((script) => script.type !== 'application/json' && !/^(\\.\\.\\/)?(site|matrix|compare|findings|own|data\\/(matrix|compare))\\.js$/.test(script.getAttribute('src'))).length,
                document.querySelectorAll('main img:not([src^=\"../badge/\"]), iframe, object, embed, main style').length,
                document.querySelectorAll('h1').length]",
        );
        assert_eq!(state, json!(["undefined", 0, 0, 0, 0, 1]), "{page}");
    }
}

fn the_layout_holds() {
    check(&Browser::start(), &EVIL);
}

fn hostile_text_is_shown_as_text() {
    let browser = Browser::start();
    browser.open(&EVIL, "findings.html");
    let text = browser.run("return document.body.textContent");
    let text = text.as_str().expect("text");
    for shown in
        ["<script>window.pwned = 1</script>", "a\\u{202e}gnp.exe\\u{2066}b\\u{200b}c", "javascript:window.pwned=4"]
    {
        assert!(text.contains(shown), "{shown}");
    }
    assert!(!text.contains('\u{202e}') && text.len() < 1 << 20);
}
