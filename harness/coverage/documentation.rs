//! The comparison of the suite with the table of audit events in Python's documentation.
//!
//! A table is recognized by the events in its first column, and not by its head, which may be in any language.

use std::collections::BTreeSet;

use serde::Serialize;

use super::measure::{FORMAT, Ratio};
use super::table::{self, Table};
use crate::suite::{Platform, Suite, is_rule};

/// A table with at least this many known events is a table of audit events.
const ENOUGH: usize = 20;

/// The names of events that are known.
pub type Names<'a> = BTreeSet<&'a str>;

/// The rows of the tables of audit events: each event with the names of its arguments.
#[derive(Debug, PartialEq, Eq)]
pub struct Documentation(pub BTreeSet<(String, Vec<String>)>);

/// The reason why a document cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not UTF-8.
    #[error("line {line}: byte 0x{byte:02x} is not UTF-8; expected a page of documentation as HTML or text in UTF-8")]
    NotUtf8 {
        /// The line, from 1.
        line: usize,
        /// The first byte that is wrong.
        byte: u8,
    },
    /// It is UTF-8, but has a character that no text has.
    #[error("a binary file; expected a page of documentation as HTML or text in UTF-8")]
    Binary,
    /// It has no table of audit events.
    #[error(
        "no table of audit events; expected a table with events in its first column and their arguments in its second, \
         as in library/audit_events.html, in HTML, in Markdown, or in the text that Sphinx writes; {}",
        found(*.tables, *.most)
    )]
    NoTable {
        /// How many tables there are.
        tables: usize,
        /// The most events that one of them names.
        most: usize,
    },
}

fn found(tables: usize, most: usize) -> String {
    match (tables, most) {
        (0, _) => "the file has no tables".to_owned(),
        (_, 0) => format!("tables: {tables}; none of them has a known event"),
        _ => format!("tables: {tables}; the best one has {most} known events, and more rows that are unknown"),
    }
}

impl Documentation {
    /// Reads the tables of a document. `names` are the events that are known.
    ///
    /// # Errors
    /// Returns why the document has no table of audit events.
    pub fn read(document: &[u8], names: &Names) -> Result<Documentation, DocumentError> {
        let tables = table::read(decode(document)?);
        let mut rows = BTreeSet::new();
        for table in tables.iter().filter(|table| is_of_events(table, names)) {
            rows.extend(events(table, names).map(|row| {
                let arguments = row.get(1).map(|cell| table::arguments(cell)).unwrap_or_default();
                (row[0].clone(), arguments)
            }));
        }
        if rows.is_empty() {
            let most = tables.iter().map(|table| known(table, names)).max().unwrap_or_default();
            return Err(DocumentError::NoTable { tables: tables.len(), most });
        }
        Ok(Documentation(rows))
    }
}

fn decode(document: &[u8]) -> Result<&str, DocumentError> {
    let text = std::str::from_utf8(document).map_err(|error| {
        let (before, rest) = document.split_at(error.valid_up_to());
        let line = before.split(|byte| *byte == b'\n').count();
        DocumentError::NotUtf8 { line, byte: rest.first().copied().unwrap_or_default() }
    })?;
    if text.contains('\0') { Err(DocumentError::Binary) } else { Ok(text) }
}

/// Returns the rows of a table that may begin with the name of an event. If the name in the first row is unknown and
/// has no dot, that row is taken for the head.
fn events<'a>(table: &'a Table, names: &Names) -> impl Iterator<Item = &'a Vec<String>> {
    let is_event = |index: usize, row: &[String]| {
        let name = row.first().map_or("", String::as_str);
        names.contains(name) || is_name(name) && (index > 0 || name.contains('.'))
    };
    table.0.iter().enumerate().filter(move |(index, row)| is_event(*index, row)).map(|(_, row)| row)
}

/// Returns how many rows of a table have a known event.
fn known(table: &Table, names: &Names) -> usize {
    table.0.iter().filter(|row| row.first().is_some_and(|name| names.contains(name.as_str()))).count()
}

fn is_of_events(table: &Table, names: &Names) -> bool {
    let known = known(table, names);
    known >= ENOUGH || known > 0 && 2 * known >= events(table, names).count()
}

/// Tells whether a text may be an event's name: words with dots or slashes between them.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    !text.starts_with(|c: char| c.is_ascii_digit()) && text.split(['.', '/']).all(is_word)
}

/// The differences between the table and the suite. The JSON of `coverage --docs`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct TableComparison {
    /// The version of this format.
    pub format: u32,
    /// How many of the table's events the suite has.
    pub events: Ratio,
    /// The events that only the table has.
    pub only_in_table: Vec<Documented>,
    /// The events that only the suite has, without the rules of PEP 578.
    pub only_in_suite: Vec<Tested>,
    /// The events whose arguments differ from those that the suite has for any version.
    pub differing: Vec<Difference>,
}

/// A row of the table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Documented {
    /// The event.
    pub event: String,
    /// The names of its arguments.
    pub arguments: Vec<String>,
}

/// An event of the suite.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Tested {
    /// The event.
    pub event: String,
    /// Whether any version of the documentation names it, according to the suite.
    pub documented: bool,
    /// The language versions that have it, as a specifier; empty for all.
    pub python: String,
    /// The platforms that have it; empty for all.
    pub platform: Vec<Platform>,
}

/// An event whose arguments differ.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// The event.
    pub event: String,
    /// The names of its arguments in the table.
    pub table: Vec<String>,
    /// The names of its arguments in the suite, for each group of versions.
    pub suite: Vec<Vec<String>>,
}

impl TableComparison {
    /// Compares a table with the suite.
    pub fn of(documentation: &Documentation, suite: &Suite) -> TableComparison {
        let documented: BTreeSet<&str> = documentation.0.iter().map(|(event, _)| event.as_str()).collect();
        let mut comparison = TableComparison {
            format: FORMAT,
            events: Ratio { covered: 0, total: documented.len() },
            only_in_table: Vec::new(),
            only_in_suite: only_in_suite(&documented, suite),
            differing: Vec::new(),
        };
        for event in documented {
            // The rows are sorted, so that those of an event stand together.
            let rows = documentation.0.range((event.to_owned(), Vec::new())..).take_while(|(name, _)| name == event);
            comparison.add(event, rows.map(|(_, arguments)| arguments), suite);
        }
        comparison
    }

    fn add<'a>(&mut self, event: &str, rows: impl Iterator<Item = &'a Vec<String>>, suite: &Suite) {
        let source = suite.files.iter().find(|source| source.file.event == event);
        self.events.covered += usize::from(source.is_some());
        for table in rows.cloned() {
            let event = event.to_owned();
            let Some(source) = source else {
                self.only_in_table.push(Documented { event, arguments: table });
                continue;
            };
            let suite: Vec<_> = source.file.arguments.0.iter().map(|variant| variant.arguments.clone()).collect();
            if !suite.contains(&table) {
                self.differing.push(Difference { event, table, suite });
            }
        }
    }
}

fn only_in_suite(documented: &BTreeSet<&str>, suite: &Suite) -> Vec<Tested> {
    let files = suite.files.iter().map(|source| &source.file);
    let others = files.filter(|file| !is_rule(&file.event) && !documented.contains(file.event.as_str()));
    let tested = others.map(|file| Tested {
        event: file.event.clone(),
        documented: file.documented,
        python: file.python.to_string(),
        platform: file.platform.clone(),
    });
    let mut tested: Vec<_> = tested.collect();
    tested.sort_by(|one, other| one.event.cmp(&other.event));
    tested
}

#[cfg(test)]
mod tests {

    use super::super::measure::Coverage;
    use super::*;

    fn read(document: impl AsRef<[u8]>, names: &[&str]) -> Result<Vec<String>, DocumentError> {
        let names: Names = names.iter().copied().collect();
        let row = |(event, arguments): &(String, Vec<String>)| format!("{event}({})", arguments.join(", "));
        Documentation::read(document.as_ref(), &names).map(|read| read.0.iter().map(row).collect())
    }

    #[test]
    fn a_table_of_audit_events_is_recognized_by_its_first_column() {
        use DocumentError::{Binary, NoTable, NotUtf8};
        let html = "<table><tr><th>E<tr><td>open<td>path</table><table><tr><td>os.mkdir<td>p</table>";
        for (document, events) in [
            ("| E | A |\n|---|---|\n| open | path |\n", Ok(&["open(path)"][..])),
            ("| E | A |\n|---|---|\n| open | path |\n| new.event | x |\n", Ok(&["new.event(x)", "open(path)"])),
            ("| E | A |\n|---|---|\n| open | path |\n| a | x |\n| b | y |\n", Err(NoTable { tables: 1, most: 1 })),
            ("| E | A |\n|---|---|\n| open | path |\n| no event | |\n| nor-this | |\n", Ok(&["open(path)"])),
            ("<table><tr><td>Event<td>Args<tr><td>open<td>path<tr><td>open<td>path", Ok(&["open(path)"])),
            ("<table><tr><td>new.event<td>x<tr><td>open", Ok(&["new.event(x)", "open()"])),
            (html, Ok(&["open(path)", "os.mkdir(p)"])),
            ("| E | A |\n|---|---|\n| a | x |\n", Err(NoTable { tables: 1, most: 0 })),
            ("open and os.mkdir", Err(NoTable { tables: 0, most: 0 })),
            ("", Err(NoTable { tables: 0, most: 0 })),
            ("\0open | path", Err(Binary)),
        ] {
            let events = events.map(|events| events.iter().map(ToString::to_string).collect());
            assert_eq!(read(document, &["open", "os.mkdir"]), events, "{document}");
        }
        assert_eq!(read(b"a\n\xe9", &[]), Err(NotUtf8 { line: 2, byte: 0xe9 }));
    }

    #[test]
    fn twenty_known_events_are_enough_among_any_number_of_others() {
        let known: Vec<_> = (0..ENOUGH).map(|index| format!("known{index}")).collect();
        let others: Vec<_> = (0..100).map(|index| format!("other{index}")).collect();
        let rows = [&known[..], &others].concat().iter().map(|name| format!("| {name} | |\n")).collect::<String>();
        let table = format!("| E | A |\n|---|---|\n{rows}");
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        assert_eq!(read(&table, &names).map(|rows| rows.len()), Ok(ENOUGH + 100));
        assert_eq!(read(&table, &names[1..]), Err(DocumentError::NoTable { tables: 1, most: ENOUGH - 1 }));
    }

    #[test]
    fn the_rows_of_an_event_are_found_among_very_many() {
        let rows: String = (0..50_000).map(|number| format!("| m.f{number} | a |\n| m.f{number} | b |\n")).collect();
        let document = format!("| E | A |\n|---|---|\n{rows}");
        let names: Vec<String> = (0..50_000).map(|number| format!("m.f{number}")).collect();
        let names: Names = names.iter().map(String::as_str).collect();
        let read = Documentation::read(document.as_bytes(), &names).expect("a table");
        let comparison = TableComparison::of(&read, &Suite::default());
        assert_eq!((comparison.events.total, comparison.only_in_table.len()), (50_000, 100_000));
    }

    #[test]
    fn the_committed_schema_is_what_coverage_prints() {
        /// The output of `coverage --json`, which is a `TableComparison` with `--docs` and a `SiteCoverage` with `--sites`.
        #[derive(schemars::JsonSchema)]
        #[serde(untagged)]
        enum Printed {
            #[expect(dead_code, reason = "only the schema is wanted")]
            Coverage(Box<Coverage>),
            #[expect(dead_code, reason = "only the schema is wanted")]
            TableComparison(TableComparison),
            #[expect(dead_code, reason = "only the schema is wanted")]
            SiteCoverage(super::super::sites::SiteCoverage),
        }
        crate::schema::check::<Printed>("coverage/coverage.schema.json");
    }
}
