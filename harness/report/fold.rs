//! Text that is folded to the width of a terminal.

use std::fmt::Write as _;

use super::text::clean;

/// The width of the text, in characters. Only a word that is longer than this, such as an address, makes a longer line.
pub(super) const WIDTH: usize = 80;

/// The width of the names of fields.
const NAME: usize = 12;

/// Renders a name and its values, each on lines of its own.
pub(super) fn field(name: &str, values: &[String]) -> String {
    let head = |index: usize| format!("{:<NAME$}", if index == 0 { name } else { "" });
    values.iter().enumerate().map(|(index, value)| folded(&head(index), value, NAME)).collect()
}

/// Renders a head and words behind it. Lines after the first are indented by a number of spaces.
pub(super) fn folded(head: &str, words: &str, indent: usize) -> String {
    let mut text = head.to_owned();
    let mut width = head.chars().count();
    for (index, word) in words.split_whitespace().map(clean).enumerate() {
        let length = word.chars().count();
        let space = usize::from(index > 0);
        let has_words = index > 0 || !head.trim().is_empty();
        if has_words && width + space + length > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            width = indent;
        } else if index > 0 {
            text.push(' ');
            width += 1;
        }
        text += &word;
        width += length;
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// Joins the first names, and says how many there are beside them.
pub(super) fn first<'a>(names: impl ExactSizeIterator<Item = &'a str>, most: usize) -> String {
    // Two words for one more name would be longer than the name.
    let most = if names.len() == most + 1 { most + 1 } else { most };
    let more = names.len().saturating_sub(most);
    let shown = names.take(most).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        let text = folded("  name: ", &"word ".repeat(40), 4);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.trim_end() == line), "{text}");
        assert_eq!(text.split_whitespace().count(), 41);
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")), "{text}");
        let long = "x".repeat(100);
        assert_eq!(folded("", &format!("a {long} b"), 2), format!("a\n  {long}\n  b\n"));
    }

    #[test]
    fn names_are_cut_where_that_makes_the_text_shorter() {
        let names = |count: usize| first(["a", "b", "c", "d"][..count].iter().copied(), 2);
        assert_eq!([names(1), names(2), names(3), names(4)], ["a", "a, b", "a, b, c", "a, b and 2 more"]);
    }
}
