//! The tables of an HTML document.
//!
//! A tokenizer is enough for tables. HTML allows some tags to be left out, such as `</td>`: the next tag implies them.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::cells::{Table, strip_markup};

/// Tells whether a document is HTML and not plain text.
pub(super) fn is_html(document: &str) -> bool {
    let begins = |text: &str| {
        let start = document.trim_start().as_bytes();
        start.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    };
    let has_table = || {
        document.match_indices('<').any(|(index, _)| {
            let tag = document.as_bytes().get(index + 1..index + 6);
            tag.is_some_and(|tag| tag.eq_ignore_ascii_case(b"table"))
        })
    };
    begins("<!doctype html") || begins("<html") || has_table()
}

/// Returns the tables of a document, in the order of their ends.
pub(super) fn tables(document: &str) -> Vec<Table> {
    let mut emitter = DefaultEmitter::default();
    // Otherwise the text of scripts and styles would be read as tags.
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    for Ok(token) in Tokenizer::new_with_emitter(document, emitter) {
        match token {
            Token::StartTag(tag) => reader.start(&tag.name),
            Token::EndTag(tag) => reader.end(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    while !reader.open.is_empty() {
        reader.end_table();
    }
    reader.tables
}

#[derive(Default)]
struct Reader {
    tables: Vec<Table>,
    /// The tables that have no end yet, outermost first.
    open: Vec<Open>,
}

#[derive(Default)]
struct Open {
    table: Table,
    row: Vec<String>,
    /// Whether the row has a cell that is not a head.
    is_body: bool,
    cell: Option<String>,
}

impl Reader {
    fn start(&mut self, tag: &[u8]) {
        if tag == b"table" {
            return self.open.push(Open::default());
        }
        let Some(open) = self.open.last_mut() else { return };
        match tag {
            b"tr" | b"thead" | b"tbody" | b"tfoot" => open.end_row(),
            b"td" | b"th" => {
                open.end_cell();
                open.is_body |= tag == b"td";
                open.cell = Some(String::new());
            }
            b"br" | b"p" | b"li" | b"div" | b"code" => self.text(" "),
            _ => {}
        }
    }

    fn end(&mut self, tag: &[u8]) {
        let Some(open) = self.open.last_mut() else { return };
        match tag {
            b"table" => self.end_table(),
            b"tr" | b"thead" | b"tbody" | b"tfoot" => open.end_row(),
            b"td" | b"th" => open.end_cell(),
            b"p" | b"li" | b"div" | b"code" => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.open.last_mut().and_then(|open| open.cell.as_mut()) {
            cell.push_str(text);
        }
    }

    fn end_table(&mut self) {
        if let Some(mut open) = self.open.pop() {
            open.end_row();
            self.tables.push(open.table);
        }
    }
}

impl Open {
    fn end_cell(&mut self) {
        if let Some(cell) = self.cell.take() {
            let words: Vec<&str> = cell.split_whitespace().collect();
            self.row.push(strip_markup(&words.join(" ")));
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let row = std::mem::take(&mut self.row);
        if std::mem::take(&mut self.is_body) {
            self.table.0.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_with_and_without_optional_tags() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (html, tables) in [
            ("<p>no table</p>", vec![]),
            (
                "<table><thead><tr><th>事件<th>参数</thead><tr><td><p>open</p></td><td><p><code>path</code>, \
                 <code>mode</code></p></td></tr></table>",
                vec![vec![row(&["open", "path , mode"])]],
            ),
            (
                "<TABLE><TR><TD>a&amp;b<TD>c\n  d<TR><TD>e<TD></TABLE>",
                vec![vec![row(&["a&b", "c d"]), row(&["e", ""])]],
            ),
            ("<table><tr><th scope=row>open</th><td>path", vec![vec![row(&["open", "path"])]]),
            ("<table><td>x<table><td>y</table>z</table>", vec![vec![row(&["y"])], vec![row(&["xz"])]]),
            ("<script>'<table><td>x'</script><table><td>y<!-- <td>z --></table>", vec![vec![row(&["y"])]]),
            ("<td>stray</td></table><tr><table><td><code>a</code><code>b</code></table>", vec![vec![row(&["a b"])]]),
        ] {
            let wanted: Vec<Table> = tables.into_iter().map(Table).collect();
            assert_eq!(super::tables(html), wanted, "{html}");
        }
    }

    #[test]
    fn html_is_known_by_its_first_tag_or_a_table() {
        for (document, is) in [
            ("\n<!DOCTYPE html>", true),
            ("<HTML>", true),
            ("x <Table>", true),
            ("é<é|<tabl", false),
            ("| a | b |", false),
            ("", false),
        ] {
            assert_eq!(is_html(document), is, "{document}");
        }
    }
}
