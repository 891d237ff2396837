//! Shapes: what the arguments of an event must look like.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::event::{Content, Value};
use super::form::OneOrMany;
use super::words::words;

/// The shape that an argument must have: a literal, `any`, or a map of one key.
// `Same`, `Equal`, `Instance` and the attributes of `Attrs` are questions: only the agent, inside the interpreter, can
// answer them.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "kebab-case"))]
pub enum Shape {
    /// Anything. A comment says why no stronger shape is true.
    Any,
    /// A value of exactly one of these types, each named as `module.qualname` outside builtins.
    Type(#[cfg_attr(test, schemars(with = "OneOrMany<String>"))] Vec<String>),
    /// An instance of the class with a dotted name.
    Instance(String),
    /// The very object that a Python expression gives; for immutable types an equal one of the same type.
    Same(String),
    /// A value equal to what a Python expression gives, and of the same type.
    Equal(String),
    /// A str that a regular expression matches from start to end.
    Match(#[cfg_attr(test, schemars(with = "String"))] Pattern),
    /// A value of one of these shapes.
    OneOf(Vec<Shape>),
    /// A tuple whose items have these shapes.
    Tuple(Vec<Shape>),
    /// A list whose items have these shapes.
    List(Vec<Shape>),
    /// An object whose attributes have these shapes.
    Attrs(#[cfg_attr(test, schemars(with = "ByName"))] Vec<(String, Shape)>),
    /// This very value, of this very type: `1` is not `true`.
    #[cfg_attr(test, schemars(untagged))]
    Literal(#[cfg_attr(test, schemars(with = "Literal"))] Value),
}

/// The forms of a literal in a case file, for its JSON Schema.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only the schema is wanted")]
enum Literal {
    /// These bytes: the text in UTF-8.
    Bytes(String),
    #[schemars(untagged, extend("type" = ["null", "boolean", "number", "string"]))]
    Scalar(serde_json::Value),
}

/// The most bytes of an expression that is compiled, of which a case file may have very many. A class such as `\w` takes
/// some tens of kilobytes.
const LARGEST: usize = 256 << 10;

/// The most bytes of the text of an expression. The parser takes a time that grows with the square of a class.
const LONGEST: usize = 1000;

/// A regular expression that must match a whole text.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles an expression in the syntax of the `regex` crate.
    ///
    /// # Errors
    /// When the syntax is wrong.
    pub fn new(text: &str) -> Result<Pattern, String> {
        // The text alone must be an expression. `a)|(b` is not one, but would be one inside the group.
        if text.len() > LONGEST {
            return Err(format!("a regular expression has {} bytes, and may have {LONGEST}", text.len()));
        }
        let compile = |text: &str| RegexBuilder::new(text).size_limit(LARGEST).build();
        let compiled = compile(text).and_then(|_| compile(&format!(r"\A(?s:{text})\z")));
        let regex = compiled.map_err(|error| {
            let error = error.to_string();
            let cause = error.lines().last().unwrap_or_default();
            format!("`{text}` is not a regular expression: {}", cause.trim_start_matches("error: "))
        })?;
        Ok(Pattern { text: text.to_owned(), regex })
    }

    /// Returns the expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

words! {
    /// How much a shape asserts, weakest first.
    Strength {
        /// The event's name only, because the case expects that the event is not raised.
        Name = "name",
        /// The existence of the argument.
        Arity = "arity",
        /// Its type.
        Type = "type",
        /// Its value.
        Value = "value",
        /// Its identity: it is the caller's own object.
        Identity = "identity",
    }
}

/// The agent's answer to one question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Whether the shape holds.
    pub holds: bool,
    /// The value that an expression or attribute gave.
    pub value: Option<Value>,
    /// The exception that it gave instead.
    pub note: Option<String>,
}

/// The agent's answers by place: `EVENT.ARGUMENT`, then one index for each step into a shape. An attribute's value
/// stands at its place with `=` behind it.
pub type Answers = BTreeMap<String, Answer>;

impl Shape {
    /// Tells whether a value has this shape, given the agent's answers for its place. A question
    /// without an answer does not hold.
    pub fn matches(&self, value: &Value, place: &str, answers: &Answers) -> bool {
        let inner = |index: usize| format!("{place}.{index}");
        match self {
            Shape::Any => true,
            Shape::Literal(literal) => literal == value,
            Shape::Type(names) => names.contains(&value.type_name),
            Shape::Same(_) | Shape::Equal(_) | Shape::Instance(_) => {
                answers.get(place).is_some_and(|answer| answer.holds)
            }
            Shape::Match(pattern) => match &value.content {
                Content::Str(text) => pattern.regex.is_match(text),
                _ => false,
            },
            Shape::OneOf(shapes) => {
                shapes.iter().enumerate().any(|(index, shape)| shape.matches(value, &inner(index), answers))
            }
            Shape::Tuple(shapes) => items_match(shapes, "tuple", value, place, answers),
            Shape::List(shapes) => items_match(shapes, "list", value, place, answers),
            Shape::Attrs(shapes) => shapes.iter().enumerate().all(|(index, (_, shape))| {
                let attribute = answers.get(&format!("{}=", inner(index)));
                attribute
                    .and_then(|answer| answer.value.as_ref())
                    .is_some_and(|value| shape.matches(value, &inner(index), answers))
            }),
        }
    }

    /// Tells whether only the agent can answer whether a value has this shape.
    pub fn asks(&self) -> bool {
        match self {
            Shape::Same(_) | Shape::Equal(_) | Shape::Instance(_) | Shape::Attrs(_) => true,
            Shape::OneOf(shapes) | Shape::Tuple(shapes) | Shape::List(shapes) => shapes.iter().any(Shape::asks),
            Shape::Any | Shape::Literal(_) | Shape::Type(_) | Shape::Match(_) => false,
        }
    }

    /// Returns how much this shape asserts of the value itself.
    pub fn strength(&self) -> Strength {
        let weakest =
            |shapes: &[Shape]| shapes.iter().map(Shape::strength).min().unwrap_or(Strength::Value).min(Strength::Value);
        match self {
            Shape::Any => Strength::Arity,
            Shape::Type(_) | Shape::Instance(_) => Strength::Type,
            Shape::Literal(_) | Shape::Equal(_) | Shape::Match(_) | Shape::Attrs(_) => Strength::Value,
            Shape::Same(_) => Strength::Identity,
            Shape::OneOf(shapes) | Shape::Tuple(shapes) | Shape::List(shapes) => weakest(shapes),
        }
    }
}

fn items_match(shapes: &[Shape], type_name: &str, value: &Value, place: &str, answers: &Answers) -> bool {
    let Content::Items(items) = &value.content else { return false };
    value.type_name == type_name
        && items.len() == shapes.len()
        && shapes
            .iter()
            .zip(items)
            .enumerate()
            .all(|(index, (shape, item))| shape.matches(item, &format!("{place}.{index}"), answers))
}

/// Writes the shape as the case file has it, in one line.
impl Shape {
    /// Writes the shape of an argument, with a literal as [`Value::argument`] writes it.
    pub fn argument(&self, name: &str) -> String {
        match self {
            Shape::Literal(value) => value.argument(name),
            shape => shape.to_string(),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |shapes: &[Shape], separator: &str| {
            shapes.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
        };
        match self {
            Shape::Any => f.write_str("any"),
            Shape::Literal(value) => write!(f, "{value}"),
            Shape::Type(names) => write!(f, "<{}>", names.join(" or ")),
            Shape::Instance(class) => write!(f, "instance of {class}"),
            Shape::Same(expression) => write!(f, "same as {expression}"),
            Shape::Equal(expression) => write!(f, "equal to {expression}"),
            Shape::Match(pattern) => write!(f, "match for /{}/", pattern.text),
            Shape::OneOf(shapes) => f.write_str(&join(shapes, " or ")),
            Shape::Tuple(shapes) if shapes.len() == 1 => write!(f, "({},)", shapes[0]),
            Shape::Tuple(shapes) => write!(f, "({})", join(shapes, ", ")),
            Shape::List(shapes) => write!(f, "[{}]", join(shapes, ", ")),
            Shape::Attrs(shapes) => {
                let attributes = shapes.iter().map(|(name, shape)| format!(".{name}: {shape}"));
                f.write_str(&attributes.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Writes the form that the agent reads: `"any"`, or a map of one key. A shape that only the harness checks is `"any"`
/// too.
impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn one<S: Serializer, T: Serialize + ?Sized>(serializer: S, kind: &str, of: &T) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(kind, of)?;
            map.end()
        }
        match self {
            Shape::Any | Shape::Literal(_) | Shape::Type(_) | Shape::Match(_) => serializer.serialize_str("any"),
            Shape::Instance(class) => one(serializer, "instance", class),
            Shape::Same(expression) => one(serializer, "same", expression),
            Shape::Equal(expression) => one(serializer, "equal", expression),
            Shape::OneOf(shapes) => one(serializer, "one-of", shapes),
            Shape::Tuple(shapes) => one(serializer, "tuple", shapes),
            Shape::List(shapes) => one(serializer, "list", shapes),
            Shape::Attrs(shapes) => one(serializer, "attrs", shapes),
        }
    }
}

/// Reads the form that case files have: a scalar is a literal, `any` is any, everything else is a map of one key.
impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

const SHAPES: &[&str] = &["type", "instance", "same", "equal", "match", "one-of", "tuple", "list", "bytes", "attrs"];

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a shape: a scalar, `any`, or a map of one key ({})", SHAPES.join(", "))
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Literal(Value::new("NoneType", Content::None)))
    }

    fn visit_bool<E>(self, on: bool) -> Result<Shape, E> {
        Ok(Shape::Literal(Value::new("bool", Content::Bool(on))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
        Ok(Shape::Literal(Value::new("int", Content::Int(number.into()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
        Ok(Shape::Literal(Value::new("int", Content::Int(number.into()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Shape, E> {
        Ok(Shape::Literal(Value::new("float", Content::Float(number))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(match text {
            "any" => Shape::Any,
            _ => Shape::Literal(Value::new("str", Content::Str(text.to_owned()))),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let Some(kind) = map.next_key::<String>()? else {
            return Err(de::Error::custom("the map is empty, and a shape has one key"));
        };
        let shape = match kind.as_str() {
            "type" => Shape::Type(map.next_value::<OneOrMany<String>>()?.into_vec()),
            "instance" => Shape::Instance(map.next_value()?),
            "same" => Shape::Same(map.next_value()?),
            "equal" => Shape::Equal(map.next_value()?),
            "match" => {
                let text = map.next_value::<String>()?;
                Shape::Match(Pattern::new(&text).map_err(de::Error::custom)?)
            }
            "one-of" => Shape::OneOf(map.next_value()?),
            "tuple" => Shape::Tuple(map.next_value()?),
            "list" => Shape::List(map.next_value()?),
            "bytes" => {
                let text = map.next_value::<String>()?;
                Shape::Literal(Value::new("bytes", Content::Bytes(text.into_bytes())))
            }
            "attrs" => Shape::Attrs(map.next_value::<ByName>()?.0),
            other => return Err(de::Error::unknown_field(other, SHAPES)),
        };
        match map.next_key::<String>()? {
            None => Ok(shape),
            Some(second) => {
                Err(de::Error::custom(format!("a shape has one key, and this one has `{kind}` and `{second}`")))
            }
        }
    }
}

/// Shapes by name, in the order written. Each name stands once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, with = "BTreeMap<String, Shape>"))]
pub struct ByName(pub Vec<(String, Shape)>);

impl<'de> Deserialize<'de> for ByName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByName, D::Error> {
        deserializer.deserialize_map(ByNameVisitor)
    }
}

struct ByNameVisitor;

impl<'de> Visitor<'de> for ByNameVisitor {
    type Value = ByName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names to shapes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByName, A::Error> {
        let mut shapes: Vec<(String, Shape)> = Vec::new();
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(de::Error::custom(format!("`{name}` stands twice")));
            }
            shapes.push((name, map.next_value()?));
        }
        Ok(ByName(shapes))
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    /// Tells whether a shape, in YAML, matches a value, as the agent describes it, given answers for the place `0.0`.
    fn matches(shape: &str, value: &str, answers: &str) -> bool {
        let shape: Shape = serde_yaml::from_str(shape).unwrap_or_else(|error| panic!("{shape}: {error}"));
        let value: Value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        shape.matches(&value, "0.0", &serde_json::from_str(answers).expect("answers"))
    }

    const ONE: &str = r#"{"type": "int", "value": 1}"#;
    const TRUE: &str = r#"{"type": "bool", "value": true}"#;
    const NONE: &str = r#"{"type": "NoneType"}"#;
    const TEXT: &str = r#"{"type": "str", "value": "ab"}"#;
    const BYTES: &str = r#"{"type": "bytes", "value": "a\u00ff"}"#;
    const PAIR: &str = r#"{"type": "tuple", "value": [{"type": "int", "value": 1}, {"type": "str", "value": "ab"}]}"#;
    const OBJECT: &str = r#"{"type": "socket.socket"}"#;

    #[test]
    fn shapes_match_values_and_their_types() {
        for (shape, right, wrong) in [
            ("1", ONE, TRUE),
            ("true", TRUE, ONE),
            ("null", NONE, r#"{"type": "int", "value": 0}"#),
            ("1.0", r#"{"type": "float", "value": 1.0}"#, ONE),
            ("1", r#"{"type": "int", "value": 1}"#, r#"{"type": "enum.IntFlag"}"#),
            ("18446744073709551615", r#"{"type": "int", "value": 18446744073709551615}"#, ONE),
            ("ab", TEXT, BYTES),
            ("\"1\"", r#"{"type": "str", "value": "1"}"#, ONE),
            ("any", OBJECT, r#"{"type": "never"}"#),
            ("{type: socket.socket}", OBJECT, TEXT),
            ("{type: [str, bytes]}", BYTES, ONE),
            ("{type: int}", ONE, TRUE),
            ("{match: 'a.'}", TEXT, ONE),
            ("{match: 'a|ab'}", TEXT, r#"{"type": "str", "value": "abc"}"#),
            ("{bytes: ab}", r#"{"type": "bytes", "value": "ab"}"#, TEXT),
            ("{one-of: [null, 1]}", ONE, TRUE),
            ("{tuple: [1, ab]}", PAIR, r#"{"type": "tuple", "value": [{"type": "int", "value": 1}]}"#),
            ("{tuple: [1, ab]}", PAIR, &PAIR.replace("tuple", "list")),
            ("{tuple: [1, {type: str}]}", PAIR, &PAIR.replace("ab", "a").replace("str", "bytes")),
            ("{list: []}", r#"{"type": "list", "value": []}"#, r#"{"type": "tuple", "value": []}"#),
        ] {
            assert!(matches(shape, right, "{}"), "{shape} should match {right}");
            assert!(shape == "any" || !matches(shape, wrong, "{}"), "{shape} should not match {wrong}");
        }
    }

    #[test]
    fn a_question_holds_only_if_the_agent_says_so() {
        let yes = r#"{"0.0": {"holds": true, "value": null, "note": null}}"#;
        for shape in ["{same: x}", "{equal: x}", "{instance: x}"] {
            assert!(matches(shape, OBJECT, yes), "{shape}");
            assert!(!matches(shape, OBJECT, &yes.replace("true", "false")), "{shape}");
            assert!(!matches(shape, OBJECT, "{}"), "{shape}");
        }
        assert!(matches("{tuple: [{same: x}, ab]}", PAIR, &yes.replace("0.0", "0.0.0")));
        assert!(!matches("{tuple: [{same: x}, ab]}", PAIR, yes));
        let attribute = r#"{"0.0.0=": {"holds": true, "value": {"type": "str", "value": "f"}, "note": null}}"#;
        assert!(matches("{attrs: {co_name: f}}", OBJECT, attribute));
        assert!(!matches("{attrs: {co_name: g}}", OBJECT, attribute));
        assert!(!matches("{attrs: {co_name: f}}", OBJECT, "{}"));
    }

    #[test]
    fn each_step_into_a_shape_adds_an_index_to_the_place_of_the_answer() {
        const LIST: &str = r#"{"type": "list", "value": [{"type": "x"}, {"type": "y"}]}"#;
        let yes = |place: &str| format!(r#"{{"{place}": {{"holds": true, "value": null, "note": null}}}}"#);
        for (shape, value, place) in [
            ("{same: x}", OBJECT, "0.0"),
            ("{one-of: [1, {same: x}]}", OBJECT, "0.0.1"),
            ("{tuple: [1, {same: x}]}", PAIR, "0.0.1"),
            ("{list: [{same: x}, any]}", LIST, "0.0.0"),
            ("{list: [any, {one-of: [1, 2, {same: x}]}]}", LIST, "0.0.1.2"),
        ] {
            assert!(matches(shape, value, &yes(place)), "{shape}");
            for wrong in ["0", "0.0.0.0", "0.1", "0.0.1="] {
                assert!(!matches(shape, value, &yes(wrong)), "{shape}: {wrong}");
            }
        }
        let two = r#"{"0.0.0=": {"holds": true, "value": {"type": "int", "value": 1}, "note": null},
            "0.0.1=": {"holds": true, "value": {"type": "x"}, "note": null},
            "0.0.1": {"holds": true, "value": null, "note": null}}"#;
        assert!(matches("{attrs: {a: 1, b: {same: x}}}", OBJECT, two));
        assert!(!matches("{attrs: {a: {same: x}, b: any}}", OBJECT, two));
        assert!(!matches("{attrs: {a: 1, b: {same: x}, c: any}}", OBJECT, two));
    }

    #[test]
    fn a_shape_is_written_for_the_agent_and_for_people() {
        for (yaml, asks, for_agent, shown) in [
            ("any", false, r#""any""#, "any"),
            ("1", false, r#""any""#, "1"),
            ("null", false, r#""any""#, "None"),
            ("{bytes: ab}", false, r#""any""#, "b\"ab\""),
            ("{type: str}", false, r#""any""#, "<str>"),
            ("{type: [str, bytes]}", false, r#""any""#, "<str or bytes>"),
            ("{match: 'a.'}", false, r#""any""#, "match for /a./"),
            ("{instance: io.IOBase}", true, r#"{"instance":"io.IOBase"}"#, "instance of io.IOBase"),
            ("{same: x}", true, r#"{"same":"x"}"#, "same as x"),
            ("{equal: x}", true, r#"{"equal":"x"}"#, "equal to x"),
            ("{one-of: [1, 2]}", false, r#"{"one-of":["any","any"]}"#, "1 or 2"),
            ("{one-of: [1, {same: x}]}", true, r#"{"one-of":["any",{"same":"x"}]}"#, "1 or same as x"),
            ("{tuple: [1, {equal: x}]}", true, r#"{"tuple":["any",{"equal":"x"}]}"#, "(1, equal to x)"),
            ("{tuple: [any]}", false, r#"{"tuple":["any"]}"#, "(any,)"),
            ("{tuple: [1, 2]}", false, r#"{"tuple":["any","any"]}"#, "(1, 2)"),
            ("{list: [{same: x}]}", true, r#"{"list":[{"same":"x"}]}"#, "[same as x]"),
            ("{list: []}", false, r#"{"list":[]}"#, "[]"),
            ("{attrs: {b: 1, a: any}}", true, r#"{"attrs":[["b","any"],["a","any"]]}"#, ".b: 1, .a: any"),
        ] {
            let shape: Shape = serde_yaml::from_str(yaml).expect("a shape");
            assert_eq!(shape.asks(), asks, "{yaml}");
            assert_eq!(serde_json::to_string(&shape).expect("JSON"), for_agent, "{yaml}");
            assert_eq!(shape.to_string(), shown, "{yaml}");
        }
    }

    #[test]
    fn an_argument_is_written_as_in_python() {
        for (yaml, name, shown) in [
            ("0o700", "mode", "0o700"),
            ("-1", "mode", "-1"),
            ("r", "mode", "\"r\""),
            ("448", "flags", "448"),
            ("{same: mode}", "mode", "same as mode"),
        ] {
            let shape: Shape = serde_yaml::from_str(yaml).expect("a shape");
            assert_eq!(shape.argument(name), shown, "{yaml}");
        }
        let one = r#"{"type": "tuple", "value": [{"type": "str", "value": "x"}]}"#;
        let value: Value = serde_json::from_str(one).expect("a value");
        assert_eq!(value.to_string(), "(\"x\",)");
    }

    #[test]
    fn a_faulty_shape_is_refused_with_the_cause() {
        for (yaml, message) in [
            ("{}", "the map is empty, and a shape has one key"),
            ("{sane: x}", "unknown field `sane`, expected one of `type`, `instance`, "),
            ("{same: x, type: str}", "a shape has one key, and this one has `same` and `type`"),
            (
                "[1]",
                "invalid type: sequence, expected a shape: a scalar, `any`, or a map of one key (type, instance, same, \
                 equal, match, one-of, tuple, list, bytes, attrs)",
            ),
            ("{match: '('}", "`(` is not a regular expression: unclosed group"),
            ("{match: 'a)|(b'}", "`a)|(b` is not a regular expression: unopened group"),
            ("{tuple: 1}", "invalid type: integer `1`, expected a sequence"),
            ("{type: 1}", "invalid type: integer `1`, expected a string"),
            ("{type: 1.5}", "invalid type: floating point `1.5`, expected a string"),
            ("{type: true}", "invalid type: boolean `true`, expected a string"),
            ("{type: -1}", "invalid type: integer `-1`, expected a string"),
            ("{type: null}", "invalid type: unit value, expected a string"),
            ("{attrs: [a]}", "invalid type: sequence, expected a map from names to shapes"),
            ("{attrs: {a: 1, a: 2}}", "`a` stands twice"),
        ] {
            let error = serde_yaml::from_str::<Shape>(yaml).expect_err(yaml).to_string();
            assert!(error.contains(message), "{yaml}: {error}");
        }
    }

    #[test]
    fn a_faulty_value_is_refused() {
        for text in
            [r#"{"type": "int", "value": "1"}"#, r#"{"type": "bytes", "value": "€"}"#, r#"{"type": "str", "valu": 1}"#]
        {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_shape_is_as_strong_as_its_weakest_part() {
        for (shape, strength) in [
            ("any", Strength::Arity),
            ("{type: str}", Strength::Type),
            ("{instance: str}", Strength::Type),
            ("null", Strength::Value),
            ("{equal: x}", Strength::Value),
            ("{same: x}", Strength::Identity),
            ("{one-of: [null, {type: str}]}", Strength::Type),
            ("{tuple: [{same: x}, 1]}", Strength::Value),
            ("{tuple: []}", Strength::Value),
        ] {
            let shape: Shape = serde_yaml::from_str(shape).expect("a shape");
            assert_eq!(shape.strength(), strength, "{shape}");
        }
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        for (value, text) in [
            (ONE, "1"),
            (TRUE, "True"),
            (NONE, "None"),
            (TEXT, "\"ab\""),
            (BYTES, "b\"a\\xff\""),
            (PAIR, "(1, \"ab\")"),
            (OBJECT, "<socket.socket>"),
        ] {
            let value: Value = serde_json::from_str(value).expect("a value");
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn names_stand_once_among_very_many() {
        let names: Vec<String> = (0..100_000).map(|number| format!("\"a{number}\":1")).collect();
        let read = |text: &str| serde_json::from_str::<ByName>(text);
        assert_eq!(read(&format!("{{{}}}", names.join(","))).expect("shapes").0.len(), 100_000);
        let twice = read(&format!("{{{},\"a7\":1}}", names.join(","))).expect_err("a name stands twice");
        assert!(twice.to_string().starts_with("`a7` stands twice"), "{twice}");
    }

    #[test]
    fn an_expression_is_no_larger_than_a_case_needs() {
        assert!(Pattern::new(r"\w+\\\d{3}, .*").is_ok());
        let fault = Pattern::new(r"\w{100}").expect_err("a large expression");
        assert!(fault.contains("size limit"), "{fault}");
        let fault = Pattern::new(&format!("[{}]", r"\w".repeat(500_000))).expect_err("a long expression");
        assert_eq!(fault, "a regular expression has 1000002 bytes, and may have 1000");
    }
}
