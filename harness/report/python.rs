//! Python source: texts, lists and shapes as expressions. Pure.

use std::collections::BTreeMap;

use crate::suite::{Content, Shape, Value};

/// Returns a text as a Python literal, over several lines where the text has several.
pub(crate) fn literal(text: &str) -> String {
    let is_long = text.contains('\n');
    let has = |quote: char| text.contains(quote);
    let (start, quote, end) = match is_long {
        true => ("\"\"\"\\\n", '"', "\"\"\""),
        false if has('"') && !has('\'') => ("'", '\'', "'"),
        false => ("\"", '"', "\""),
    };
    let mut literal = start.to_owned();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        // Within three quotes, one quote alone ends nothing.
        let is_harmless = is_long && characters.peek().is_some_and(|next| *next != quote);
        match c {
            '\\' => literal += "\\\\",
            c if c == quote && !is_harmless => literal.extend(['\\', c]),
            c if c.is_ascii_graphic() || c == ' ' || c == '\n' => literal.push(c),
            c if u32::from(c) > 0xffff => literal += &format!("\\U{:08x}", u32::from(c)),
            c => literal += &format!("\\u{:04x}", u32::from(c)),
        }
    }
    literal + end
}

/// Returns a text without line breaks, so that it stays inside its comment.
pub(crate) fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Returns texts as a Python list.
pub(crate) fn words(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", "))
}

/// Returns a map of texts as a Python dict.
pub(super) fn map(map: &BTreeMap<String, String>) -> String {
    let items = map.iter().map(|(name, text)| format!("{}: {}", literal(name), literal(text)));
    format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
}

/// Returns an expression that tells whether `it` has a shape. It calls the functions of `repro.py`.
pub(super) fn check(shape: &Shape) -> String {
    let list = |shapes: &[Shape]| {
        let checks = shapes.iter().map(|shape| format!("lambda it: {}", check(shape)));
        format!("[{}]", checks.collect::<Vec<_>>().join(", "))
    };
    match shape {
        Shape::Any => "True".to_owned(),
        Shape::Literal(value) => format!("equal(it, {})", constant(value)),
        Shape::Type(names) => {
            format!("has_type(it, {})", names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", "))
        }
        Shape::Instance(class) => format!("is_instance(it, {})", literal(class)),
        Shape::Same(expression) => format!("same(it, value_of({}))", literal(expression)),
        Shape::Equal(expression) => format!("equal(it, value_of({}))", literal(expression)),
        Shape::Match(pattern) => format!("has_match(it, {})", literal(pattern.as_str())),
        Shape::OneOf(shapes) => {
            format!("({})", shapes.iter().map(check).collect::<Vec<_>>().join(" or "))
        }
        Shape::Tuple(shapes) => format!("has_items(it, tuple, {})", list(shapes)),
        Shape::List(shapes) => format!("has_items(it, list, {})", list(shapes)),
        Shape::Attrs(shapes) => {
            let checks = shapes.iter().map(|(name, shape)| format!("{}: lambda it: {}", literal(name), check(shape)));
            format!("has_attributes(it, {{{}}})", checks.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns a literal of a case file as one of Python.
pub(crate) fn constant(value: &Value) -> String {
    match &value.content {
        Content::Str(text) => literal(text),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_an_expression_of_python() {
        for (shape, expression) in [
            ("any", "True"),
            ("1", "equal(it, 1)"),
            ("\"a\\nb\"", "equal(it, \"\"\"\\\na\nb\"\"\")"),
            ("{bytes: a}", "equal(it, b\"a\")"),
            ("{type: [int, m.C]}", "has_type(it, \"int\", \"m.C\")"),
            ("{instance: m.C}", "is_instance(it, \"m.C\")"),
            ("{same: x}", "same(it, value_of(\"x\"))"),
            ("{equal: x}", "equal(it, value_of(\"x\"))"),
            ("{match: a.*}", "has_match(it, \"a.*\")"),
            ("{one-of: [null, {same: x}]}", "(equal(it, None) or same(it, value_of(\"x\")))"),
            ("{tuple: [1, any]}", "has_items(it, tuple, [lambda it: equal(it, 1), lambda it: True])"),
            ("{attrs: {name: true}}", "has_attributes(it, {\"name\": lambda it: equal(it, True)})"),
        ] {
            let read: Shape = serde_yaml::from_str(shape).expect("a shape");
            assert_eq!(check(&read), expression, "{shape}");
        }
    }

    #[test]
    fn a_literal_has_the_value_of_its_text() {
        for (text, written) in [
            ("a\"b\\n", r#"'a"b\\n'"#),
            ("a\"'", r#""a\"'""#),
            ("é\u{1f600}", r#""\u00e9\U0001f600""#),
            ("\"a\n\"\"\"b\"", "\"\"\"\\\n\"a\n\\\"\\\"\"b\\\"\"\"\""),
        ] {
            assert_eq!(literal(text), written);
        }
    }
}
