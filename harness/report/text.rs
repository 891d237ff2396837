//! Text from interpreters, made safe to show, and commands for a shell.

/// The sentence for results without a footer.
pub(super) const INCOMPLETE: &str = "incomplete: the run was cut short before its end";

/// Escapes characters that control a terminal or reorder a line: control characters, and marks of writing direction.
pub(crate) fn clean(text: &str) -> String {
    let escaped = |c: char| match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            c.escape_unicode().to_string()
        }
        c if c.is_control() => c.escape_debug().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// Cuts a text after a number of characters, and appends its length where it was longer.
pub(super) fn short(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// Joins words to a command for a shell, each quoted where necessary.
pub(super) fn command(words: &[String]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// Joins words to a command that works on every machine: the program has its name, without the path.
pub(super) fn command_anywhere(words: &[String]) -> String {
    let options = words.iter().skip(1).cloned();
    command(&["audit578".to_owned()].into_iter().chain(options).collect::<Vec<_>>())
}

fn quote(word: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[31m\0\nb\u{9b}é\u{202e}"), "a\\u{1b}[31m\\0\\nb\\u{9b}é\\u{202e}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("éé", 2), "éé");
        assert_eq!(short("ééé", 2), "éé... (3 characters)");
    }

    #[test]
    fn only_words_with_special_characters_are_quoted() {
        for (word, quoted) in
            [("os.mkdir::path", "os.mkdir::path"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(quote(word), quoted);
        }
    }
}
