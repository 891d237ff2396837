//! Differential comparison: the events that one snippet raises on two runtimes, without an expectation. Pure.
//!
//! Values that differ between processes or between versions are normalized first: addresses, descriptors, ports, process
//! ids, the names of temporary files, the folder of the interpreter's library and its archive, the tags in the names of
//! compiled files, and marshalled code.

use std::sync::LazyLock;

use regex::Regex;

use crate::agent::Observation;
use crate::suite::{Content, Event, Value};

/// The smallest int that counts as an address, an identity or a time.
const LARGE: i128 = 1 << 32;

/// The smallest float that counts as a point in time, in seconds.
const TIME: f64 = 1e9;

/// The bytes with which marshalled code begins (`TYPE_CODE` of CPython, without and with a reference to it).
const MARSHALLED_CODE: [u8; 2] = [b'c', b'c' | 0x80];

/// Patterns for the parts of a text that differ between processes or versions, each with its replacement.
static RANDOM: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    let regex = |pattern| Regex::new(pattern).expect("it is a regular expression");
    [
        (regex("0x[0-9a-fA-F]{4,}"), "0x…"),
        (regex(r"/(dev|proc/self|proc/\d+)/fd/\d+"), "/$1/fd/…"),
        (regex(r"\btmp[a-z0-9_]{8}\b"), "tmp…"),
        // A name that `tempfile` tries.
        (regex(r#"\{tmp\}/[a-z0-9_]{8}""#), "{tmp}/…\""),
        // The archive of the library, which the module search looks for.
        (regex(r#""[^"]*/python\d+t?\.zip""#), "\"{library}.zip\""),
        // `sys.implementation.cache_tag` in the name of a compiled file.
        (regex(r"\.(cpython|pypy|graalpy|rustpython)-?\d+[a-z]*\b"), ".{tag}"),
    ]
});

/// The behaviour of a snippet on one runtime, line by line: each event, then the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream(pub Vec<String>);

impl Stream {
    /// Returns the stream of an observation. `names` returns the names of an event's arguments, if they are known.
    pub fn new<'a>(seen: &Observation, names: impl Fn(&str) -> Option<&'a [String]>) -> Stream {
        let library = seen.library.as_deref();
        let events = seen.events.iter().map(|event| write(event, names(&event.name), library));
        let raised = [("the setup raised", &seen.setup), ("the snippet raised", &seen.exception)];
        let raised = raised.into_iter().filter_map(|(what, raised)| raised.as_ref().map(|raised| (what, raised)));
        let raised = raised.map(|(what, raised)| format!("{what} {}", normalize(&raised.text, library)));
        let early = (!seen.finished && seen.setup.is_none()).then(|| format!("{} before the snippet did", seen.exit));
        Stream(events.chain(raised).chain(early).collect())
    }
}

fn write(event: &Event, names: Option<&[String]>, library: Option<&str>) -> String {
    let name = |index: usize| names.and_then(|names| names.get(index)).map(String::as_str);
    let args = event.args.iter().enumerate().map(|(index, value)| argument(value, name(index), library));
    format!("{}({})", event.name, args.collect::<Vec<_>>().join(", "))
}

/// Writes an argument, with a word for a value that differs between processes.
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
        Content::Bytes(bytes)
            if bytes.first().is_some_and(|byte| MARSHALLED_CODE.contains(byte)) && name == Some("bytes") =>
        {
            "<marshalled code>".to_owned()
        }
        _ => normalize(&value.to_string(), library),
    }
}

/// Returns a word for an int that differs between processes.
fn int(number: i128, name: Option<&str>) -> Option<&'static str> {
    let name = name.unwrap_or_default();
    let is_descriptor = name.ends_with("fd") || matches!(name, "path" | "file" | "fileno" | "handle");
    match name {
        _ if number >= LARGE => Some("large"),
        _ if number >= 0 && is_descriptor => Some("descriptor"),
        "pid" | "pgid" | "thread_id" | "port" if number != 0 => Some("number"),
        "func_pointer" | "address" | "ptr" => Some("address"),
        _ => None,
    }
}

/// Tells whether items are the address of a socket: a host, a port that the system chose, and further items for IPv6.
fn is_address(items: &[Value]) -> bool {
    matches!(items, [Value { content: Content::Str(_), .. }, Value { content: Content::Int(1024..=65535), .. }, ..])
}

fn normalize(text: &str, library: Option<&str>) -> String {
    let text = library.map_or_else(|| text.to_owned(), |library| text.replace(library, "{library}"));
    RANDOM.iter().fold(text, |text, (regex, word)| regex.replace_all(&text, *word).into_owned())
}

/// The comparison of a snippet on two runtimes.
#[derive(Debug)]
pub struct SnippetComparison {
    /// The case's id, or the name of a file.
    pub name: String,
    /// The result.
    pub outcome: Outcome,
}

/// The result of a comparison.
#[derive(Debug)]
pub enum Outcome {
    /// Both raised the same events.
    Same,
    /// They raised different events.
    Different(Stream, Stream),
    /// One of them raises different events each time, so that a difference shows nothing.
    Unstable,
    /// The reason why one of them cannot run the snippet.
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
    fn a_descriptor_is_normalized_where_the_name_of_its_argument_is_known() {
        let one =
            r#"{"event": {"name": "os.chmod", "args": [{"type": "int", "value": 7}, {"type": "int", "value": 438},
            {"type": "int", "value": -1}]}}"#
                .replace('\n', " ");
        assert_eq!(stream(&one)[0], "os.chmod(<descriptor>, 438, -1)");
        let two = one.replace("os.chmod", "other");
        assert_eq!(stream(&two)[0], "other(7, 438, -1)", "the names of the arguments are not known");
    }

    #[test]
    fn only_the_parts_of_a_text_that_differ_between_processes_are_normalized() {
        let normalize = |text| super::normalize(text, Some("/usr/lib/python3.12"));
        assert_eq!(normalize("/usr/lib/python3.12/os.py"), "{library}/os.py");
        assert_eq!(normalize("<function f at 0x7f12ab34>"), "<function f at 0x…>");
        assert_eq!(normalize("/tmp/tmpab12cd_x/f"), "/tmp/tmp…/f");
        assert_eq!(normalize("/proc/self/fd/12"), "/proc/self/fd/…");
        assert_eq!(normalize("\"{tmp}/h8sj_jeg\""), "\"{tmp}/…\"");
        assert_eq!(normalize("tmpfile"), "tmpfile");
    }

    #[test]
    fn the_parts_of_a_text_that_only_name_a_version_are_normalized() {
        let normalize = |text| super::normalize(text, Some("/usr/lib/python3.12"));
        assert_eq!(normalize(r#"["{tmp}", "/opt/x/python314t.zip"]"#), r#"["{tmp}", "{library}.zip"]"#);
        assert_eq!(normalize("/d/m.cpython-314.pyc, m.pypy311-pp73.so"), "/d/m.{tag}.pyc, m.{tag}-pp73.so");
        assert_eq!(normalize("cpython-314"), "cpython-314");
        let loads = |byte: &str| {
            let value = format!(r#"{{"type": "bytes", "value": "{byte}x"}}"#);
            let event = format!(r#"{{"event": {{"name": "marshal.loads", "args": [{value}]}}}}"#);
            let seen = Observation::new(&event, Exit::Status(0), String::new(), 0.0);
            let names = ["bytes".to_owned()];
            Stream::new(&seen, |_| Some(&names)).0[0].clone()
        };
        assert_eq!(
            ["c", "\u{e3}", "["].map(loads)[..2],
            ["marshal.loads(<marshalled code>)", "marshal.loads(<marshalled code>)"]
        );
        assert_eq!(loads("["), "marshal.loads(b\"[x\")");
    }

    #[test]
    fn the_end_of_a_snippet_is_part_of_its_stream() {
        let raised = r#"{"snippet": {"text": "OSError: no", "line": 1, "veto": false}}"#;
        assert_eq!(
            stream(raised),
            ["the snippet raised OSError: no", "it ended with exit status 0 before the snippet did"]
        );
        assert_eq!(stream("{\"end\": true}"), [""; 0]);
    }
}
