//! Text that came from interpreters, made harmless for whoever shows it, and words for a shell.

/// The sentence for results without a footer.
pub(super) const INCOMPLETE: &str = "incomplete: the run was cut short before its end";

/// Escapes what would command a terminal or reorder a line: control characters, and marks of the direction of writing.
pub(super) fn clean(text: &str) -> String {
    let escaped = |c: char| match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            c.escape_unicode().to_string()
        }
        c if c.is_control() => c.escape_debug().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// Cuts a text that is longer than a number of characters, and says so.
pub(super) fn short(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// Joins words to a command for a shell, each quoted if it needs that.
pub(super) fn command(words: &[String]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// The same with the program's name, as its path is of the machine that the results are of.
pub(super) fn command_anywhere(words: &[String]) -> String {
    let options = words.iter().skip(1).cloned();
    command(&["audit578".to_owned()].into_iter().chain(options).collect::<Vec<_>>())
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_cannot_command_the_terminal() {
        assert_eq!(clean("a\u{1b}[31m\0\nb\u{9b}é\u{202e}"), "a\\u{1b}[31m\\0\\nb\\u{9b}é\\u{202e}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("éé", 2), "éé");
        assert_eq!(short("ééé", 2), "éé... (3 characters)");
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_they_need_it() {
        for (word, quoted) in
            [("os.mkdir::path", "os.mkdir::path"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(quote(word), quoted);
        }
    }
}
