//! The arguments of an event, as its cases demand them: by kind of shape, and by the APIs that pass them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::report::fold::{first, folded};
use crate::report::style::{HEAD, paint};
use crate::suite::{Args, EventFile, Shape};

/// The examples of each kind of shape that are shown.
const EXAMPLES: usize = 4;

/// The APIs of each kind of shape that are shown.
const APIS: usize = 3;

/// The shapes of one kind that cases demand of one argument, with how often each is demanded.
#[derive(Debug, Default)]
struct Kind<'a> {
    count: usize,
    examples: BTreeMap<String, usize>,
    apis: BTreeMap<&'a str, usize>,
}

/// Renders the arguments of an event, in their order.
pub(super) fn section(file: &EventFile) -> String {
    let mut arguments = BTreeMap::<&str, BTreeMap<&str, Kind>>::new();
    for case in &file.cases {
        for expected in case.expect.iter().filter(|expected| expected.is_of(file)) {
            let Args::Named(named) = &expected.args else { continue };
            for (name, shape) in named {
                let (kind, example) = kind(name, shape);
                let kind = arguments.entry(name).or_default().entry(kind).or_default();
                kind.count += 1;
                *kind.examples.entry(example).or_default() += 1;
                *kind.apis.entry(&case.api).or_default() += 1;
            }
        }
    }
    if arguments.is_empty() {
        return String::new();
    }
    let mut names = Vec::<&str>::new();
    for name in file.arguments.0.iter().flat_map(|variant| &variant.arguments) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let lines = names.into_iter().filter_map(|name| Some(argument(name, arguments.get(name)?)));
    format!("\n{}\n{}", paint(HEAD, "Arguments, as the cases demand them"), lines.collect::<String>())
}

/// Renders one argument: a line for each kind, the most frequent first.
fn argument(name: &str, kinds: &BTreeMap<&str, Kind>) -> String {
    let mut kinds: Vec<(&&str, &Kind)> = kinds.iter().collect();
    kinds.sort_by_key(|(_, kind)| Reverse(kind.count));
    let mut text = format!("  {name}\n");
    for (words, kind) in &kinds {
        let examples = frequent(&kind.examples, EXAMPLES);
        let from = if kinds.len() > 1 { format!("; from {}", frequent(&kind.apis, APIS)) } else { String::new() };
        text += &folded("    - ", &format!("{words} {examples}{from}"), 6);
    }
    text
}

/// Joins the most frequent names.
fn frequent<T: AsRef<str> + Ord>(names: &BTreeMap<T, usize>, most: usize) -> String {
    let mut names: Vec<(&T, &usize)> = names.iter().collect();
    names.sort_by_key(|(_, count)| Reverse(**count));
    first(names.iter().map(|(name, _)| name.as_ref()), most)
}

/// Returns the kind of a shape in words, and the shape as an example of it.
fn kind(name: &str, shape: &Shape) -> (&'static str, String) {
    match shape {
        Shape::Any => ("anything", String::new()),
        Shape::Same(expression) => ("the caller's own object, such as", expression.clone()),
        Shape::Equal(expression) => ("equal to", expression.clone()),
        Shape::Literal(_) => ("the value", shape.argument(name)),
        Shape::Type(names) => ("of type", names.join(" or ")),
        Shape::Instance(class) => ("an instance of", class.clone()),
        Shape::Match(pattern) => ("a text that matches", format!("/{}/", pattern.as_str())),
        Shape::OneOf(_) => ("one of", shape.to_string()),
        Shape::Tuple(_) | Shape::List(_) => ("items:", shape.to_string()),
        Shape::Attrs(_) => ("an object with", shape.to_string()),
    }
}
