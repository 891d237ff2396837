//! The judge: observations against expectations. Pure.

use crate::agent::Observation;
use crate::process::Exit;
use crate::suite::{Case, Demand, Event, Promise, Shape, Verdict, VetoPromise};

/// What the judge makes of a trial.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The verdict: that of the first promise broken.
    pub verdict: Verdict,
    /// Whether the events were raised as expected, in number and order.
    pub raised: Promise,
    /// Whether their arguments were.
    pub arguments: Promise,
    /// Whether an exception from the hook did what it should.
    pub veto: Promise,
    /// Whether the operation had its effect in the plain pass. Without it the trial says nothing of the veto.
    pub effect: Promise,
    /// Why the verdict is not `pass`.
    pub reason: Option<String>,
    /// What was expected, line by line. What was observed has the same lines where it is as expected.
    pub expected: Vec<String>,
    /// What was observed.
    pub observed: Vec<String>,
}

impl Default for Judgement {
    /// The judgement before anything was looked at.
    fn default() -> Judgement {
        Judgement {
            verdict: Verdict::Pass,
            raised: Promise::Unchecked,
            arguments: Promise::Unchecked,
            veto: Promise::Unchecked,
            effect: Promise::Unchecked,
            reason: None,
            expected: Vec::new(),
            observed: Vec::new(),
        }
    }
}

impl Judgement {
    /// Records a failure; the first one gives the verdict.
    fn fail(&mut self, verdict: Verdict, reason: impl Into<String>) {
        if self.verdict == Verdict::Pass {
            self.verdict = verdict;
            self.reason = Some(reason.into());
        }
    }

    fn line(&mut self, expected: impl Into<String>, observed: impl Into<String>) {
        self.expected.push(expected.into());
        self.observed.push(observed.into());
    }

    /// Everything that the trial shows to be wrong: the verdict, and an effect or a veto that fails besides.
    pub fn failures(&self) -> Vec<Verdict> {
        let fails = self.verdict.is_failure();
        let verdict = fails.then_some(self.verdict);
        let effect = fails && self.verdict != Verdict::Error && self.effect == Promise::Broken;
        let veto = fails && self.wants_veto() && self.veto == Promise::Broken;
        let besides = [effect.then_some(Verdict::Error), veto.then_some(Verdict::Unvetoed)];
        verdict.into_iter().chain(besides.into_iter().flatten()).collect()
    }

    /// Tells whether the veto pass can still say something.
    pub fn wants_veto(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::WrongArgs | Verdict::WrongCount)
    }
}

/// Judges the plain pass.
pub fn plain(event: &str, case: &Case, demands: &[Demand], seen: &Observation) -> Judgement {
    let mut judgement = Judgement::default();
    if let Some((verdict, reason)) = trouble(case, seen, true) {
        judgement.fail(verdict, reason);
        return judgement;
    }
    let events = project(event, case, demands, &seen.events);
    compare(event, demands, &events, seen, &mut judgement);
    if judgement.raised == Promise::Broken && judgement.verdict == Verdict::Missing {
        judgement.veto = Promise::Broken;
    }
    if case.effect.is_some() {
        effect(seen, &mut judgement);
    }
    judgement
}

/// Judges the veto pass, and adds to what the plain pass gave. Where there was no plain pass, the events up to the one
/// vetoed are judged here.
pub fn veto(event: &str, case: &Case, demands: &[Demand], seen: &Observation, before: Option<Judgement>) -> Judgement {
    let alone = before.is_none();
    let mut judgement = before.unwrap_or_default();
    if let Some((verdict, reason)) = trouble(case, seen, false) {
        judgement.fail(verdict, format!("in the veto pass, {reason}"));
        return judgement;
    }
    if alone {
        let upto = |name: Option<usize>| name.map_or(usize::MAX, |index| index + 1);
        let demanded = upto(demands.iter().position(|demand| demand.name == event)).min(demands.len());
        let events = project(event, case, demands, &seen.events);
        let raised = upto(events.iter().position(|seen| seen.name == event)).min(events.len());
        compare(event, &demands[..demanded], &events[..raised], seen, &mut judgement);
    }
    vetoed(event, case, seen, &mut judgement);
    judgement
}

/// Returns what kept a pass from showing anything: the verdict and a sentence.
fn trouble(case: &Case, seen: &Observation, plain: bool) -> Option<(Verdict, String)> {
    let verdict = match &seen.exit {
        Exit::Deadline => Some(Verdict::Timeout),
        Exit::Signal(_) | Exit::Exception(_) => Some(Verdict::Crash),
        Exit::NotStarted(_) | Exit::OutputLimit => Some(Verdict::Error),
        Exit::Status(_) => None,
    };
    if let Some(verdict) = verdict {
        return Some((verdict, seen.exit.to_string()));
    }
    if let Some(fault) = &seen.fault {
        return Some((Verdict::Error, fault.clone()));
    }
    if let Some(raised) = &seen.setup {
        return Some((Verdict::Error, format!("the setup raised {}{}", raised.text, at(raised.line))));
    }
    if !seen.finished {
        let reason = format!("{} before the snippet did", seen.exit);
        return Some((Verdict::Error, with_stderr(reason, seen)));
    }
    match (&case.invoke, &seen.exception) {
        (Some(invoke), _) if plain && seen.exit != Exit::Status(invoke.status) => {
            let reason = format!("{}, not {}", seen.exit, invoke.status);
            Some((Verdict::Error, with_stderr(reason, seen)))
        }
        (None, Some(raised)) if plain => {
            Some((Verdict::Error, format!("the snippet raised {}{}", raised.text, at(raised.line))))
        }
        // The agent ends with 0 whatever the snippet did.
        (None, _) if seen.exit != Exit::Status(0) => {
            Some((Verdict::Error, with_stderr(format!("{} after the snippet", seen.exit), seen)))
        }
        _ => None,
    }
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

fn with_stderr(reason: String, seen: &Observation) -> String {
    match seen.stderr.trim_end().lines().last() {
        Some(last) => format!("{reason}: {last}"),
        None => reason,
    }
}

/// The events that a case is about, of those observed.
fn project<'a>(event: &str, case: &Case, demands: &[Demand], events: &'a [Event]) -> Vec<&'a Event> {
    let named = |name: &str| name == event || demands.iter().any(|demand| demand.name == name);
    events.iter().filter(|seen| case.only || named(&seen.name)).collect()
}

fn compare(event: &str, demands: &[Demand], events: &[&Event], seen: &Observation, judgement: &mut Judgement) {
    let names: Vec<&str> = events.iter().map(|seen| seen.name.as_str()).collect();
    let wanted: Vec<&str> = demands.iter().map(|demand| demand.name.as_str()).collect();
    let mut args = Vec::new();
    for index in 0..names.len().max(wanted.len()) {
        args.extend(compare_event(index, demands.get(index), events.get(index).copied(), seen, judgement));
    }
    if names == wanted {
        judgement.raised = Promise::Kept;
    } else {
        judgement.raised = Promise::Broken;
        if wanted.contains(&event) && !names.contains(&event) {
            judgement.fail(Verdict::Missing, format!("{event} is not raised"));
        } else {
            judgement.fail(Verdict::WrongCount, format!("raised: {}; expected: {}", list(&names), list(&wanted)));
        }
    }
    let wrong: Vec<&String> = args.iter().filter_map(|arg| arg.as_ref().err()).collect();
    if !wrong.is_empty() {
        judgement.arguments = Promise::Broken;
        let wrong = wrong.into_iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        judgement.fail(Verdict::WrongArgs, wrong);
    } else if !args.is_empty() && judgement.raised == Promise::Kept {
        judgement.arguments = Promise::Kept;
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Writes one event of either side, and compares the arguments where both are the same event: one result an event, if
/// there is something to compare.
fn compare_event(
    index: usize,
    demand: Option<&Demand>,
    event: Option<&Event>,
    seen: &Observation,
    judgement: &mut Judgement,
) -> Option<Result<(), String>> {
    let (Some(demand), Some(event)) = (demand, event) else {
        judgement.expected.extend(demand.map(write_demand).into_iter().flatten());
        judgement.observed.extend(event.map(write_event).into_iter().flatten());
        return None;
    };
    if demand.name != event.name {
        judgement.expected.extend(write_demand(demand));
        judgement.observed.extend(write_event(event));
        return None;
    }
    judgement.line(&demand.name, &event.name);
    let mut wrong = Vec::new();
    for (position, value) in event.args.iter().enumerate() {
        let place = format!("{index}.{position}");
        match demand.args.get(position) {
            Some((name, shape)) if shape.matches(value, &place, &seen.answers) => {
                judgement.line(format!("  {name}: {shape}"), format!("  {name}: {shape}"));
            }
            Some((name, shape)) => {
                let wanted = describe(shape, &place, seen);
                judgement.line(format!("  {name}: {wanted}"), format!("  {name}: {value}"));
                wrong.push(format!("{name} is {value}, not {wanted}"));
            }
            None => judgement.observed.push(format!("  [{position}]: {value}")),
        }
    }
    for (name, shape) in demand.args.iter().skip(event.args.len()) {
        judgement.expected.push(format!("  {name}: {shape}"));
    }
    if demand.args.len() != event.args.len() {
        wrong.push(format!("{} has {} arguments, not {}", event.name, event.args.len(), demand.args.len()));
    }
    Some(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) })
}

/// Writes a shape with what the agent's answer says of it.
fn describe(shape: &Shape, place: &str, seen: &Observation) -> String {
    match seen.answers.get(place) {
        Some(answer) => match (&answer.value, &answer.note) {
            (_, Some(note)) => format!("{shape} ({note})"),
            (Some(value), None) => format!("{shape} ({value})"),
            (None, None) => shape.to_string(),
        },
        None => shape.to_string(),
    }
}

fn write_demand(demand: &Demand) -> Vec<String> {
    let args = demand.args.iter().map(|(name, shape)| format!("  {name}: {shape}"));
    [demand.name.clone()].into_iter().chain(args).collect()
}

fn write_event(event: &Event) -> Vec<String> {
    let args = event.args.iter().enumerate().map(|(index, value)| format!("  [{index}]: {value}"));
    [event.name.clone()].into_iter().chain(args).collect()
}

fn effect(seen: &Observation, judgement: &mut Judgement) {
    let note = seen.effect.as_ref().and_then(|effect| effect.note.as_deref());
    if seen.effect.as_ref().is_some_and(|effect| effect.there) {
        judgement.effect = Promise::Kept;
        return;
    }
    judgement.effect = Promise::Broken;
    let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
    judgement.line("effect: there", format!("effect: not there{note}"));
    judgement.fail(Verdict::Error, format!("the effect is not there after the snippet{note}"));
}

fn vetoed(event: &str, case: &Case, seen: &Observation, judgement: &mut Judgement) {
    if !seen.events.iter().any(|seen| seen.name == event) {
        judgement.veto = Promise::Broken;
        judgement.fail(Verdict::Missing, format!("{event} is not raised in the veto pass"));
        return;
    }
    let reached = match case.invoke {
        Some(_) => seen.exit != Exit::Status(0),
        None => seen.exception.as_ref().is_some_and(|raised| raised.veto),
    };
    let effect = seen.effect.as_ref().map(|effect| effect.there);
    let (want_reached, want_effect) = match case.veto {
        VetoPromise::Stops => (Some(true), false),
        // How a process ends does not tell whether an exception was swallowed.
        VetoPromise::Swallowed => (case.invoke.is_none().then_some(false), false),
        VetoPromise::After => (Some(true), true),
        VetoPromise::None => (None, false),
    };
    let right_reach = want_reached.is_none_or(|want| want == reached);
    let right_effect = effect.is_none_or(|there| there == want_effect);
    judgement.veto = if right_reach && right_effect { Promise::Kept } else { Promise::Broken };
    if !right_reach {
        let other = seen.exception.as_ref().map(|raised| format!(": it got {}", raised.text));
        let other = other.filter(|_| !reached).unwrap_or_default();
        judgement.line(reach(!reached), reach(reached) + &other);
        judgement.fail(Verdict::Unvetoed, reach(reached) + &other);
    }
    if !right_effect {
        judgement.line(remains(want_effect), remains(!want_effect));
        judgement.fail(Verdict::Unvetoed, remains(!want_effect));
    }
}

fn reach(reached: bool) -> String {
    let verb = if reached { "reaches" } else { "does not reach" };
    format!("the hook's exception {verb} the snippet")
}

fn remains(there: bool) -> String {
    let verb = if there { "is there" } else { "is not there" };
    format!("the effect {verb} after the hook's exception")
}

#[cfg(test)]
mod tests {
    use pep440_rs::Version;

    use super::*;
    use crate::suite::EventFile;
    use crate::suite::Promise::{Broken, Kept, Unchecked};

    /// A case that expects `a(1)` then `b("x")`, with an effect.
    const CASE: &str = "event: a\ndocumented: true\narguments: [n]\nraised-by: [f]\ncases:\n  - name: c\n    api: f\n    \
                        snippet: f()\n    expect: [{args: {n: 1}}, {event: b, args: [x]}]\n    effect: done\n";

    const A: &str = r#"{"event": {"name": "a", "args": [{"type": "int", "value": 1}]}}"#;
    const B: &str = r#"{"event": {"name": "b", "args": [{"type": "str", "value": "x"}]}}"#;
    const OTHER: &str = r#"{"event": {"name": "c", "args": []}}"#;
    const DONE: &str = r#"{"effect": {"there": true, "note": null}}"#;
    const NOT_DONE: &str = r#"{"effect": {"there": false, "note": null}}"#;
    const VETOED: &str = r#"{"snippet": {"text": "Veto", "line": 1, "veto": true}}"#;
    const RAISED: &str = r#"{"snippet": {"text": "OSError", "line": 1, "veto": false}}"#;
    const END: &str = r#"{"end": true}"#;

    fn seen(lines: &[&str], exit: Exit) -> Observation {
        Observation::new(&lines.join("\n"), exit, String::new(), 0.0)
    }

    fn judged(case: &str, plain_lines: &[&str], veto_lines: &[&str]) -> Judgement {
        let file = EventFile::parse(case).expect("the case is right");
        let (case, version) = (&file.cases[0], Version::new([3, 13, 0]));
        let demands = file.demands(case, &version);
        let before = (case.run == crate::suite::Passes::Both)
            .then(|| plain("a", case, &demands, &seen(plain_lines, Exit::Status(0))));
        if !case.is_vetoed(&file) || before.as_ref().is_some_and(|before| !before.wants_veto()) {
            return before.expect("some pass runs");
        }
        veto("a", case, &demands, &seen(veto_lines, Exit::Status(0)), before)
    }

    const KEPT: [&str; 4] = [A, VETOED, NOT_DONE, END];

    #[test]
    fn the_plain_pass() {
        let wrong = A.replace('1', "2");
        let typed = A.replace(r#""int", "value": 1"#, r#""bool", "value": true"#);
        let bare = r#"{"event": {"name": "a", "args": []}}"#;
        let extra = A.replace("}]", r#"}, {"type": "NoneType"}]"#);
        for (lines, verdict) in [
            (&[A, B, DONE, END][..], Verdict::Pass),
            (&[OTHER, A, OTHER, B, DONE, END], Verdict::Pass),
            (&[B, DONE, END], Verdict::Missing),
            (&[DONE, END], Verdict::Missing),
            (&[A, DONE, END], Verdict::WrongCount),
            (&[B, A, DONE, END], Verdict::WrongCount),
            (&[A, A, B, DONE, END], Verdict::WrongCount),
            (&[A, B, B, DONE, END], Verdict::WrongCount),
            (&[&wrong, B, DONE, END], Verdict::WrongArgs),
            (&[&typed, B, DONE, END], Verdict::WrongArgs),
            (&[bare, B, DONE, END], Verdict::WrongArgs),
            (&[&extra, B, DONE, END], Verdict::WrongArgs),
            (&[A, B, NOT_DONE, END], Verdict::Error),
            (&[A, B, RAISED, DONE, END], Verdict::Error),
            (&[A, B, DONE], Verdict::Error),
            (&[], Verdict::Error),
            (&["garbage"], Verdict::Error),
            (&[A, B, DONE, END, "{\"agent\": 2}"], Verdict::Error),
        ] {
            let judgement = judged(CASE, lines, &KEPT);
            assert_eq!(judgement.verdict, verdict, "{lines:?}: {:?}", judgement.reason);
            assert_eq!(judgement.reason.is_none(), verdict == Verdict::Pass);
        }
    }

    #[test]
    fn the_veto_pass() {
        let swallowed = CASE.to_owned() + "    veto: swallowed\n    because: x\n";
        let after = CASE.to_owned() + "    veto: after\n    because: x\n";
        for (case, lines, verdict) in [
            (CASE, &KEPT[..], Verdict::Pass),
            (CASE, &[A, VETOED, DONE, END], Verdict::Unvetoed),
            (CASE, &[A, NOT_DONE, END], Verdict::Unvetoed),
            (CASE, &[A, RAISED, NOT_DONE, END], Verdict::Unvetoed),
            (CASE, &[A, DONE, END], Verdict::Unvetoed),
            (CASE, &[B, VETOED, NOT_DONE, END], Verdict::Missing),
            (CASE, &[A, VETOED], Verdict::Error),
            (&swallowed, &[A, NOT_DONE, END], Verdict::Pass),
            (&swallowed, &[A, VETOED, NOT_DONE, END], Verdict::Unvetoed),
            (&swallowed, &[A, DONE, END], Verdict::Unvetoed),
            (&after, &[A, VETOED, DONE, END], Verdict::Pass),
            (&after, &[A, VETOED, NOT_DONE, END], Verdict::Unvetoed),
            (&after, &[A, DONE, END], Verdict::Unvetoed),
        ] {
            let judgement = judged(case, &[A, B, DONE, END], lines);
            assert_eq!(judgement.verdict, verdict, "{lines:?}: {:?}", judgement.reason);
            let veto = if verdict == Verdict::Pass { Promise::Kept } else { Promise::Broken };
            assert!(judgement.veto == veto || verdict == Verdict::Error, "{lines:?}");
        }
    }

    #[test]
    fn a_case_that_only_runs_vetoed_is_judged_up_to_the_event() {
        let case = CASE.to_owned() + "    run: vetoed\n";
        for (lines, verdict) in [
            (&KEPT[..], Verdict::Pass),
            (&[B, A, VETOED, NOT_DONE, END], Verdict::WrongCount),
            (&[&A.replace('1', "2"), VETOED, NOT_DONE, END], Verdict::WrongArgs),
            (&[NOT_DONE, END], Verdict::Missing),
        ] {
            let judgement = judged(&case, &[], lines);
            assert_eq!(judgement.verdict, verdict, "{lines:?}: {:?}", judgement.reason);
        }
    }

    #[test]
    fn what_fails_besides_the_verdict_is_a_failure_of_its_own() {
        use Verdict::{Error, Unvetoed, WrongArgs};
        let wrong = A.replace('1', "2");
        let failures = |plain: &[&str], veto: &[&str]| judged(CASE, plain, veto).failures();
        assert_eq!(failures(&[A, B, DONE, END], &KEPT), []);
        assert_eq!(failures(&[A, B, NOT_DONE, END], &KEPT), [Error]);
        assert_eq!(failures(&[&wrong, B, DONE, END], &KEPT), [WrongArgs]);
        assert_eq!(failures(&[&wrong, B, NOT_DONE, END], &KEPT), [WrongArgs, Error]);
        assert_eq!(failures(&[&wrong, B, NOT_DONE, END], &[A, DONE, END]), [WrongArgs, Error, Unvetoed]);
    }

    #[test]
    fn promises_are_judged_apart() {
        let promises = |judgement: Judgement| [judgement.raised, judgement.arguments, judgement.veto];
        let wrong = A.replace('1', "2");
        assert_eq!(promises(judged(CASE, &[A, B, DONE, END], &KEPT)), [Kept, Kept, Kept]);
        assert_eq!(promises(judged(CASE, &[&wrong, B, DONE, END], &KEPT)), [Kept, Broken, Kept]);
        assert_eq!(promises(judged(CASE, &[&wrong, B, DONE, END], &[A, DONE, END])), [Kept, Broken, Broken]);
        assert_eq!(promises(judged(CASE, &[B, DONE, END], &KEPT)), [Broken, Unchecked, Broken]);
        assert_eq!(promises(judged(CASE, &[RAISED, END], &KEPT)), [Unchecked, Unchecked, Unchecked]);
        let none = CASE.to_owned() + "    veto: none\n    because: x\n";
        assert_eq!(promises(judged(&none, &[A, B, DONE, END], &[])), [Kept, Kept, Unchecked]);
    }

    #[test]
    fn only_and_nothing() {
        let only = CASE.to_owned() + "    only: true\n";
        assert_eq!(judged(&only, &[A, OTHER, B, DONE, END], &KEPT).verdict, Verdict::WrongCount);
        let nothing = CASE.replace("[{args: {n: 1}}, {event: b, args: [x]}]", "[]");
        assert_eq!(judged(&nothing, &[B, DONE, END], &[]).verdict, Verdict::Pass);
        assert_eq!(judged(&nothing, &[A, DONE, END], &[]).verdict, Verdict::WrongCount);
    }

    #[test]
    fn how_the_process_ended_comes_first() {
        let file = EventFile::parse(CASE).expect("the case is right");
        for (exit, verdict) in [
            (Exit::Deadline, Verdict::Timeout),
            (Exit::Signal(11), Verdict::Crash),
            (Exit::Exception(0xC000_0005), Verdict::Crash),
            (Exit::OutputLimit, Verdict::Error),
            (Exit::NotStarted("no such file".into()), Verdict::Error),
            (Exit::Status(1), Verdict::Error),
        ] {
            let seen = seen(&[A, B, DONE, END], exit.clone());
            let demands = file.demands(&file.cases[0], &Version::new([3, 13, 0]));
            assert_eq!(plain("a", &file.cases[0], &demands, &seen).verdict, verdict, "{exit}");
        }
    }
}
