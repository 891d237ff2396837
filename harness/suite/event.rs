//! The vocabulary: an audit event as it was observed, and the values that are its arguments.
//!
//! Audit events and their arguments are those of [PEP 578](https://peps.python.org/pep-0578/).

use std::fmt;

use serde::Deserialize;

/// The prefix of the names that the suite gives to the rules of PEP 578.
const RULES: &str = "pep578.";

/// Tells whether a name is that of a rule of PEP 578. Rules have cases as events have, and are not events of Python.
pub fn is_rule(event: &str) -> bool {
    event.starts_with(RULES)
}

/// A Python value as the agent describes it: its type, and its content if possible.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Described")]
pub struct Value {
    /// The type's name, with its module unless that is `builtins`.
    pub type_name: String,
    /// The content, if it is known.
    pub content: Content,
}

/// The content of a [`Value`].
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Unknown: only the type is known.
    Opaque,
    /// `None`.
    None,
    /// A bool.
    Bool(bool),
    /// An int between -2^63 and 2^64; larger ones are opaque.
    Int(i128),
    /// A finite float.
    Float(f64),
    /// A str without lone surrogates.
    Str(String),
    /// A bytes object.
    Bytes(Vec<u8>),
    /// A tuple or a list.
    Items(Vec<Value>),
}

/// A [`Value`] on the wire. Bytes travel as Latin-1 text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    r#type: String,
    #[serde(default)]
    value: serde_json::Value,
}

impl TryFrom<Described> for Value {
    type Error = String;

    fn try_from(described: Described) -> Result<Value, String> {
        use serde_json::Value as Json;
        let content = match (described.r#type.as_str(), described.value) {
            ("NoneType", Json::Null) => Content::None,
            (_, Json::Null) => Content::Opaque,
            ("bool", Json::Bool(on)) => Content::Bool(on),
            ("int", Json::Number(number)) => Content::Int(integer(&number).ok_or("not an int")?),
            ("float", Json::Number(number)) => Content::Float(number.as_f64().ok_or("not a float")?),
            ("str", Json::String(text)) => Content::Str(text),
            ("bytes", Json::String(text)) => Content::Bytes(latin1(&text)?),
            ("tuple" | "list", items @ Json::Array(_)) => {
                Content::Items(serde_json::from_value(items).map_err(|error| error.to_string())?)
            }
            (name, other) => return Err(format!("{other} is not a value of type {name}")),
        };
        Ok(Value { type_name: described.r#type, content })
    }
}

fn integer(number: &serde_json::Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn latin1(text: &str) -> Result<Vec<u8>, String> {
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
    bytes.collect::<Result<_, _>>().map_err(|_| "a byte is larger than 255".to_owned())
}

impl Value {
    /// Makes a value of a type.
    pub fn new(type_name: &str, content: Content) -> Value {
        Value { type_name: type_name.to_owned(), content }
    }
}

/// Writes the value as Python would, or `<type>` if only the type is known.
impl Value {
    /// Writes the value of an argument as a Python programmer does: a mode of a file in octal digits.
    pub fn argument(&self, name: &str) -> String {
        match self.content {
            Content::Int(mode @ 0..) if name == "mode" => format!("0o{mode:o}"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Opaque => write!(f, "<{}>", self.type_name),
            Content::None => f.write_str("None"),
            Content::Bool(true) => f.write_str("True"),
            Content::Bool(false) => f.write_str("False"),
            Content::Int(number) => write!(f, "{number}"),
            Content::Float(number) => write!(f, "{number:?}"),
            Content::Str(text) => write!(f, "{text:?}"),
            Content::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
            Content::Items(items) => write_items(f, &self.type_name, items),
        }
    }
}

fn write_items<T: fmt::Display>(f: &mut fmt::Formatter<'_>, type_name: &str, items: &[T]) -> fmt::Result {
    let joined = items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match items {
        _ if type_name == "list" => write!(f, "[{joined}]"),
        [_] => write!(f, "({joined},)"),
        _ => write!(f, "({joined})"),
    }
}

/// An audit event as a hook received it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The event's name, such as `os.mkdir`.
    pub name: String,
    /// Its positional arguments.
    pub args: Vec<Value>,
}
