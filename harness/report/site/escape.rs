//! Escapes text from results, so that a page shows it and never runs it.
//!
//! `askama.toml` sends every value of a template through this module. Markup is escaped, characters that reorder or hide
//! their neighbours are shown as codes, and very long texts are cut.

use std::fmt;

/// The most bytes that a page shows of one value. The data has all of it.
const LONGEST: usize = 20_000;

/// The most characters that a page shows of a name.
const LONGEST_NAME: usize = 120;

/// The escaper of the templates.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown;

impl askama::filters::Escaper for Shown {
    fn write_escaped_str<W: fmt::Write>(&self, mut to: W, text: &str) -> fmt::Result {
        let shown = &text[..text.floor_char_boundary_of(LONGEST)];
        shown.chars().try_for_each(|c| write_char(&mut to, c))?;
        match text.len() - shown.len() {
            0 => Ok(()),
            more => write!(to, " … ({more} bytes more are in the data)"),
        }
    }

    fn write_escaped_char<W: fmt::Write>(&self, mut to: W, c: char) -> fmt::Result {
        write_char(&mut to, c)
    }
}

fn write_char<W: fmt::Write>(to: &mut W, c: char) -> fmt::Result {
    match c {
        '<' => to.write_str("&lt;"),
        '>' => to.write_str("&gt;"),
        '&' => to.write_str("&amp;"),
        '"' => to.write_str("&#34;"),
        '\'' => to.write_str("&#39;"),
        '\n' | '\t' => to.write_char(c),
        c if c.is_control() || is_formatting(c) => write!(to, "\\u{{{:x}}}", u32::from(c)),
        c => to.write_char(c),
    }
}

/// Tells whether a character is invisible, or changes the direction of the text around it.
fn is_formatting(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

trait FloorCharBoundary {
    /// Returns the end of the last whole character before a position. Newer versions of the standard library have this.
    fn floor_char_boundary_of(&self, position: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_of(&self, position: usize) -> usize {
        (0..=position.min(self.len())).rev().find(|&at| self.is_char_boundary(at)).unwrap_or_default()
    }
}

/// Returns an address if it begins with `https://` or `http://`. A page shows any other address as text, without a link.
pub(super) fn web_address(address: &str) -> Option<&str> {
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}

/// Returns a name as a page shows it, cut where it is too long.
pub(super) fn name(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use askama::filters::Escaper;

    use super::*;

    #[test]
    fn markup_and_invisible_characters_are_escaped() {
        let shown = |text: &str| {
            let mut shown = String::new();
            Shown.write_escaped_str(&mut shown, text).expect("memory");
            shown
        };
        assert_eq!(shown("<script>'\"&"), "&lt;script&gt;&#39;&#34;&amp;");
        assert_eq!(shown("a\u{202e}b\u{0}\u{1b}[31m\n\u{200b}é"), "a\\u{202e}b\\u{0}\\u{1b}[31m\n\\u{200b}é");
        let long = shown(&"é".repeat(500_000));
        assert!(long.len() < 21_000 && long.ends_with("é … (980000 bytes more are in the data)"));
        assert_eq!(name(&"x".repeat(1 << 20)).chars().count(), 121);
    }
}
