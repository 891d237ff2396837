//! Tests: a case as a method of a test class. Pure.

use std::fmt::Write as _;

use serde_json::json;

use super::condition::{self, Condition};
use super::known::{Failure, Known};
use crate::report::python::{comment, constant, literal, words};
use crate::suite::{Case, Demand, EventFile, Need, Observer, Passes, Shape};

/// The form of the marks of tests that are expected to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Decorators of `unittest`.
    Plain,
    /// The same with the comments that RustPython's tools look for.
    RustPython,
}

/// Returns the reason why a case cannot be exported, if there is one.
pub(super) fn obstacle(case: &Case) -> Option<&'static str> {
    match (case.observe, &case.invoke) {
        (Observer::Native, _) => Some("a hook written in C must watch them"),
        (_, Some(_)) => Some("they are command lines"),
        _ => None,
    }
}

/// Returns the name of the class of an event.
pub(super) fn class_name(event: &str) -> String {
    format!("Test_{}", identifier(event))
}

/// Returns the name of the method of a case.
pub(super) fn method_name(case: &Case) -> String {
    format!("test_{}", identifier(&case.name))
}

fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Returns the decorators that skip a class or a test elsewhere.
pub(super) fn skips(targets: impl IntoIterator<Item = (Condition, String)>, indent: &str) -> String {
    let of = |(condition, target): (Condition, String)| {
        let text = literal(&format!("skipped: for {target}"));
        condition.map(|condition| format!("{indent}@unittest.skipUnless({condition}, {text})\n"))
    };
    // The decorator that stands last is asked first.
    let mut lines: Vec<String> = targets.into_iter().filter_map(of).collect();
    lines.reverse();
    lines.concat()
}

/// Returns the language versions and platforms of a file or a case as conditions, each with its words.
pub(super) fn targets(
    python: &crate::suite::Versions,
    platform: &[crate::suite::Platform],
) -> [(Condition, String); 2] {
    let platforms: Vec<String> = platform.iter().map(ToString::to_string).collect();
    [(condition::language(python), format!("Python {python}")), (condition::platform(platform), platforms.join(", "))]
}

/// Returns the method of a case.
pub(super) fn method(file: &EventFile, case: &Case, known: &Known, marks: Marks) -> String {
    let implementations = &case.implementation;
    let is_one = format!("IMPLEMENTATION in {}", words(implementations));
    let implementation = ((!implementations.is_empty()).then_some(is_one), implementations.join(", "));
    let [python, platform] = targets(&case.python, &case.platform);
    let mut text = skips([python, platform, implementation], "    ");
    text += &mark(&known.of(file, case), marks);
    let _ = writeln!(text, "    def {}(self):\n        self.check(", method_name(case));
    for (name, value) in arguments(file, case) {
        let _ = writeln!(text, "            {name}={value},");
    }
    text + "        )\n"
}

/// Returns the decorators of a test that is expected to fail.
fn mark(failures: &[Failure], marks: Marks) -> String {
    let todo = if marks == Marks::RustPython { "TODO: RUSTPYTHON; " } else { "" };
    let (flaky, failing): (Vec<_>, Vec<_>) = failures.iter().partition(|failure| failure.verdict.is_none());
    let mut text = String::new();
    if let Some(first) = flaky.first() {
        let reason = literal(&format!("{todo}{}", first.text()));
        text += &match condition::any(flaky.iter().map(|failure| failure.condition())) {
            None => format!("    @unittest.skip({reason})\n"),
            Some(condition) => format!("    @unittest.skipIf({condition}, {reason})\n"),
        };
    }
    if !failing.is_empty() {
        let reasons: Vec<String> = failing.iter().map(|failure| failure.text()).collect();
        let decorator = match condition::any(failing.iter().map(|failure| failure.condition())) {
            None => "unittest.expectedFailure".to_owned(),
            Some(condition) => format!("expected_failure_if({condition})"),
        };
        let _ = writeln!(text, "    @{decorator}  # {todo}{}", comment(&reasons.join("; ")));
    }
    text
}

/// Returns the arguments of the check, each with its name.
fn arguments(file: &EventFile, case: &Case) -> Vec<(&'static str, String)> {
    let needs: Vec<String> = case.all_needs().iter().map(|need| need.as_str().to_owned()).collect();
    let veto = match case.is_vetoed(file) {
        true => json!(case.veto()).to_string(),
        false => "None".to_owned(),
    };
    let snippet = case.snippet.as_deref().unwrap_or_default();
    let mut arguments =
        vec![("setup", literal(&case.setup)), ("snippet", literal(snippet)), ("expect", expectations(file, case))];
    let mut add = |name, is_there: bool, value: String| arguments.extend(is_there.then_some((name, value)));
    add("needs", !needs.is_empty(), words(&needs));
    add("effect", case.effect.is_some(), literal(case.effect.as_deref().unwrap_or_default()));
    add("veto", veto != "\"stops\"", veto);
    add("only", case.only, "True".to_owned());
    add("plain", case.run == Passes::Vetoed, "False".to_owned());
    add("fresh", case.fresh, "True".to_owned());
    add("lasting", case.lasting, "True".to_owned());
    arguments
}

/// Returns the needs of a case, for the probe.
pub(super) fn needs(case: &Case) -> Vec<String> {
    case.all_needs().iter().map(Need::as_str).map(str::to_owned).collect()
}

/// Returns the events that a case expects. Where versions differ in the names of the event's arguments, a condition chooses.
fn expectations(file: &EventFile, case: &Case) -> String {
    let mut variants = Vec::<(Condition, String)>::new();
    for variant in &file.arguments.0 {
        let (condition, text) =
            (condition::language(&variant.python), events(&file.demands_with(case, &variant.arguments)));
        match variants.last_mut().filter(|(_, last)| *last == text) {
            Some((last, _)) => *last = condition::any([last.take(), condition]),
            None => variants.push((condition, text)),
        }
    }
    let Some((_, last)) = variants.pop() else { return events(&file.demands_with(case, &[])) };
    let chosen = variants.iter().map(|(condition, events)| {
        format!("{events}\n            if {}\n            else ", condition.as_deref().unwrap_or("True"))
    });
    chosen.collect::<String>() + &last
}

fn events(demands: &[Demand]) -> String {
    let event = |demand: &Demand| {
        let shapes = demand.args.iter().map(|(name, wanted)| format!("{}: {}", literal(name), shape(wanted)));
        format!("Event({}, {{{}}})", literal(&demand.name), shapes.collect::<Vec<_>>().join(", "))
    };
    match demands {
        [] => "[]".to_owned(),
        [one] => format!("[{}]", event(one)),
        several => {
            let lines: String = several.iter().map(|demand| format!("                {},\n", event(demand))).collect();
            format!("[\n{lines}            ]")
        }
    }
}

/// Returns a shape as a call of a class in `expected.py`. A literal stands for itself.
fn shape(wanted: &Shape) -> String {
    let list = |shapes: &[Shape]| shapes.iter().map(shape).collect::<Vec<_>>().join(", ");
    match wanted {
        Shape::Any => "Any()".to_owned(),
        Shape::Literal(value) => constant(value),
        Shape::Type(names) => {
            format!("Type({})", names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", "))
        }
        Shape::Instance(class) => format!("Instance({})", literal(class)),
        Shape::Same(expression) => format!("Same({})", literal(expression)),
        Shape::Equal(expression) => format!("Equal({})", literal(expression)),
        Shape::Match(pattern) => format!("Match({})", literal(pattern.as_str())),
        Shape::OneOf(shapes) => format!("OneOf({})", list(shapes)),
        Shape::Tuple(shapes) => format!("Tuple({})", list(shapes)),
        Shape::List(shapes) => format!("List({})", list(shapes)),
        Shape::Attrs(shapes) => {
            let attributes = shapes.iter().map(|(name, wanted)| format!("{}: {}", literal(name), shape(wanted)));
            format!("Attrs({{{}}})", attributes.collect::<Vec<_>>().join(", "))
        }
    }
}
