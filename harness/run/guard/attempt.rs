//! Attempts: one operation without the hook and under it, and how it ended.

use super::policy::Must;
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
        /// The hook objected to an operation that it must let pass (--allow).
        DeniedButAllowed = "denied-but-allowed",
        /// The hook did not object, and the operation did not happen.
        Broke = "broke",
        /// The operation happened, and the interpreter raises no event for it: a known gap or a door.
        NoEvent = "cannot-be-denied",
        /// The hook objected, and the operation did not happen.
        Denied = "denied",
    }
}

impl Outcome {
    /// Tells whether the hook does not do what it must. It cannot help that an operation raises no event.
    pub fn fails(self, must: Option<Must>) -> bool {
        match must {
            Some(Must::Deny) => matches!(self, Outcome::LetThrough | Outcome::TooLate),
            Some(Must::Allow) => matches!(self, Outcome::DeniedButAllowed | Outcome::Broke),
            None => false,
        }
    }
}

/// An operation that was tried under a hook.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// The event of the operation as it was raised without the hook.
    pub event: Option<Event>,
    /// The hook's exception.
    pub objection: Option<String>,
}

impl Attempt {
    /// Compares the two passes. `plain` is without the hook. `name` is the event that tells of the operation; any event
    /// does if it is `None`. Returns `None` if the passes say nothing: the operation does not work here, or nobody can
    /// see whether it happened.
    pub fn of(name: Option<&str>, must: Option<Must>, plain: &Observation, guarded: &Observation) -> Option<Attempt> {
        let works = plain.finished && plain.exception.is_none() && plain.effect.as_ref()?.there;
        if !works || guarded.setup.is_some() {
            return None;
        }
        let event = plain.events.iter().find(|seen| name.is_none_or(|name| seen.name == name)).cloned();
        let objection = objections(guarded).next();
        // A process that is gone has no effect that could be seen.
        let happened = guarded.effect.as_ref().is_some_and(|effect| effect.there);
        let outcome = match (happened, objection.is_some()) {
            (_, true) if must == Some(Must::Allow) => Outcome::DeniedButAllowed,
            (true, true) => Outcome::TooLate,
            (true, false) if event.is_none() => Outcome::NoEvent,
            (true, false) => Outcome::LetThrough,
            (false, true) => Outcome::Denied,
            (false, false) => Outcome::Broke,
        };
        Some(Attempt { outcome, event, objection })
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

/// Returns why a hook cannot be added.
pub fn failure(seen: &Observation, hook: &Hook) -> Option<String> {
    let raised = seen.setup.as_ref().map(|raised| raised.text.clone());
    raised.map(|text| format!("{} cannot be added: {text}", hook.target))
}

#[cfg(test)]
pub(super) mod samples {
    use crate::agent::Observation;
    use crate::process::Exit;

    pub const RAISED: &str = r#"{"event": {"name": "m.f", "args": []}}"#;
    pub const OBJECTED: &str = r#"{"event": {"name": "audit578.objection", "args": [{"type": "str", "value": "m.f"}, {"type": "str", "value": "E: no"}]}}"#;
    pub const HAPPENED: &str = r#"{"effect": {"there": true, "note": null}}"#;
    pub const STOPPED: &str = r#"{"effect": {"there": false, "note": null}}"#;
    pub const FAILED: &str = r#"{"setup": {"text": "E", "line": 1, "veto": false}}"#;

    /// Returns what a whole report with these lines says.
    pub fn seen(lines: &[&str]) -> Observation {
        let report = [lines, &["{\"end\": true}"]].concat().join("\n");
        Observation::new(&report, Exit::Status(0), String::new(), 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Broke, Denied, DeniedButAllowed, LetThrough, NoEvent, TooLate};
    use super::samples::{FAILED, HAPPENED, OBJECTED, RAISED, STOPPED, seen};
    use super::*;

    #[test]
    fn an_attempt_ends_as_objection_and_effect_say() {
        for (plain, guarded, outcome, if_allowed) in [
            (&[RAISED, HAPPENED][..], &[HAPPENED][..], Some(LetThrough), LetThrough),
            (&[RAISED, HAPPENED], &[OBJECTED, STOPPED], Some(Denied), DeniedButAllowed),
            (&[RAISED, HAPPENED], &[OBJECTED, HAPPENED], Some(TooLate), DeniedButAllowed),
            (&[RAISED, HAPPENED], &[STOPPED], Some(Broke), Broke),
            (&[HAPPENED], &[HAPPENED], Some(NoEvent), NoEvent),
            (&[HAPPENED], &[OBJECTED, STOPPED], Some(Denied), DeniedButAllowed),
            // The operation does not work here, or the hook could not be added.
            (&[RAISED, STOPPED], &[STOPPED], None, Denied),
            (&[RAISED], &[STOPPED], None, Denied),
            (&[RAISED, HAPPENED], &[FAILED], None, Denied),
        ] {
            let (plain, guarded) = (seen(plain), seen(guarded));
            let end = |must| Attempt::of(Some("m.f"), must, &plain, &guarded).map(|attempt| attempt.outcome);
            assert_eq!((end(None), end(Some(Must::Deny))), (outcome, outcome), "{plain:?} {guarded:?}");
            assert_eq!(end(Some(Must::Allow)), outcome.and(Some(if_allowed)), "{plain:?} {guarded:?}");
        }
        let attempt = Attempt::of(Some("m.f"), None, &seen(&[RAISED, HAPPENED]), &seen(&[OBJECTED, STOPPED]));
        assert_eq!(attempt.and_then(|attempt| attempt.objection).as_deref(), Some("E: no at m.f"));
    }

    #[test]
    fn any_event_tells_of_an_operation_without_a_name_for_it() {
        let end = |name| {
            let attempt = Attempt::of(name, None, &seen(&[RAISED, HAPPENED]), &seen(&[HAPPENED]));
            attempt.map(|attempt| attempt.outcome)
        };
        assert_eq!((end(None), end(Some("m.g"))), (Some(LetThrough), Some(NoEvent)));
    }

    #[test]
    fn a_hook_fails_by_what_it_must_do() {
        let failing = |must| Outcome::ALL.into_iter().filter(|outcome| outcome.fails(must)).collect::<Vec<_>>();
        assert_eq!(failing(Some(Must::Deny)), [LetThrough, TooLate]);
        assert_eq!(failing(Some(Must::Allow)), [DeniedButAllowed, Broke]);
        assert_eq!(failing(None), []);
        assert!(Outcome::ALL.is_sorted());
    }
}
