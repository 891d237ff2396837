//! YAML with good errors: every fault has a line, a column, the path inside the document and, if possible, a hint.
//!
//! The parser reports the place of a fault of syntax or type. For the faults that only our own checks find, [`fault`]
//! finds the place from the path.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_path_to_error::Segment;

use super::near::advice;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The path inside the document, such as `cases[0].name`; empty for the whole.
    pub path: String,
    /// The cause.
    pub message: String,
    /// Advice on how to correct it.
    pub hint: Option<String>,
}

/// The most faults of a document that are shown with their places. To find a place, the whole text is read.
const MOST: usize = 50;

/// The most bytes that are read to find the places of all faults. In a large file, fewer faults have one.
const MOST_READ: usize = 8 << 20;

/// The most brackets that may be open at a place. The parser takes a time that grows with their square.
const DEEPEST: usize = 1000;

/// The most bytes that the aliases of a document may stand for, if each stood for all of the document.
const MOST_COPIED: usize = 64 << 20;

/// An anchor or an alias where YAML may have one.
static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)(?:^|[-:,?\[{]) *([&*])\w").expect("a regular expression"));

/// The faults of a document.
#[derive(Debug)]
pub struct Faults<'a> {
    text: &'a str,
    found: Vec<Fault>,
    more: usize,
}

impl<'a> Faults<'a> {
    /// Returns the faults of a document that has none so far.
    pub fn of(text: &'a str) -> Faults<'a> {
        Faults { text, found: Vec::new(), more: 0 }
    }

    /// Adds a fault at the last step of a path that exists.
    pub fn add(&mut self, path: &[Step], message: impl Into<String>, hint: &str) {
        match self.found.len() < MOST && self.found.len() * self.text.len() < MOST_READ {
            true => self.found.push(fault(self.text, path, message.into(), Some(hint.to_owned()))),
            false => self.more += 1,
        }
    }

    /// Returns all faults. If there are too many, the last one says how many more there are.
    pub fn all(mut self) -> Vec<Fault> {
        if self.more > 0 {
            let line = self.text.lines().count().max(1);
            let message = format!("{} more faults are not shown", self.more);
            let hint = Some("correct the others first".to_owned());
            self.found.push(Fault { line, column: 1, path: String::new(), message, hint });
        }
        self.found
    }
}

/// A step of a path inside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a map, by key.
    Key(String),
    /// Into a list, by index.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Step {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Step {
        Step::Index(index)
    }
}

/// Reads one document.
///
/// # Errors
/// The first fault of syntax or type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    if let Some((line, column)) = too_deep(text) {
        let message = format!("more than {DEEPEST} brackets or dashes are open here");
        return Err(Fault { line, column, path: String::new(), message, hint: None });
    }
    if let Some((line, column)) = copies_too_much(text) {
        let message = "there are too many aliases for a text of this length".to_owned();
        return Err(Fault { line, column, path: String::new(), message, hint: None });
    }
    let document = serde_yaml::Deserializer::from_str(text);
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path: Vec<Step> = error.path().iter().filter_map(step).collect();
        let inner = error.inner();
        let message = bare(&inner.to_string());
        let place = inner.location().map(|place| (place.line(), place.column()));
        // The parser knows the place of an unknown key. It does not know that of a missing key or of a text with a
        // wrong content, and reports the map or list around it. So the later of two places is more exact.
        let is_key = message.starts_with("unknown field ");
        let place = if is_key { place } else { place.max(locate(text, &path)) };
        let (line, column) = place.unwrap_or((1, 1));
        let hint = hint(&message, text.lines().nth(line - 1).unwrap_or_default());
        Fault { line, column, path: joined(&path), message, hint }
    })
}

/// Returns a fault of a document, at the last step of a path that exists.
pub fn fault(text: &str, path: &[Step], message: String, hint: Option<String>) -> Fault {
    let (line, column) = locate(text, path).unwrap_or((1, 1));
    Fault { line, column, path: joined(path), message, hint }
}

/// Returns line and column where a document is nested too deeply, if it is. Brackets of snippets count too, which close
/// what they open.
fn too_deep(text: &str) -> Option<(usize, usize)> {
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{' | b'-')).count() <= DEEPEST {
        return None;
    }
    let mut open = 0_usize;
    for (number, line) in text.lines().enumerate() {
        let dashes = line.trim_start().split(' ').take_while(|word| *word == "-").count();
        if dashes > DEEPEST {
            return Some((number + 1, 1));
        }
        for (column, byte) in line.bytes().enumerate() {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > DEEPEST {
                return Some((number + 1, column + 1));
            }
        }
    }
    None
}

/// Returns line and column of the first alias that is too many, if there is one. A long text of which each alias is a copy
/// would fill the memory.
fn copies_too_much(text: &str) -> Option<(usize, usize)> {
    if !text.contains('&') {
        return None;
    }
    let signs = || REFERENCE.captures_iter(text).filter_map(|found| found.get(1));
    signs().find(|sign| sign.as_str() == "&")?;
    let alias = signs().filter(|sign| sign.as_str() == "*").nth(MOST_COPIED / text.len())?;
    let before = &text[..alias.start()];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    Some((before.matches('\n').count() + 1, column + 1))
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

fn joined(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.extend([".", key]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Removes the parser's path and place from a message, because the fault has separate fields for them.
fn bare(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    let message = &message[..end];
    match message.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') && !path.contains('`') => rest.to_owned(),
        _ => message.to_owned(),
    }
}

/// Returns advice for a message of the parser, given the line that it points at.
fn hint(message: &str, line: &str) -> Option<String> {
    if message.starts_with("unknown ") {
        let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let (wrong, known) = names.split_first()?;
        return advice(wrong, known);
    }
    if message.starts_with("invalid type: ") && message.ends_with("`, expected a string") {
        return Some("put it in quotes".to_owned());
    }
    if line.contains('\t') {
        return Some("YAML is indented with spaces, not with tabs".to_owned());
    }
    if message.contains("repetition limit") {
        return Some("write the values out instead of using aliases".to_owned());
    }
    None
}

/// Returns line and column of the last step of a path that exists. It reads the document and fails on purpose where
/// the path ends, because the parser knows where it failed.
pub fn locate(text: &str, path: &[Step]) -> Option<(usize, usize)> {
    let document = serde_yaml::Deserializer::from_str(text);
    let place = Locate(path).deserialize(document).err()?.location()?;
    Some((place.line(), place.column()))
}

/// Returns the line of each item of a list at the top of a document, which has `count` of them. Mostly the items begin with
/// dashes in one column. Where these are not as many, the parser is asked for each, which reads the whole text each time.
pub fn lines_of_items(text: &str, list: &str, count: usize) -> Vec<usize> {
    let dashes = dashes(text, list);
    let located = |index: usize| locate(text, &[list.into(), index.into()]).map_or(1, |(line, _)| line);
    if dashes.len() == count { dashes } else { (0..count).map(located).collect() }
}

/// Returns the lines below a key at the top of a document that have a dash where the first such line has it.
fn dashes(text: &str, key: &str) -> Vec<usize> {
    let is_below = |(_, line): &(usize, &str)| line.is_empty() || line.starts_with([' ', '-', '#']);
    let lines = (1..).zip(text.lines()).skip_while(|(_, line)| line.strip_suffix(':') != Some(key)).skip(1);
    let dashes = lines.take_while(is_below).filter(|(_, line)| line.trim_start().starts_with("- "));
    let dashes: Vec<_> = dashes.map(|(number, line)| (line.find('-'), number)).collect();
    dashes.iter().filter(|(column, _)| *column == dashes[0].0).map(|(_, number)| *number).collect()
}

struct Locate<'a>(&'a [Step]);

impl<'de> DeserializeSeed<'de> for Locate<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Locate<'_> {
    type Value = ();

    // A scalar has no method here, and so fails with this message: the path ends there.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path to go on")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let Some((Step::Key(wanted), rest)) = self.0.split_first() {
            while let Some(key) = map.next_key::<String>()? {
                if key == *wanted {
                    return map.next_value_seed(Locate(rest));
                }
                map.next_value::<IgnoredAny>()?;
            }
        }
        Err(serde::de::Error::custom("here"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if let Some((Step::Index(index), rest)) = self.0.split_first() {
            for _ in 0..*index {
                seq.next_element::<IgnoredAny>()?;
            }
            if seq.next_element_seed(Locate(rest))?.is_some() {
                return Ok(());
            }
        }
        Err(serde::de::Error::custom("here"))
    }
}
