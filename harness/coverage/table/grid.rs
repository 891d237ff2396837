//! The tables of Python's documentation as text, which Sphinx writes:
//!
//! ```text
//! +-----------+----------+
//! | event     | argument |
//! |===========|==========|
//! | open      | "path",  |
//! |           | "mode"   |
//! +-----------+----------+
//! ```
//!
//! A row takes several lines if a cell is wider than its column, and ends at the rule below it.

use super::cells::{Table, append, strip_markup};

/// Returns the tables of a text, in order.
pub(super) fn tables(text: &str) -> Vec<Table> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .split(|line| !line.starts_with(['+', '|']))
        .filter(|lines| lines.first().is_some_and(|line| is_rule(line)))
        .map(table)
        .collect()
}

/// Tells whether a line separates rows: `+---+---+`, or below the head `|===|===|` or `+===+===+`.
fn is_rule(line: &str) -> bool {
    line.contains(['-', '=']) && line.chars().all(|c| "|+-=".contains(c))
}

/// Reads the lines of a table.
fn table(lines: &[&str]) -> Table {
    let head = lines.iter().position(|line| is_rule(line) && line.contains('='));
    let body = &lines[head.unwrap_or_default()..];
    Table(body.split(|line| is_rule(line)).filter(|lines| !lines.is_empty()).map(row).collect())
}

/// Joins the lines of a row, cell by cell.
fn row(lines: &[&str]) -> Vec<String> {
    let mut row = Vec::<String>::new();
    for line in lines {
        for (index, piece) in line.trim_matches('|').split('|').map(str::trim).enumerate() {
            match row.get_mut(index) {
                Some(cell) => append(cell, piece),
                None => row.push(piece.to_owned()),
            }
        }
    }
    row.iter().map(|cell| strip_markup(cell)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_HEAD: &str = r#"
Audit events table
******************

+----------------+----------------------+------------+
| Ereignis       | Argumente            | Verweise   |
|================|======================|============|
| os.mkdir       | "path", "mode",      | [1]        |
|                | "dir_fd"             |            |
+----------------+----------------------+------------+
| cpython.PyInte |                      | [1][2]     |
| rpreterState_C |                      |            |
| lear           |                      |            |
+----------------+----------------------+------------+
| new.event_that | "an_argument_of_man  | [1]        |
| _is_long       | y_letters"           |            |
+----------------+----------------------+------------+
"#;

    const OLDER: &str = "
   +------+------+
   | E    | A    |
   +======+======+
   | open | path |
   +------+------+";

    const WITHOUT_HEAD: &str = "
+------+------+
| open | path |
+------+------+

+----+---+
| id | x |
+----+---+
";

    #[test]
    fn a_row_is_all_that_stands_between_two_rules() {
        let row = |row: &Vec<String>| format!("{}({})", row[0], row[1]);
        for (text, expected) in [
            (
                WITH_HEAD,
                &["os.mkdir(path, mode, dir_fd) cpython.PyInterpreterState_Clear() \
                   new.event_that_is_long(an_argument_of_many_letters)"][..],
            ),
            (OLDER, &["open(path)"]),
            (WITHOUT_HEAD, &["open(path)", "id(x)"]),
            ("| open | path |\n", &[]),
            ("a | b\n+ c\n", &[]),
            ("", &[]),
        ] {
            let read = tables(text);
            let read: Vec<_> = read.iter().map(|table| table.0.iter().map(row).collect::<Vec<_>>().join(" ")).collect();
            assert_eq!(read, expected, "{text}");
        }
    }
}
