//! Text from interpreters and files, made safe for each kind of output, and commands for a shell.

/// The sentence for results without a footer.
pub(super) const INCOMPLETE: &str = "incomplete: the run was cut short before its end";

/// Escapes what acts in one value: control characters, line separators, marks of writing direction, and the commands that
/// a continuous integration finds anywhere in a line of its log.
pub(crate) fn clean(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' if byte != b'#')) {
        return text.to_owned();
    }
    without_commands(text.chars().map(escaped).collect(), "\\u{23}")
}

/// Tells whether nothing in the JSON of a value must be escaped. It may say no where nothing must be.
pub(super) fn is_clean(json: &[u8]) -> bool {
    let is_escape = |pair: &[u8]| pair[0] == b'\\' && b"ubfnrt".contains(&pair[1]);
    json.iter().all(|byte| *byte < 0x7f) && !json.windows(2).any(|pair| is_escape(pair) || pair == b"##")
}

fn escaped(c: char) -> String {
    match c {
        c if c.is_control() => c.escape_debug().to_string(),
        c if is_active(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    }
}

/// Tells whether a character controls a terminal, ends a line or reorders it, or cannot be in XML.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes the second sign of `##[error]`, `##vso[...]` and `##teamcity[...]` in another way.
fn without_commands(text: String, sign: &str) -> String {
    if !text.contains("##") {
        return text;
    }
    let mut safe = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find("##") {
        let behind = &rest[start + 2..];
        let is_command = behind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
        safe += &rest[..=start];
        safe += if is_command { sign } else { "" };
        rest = &rest[start + if is_command { 2 } else { 1 }..];
    }
    safe + rest
}

/// Makes a whole text safe for a terminal or a log. It keeps line ends and our own colours. No line begins with a command.
pub(crate) fn log(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let is_plain = line.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'));
        match is_plain && !line.trim_start().starts_with(':') {
            true => safe += line,
            false => safe += &log_line(line),
        }
    }
    without_commands(safe, "\\u{23}")
}

fn log_line(line: &str) -> String {
    let mut safe = String::new();
    let mut rest = line;
    let mut is_start = true;
    while let Some(c) = rest.chars().next() {
        if let Some(colour) = colour(rest) {
            safe += colour;
            rest = &rest[colour.len()..];
            continue;
        }
        // GitHub ignores spaces before its commands.
        let is_command = is_start && c == ':';
        is_start &= c.is_whitespace();
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => safe.push(c),
            _ if is_command && rest.starts_with(':') => safe += "\\u{3a}",
            c if is_active(c) => safe += &escaped(c),
            c => safe.push(c),
        }
    }
    safe
}

/// Returns the code at the start of a text, if it is one of those of [`style`](super::style).
fn colour(text: &str) -> Option<&str> {
    let (digits, _) = text.strip_prefix("\u{1b}[")?.split_once('m')?;
    let is_ours = ["0", "1", "2", "31", "32", "33", "35", "36"].contains(&digits);
    is_ours.then(|| &text[..digits.len() + 3])
}

/// Escapes in a JSON document what acts on a terminal or in a log. It still means the same.
pub(crate) fn json(text: String) -> String {
    let acts = |c: char| c != '\n' && is_active(c);
    if !text.contains(acts) {
        return without_commands(text, "\\u0023");
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if acts(c) => safe += &format!("\\u{:04x}", u32::from(c)),
            c => safe.push(c),
        }
    }
    without_commands(safe, "\\u0023")
}

/// Returns a cell of a table. A spreadsheet takes a text with one of these signs at its start for a formula, and may run
/// it; an apostrophe makes it a text.
pub(super) fn cell(text: &str) -> String {
    let text = clean(text);
    let start = text.trim_start();
    let is_formula = start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_formula || start.starts_with("::") { format!("'{text}") } else { text }
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
        let all: String = ('\0'..=char::MAX).collect();
        let cleaned = clean(&all);
        assert!(!cleaned.chars().any(is_active));
        assert_eq!(clean(&cleaned), cleaned, "what is clean stays as it is");
        for (text, clear) in [("é", false), ("a\nb", false), ("##", false), ("\u{7f}", false), ("a \"b\" \\ c", true)]
        {
            let json = serde_json::Value::from(text).to_string();
            assert_eq!(is_clean(json.as_bytes()), clear, "{text}");
        }
    }

    #[test]
    fn no_line_of_a_log_is_a_command_and_no_colour_is_not_ours() {
        for (text, safe) in [
            ("::error::x\n a\n", "\\u{3a}:error::x\n a\n"),
            ("a ::b\n\n  ::c", "a ::b\n\n  \\u{3a}:c"),
            ("\u{1b}[1m\u{1b}[31m::x\u{1b}[0m", "\u{1b}[1m\u{1b}[31m\\u{3a}:x\u{1b}[0m"),
            ("\u{1b}[8mx \u{1b}[2J\u{1b}]0;t\u{7}", "\\u{1b}[8mx \\u{1b}[2J\\u{1b}]0;t\\u{7}"),
            (
                "x ##[error]y ##vso[a] ##teamcity[b] ## c ###[d]",
                "x #\\u{23}[error]y #\\u{23}vso[a] #\\u{23}teamcity[b] ## c ##\\u{23}[d]",
            ),
            (":\n:a", ":\n:a"),
            ("a\r\u{85}::x", "a\\r\\u{85}::x"),
        ] {
            assert_eq!(log(text), safe);
        }
    }

    #[test]
    fn json_means_the_same_and_acts_on_nobody() {
        let text = "a\u{7f}\u{9b}\u{202e} ##vso[x] é \u{1f600}\n";
        let safe = json(serde_json::Value::from(text).to_string());
        assert!(safe.chars().all(|c| !is_active(c)) && !safe.contains("##vso"), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).expect("JSON"), text);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (text, safe) in
            [("=1", "'=1"), (" +1", "' +1"), ("\t=1", "\\t=1"), ("::error::", "'::error::"), ("a=1", "a=1")]
        {
            assert_eq!(cell(text), safe);
        }
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
