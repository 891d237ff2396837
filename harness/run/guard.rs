//! Judges a user's hook: compares a pass without it with a pass in which it is active. Pure.

use crate::agent::{Hook, OBJECTION, Observation};
use crate::suite::words;
use crate::suite::{Content, Event};

words! {
    /// The end of an operation under a user's hook, the worst for its user first.
    Outcome {
        /// The hook did not object, and the operation happened.
        LetThrough = "let-through",
        /// The hook objected, and the operation happened all the same.
        TooLate = "too-late",
        /// The operation happened, and this interpreter raises no event for it.
        NoEvent = "cannot-be-denied",
        /// The hook did not object, and the operation did not happen.
        Broke = "broke",
        /// The hook objected, and the operation did not happen.
        Denied = "denied",
    }
}

/// An operation that was tried under a hook.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// The event of the case as the operation raised it without the hook.
    pub event: Option<Event>,
    /// The hook's exception.
    pub objection: Option<String>,
}

impl Attempt {
    /// Compares the two passes. `plain` is without the hook. Returns `None` if they say nothing: the operation does not
    /// work here, or nobody can see whether it happened.
    pub fn of(event: &str, plain: &Observation, guarded: &Observation) -> Option<Attempt> {
        let works = plain.finished && plain.exception.is_none() && plain.effect.as_ref()?.there;
        if !works || guarded.setup.is_some() {
            return None;
        }
        let raised = plain.events.iter().find(|seen| seen.name == event).cloned();
        let objection = objections(guarded).next();
        // A process that is gone has no effect that could be seen.
        let happened = guarded.effect.as_ref().is_some_and(|effect| effect.there);
        let outcome = match (happened, objection.is_some()) {
            (true, true) => Outcome::TooLate,
            (true, false) if raised.is_none() => Outcome::NoEvent,
            (true, false) => Outcome::LetThrough,
            (false, true) => Outcome::Denied,
            (false, false) => Outcome::Broke,
        };
        Some(Attempt { outcome, event: raised, objection })
    }
}

/// Returns the exceptions of the hook, each with the event.
pub fn objections(seen: &Observation) -> impl Iterator<Item = String> {
    let text = |event: &Event, index: usize| match event.args.get(index).map(|value| &value.content) {
        Some(Content::Str(text)) => text.clone(),
        _ => String::new(),
    };
    let objections = seen.events.iter().filter(|event| event.name == OBJECTION);
    objections.map(move |event| format!("{} at {}", text(event, 1), text(event, 0)))
}

/// The harmless operations that every hook should let pass: what each is, and its snippet.
pub const HARMLESS: [(&str, &str); 6] = [
    ("importing modules of the standard library", "import json, decimal, csv"),
    ("reading a module's source", "import linecache, json\nassert linecache.getline(json.__file__, 1)"),
    ("printing", "print(\"text\")"),
    ("computing", "assert sorted(map(str, range(1000)))"),
    ("raising and catching an exception", "try:\n    int(\"x\")\nexcept ValueError:\n    pass"),
    ("making and calling a function", "assert (lambda value: value + 1)(1) == 2"),
];

/// Returns what is wrong about a hook if it disturbs a harmless operation.
pub fn disturbance(seen: &Observation) -> Option<String> {
    objections(seen).next().or_else(|| seen.exception.as_ref().map(|raised| raised.text.clone())).or_else(|| {
        (!seen.finished).then(|| format!("{} {}", seen.exit, seen.stderr.lines().last().unwrap_or_default()))
    })
}

/// Returns why a hook cannot be added.
pub fn failure(seen: &Observation, hook: &Hook) -> Option<String> {
    let raised = seen.setup.as_ref().map(|raised| raised.text.clone());
    raised.map(|text| format!("{} cannot be added: {text}", hook.target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Exit;

    const RAISED: &str = r#"{"event": {"name": "m.f", "args": []}}"#;
    const OBJECTED: &str = r#"{"event": {"name": "audit578.objection", "args": [{"type": "str", "value": "m.f"}, {"type": "str", "value": "E: no"}]}}"#;
    const HAPPENED: &str = r#"{"effect": {"there": true, "note": null}}"#;
    const STOPPED: &str = r#"{"effect": {"there": false, "note": null}}"#;
    const FAILED: &str = r#"{"setup": {"text": "E", "line": 1, "veto": false}}"#;

    fn seen(lines: &[&str]) -> Observation {
        let report = [lines, &["{\"end\": true}"]].concat().join("\n");
        Observation::new(&report, Exit::Status(0), String::new(), 0.0)
    }

    #[test]
    fn an_attempt_ends_as_objection_and_effect_say() {
        use Outcome::{Broke, Denied, LetThrough, NoEvent, TooLate};
        for (plain, guarded, outcome) in [
            (&[RAISED, HAPPENED][..], &[HAPPENED][..], Some(LetThrough)),
            (&[RAISED, HAPPENED], &[OBJECTED, STOPPED], Some(Denied)),
            (&[RAISED, HAPPENED], &[OBJECTED, HAPPENED], Some(TooLate)),
            (&[RAISED, HAPPENED], &[STOPPED], Some(Broke)),
            (&[HAPPENED], &[HAPPENED], Some(NoEvent)),
            (&[HAPPENED], &[OBJECTED, STOPPED], Some(Denied)),
            // The operation does not work here, or the hook could not be added.
            (&[RAISED, STOPPED], &[STOPPED], None),
            (&[RAISED], &[STOPPED], None),
            (&[RAISED, HAPPENED], &[FAILED], None),
        ] {
            let attempt = Attempt::of("m.f", &seen(plain), &seen(guarded));
            assert_eq!(attempt.map(|attempt| attempt.outcome), outcome, "{plain:?} {guarded:?}");
        }
        let attempt = Attempt::of("m.f", &seen(&[RAISED, HAPPENED]), &seen(&[OBJECTED, STOPPED]));
        assert_eq!(attempt.and_then(|attempt| attempt.objection).as_deref(), Some("E: no at m.f"));
    }

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
