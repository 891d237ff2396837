//! The tables of a text, with `|` between cells: grids as Sphinx and reStructuredText have them, Markdown, and what
//! programs make of HTML.
//!
//! A row may take several lines in four ways: it ends only at the rule below it; the first cell of its further lines is
//! empty; it has not all its cells yet; or its name is broken, which the names that are known tell.

use super::{Names, Table, append, plain};

/// Returns the tables of a text, in order.
pub fn tables(text: &str, names: &Names) -> Vec<Table> {
    let mut reader = Reader { names, tables: Vec::new(), open: Open::default() };
    for line in text.lines().map(str::trim) {
        match () {
            () if line.is_empty() => reader.blank(),
            () if is_rule(line) => reader.rule(line),
            () => reader.line(line),
        }
    }
    reader.end_table();
    reader.tables
}

/// Tells whether a line separates rows of several cells: `+---+---+`, `|===|===|`, `|---|:-:|`, `---|---`.
fn is_rule(line: &str) -> bool {
    line.trim_matches(['|', '+']).contains(['|', '+'])
        && line.contains(['-', '='])
        && line.chars().all(|c| "|+-=: ".contains(c))
}

/// Cuts a line at its `|`, but for those behind a backslash.
fn cut(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, _) in line.match_indices('|').filter(|(index, _)| !line[..*index].ends_with('\\')) {
        pieces.push(line[start..index].trim());
        start = index + 1;
    }
    pieces.push(line[start..].trim());
    pieces
}

struct Reader<'a> {
    names: &'a Names,
    tables: Vec<Table>,
    open: Open,
}

/// The table that is being read.
#[derive(Default)]
struct Open {
    table: Table,
    /// The rows since the last rule or blank line.
    block: Vec<Vec<String>>,
    row: Option<Row>,
    /// What the last rule said, if there was one.
    layout: Option<Layout>,
}

#[derive(Clone, Copy)]
struct Layout {
    columns: usize,
    /// Whether a row ends with a `|`.
    is_closed: bool,
    /// Whether the rule has `+`, and so stands between rows and not only below the head.
    is_grid: bool,
}

/// A row that may go on.
struct Row {
    cells: Vec<String>,
    begins_with_pipe: bool,
}

impl Row {
    fn has_text(&self) -> bool {
        self.cells.iter().any(|cell| !cell.is_empty())
    }

    fn is_whole(&self, layout: Option<Layout>) -> bool {
        let Some(Layout { columns, is_closed, .. }) = layout else { return true };
        // Behind a `|` that ends the row comes one more cell, which is empty.
        self.cells.len() >= columns + usize::from(is_closed)
    }
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let pieces = cut(line);
        let begins_with_pipe = pieces.len() > 1 && pieces[0].is_empty();
        if self.open.row.as_ref().is_some_and(|row| {
            begins_with_pipe && row.begins_with_pipe && row.has_text()
                || pieces.len() > 1 && self.names.have(&plain(pieces[0]))
        }) {
            self.open.end_row();
        }
        let goes_on = self.open.goes_on();
        match &mut self.open.row {
            Some(row) => {
                let (first, others) = pieces.split_first().unwrap_or((&"", &[]));
                if let Some(cell) = row.cells.last_mut() {
                    append(cell, first);
                }
                row.cells.extend(others.iter().map(ToString::to_string));
            }
            None if pieces.len() > 1 => {
                let cells = pieces.iter().skip(usize::from(begins_with_pipe)).map(ToString::to_string).collect();
                self.open.row = Some(Row { cells, begins_with_pipe });
            }
            None if goes_on => {
                if let Some(cell) = self.open.block.last_mut().and_then(|row| row.last_mut()) {
                    append(cell, line);
                }
            }
            None => self.end_table(),
        }
        if self.open.row.as_ref().is_some_and(|row| row.is_whole(self.open.layout)) {
            self.open.end_row();
        }
    }

    fn blank(&mut self) {
        let waits = |row: &Row| !row.begins_with_pipe && row.cells.last().is_some_and(String::is_empty);
        if !self.open.row.as_ref().is_some_and(waits) {
            self.open.end_row();
        }
        if self.open.layout.is_some_and(|layout| layout.is_grid) && self.open.block.is_empty() {
            self.end_table();
        } else {
            self.open.end_block(false, self.names);
        }
    }

    fn rule(&mut self, line: &str) {
        self.open.end_row();
        let is_grid = line.contains(['+', '=']);
        if line.contains('=') || !is_grid {
            // What stands above this rule is a head.
            self.open.block.clear();
        }
        if !is_grid {
            self.end_table();
        }
        self.open.end_block(true, self.names);
        self.open.layout = Some(Layout {
            columns: line.trim_matches(['|', '+']).split(['|', '+']).count(),
            is_closed: line.ends_with(['|', '+']),
            is_grid,
        });
    }

    fn end_table(&mut self) {
        self.open.end_row();
        self.open.end_block(false, self.names);
        let Open { mut table, layout, .. } = std::mem::take(&mut self.open);
        for cell in table.0.iter_mut().flatten() {
            *cell = plain(cell);
        }
        // A line of prose may have a `|` too.
        if table.0.len() > usize::from(layout.is_none()) {
            self.tables.push(table);
        }
    }
}

impl Open {
    /// Tells whether a line without `|` belongs to the last row: where rows do not end with one, nothing else tells.
    fn goes_on(&self) -> bool {
        self.layout.is_some_and(|layout| !layout.is_closed) && !self.block.is_empty()
    }

    fn end_row(&mut self) {
        self.block.extend(self.row.take().filter(Row::has_text).map(|row| row.cells));
    }

    /// Makes rows of the lines of a block. A block between rules is one row, unless it names several events.
    fn end_block(&mut self, is_ruled: bool, names: &Names) {
        let block = std::mem::take(&mut self.block);
        let known = block.iter().filter(|row| row.first().is_some_and(|name| names.have(&plain(name)))).count();
        let is_one = is_ruled && known < 2;
        let first = self.table.0.len();
        for line in block {
            let begins = is_ruled && self.table.0.len() == first;
            match self.table.0.last_mut() {
                Some(row) if !begins && (is_one || goes_on(row, &line, names)) => merge(row, &line),
                _ => self.table.0.push(line),
            }
        }
    }
}

/// Tells whether a line continues a row: it has no name, or one that only together with the row's is a name.
fn goes_on(row: &[String], line: &[String], names: &Names) -> bool {
    let [name, next] = [row, line].map(|cells| cells.first().map_or("", String::as_str));
    let mut joined = name.to_owned();
    append(&mut joined, next);
    next.is_empty() || !names.have(&plain(next)) && names.begin_with(&plain(&joined))
}

fn merge(row: &mut Vec<String>, line: &[String]) {
    row.resize(row.len().max(line.len()), String::new());
    row.iter_mut().zip(line).for_each(|(cell, piece)| append(cell, piece));
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: &str = "
   +----------------+----------------------+------------+
   | Ereignis       | Argumente            | Verweise   |
   |================|======================|============|
   | os.mkdir       | \"path\", \"mode\",    | [1]        |
   |                | \"dir_fd\"             |            |
   +----------------+----------------------+------------+
   | cpython.PyInte |                      | [1][2]     |
   | rpreterState_C |                      |            |
   | lear           |                      |            |
   +----------------+----------------------+------------+
   | new.event_that | \"an_argument_of_man | [1]        |
   | _is_long       | y_letters\"          |            |
   +----------------+----------------------+------------+
";

    const LINES: &str = "
+-----------+------------+
| Event     | Arguments  |
+-----------+------------+
| open      | path, mode |
| new.event | x,         |
|           | y          |
| os.mkdir  | path,      |
|           | mode       |
+-----------+------------+
";

    const MARKDOWN: &str = "
Prose with a | in it.

| 事件 | 参数 | 参考 |
|:---|---|:-:|
| `open` | `path`, `mode` | [1](functions.html#open) |
| `os.\\_clearenv` | | [1] |
| os.mkdir | path, |
| | mode, |
| | dir_fd | [1] |
| glob.glob | pathname |
| /2 | , recursive |
| new.event | x |

| Other | Table |
|---|---|
| a\\|b | c |
";

    const CONVERTED: &str = "
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

    const OPEN: &str = "
event | arguments
--- | ---
open | path,
mode
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

    const HEADLESS: &str = "
open | path
os.mkdir | path, mode
";

    const NONE: &str = "
The operators a | b and a || b.

The end.
";

    #[test]
    fn tables_in_all_their_spellings() {
        let names =
            ["array.__new__", "cpython.PyInterpreterState_Clear", "glob.glob", "glob.glob/2", "open", "os.mkdir"];
        let names: Names = names.into_iter().chain(["os._clearenv"]).collect();
        for (text, tables) in [
            (
                GRID,
                &["os.mkdir: path, mode, dir_fd; cpython.PyInterpreterState_Clear: ; \
                   new.event_that_is_long: an_argument_of_many_letters"][..],
            ),
            (LINES, &["Event: Arguments; open: path, mode; new.event: x, y; os.mkdir: path, mode"]),
            (
                MARKDOWN,
                &[
                    "open: path, mode; os._clearenv: ; os.mkdir: path, mode, dir_fd; glob.glob/2: pathname, recursive; \
                     new.event: x",
                    "a|b: c",
                ],
            ),
            (
                CONVERTED,
                &["array.__new__: typecode, initializer; open: path, mode; cpython.PyInterpreterState_Clear: ; \
                   new.event: x"],
            ),
            (OPEN, &["open: path, mode; os.mkdir: path"]),
            (BROKEN, &["open: path, mode, flags; os.mkdir: path"]),
            (HEADLESS, &["open: path; os.mkdir: path, mode"]),
            (NONE, &[]),
            ("", &[]),
        ] {
            let row = |row: &Vec<String>| {
                let arguments = row.get(1).map(|cell| super::super::arguments(cell).join(", "));
                format!("{}: {}", row[0], arguments.unwrap_or_default())
            };
            let table = |table: &Table| table.0.iter().map(row).collect::<Vec<_>>().join("; ");
            let read: Vec<String> = super::tables(text, &names).iter().map(table).collect();
            assert_eq!(read, tables, "{text}");
        }
    }
}
