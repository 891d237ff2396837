//! Recordings: the events that a snippet raises, as YAML for the `expect` of a case.

use super::text::clean;
use crate::agent::Observation;
use crate::suite::{Content, Event, Value};

/// Renders the events of a recording. Each argument gets the strongest shape that a recording can know: the snippet's
/// own name for the object, else the value, else the type. `names` returns the argument names of an event, where known.
pub(crate) fn yaml(seen: &Observation, names: impl Fn(&str) -> Option<Vec<String>>) -> String {
    if seen.events.is_empty() {
        return "expect: []\n".to_owned();
    }
    let mut text = "expect:\n".to_owned();
    for (index, event) in seen.events.iter().enumerate() {
        let variables = seen.variables.get(index).map(Vec::as_slice).unwrap_or_default();
        text += &format!("  - event: {}\n", clean(&event.name));
        if !event.args.is_empty() {
            text += &format!("    args: {}\n", arguments(event, variables, names(&event.name)));
        }
    }
    text
}

fn arguments(event: &Event, variables: &[Option<String>], names: Option<Vec<String>>) -> String {
    let shape = |(index, value)| match variables.get(index) {
        Some(Some(variable)) => format!("{{same: {variable}}}"),
        _ => shape(value),
    };
    let shapes = event.args.iter().enumerate().map(shape);
    match names.filter(|names| names.len() == event.args.len()) {
        Some(names) => {
            let pairs = names.iter().zip(shapes).map(|(name, shape)| format!("{name}: {shape}"));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        None => format!("[{}]", shapes.collect::<Vec<_>>().join(", ")),
    }
}

fn shape(value: &Value) -> String {
    match &value.content {
        Content::Opaque => format!("{{type: {}}}", value.type_name),
        Content::None => "null".to_owned(),
        Content::Bool(on) => on.to_string(),
        Content::Int(number) => number.to_string(),
        Content::Float(number) => format!("{number:?}"),
        Content::Str(text) if text.starts_with("{tmp}/") => {
            format!("{{equal: {}}}", quoted(&format!("os.path.join(tmp, {})", quoted(&text["{tmp}/".len()..]))))
        }
        Content::Str(text) if text == "{tmp}" => "{equal: tmp}".to_owned(),
        Content::Str(text) => quoted(text),
        Content::Bytes(bytes) if bytes.is_ascii() => {
            format!("{{bytes: {}}}", quoted(&String::from_utf8_lossy(bytes)))
        }
        Content::Bytes(bytes) => format!("{{equal: {}}}", quoted(&format!("b\"{}\"", bytes.escape_ascii()))),
        Content::Items(items) => {
            let items = items.iter().map(shape).collect::<Vec<_>>().join(", ");
            format!("{{{}: [{items}]}}", value.type_name)
        }
    }
}

/// Returns a text in the quotes of JSON. YAML and Python read it in the same way.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
