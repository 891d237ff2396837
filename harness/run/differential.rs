//! Differential comparison: what the same snippet raises on two runtimes, without an expectation. Pure.
//!
//! What is another in every process is made alike first: addresses, descriptors, ports, process ids, the names of
//! temporary files, and where an interpreter keeps its library.

use std::sync::LazyLock;

use regex::Regex;

use crate::agent::Observation;
use crate::suite::{Content, Event, Value};

/// An int from here on is taken for an address, an identity or a time.
const LARGE: i128 = 1 << 32;

/// A float from here on is taken for a point in time, in seconds.
const TIME: f64 = 1e9;

/// What is another each time inside of a text, and what stands for it.
static RANDOM: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    let regex = |pattern| Regex::new(pattern).expect("it is a regular expression");
    [
        (regex("0x[0-9a-fA-F]{4,}"), "0x…"),
        (regex(r"/(dev|proc/self|proc/\d+)/fd/\d+"), "/$1/fd/…"),
        (regex(r"\btmp[a-z0-9_]{8}\b"), "tmp…"),
        // What `tempfile` tries out.
        (regex(r#"\{tmp\}/[a-z0-9_]{8}""#), "{tmp}/…\""),
    ]
});

/// What one runtime made of a snippet, line by line: each event, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream(pub Vec<String>);

impl Stream {
    /// The stream of an observation. `names` gives the names of an event's arguments, where known.
    pub fn new<'a>(seen: &Observation, names: impl Fn(&str) -> Option<&'a [String]>) -> Stream {
        let library = seen.library.as_deref();
        let events = seen.events.iter().map(|event| write(event, names(&event.name), library));
        let raised = [("the setup raised", &seen.setup), ("the snippet raised", &seen.exception)];
        let raised = raised.into_iter().filter_map(|(what, raised)| raised.as_ref().map(|raised| (what, raised)));
        let raised = raised.map(|(what, raised)| format!("{what} {}", alike(&raised.text, library)));
        let early = (!seen.finished && seen.setup.is_none()).then(|| format!("{} before the snippet did", seen.exit));
        Stream(events.chain(raised).chain(early).collect())
    }
}

fn write(event: &Event, names: Option<&[String]>, library: Option<&str>) -> String {
    let name = |index: usize| names.and_then(|names| names.get(index)).map(String::as_str);
    let args = event.args.iter().enumerate().map(|(index, value)| argument(value, name(index), library));
    format!("{}({})", event.name, args.collect::<Vec<_>>().join(", "))
}

/// Writes an argument, with a word for what is another in every process.
fn argument(value: &Value, name: Option<&str>, library: Option<&str>) -> String {
    match &value.content {
        Content::Int(number) => int(*number, name).map_or_else(|| number.to_string(), |word| format!("<{word}>")),
        Content::Float(number) if *number >= TIME => "<time>".to_owned(),
        Content::Items(items) => {
            let mut written: Vec<String> = items.iter().map(|item| argument(item, None, library)).collect();
            if is_address(items) {
                "<port>".clone_into(&mut written[1]);
            }
            let written = written.join(", ");
            if value.type_name == "list" { format!("[{written}]") } else { format!("({written})") }
        }
        _ => alike(&value.to_string(), library),
    }
}

/// The word for an int that another process would not have.
fn int(number: i128, name: Option<&str>) -> Option<&'static str> {
    let name = name.unwrap_or_default();
    let is_descriptor = name.ends_with("fd") || matches!(name, "path" | "file" | "fileno" | "handle");
    match name {
        _ if number >= LARGE => Some("large"),
        _ if number >= 0 && is_descriptor => Some("descriptor"),
        "pid" | "pgid" | "thread_id" | "port" if number != 0 => Some("number"),
        _ => None,
    }
}

/// Tells whether items are the address of a socket: a host, a port that no one chose, and more for IPv6.
fn is_address(items: &[Value]) -> bool {
    matches!(items, [Value { content: Content::Str(_), .. }, Value { content: Content::Int(1024..=65535), .. }, ..])
}

fn alike(text: &str, library: Option<&str>) -> String {
    let text = library.map_or_else(|| text.to_owned(), |library| text.replace(library, "{library}"));
    RANDOM.iter().fold(text, |text, (regex, word)| regex.replace_all(&text, *word).into_owned())
}

/// What became of a snippet on two runtimes.
#[derive(Debug)]
pub struct Comparison {
    /// The case's id, or the name of a file.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a comparison.
#[derive(Debug)]
pub enum Outcome {
    /// Both raised the same.
    Alike,
    /// They did not.
    Different(Stream, Stream),
    /// One of them does not even raise the same twice, so that a difference says nothing.
    Unstable,
    /// One of them cannot run it: why.
    NotCompared(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Exit;

    fn stream(report: &str) -> Vec<String> {
        let seen = Observation::new(report, Exit::Status(0), String::new(), 0.0);
        let names = |event: &str| (event == "os.chmod").then(|| ["path", "mode", "dir_fd"].map(str::to_owned).to_vec());
        let leaked: Option<Vec<String>> = names("os.chmod");
        let leaked = leaked.unwrap_or_default();
        Stream::new(&seen, |event| (event == "os.chmod").then_some(leaked.as_slice())).0
    }

    #[test]
    fn what_is_another_in_every_process_is_made_alike() {
        let one =
            r#"{"event": {"name": "os.chmod", "args": [{"type": "int", "value": 7}, {"type": "int", "value": 438},
            {"type": "int", "value": -1}]}}"#
                .replace('\n', " ");
        assert_eq!(stream(&one)[0], "os.chmod(<descriptor>, 438, -1)");
        let two = one.replace("os.chmod", "other");
        assert_eq!(stream(&two)[0], "other(7, 438, -1)", "no name says what the numbers are");
    }

    #[test]
    fn texts_keep_all_but_what_is_random() {
        let alike = |text| super::alike(text, Some("/usr/lib/python3.12"));
        assert_eq!(alike("/usr/lib/python3.12/os.py"), "{library}/os.py");
        assert_eq!(alike("<function f at 0x7f12ab34>"), "<function f at 0x…>");
        assert_eq!(alike("/tmp/tmpab12cd_x/f"), "/tmp/tmp…/f");
        assert_eq!(alike("/proc/self/fd/12"), "/proc/self/fd/…");
        assert_eq!(alike("\"{tmp}/h8sj_jeg\""), "\"{tmp}/…\"");
        assert_eq!(alike("tmpfile"), "tmpfile");
    }

    #[test]
    fn how_a_snippet_ended_belongs_to_its_stream() {
        let raised = r#"{"snippet": {"text": "OSError: no", "line": 1, "veto": false}}"#;
        assert_eq!(
            stream(raised),
            ["the snippet raised OSError: no", "it ended with exit status 0 before the snippet did"]
        );
        assert_eq!(stream("{\"end\": true}"), [""; 0]);
    }
}
