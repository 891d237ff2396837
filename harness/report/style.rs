//! Styles of text for a terminal, as ANSI codes. The command that prints the text removes them where necessary.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use super::diff::Side;
use super::text::clean;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const KNOWN: Style = AnsiColor::Yellow.on_default();
pub(super) const NEW: Style = AnsiColor::Magenta.on_default().bold();
pub(super) const FIXED: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const HEAD: Style = Style::new().bold();

pub(super) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Renders one line of a difference, indented, with the sign and the colour of its side.
pub(super) fn diff_line(side: Side, line: &str) -> String {
    let style = match side {
        Side::Both => FAINT,
        Side::Expected => BAD,
        Side::Observed => GOOD,
    };
    format!("  {}\n", paint(style, format!("{} {}", side.sign(), clean(line))))
}
