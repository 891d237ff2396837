//! Tables in documents, in HTML or as text: rows of cells, without their heads.

pub mod html;
pub mod text;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// The rows of a table, but for those that are marked as its head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table(pub Vec<Vec<String>>);

/// Reads all tables of a document.
pub fn read(document: &str, names: &Names) -> Vec<Table> {
    if html::is_html(document) { html::tables(document) } else { text::tables(document, names) }
}

/// The names that the first column of a table may have: they tell a broken name from a new one.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeSet<String>);

impl<'a> FromIterator<&'a str> for Names {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Names {
        Names(names.into_iter().map(str::to_owned).collect())
    }
}

impl Names {
    /// Tells whether a text is one of the names.
    pub fn have(&self, text: &str) -> bool {
        self.0.contains(text)
    }

    /// Tells whether a text is one of the names, or the beginning of one.
    fn begin_with(&self, text: &str) -> bool {
        self.0.range(text.to_owned()..).next().is_some_and(|name| name.starts_with(text))
    }
}

/// What separates the arguments in a cell, in the scripts that Python's documentation is written in.
const SEPARATORS: [char; 5] = [',', ';', '，', '、', '،'];

/// What may stand around a name to mark it as code or emphasis.
const MARKS: [char; 6] = ['`', '"', '\'', '*', '“', '”'];

/// Appends a line to a cell that is broken over several: the break may be within a word.
fn append(cell: &mut String, line: &str) {
    let ends = cell.ends_with(SEPARATORS) || cell.ends_with(MARKS) || line.starts_with(MARKS);
    if ends && !cell.is_empty() && !line.is_empty() {
        cell.push(' ');
    }
    cell.push_str(line);
}

/// Returns the text of a cell without what marks code, links and places where a word may break.
fn plain(cell: &str) -> String {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a regular expression"));
    let cell = LINK.replace_all(cell, "$1");
    let is_mark = |c: char| MARKS.contains(&c) || matches!(c, '\\' | '\u{ad}' | '\u{200b}');
    let text: String = cell.chars().filter(|c| !is_mark(*c)).collect();
    text.trim().to_owned()
}

/// Returns the argument names in a cell. What has no letter, such as a dash or a footnote, is none.
pub fn arguments(cell: &str) -> Vec<String> {
    let is_between = |c: char| c.is_whitespace() || SEPARATORS.contains(&c);
    let is_name = |word: &&str| word.contains(|c: char| c.is_ascii_alphabetic() || c == '_');
    cell.split(is_between).filter(is_name).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_a_cell() {
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
            assert_eq!(arguments(&plain(cell)), names, "{cell}");
        }
    }

    #[test]
    fn a_break_may_be_within_a_word() {
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
