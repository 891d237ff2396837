//! The tables of a Markdown text.
//!
//! A table is known by the rule below its head, `|---|---|`. If rows end with `|`, a row may take several lines, as
//! in a copy of a page. Such a row ends when it has all its cells.

use super::cells::{Table, append, strip_markup};

/// Returns the tables of a text, in order.
pub(super) fn tables(text: &str) -> Vec<Table> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let rules: Vec<usize> = (0..lines.len()).filter(|index| is_rule(lines[*index])).collect();
    let mut tables = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let end = match rules.get(number + 1) {
            // The head of the next table stands between its rule and the blank line above.
            Some(next) => (*rule..*next).rfind(|index| lines[*index].is_empty()).unwrap_or(*next),
            None => lines.len(),
        };
        tables.push(table(lines[*rule], &lines[rule + 1..end]));
    }
    tables
}

/// Tells whether a line is the rule below a head of several cells: `|---|:-:|`, `---|---`.
fn is_rule(line: &str) -> bool {
    line.trim_matches('|').contains('|') && line.contains('-') && line.chars().all(|c| "|-: ".contains(c))
}

/// Reads the lines below a rule.
fn table(rule: &str, lines: &[&str]) -> Table {
    // If the row ends with `|`, an empty piece follows it.
    let pieces = cut(rule.strip_prefix('|').unwrap_or(rule)).len();
    let mut rows = Vec::new();
    let mut row = String::new();
    let mut count = 1;
    for line in lines {
        let begins_a_row = line.starts_with('|') && row.starts_with('|');
        let is_between_cells = row.ends_with('|') && !row.starts_with('|');
        if begins_a_row || line.is_empty() && !is_between_cells {
            rows.push(std::mem::take(&mut row));
            count = 1;
        }
        if row.is_empty() && !line.is_empty() && !line.contains('|') {
            break;
        }
        let before = row.len();
        append(&mut row, line);
        // Only the new text is cut, because a row may have very many lines.
        count += ends(&row, before).filter(|index| *index > 0).count();
        if count >= pieces {
            rows.push(std::mem::take(&mut row));
            count = 1;
        }
    }
    rows.push(row);
    let rows = rows.iter().map(|row| cells(row).iter().map(|cell| strip_markup(cell)).collect::<Vec<_>>());
    Table(rows.filter(|row| row.iter().any(|cell| !cell.is_empty())).collect())
}

/// Returns the cells of a row.
fn cells(row: &str) -> Vec<&str> {
    cut(row.strip_prefix('|').unwrap_or(row))
}

/// Cuts a text at the ends of its cells.
fn cut(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for index in ends(text, 0) {
        pieces.push(text[start..index].trim());
        start = index + 1;
    }
    pieces.push(text[start..].trim());
    pieces
}

/// Returns where cells end, from an index on: at each `|` that has no backslash before it.
fn ends(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let found = text.get(from..).unwrap_or_default().match_indices('|');
    found.map(move |(index, _)| from + index).filter(|index| !text[..*index].ends_with('\\'))
}

#[cfg(test)]
mod tests {

    use super::*;

    const MARKDOWN: &str = "
Prose with a | in it.

| 事件 | 参数 | 参考 |
|:---|---|:-:|
| `open` | `path`, `mode` | [1](functions.html#open) |
| `os.\\_clearenv` | | [1] |
| new.event | x

| Other | Table |
|---|---|
| a\\|b | c |
Prose.
";

    const WITHOUT_OUTER_PIPES: &str = "
event | arguments
--- | ---
open | path, mode
os.mkdir | path

Prose.
";

    const BROKEN: &str = "
| Event | Arguments |
|---|---|
| open | path,
mode,
flags |
| os.mkdir | path |
";

    const COPIED: &str = "
| 
 Audit event  | 
 Arguments  | 
 References  | 
|---|---|---|
array.__new__  | 
 typecode, initializer  | [1]  | 
open  | 
 path,
mode  | [1][2]  | 
cpython.PyInterpreterState_Clear  | [1]  | |
new.event  | 

 x | [1]  | 

Prose.
";

    #[test]
    fn a_row_ends_with_its_last_cell() {
        let row = |row: &Vec<String>| format!("{}({})", row[0], super::super::arguments(&row[1]).join(", "));
        for (text, expected) in [
            (MARKDOWN, &["open(path, mode) os._clearenv() new.event(x)", "a|b(c)"][..]),
            (WITHOUT_OUTER_PIPES, &["open(path, mode) os.mkdir(path)"]),
            (BROKEN, &["open(path, mode, flags) os.mkdir(path)"]),
            (
                COPIED,
                &["array.__new__(typecode, initializer) open(path, mode) cpython.PyInterpreterState_Clear() \
                   new.event(x)"],
            ),
            ("| open | path |\n| os.mkdir | path |\n", &[]),
            ("The operators a | b and a || b.\n", &[]),
            ("", &[]),
        ] {
            let read = tables(text);
            let read: Vec<_> = read.iter().map(|table| table.0.iter().map(row).collect::<Vec<_>>().join(" ")).collect();
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn a_row_of_many_lines_does_not_take_the_square_of_their_number() {
        let rule = "-|".repeat(200_000);
        let read = tables(&format!("{rule}\n{}", "a|\n".repeat(150_000)));
        assert_eq!((read.len(), read[0].0.len(), read[0].0[0].len()), (1, 1, 150_001));
    }
}
