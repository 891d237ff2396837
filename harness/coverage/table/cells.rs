//! The cells of a table, and the text in them.

use std::sync::LazyLock;

use regex::Regex;

/// The rows of a table, without those that are marked as its head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table(pub Vec<Vec<String>>);

/// The characters that separate the arguments in a cell, in the scripts of all translations of Python's documentation.
const SEPARATORS: [char; 5] = [',', ';', '，', '、', '،'];

/// The characters around a name that mark it as code or emphasis.
const MARKS: [char; 6] = ['`', '"', '\'', '*', '“', '”'];

/// Appends a line to a cell that is broken over several lines. The break may be within a word.
pub(super) fn append(cell: &mut String, line: &str) {
    let ends_a_word = cell.ends_with(SEPARATORS) || cell.ends_with(MARKS) || line.starts_with(MARKS);
    if ends_a_word && !cell.is_empty() && !line.is_empty() {
        cell.push(' ');
    }
    cell.push_str(line);
}

/// Returns the text of a cell without the marks of code and links, and without places where a word may break.
pub(super) fn strip_markup(cell: &str) -> String {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a regular expression"));
    let is_mark = |c: char| MARKS.contains(&c) || matches!(c, '\\' | '\u{ad}' | '\u{200b}');
    LINK.replace_all(cell, "$1").replace(is_mark, "").trim().to_owned()
}

/// Returns the argument names in a cell. A word without a letter, such as a dash or a footnote, is left out.
pub fn arguments(cell: &str) -> Vec<String> {
    cell.split(|c: char| c.is_whitespace() || SEPARATORS.contains(&c))
        .filter(|word| word.contains(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_names_of_a_cell_are_found_between_its_markup() {
        for (cell, names) in [
            ("", &[][..]),
            ("path", &["path"]),
            ("`path`, `mode`, `dir_fd`", &["path", "mode", "dir_fd"]),
            ("\"typecode\" , \"initializer\"", &["typecode", "initializer"]),
            ("``module``, ``sys.path``,``module-name``", &["module", "sys.path", "module-name"]),
            ("path、mode，flags", &["path", "mode", "flags"]),
            ("dir\\_fd, *args*", &["dir_fd", "args"]),
            ("[path](os.html#path), mode", &["path", "mode"]),
            ("—", &[]),
            ("[1]", &[]),
        ] {
            assert_eq!(arguments(&strip_markup(cell)), names, "{cell}");
        }
    }

    #[test]
    fn a_line_goes_on_within_a_word_unless_a_separator_or_a_mark_ends_it() {
        for (cell, line, whole) in [
            ("cpython.PyInterpreterState_Cle", "ar", "cpython.PyInterpreterState_Clear"),
            ("\"code\",", "\"name\"", "\"code\", \"name\""),
            ("code,", "name", "code, name"),
            ("`code`", "`name`", "`code` `name`"),
            ("", "name", "name"),
            ("name", "", "name"),
        ] {
            let mut joined = cell.to_owned();
            append(&mut joined, line);
            assert_eq!(joined, whole);
        }
    }
}
