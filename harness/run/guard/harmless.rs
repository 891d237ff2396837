//! Harmless operations, which every hook must let pass. A hook that denies all is not good.

use serde::Serialize;

use super::attempt::objections;
use crate::agent::Observation;

/// The harmless operations: what each is, and its snippet.
pub const HARMLESS: [(&str, &str); 6] = [
    ("importing modules of the standard library", "import json, decimal, csv"),
    ("reading a module's source", "import linecache, json\nassert linecache.getline(json.__file__, 1)"),
    ("printing", "print(\"text\")"),
    ("computing", "assert sorted(map(str, range(1000)))"),
    ("raising and catching an exception", "try:\n    int(\"x\")\nexcept ValueError:\n    pass"),
    ("making and calling a function", "assert (lambda value: value + 1)(1) == 2"),
];

/// A harmless operation that was tried under a hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Control {
    /// The operation, in a few words.
    pub operation: &'static str,
    /// The exception of the hook that disturbed it, or how it ended early; null if it passed.
    pub disturbed: Option<String>,
}

impl Control {
    /// Judges an operation by what was seen of it under the hook.
    pub fn of(operation: &'static str, seen: &Observation) -> Control {
        Control { operation, disturbed: disturbance(seen) }
    }
}

fn disturbance(seen: &Observation) -> Option<String> {
    objections(seen).next().or_else(|| seen.exception.as_ref().map(|raised| raised.text.clone())).or_else(|| {
        (!seen.finished).then(|| format!("{} {}", seen.exit, seen.stderr.lines().last().unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::attempt::samples::{OBJECTED, seen};
    use super::*;
    use crate::process::Exit;

    #[test]
    fn a_harmless_operation_is_disturbed_by_an_objection_an_exception_or_an_early_end() {
        let raised = r#"{"snippet": {"text": "ValueError: x", "line": 1, "veto": false}}"#;
        assert_eq!(disturbance(&seen(&[])), None);
        assert_eq!(disturbance(&seen(&[OBJECTED])).as_deref(), Some("E: no at m.f"));
        assert_eq!(disturbance(&seen(&[raised])).as_deref(), Some("ValueError: x"));
        let gone = Observation::new("", Exit::Status(3), "a\nb".to_owned(), 0.0);
        assert_eq!(disturbance(&gone).as_deref(), Some("it ended with exit status 3 b"));
    }
}
