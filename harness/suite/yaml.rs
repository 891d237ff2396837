//! YAML with good errors: every fault has a line, a column, the path inside the document and, if possible, a hint.
//!
//! The parser reports where a fault of syntax or type is. For the contradictions that only we can see, [`fault`] finds
//! the place again from its path.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_path_to_error::Segment;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The path inside the document, such as `cases[0].name`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
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

/// Returns the path through some keys to an item of a list.
pub fn path(keys: &[&str], index: usize) -> Vec<Step> {
    keys.iter().map(|key| Step::from(*key)).chain([Step::Index(index)]).collect()
}

/// Reads one document.
///
/// # Errors
/// The first fault of syntax or type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let document = serde_yaml::Deserializer::from_str(text);
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path: Vec<Step> = error.path().iter().filter_map(step).collect();
        let inner = error.inner();
        let message = bare(&inner.to_string());
        let place = inner.location().map(|place| (place.line(), place.column()));
        let (line, column) = match place {
            // A field that is missing has no place of its own: that of the map it is missing from will do.
            Some((1, 1)) | None => locate(text, &path).or(place).unwrap_or((1, 1)),
            Some(place) => place,
        };
        let hint = hint(&message, text.lines().nth(line - 1).unwrap_or_default());
        Fault { line, column, path: written(&path), message, hint }
    })
}

/// Returns the fault of a document at a path: its place is that of the last step that is there.
pub fn fault(text: &str, path: &[Step], message: String, hint: Option<String>) -> Fault {
    let (line, column) = locate(text, path).unwrap_or((1, 1));
    Fault { line, column, path: written(path), message, hint }
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

fn written(path: &[Step]) -> String {
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

/// Strips the parser's own path and place from a message, which the fault has in fields of their own.
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
    if let Some(list) = message.strip_prefix("unknown field ").or(message.strip_prefix("unknown variant ")) {
        let names: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
        let (wrong, known) = names.split_first()?;
        let close = similar::get_close_matches(*wrong, known, 1, 0.6);
        return close.first().map(|name| format!("did you mean `{name}`?"));
    }
    if line.contains('\t') {
        return Some("YAML is indented with spaces, not with tabs".to_owned());
    }
    if message.contains("repetition limit") {
        return Some("write the values out instead of using aliases".to_owned());
    }
    None
}

/// Finds the place of a path: a reading that fails on purpose where the path ends, as the parser knows where it failed.
fn locate(text: &str, path: &[Step]) -> Option<(usize, usize)> {
    let document = serde_yaml::Deserializer::from_str(text);
    let place = Locate(path).deserialize(document).err()?.location()?;
    Some((place.line(), place.column()))
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

    // Scalars, for which there is no method here, fail with this; that is the end of the path or as far as it goes.
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
