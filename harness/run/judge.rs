//! Judges a trial: compares the observation of each pass with the expectations of the case. Pure.

use std::collections::BTreeSet;

use crate::agent::{Observation, Rounds};
use crate::process::Exit;
use crate::suite::{Case, Demand, Details, Event, HotPart, Promise, Shape, Value, Verdict, VetoPart, VetoPromise};

/// The judgement of a trial.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The verdict of the first broken promise.
    pub verdict: Verdict,
    /// Whether the events were raised as expected, in number and order.
    pub raised: Promise,
    /// Whether their arguments were as expected.
    pub arguments: Promise,
    /// Whether the exception from the hook had the expected effect.
    pub veto: Promise,
    /// Whether hot code kept the other promises.
    pub hot: Promise,
    /// The reason why no hot pass could check that.
    pub not_hot: Option<String>,
    /// Whether the operation had its effect in the plain pass.
    pub effect: Promise,
    /// The exact failures.
    pub details: Details,
    /// The reason why the verdict is not `pass`.
    pub reason: Option<String>,
    /// The expectation, line by line.
    pub expected: Vec<String>,
    /// The observation, line by line. A line that is as expected is the same in both.
    pub observed: Vec<String>,
}

impl Default for Judgement {
    /// Returns the judgement before anything is compared.
    fn default() -> Judgement {
        Judgement {
            verdict: Verdict::Pass,
            raised: Promise::Unchecked,
            arguments: Promise::Unchecked,
            veto: Promise::Unchecked,
            hot: Promise::Unchecked,
            not_hot: None,
            effect: Promise::Unchecked,
            details: Details::default(),
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

    /// Returns all failures of the trial: the verdict, and wrong arguments, a wrong effect or a wrong veto in addition to
    /// it.
    pub fn failures(&self) -> Vec<Verdict> {
        let fails = self.verdict.is_failure();
        let mut failures: Vec<Verdict> = fails.then_some(self.verdict).into_iter().collect();
        for (verdict, also_fails) in [
            (Verdict::WrongArgs, self.arguments == Promise::Broken),
            (Verdict::Error, self.effect == Promise::Broken),
            (Verdict::Unvetoed, self.wants_veto() && self.veto == Promise::Broken),
        ] {
            if fails && also_fails && !failures.contains(&verdict) {
                failures.push(verdict);
            }
        }
        failures
    }

    /// Returns the parts that are broken, as a known gap of hot code names them.
    fn broken_parts(&self) -> impl Iterator<Item = HotPart> {
        let is_missing = self.verdict == Verdict::Missing;
        let parts = [
            (HotPart::Raised, is_missing || self.raised == Promise::Broken),
            (HotPart::Arguments, self.arguments == Promise::Broken),
            (HotPart::Effect, self.effect == Promise::Broken),
            (HotPart::Veto, !is_missing && self.veto == Promise::Broken),
        ];
        parts.into_iter().filter(|(_, is_broken)| *is_broken).map(|(part, _)| part)
    }

    /// Tells whether a veto pass can show more. It cannot if the plain pass did not raise
    /// the event or went wrong.
    pub fn wants_veto(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::WrongArgs | Verdict::WrongCount)
    }
}

/// Judges the plain pass.
pub fn plain(event: &str, case: &Case, demands: &[Demand], seen: &Observation) -> Judgement {
    let mut judgement = Judgement::default();
    if let Some((verdict, reason)) = failed_pass(case, seen, true) {
        judgement.fail(verdict, reason);
        return judgement;
    }
    let events = relevant_events(event, case, demands, &seen.events);
    judge_events(event, demands, &events, seen, &mut judgement);
    if judgement.verdict == Verdict::Missing {
        judgement.veto = Promise::Broken;
    }
    if case.effect.is_some() {
        judge_effect(seen, &mut judgement);
    }
    judgement
}

/// Judges the veto pass, and adds to the judgement of the plain pass. Without a plain pass, the events up to the vetoed
/// one are compared here.
pub fn veto(event: &str, case: &Case, demands: &[Demand], seen: &Observation, before: Option<Judgement>) -> Judgement {
    let is_only_pass = before.is_none();
    let mut judgement = before.unwrap_or_default();
    if let Some((verdict, reason)) = failed_pass(case, seen, false) {
        judgement.fail(verdict, format!("in the veto pass, {reason}"));
        return judgement;
    }
    if is_only_pass {
        let length_up_to = |position: Option<usize>| position.map_or(usize::MAX, |index| index + 1);
        let demanded = length_up_to(demands.iter().position(|demand| demand.name == event)).min(demands.len());
        let events = relevant_events(event, case, demands, &seen.events);
        let raised = length_up_to(events.iter().position(|seen| seen.name == event)).min(events.len());
        judge_events(event, &demands[..demanded], &events[..raised], seen, &mut judgement);
    }
    judge_veto(event, case, seen, &mut judgement);
    judgement
}

/// Judges the pass of a door: whether an event tells of its operation. Where the operation does not work, there is
/// nothing to tell.
pub fn door(case: &Case, seen: &Observation) -> Judgement {
    let mut judgement = Judgement::default();
    let failed = failed_pass(case, seen, true);
    if failed.is_none() {
        judge_effect(seen, &mut judgement);
    }
    let is_ours = matches!(seen.exit, Exit::NotStarted(_))
        || seen.exit.is_limit() && seen.exit != Exit::Deadline
        || seen.fault.is_some();
    let failed = failed.or_else(|| judgement.reason.take().map(|reason| (judgement.verdict, reason)));
    let mut names: Vec<&str> = seen.events.iter().map(|event| event.name.as_str()).collect();
    names.dedup();
    let (verdict, reason) = match failed {
        Some((verdict, reason)) if is_ours => (verdict, Some(reason)),
        Some((_, reason)) => (Verdict::Unsupported, Some(format!("does not work: {reason}"))),
        None if names.is_empty() => (Verdict::Open, None),
        None => (Verdict::Closed, Some(format!("raises {}", list(&names)))),
    };
    let observed = seen.events.iter().flat_map(write_event).collect();
    Judgement { verdict, reason, observed, ..Judgement::default() }
}

/// Judges a hot pass, and adds to the judgement of a trial whose cold passes passed. The same events, arguments and effect
/// are wanted as in the cold pass, or the same of the veto.
pub fn hot(
    event: &str,
    case: &Case,
    demands: &[Demand],
    seen: &Observation,
    is_veto: bool,
    cold: Judgement,
) -> Judgement {
    let mut judgement = cold;
    let rounds = match rounds(seen) {
        Ok(rounds) => rounds,
        Err(reason) => {
            judgement.not_hot = Some(reason);
            // One hot pass alone does not show that the promise is kept.
            if judgement.hot == Promise::Kept {
                judgement.hot = Promise::Unchecked;
            }
            return judgement;
        }
    };
    let again = match is_veto {
        true => veto(event, case, demands, seen, Some(Judgement::default())),
        false => plain(event, case, demands, seen),
    };
    if again.verdict == Verdict::Pass {
        judgement.hot = Promise::Kept;
        return judgement;
    }
    judgement.hot = Promise::Broken;
    judgement.details.hot = again.broken_parts().collect();
    (judgement.expected, judgement.observed) = (again.expected, again.observed);
    let reason = again.reason.unwrap_or_default();
    match again.verdict {
        Verdict::Crash => judgement.fail(Verdict::Crash, format!("in one of {rounds} rounds, {reason}")),
        _ => judgement.fail(Verdict::ColdOnly, format!("after {rounds} rounds, {reason}")),
    }
    judgement
}

/// Returns the number of rounds that a snippet ran before the recorded one, or the reason why it did not become hot. If
/// the interpreter itself crashes in a later round, it was hot code.
fn rounds(seen: &Observation) -> Result<usize, String> {
    let is_crash = matches!(seen.exit, Exit::Signal(_) | Exit::Exception(_));
    match &seen.hot {
        None => Err(format!("{} before the third round", seen.exit)),
        Some(Rounds { reason: Some(reason), .. }) => Err(reason.clone()),
        Some(Rounds { rounds, reason: None }) if seen.finished || is_crash => Ok(*rounds),
        Some(_) => Err(format!("{} in a later round", seen.exit)),
    }
}

/// Returns the verdict and the reason if a pass did not run as it should, so that its events show nothing.
fn failed_pass(case: &Case, seen: &Observation, plain: bool) -> Option<(Verdict, String)> {
    let verdict = match &seen.exit {
        Exit::Deadline => Some(Verdict::Timeout),
        Exit::Signal(_) | Exit::Exception(_) => Some(Verdict::Crash),
        Exit::NotStarted(_) | Exit::Exceeded(_) => Some(Verdict::Error),
        Exit::Status(_) => None,
    };
    if let Some(verdict) = verdict {
        return Some((verdict, seen.exit.to_string()));
    }
    if let Some(fault) = &seen.fault {
        return Some((Verdict::Error, fault.clone()));
    }
    if let Some(raised) = &seen.setup {
        return Some((Verdict::Error, format!("the setup raised {}{}", raised.text, in_line(raised.line))));
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
            Some((Verdict::Error, format!("the snippet raised {}{}", raised.text, in_line(raised.line))))
        }
        // The agent ends with 0 whatever the snippet does.
        (None, _) if seen.exit != Exit::Status(0) => {
            Some((Verdict::Error, with_stderr(format!("{} after the snippet", seen.exit), seen)))
        }
        _ => None,
    }
}

fn in_line(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

fn with_stderr(reason: String, seen: &Observation) -> String {
    match seen.stderr.trim_end().lines().last() {
        Some(last) => format!("{reason}: {last}"),
        None => reason,
    }
}

/// Returns the observed events that the case names, or all if it says `only`.
fn relevant_events<'a>(event: &str, case: &Case, demands: &[Demand], events: &'a [Event]) -> Vec<&'a Event> {
    let named = |name: &str| name == event || demands.iter().any(|demand| demand.name == name);
    events.iter().filter(|seen| case.only || named(&seen.name)).collect()
}

fn judge_events(event: &str, demands: &[Demand], events: &[&Event], seen: &Observation, judgement: &mut Judgement) {
    let names: Vec<&str> = events.iter().map(|seen| seen.name.as_str()).collect();
    let wanted: Vec<&str> = demands.iter().map(|demand| demand.name.as_str()).collect();
    let aligned = aligned(&names, &wanted);
    let mut wrong = Vec::new();
    for (index, (demand, seen_event)) in demands.iter().zip(events).take(aligned).enumerate() {
        wrong.extend(compare_event(event, index, demand, seen_event, seen, judgement));
    }
    judgement.expected.extend(demands[aligned..].iter().flat_map(write_demand));
    judgement.observed.extend(events[aligned..].iter().flat_map(|event| write_event(event)));
    judgement.raised = if names == wanted { Promise::Kept } else { Promise::Broken };
    if wanted.contains(&event) && !names.contains(&event) {
        judgement.fail(Verdict::Missing, format!("{event} is not raised{}", instead(event, demands, seen)));
    } else if judgement.raised == Promise::Broken {
        judgement.details.raised = Some(names.iter().map(ToString::to_string).collect());
        judgement.fail(Verdict::WrongCount, format!("raised: {}; expected: {}", list(&names), list(&wanted)));
    }
    if !wrong.is_empty() {
        judgement.arguments = Promise::Broken;
        judgement.fail(Verdict::WrongArgs, wrong.join("; "));
    } else if aligned > 0 && judgement.raised == Promise::Kept {
        judgement.arguments = Promise::Kept;
    }
}

/// The most events that a reason names.
const NAMED: usize = 4;

/// Says which events the snippet raised in place of its own, as an implementation may use another name: first one with
/// the same arguments, then those with the nearest names. The first one is shown with its arguments.
fn instead(event: &str, demands: &[Demand], seen: &Observation) -> String {
    let wanted = demands.iter().find(|demand| demand.name == event).map(|demand| demand.args.as_slice());
    // The agent has no answers about events of other names, so that only plain values are compared.
    let fits = |((_, shape), value): (&(String, Shape), &Value)| shape.matches(value, "", &seen.answers);
    let has_arguments = |seen: &&Event| {
        let pairs = wanted.unwrap_or_default().iter().zip(&seen.args);
        wanted.is_some_and(|wanted| !wanted.is_empty() && wanted.len() == seen.args.len()) && pairs.clone().all(fits)
    };
    let same = seen.events.iter().find(has_arguments).map(|seen| seen.name.as_str());
    let names: BTreeSet<&str> = seen.events.iter().map(|seen| seen.name.as_str()).collect();
    let others: Vec<&str> = names.into_iter().filter(|name| Some(*name) != same).collect();
    let near = similar::get_close_matches(event, &others, others.len(), 0.0);
    let all: Vec<&str> = same.into_iter().chain(near).collect();
    let Some(first) = seen.events.iter().find(|seen| all.first() == Some(&seen.name.as_str())) else {
        return String::new();
    };
    let args: Vec<String> = first.args.iter().map(ToString::to_string).collect();
    let rest: String = all.iter().skip(1).take(NAMED - 1).map(|name| format!(", {name}")).collect();
    let more = if all.len() > NAMED { format!(" and {} more", all.len() - NAMED) } else { String::new() };
    format!("; raised instead: {}({}){rest}{more}", first.name, args.join(", "))
}

/// Returns how many events at the start belong to the demands beside them. Behind an event that is another one, or that is
/// raised more or less often than demanded, nothing tells which event belongs to which demand.
fn aligned(names: &[&str], wanted: &[&str]) -> usize {
    let count = |list: &[&str], name: &str| list.iter().filter(|other| **other == name).count();
    let belongs = |name: &str| names == wanted || count(names, name) == count(wanted, name);
    names.iter().zip(wanted).take_while(|(name, wanted)| name == wanted && belongs(name)).count()
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Writes an event of both sides, and compares its arguments. Returns what is wrong with them.
fn compare_event(
    own: &str,
    index: usize,
    demand: &Demand,
    event: &Event,
    seen: &Observation,
    judgement: &mut Judgement,
) -> Vec<String> {
    judgement.line(&demand.name, &event.name);
    let mut wrong = Vec::new();
    for position in 0..demand.args.len().max(event.args.len()) {
        let place = format!("{index}.{position}");
        match (demand.args.get(position), event.args.get(position)) {
            (Some((name, shape)), Some(value)) if shape.matches(value, &place, &seen.answers) => {
                let line = format!("  {name}: {}", shape.argument(name));
                judgement.line(line.clone(), line);
                continue;
            }
            (Some((name, shape)), Some(value)) => {
                let (wanted, value) = (describe(name, shape, &place, seen), value.argument(name));
                judgement.line(format!("  {name}: {wanted}"), format!("  {name}: {value}"));
                wrong.push(format!("{name} is {value}, not {wanted}"));
            }
            (Some((name, shape)), None) => judgement.expected.push(format!("  {name}: {}", shape.argument(name))),
            (None, value) => judgement.observed.extend(value.map(|value| format!("  [{position}]: {value}"))),
        }
        judgement.details.arguments.insert(argument(own, demand, position));
    }
    if demand.args.len() != event.args.len() {
        wrong.push(format!("{} has {} arguments, not {}", event.name, event.args.len(), demand.args.len()));
    }
    wrong
}

/// Returns the name of an argument, as a known gap writes it.
fn argument(own: &str, demand: &Demand, position: usize) -> String {
    match demand.args.get(position) {
        Some((name, _)) if demand.name == own => name.clone(),
        None if demand.name == own => format!("[{position}]"),
        _ => format!("{}[{position}]", demand.name),
    }
}

/// Writes a shape with the value or the exception that the agent found for it.
fn describe(name: &str, shape: &Shape, place: &str, seen: &Observation) -> String {
    let shape = shape.argument(name);
    match seen.answers.get(place) {
        Some(answer) => match (&answer.value, &answer.note) {
            (_, Some(note)) => format!("{shape} ({note})"),
            (Some(value), None) => format!("{shape} ({value})"),
            (None, None) => shape,
        },
        None => shape,
    }
}

fn write_demand(demand: &Demand) -> Vec<String> {
    let args = demand.args.iter().map(|(name, shape)| format!("  {name}: {}", shape.argument(name)));
    [demand.name.clone()].into_iter().chain(args).collect()
}

fn write_event(event: &Event) -> Vec<String> {
    let args = event.args.iter().enumerate().map(|(index, value)| format!("  [{index}]: {value}"));
    [event.name.clone()].into_iter().chain(args).collect()
}

fn judge_effect(seen: &Observation, judgement: &mut Judgement) {
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

fn judge_veto(event: &str, case: &Case, seen: &Observation, judgement: &mut Judgement) {
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
    let (must_reach, must_have_effect) = match case.veto() {
        VetoPromise::Stops | VetoPromise::Query => (Some(true), false),
        // How a process ends does not tell whether an exception was swallowed.
        VetoPromise::Swallowed => (case.invoke.is_none().then_some(false), false),
        VetoPromise::After => (Some(true), true),
        VetoPromise::None => (None, false),
    };
    let reach_is_right = must_reach.is_none_or(|must| must == reached);
    let effect_is_right = effect.is_none_or(|there| there == must_have_effect);
    judgement.veto = if reach_is_right && effect_is_right { Promise::Kept } else { Promise::Broken };
    if !reach_is_right {
        let other = seen.exception.as_ref().map(|raised| format!(": it got {}", raised.text));
        let other = other.filter(|_| !reached).unwrap_or_default();
        judgement.details.veto.insert(VetoPart::Exception);
        judgement.line(reach_text(!reached), reach_text(reached) + &other);
        judgement.fail(Verdict::Unvetoed, reach_text(reached) + &other);
    }
    if !effect_is_right {
        judgement.details.veto.insert(VetoPart::Effect);
        judgement.line(effect_text(must_have_effect), effect_text(!must_have_effect));
        judgement.fail(Verdict::Unvetoed, effect_text(!must_have_effect));
    }
}

fn reach_text(reached: bool) -> String {
    let verb = if reached { "reaches" } else { "does not reach" };
    format!("the hook's exception {verb} the snippet")
}

fn effect_text(there: bool) -> String {
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
    const CASE: &str = "event: a\ndocumented: true\narguments: [n]\nraised-by: [m.f]\ncases:\n  - name: c\n    api: m.f\n    \
                        snippet: f()\n    expect: [{args: {n: 1}}, {event: b, args: [x]}]\n    effect: done\n";

    // Lines of a report, as the agent writes them.
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
    fn the_plain_pass_compares_events_arguments_and_effect() {
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
    fn a_door_is_closed_by_any_event_and_unsupported_where_its_operation_does_not_work() {
        const SETUP: &str = r#"{"setup": {"text": "OSError", "line": 1, "veto": false}}"#;
        let file = EventFile::parse(CASE).expect("the case is right");
        for (lines, exit, verdict, reason) in [
            (&[DONE, END][..], Exit::Status(0), Verdict::Open, None),
            (&[OTHER, OTHER, B, DONE, END], Exit::Status(0), Verdict::Closed, Some("raises c, b")),
            (
                &[NOT_DONE, END],
                Exit::Status(0),
                Verdict::Unsupported,
                Some("does not work: the effect is not there after the snippet"),
            ),
            (
                &[A, NOT_DONE, END],
                Exit::Status(0),
                Verdict::Unsupported,
                Some("does not work: the effect is not there after the snippet"),
            ),
            (
                &[END],
                Exit::Status(0),
                Verdict::Unsupported,
                Some("does not work: the effect is not there after the snippet"),
            ),
            (
                &[RAISED, DONE, END],
                Exit::Status(0),
                Verdict::Unsupported,
                Some("does not work: the snippet raised OSError (line 1)"),
            ),
            (
                &[SETUP, END],
                Exit::Status(0),
                Verdict::Unsupported,
                Some("does not work: the setup raised OSError (line 1)"),
            ),
            (&[], Exit::Signal(11), Verdict::Unsupported, None),
            (&[], Exit::Deadline, Verdict::Unsupported, None),
            (&[], Exit::NotStarted("gone".to_owned()), Verdict::Error, None),
            (&["garbage"], Exit::Status(0), Verdict::Error, None),
        ] {
            let judgement = door(&file.cases[0], &seen(lines, exit.clone()));
            assert_eq!(judgement.verdict, verdict, "{lines:?} {exit}: {:?}", judgement.reason);
            assert_eq!(judgement.reason.is_none(), verdict == Verdict::Open);
            assert!(reason.is_none() || judgement.reason.as_deref() == reason, "{:?}", judgement.reason);
            assert_eq!([judgement.raised, judgement.arguments, judgement.veto], [Unchecked; 3]);
            assert_eq!(judgement.observed.is_empty(), lines.iter().all(|line| !line.contains("event")));
        }
    }

    #[test]
    fn the_veto_pass_compares_the_exception_and_the_effect() {
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
    fn an_effect_or_veto_that_fails_in_addition_is_a_failure_of_its_own() {
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
    fn details_name_exactly_what_fails() {
        let wrong = A.replace('1', "2");
        let wrong_b = B.replace('x', "y");
        let bare = r#"{"event": {"name": "a", "args": []}}"#;
        let extra = A.replace("}]", r#"}, {"type": "NoneType"}]"#);
        let extra_b = B.replace("}]", r#"}, {"type": "NoneType"}]"#);
        for (plain, veto, details, failures) in [
            (&[A, B, DONE, END][..], &KEPT[..], "{}", ""),
            (&[&wrong, B, DONE, END], &KEPT, r#"{"arguments":["n"]}"#, "wrong-args"),
            (&[&wrong, &wrong_b, DONE, END], &KEPT, r#"{"arguments":["b[0]","n"]}"#, "wrong-args"),
            (&[bare, B, DONE, END], &KEPT, r#"{"arguments":["n"]}"#, "wrong-args"),
            (&[&extra, &extra_b, DONE, END], &KEPT, r#"{"arguments":["[1]","b[1]"]}"#, "wrong-args"),
            (&[B, DONE, END], &[], "{}", "missing"),
            (&[A, DONE, END], &KEPT, r#"{"raised":["a"]}"#, "wrong-count"),
            (&[&wrong, DONE, END], &KEPT, r#"{"arguments":["n"],"raised":["a"]}"#, "wrong-count wrong-args"),
            // Behind an event that is not as expected, no arguments are compared, and none of an event that comes too often.
            (&[B, &wrong, DONE, END], &KEPT, r#"{"raised":["b","a"]}"#, "wrong-count"),
            (&[&wrong, A, B, DONE, END], &KEPT, r#"{"raised":["a","a","b"]}"#, "wrong-count"),
            (&[A, B, DONE, END], &[A, NOT_DONE, END], r#"{"veto":["exception"]}"#, "unvetoed"),
            (&[A, B, DONE, END], &[A, VETOED, DONE, END], r#"{"veto":["effect"]}"#, "unvetoed"),
            (&[A, B, DONE, END], &[A, DONE, END], r#"{"veto":["exception","effect"]}"#, "unvetoed"),
        ] {
            let judgement = judged(CASE, plain, veto);
            let found = judgement.failures().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let shown = serde_json::to_string(&judgement.details).expect("details");
            assert_eq!((shown.as_str(), found.as_str()), (details, failures), "{plain:?} {veto:?}");
        }
    }

    #[test]
    fn each_promise_is_judged_by_itself() {
        let promises = |judgement: Judgement| [judgement.raised, judgement.arguments, judgement.veto];
        let wrong = A.replace('1', "2");
        assert_eq!(promises(judged(CASE, &[A, B, DONE, END], &KEPT)), [Kept, Kept, Kept]);
        assert_eq!(promises(judged(CASE, &[&wrong, B, DONE, END], &KEPT)), [Kept, Broken, Kept]);
        assert_eq!(promises(judged(CASE, &[&wrong, B, DONE, END], &[A, DONE, END])), [Kept, Broken, Broken]);
        assert_eq!(promises(judged(CASE, &[B, DONE, END], &KEPT)), [Broken, Unchecked, Broken]);
        assert_eq!(promises(judged(CASE, &[RAISED, END], &KEPT)), [Unchecked, Unchecked, Unchecked]);
        assert_eq!(promises(judged(CASE, &[A, DONE, END], &[A, VETOED])), [Broken, Unchecked, Unchecked]);
        let none = CASE.to_owned() + "    veto: none\n    because: x\n";
        assert_eq!(promises(judged(&none, &[A, B, DONE, END], &[])), [Kept, Kept, Unchecked]);
    }

    #[test]
    fn events_that_are_not_named_count_only_for_a_case_with_only() {
        let only = CASE.to_owned() + "    only: true\n";
        assert_eq!(judged(&only, &[A, OTHER, B, DONE, END], &KEPT).verdict, Verdict::WrongCount);
        let nothing = CASE.replace("[{args: {n: 1}}, {event: b, args: [x]}]", "[]");
        assert_eq!(judged(&nothing, &[B, DONE, END], &[]).verdict, Verdict::Pass);
        assert_eq!(judged(&nothing, &[A, DONE, END], &[]).verdict, Verdict::WrongCount);
        let silent = judged(&nothing, &[B, DONE, END], &[]);
        assert_eq!([silent.raised, silent.arguments, silent.veto], [Kept, Unchecked, Unchecked]);
    }

    #[test]
    fn the_end_of_the_process_decides_before_the_events() {
        let file = EventFile::parse(CASE).expect("the case is right");
        for (exit, verdict) in [
            (Exit::Deadline, Verdict::Timeout),
            (Exit::Signal(11), Verdict::Crash),
            (Exit::Exception(0xC000_0005), Verdict::Crash),
            (Exit::Exceeded(crate::process::Resource::Output), Verdict::Error),
            (Exit::NotStarted("no such file".into()), Verdict::Error),
            (Exit::Status(1), Verdict::Error),
        ] {
            let seen = seen(&[A, B, DONE, END], exit.clone());
            let demands = file.demands(&file.cases[0], &Version::new([3, 13, 0]));
            assert_eq!(plain("a", &file.cases[0], &demands, &seen).verdict, verdict, "{exit}");
        }
    }

    /// The sides of a judgement as a difference: lines that are only expected with `-`, only observed with `+`.
    fn difference(judgement: &Judgement) -> String {
        let (expected, observed) = (&judgement.expected, &judgement.observed);
        let only_expected = expected.iter().filter(|line| !observed.contains(line)).map(|line| format!("-{line}"));
        let only_observed = observed.iter().filter(|line| !expected.contains(line)).map(|line| format!("+{line}"));
        only_expected.chain(only_observed).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_reason_and_a_difference_show_what_is_wrong() {
        let wrong = A.replace('1', "2");
        let bare = r#"{"event": {"name": "a", "args": []}}"#;
        let extra = A.replace("}]", r#"}, {"type": "NoneType"}]"#);
        let not_done = NOT_DONE.replace("null", r#""KeyError: 1""#);
        for (plain, veto, reason, lines) in [
            (&[A, B, DONE, END][..], &KEPT[..], None, ""),
            (&[B, DONE, END], &[], Some("a is not raised; raised instead: b(\"x\")"), "-a|-  n: 1"),
            (&[DONE, END], &[], Some("a is not raised"), "-a|-  n: 1|-b|-  [0]: \"x\""),
            (
                &[B, &A.replace("\"a\"", "\"c\""), DONE, END],
                &[],
                Some("a is not raised; raised instead: c(1), b"),
                "-a|-  n: 1",
            ),
            (&[A, DONE, END], &KEPT, Some("raised: a; expected: a, b"), "-b|-  [0]: \"x\""),
            (&[A, B, B, DONE, END], &KEPT, Some("raised: a, b, b; expected: a, b"), ""),
            (&[&wrong, B, DONE, END], &KEPT, Some("n is 2, not 1"), "-  n: 1|+  n: 2"),
            (&[bare, B, DONE, END], &KEPT, Some("a has 0 arguments, not 1"), "-  n: 1"),
            (&[&extra, B, DONE, END], &KEPT, Some("a has 2 arguments, not 1"), "+  [1]: None"),
            (
                &[A, B, NOT_DONE, END],
                &[],
                Some("the effect is not there after the snippet"),
                "-effect: there|+effect: not there",
            ),
            (
                &[A, B, &not_done, END],
                &[],
                Some("the effect is not there after the snippet (KeyError: 1)"),
                "-effect: there|+effect: not there (KeyError: 1)",
            ),
            (&[A, B, RAISED, DONE, END], &[], Some("the snippet raised OSError (line 1)"), ""),
            (
                &[A, B, DONE, END],
                &[A, RAISED, NOT_DONE, END],
                Some("the hook's exception does not reach the snippet: it got OSError"),
                "-the hook's exception reaches the snippet|+the hook's exception does not reach the snippet: it got OSError",
            ),
            (
                &[A, B, DONE, END],
                &[A, NOT_DONE, END],
                Some("the hook's exception does not reach the snippet"),
                "-the hook's exception reaches the snippet|+the hook's exception does not reach the snippet",
            ),
            (
                &[A, B, DONE, END],
                &[A, VETOED, DONE, END],
                Some("the effect is there after the hook's exception"),
                "-the effect is not there after the hook's exception|+the effect is there after the hook's exception",
            ),
            (&[A, B, DONE, END], &[B, VETOED, NOT_DONE, END], Some("a is not raised in the veto pass"), ""),
            (
                &[A, B, DONE, END],
                &[A, VETOED],
                Some("in the veto pass, it ended with exit status 0 before the snippet did"),
                "",
            ),
        ] {
            let judgement = judged(CASE, plain, veto);
            assert_eq!(judgement.reason.as_deref(), reason, "{plain:?} {veto:?}");
            assert_eq!(difference(&judgement), lines, "{plain:?} {veto:?}");
        }
        let swallowed = CASE.to_owned() + "    veto: swallowed\n    because: x\n";
        let judgement = judged(&swallowed, &[A, B, DONE, END], &KEPT);
        assert_eq!(judgement.reason.as_deref(), Some("the hook's exception reaches the snippet"));
    }

    #[test]
    fn a_shape_is_shown_with_the_answer_of_the_agent() {
        let case = CASE.replace("{n: 1}", "{n: {same: x}}");
        let answers = |answer: &str| format!(r#"{{"answers": {{"0.0": {answer}}}}}"#);
        for (answer, reason) in [
            (r#"{"holds": true, "value": null, "note": null}"#, None),
            (r#"{"holds": false, "value": null, "note": null}"#, Some("n is 1, not same as x")),
            (
                r#"{"holds": false, "value": {"type": "int", "value": 7}, "note": null}"#,
                Some("n is 1, not same as x (7)"),
            ),
            (
                r#"{"holds": false, "value": null, "note": "NameError: x"}"#,
                Some("n is 1, not same as x (NameError: x)"),
            ),
        ] {
            let judgement = judged(&case, &[A, B, &answers(answer), DONE, END], &KEPT);
            assert_eq!(judgement.reason.as_deref(), reason, "{answer}");
        }
        let judgement = judged(&case, &[A, B, DONE, END], &KEPT);
        assert_eq!(judgement.reason.as_deref(), Some("n is 1, not same as x"), "without an answer");
    }

    #[test]
    fn a_pass_that_did_not_run_as_it_should_says_why() {
        let file = EventFile::parse(CASE).expect("the case is right");
        let setup = r#"{"setup": {"text": "ImportError", "line": 2, "veto": false}}"#;
        let nowhere = r#"{"setup": {"text": "ImportError", "line": null, "veto": false}}"#;
        let demands = file.demands(&file.cases[0], &Version::new([3, 13, 0]));
        for (lines, exit, stderr, reason) in [
            (&[setup][..], Exit::Status(0), "", "the setup raised ImportError (line 2)"),
            (&[nowhere], Exit::Status(0), "", "the setup raised ImportError"),
            (&[A], Exit::Status(3), "", "it ended with exit status 3 before the snippet did"),
            (&[A], Exit::Status(3), "one\ntwo\n\n", "it ended with exit status 3 before the snippet did: two"),
            (&[A, B, DONE, END], Exit::Status(3), "", "it ended with exit status 3 after the snippet"),
            (&[A, B, DONE, END], Exit::Status(3), "two\n", "it ended with exit status 3 after the snippet: two"),
            (&[A, B, DONE, END], Exit::Signal(11), "two\n", "it was killed by signal 11"),
        ] {
            let seen = Observation::new(&lines.join("\n"), exit, stderr.to_owned(), 0.0);
            let judgement = plain("a", &file.cases[0], &demands, &seen);
            assert_eq!(judgement.reason.as_deref(), Some(reason));
            assert_eq!([judgement.raised, judgement.arguments, judgement.effect], [Unchecked; 3]);
        }
    }

    /// Judges hot passes with these lines, of a trial whose cold passes passed.
    fn judged_hot(hot_lines: &[&str], veto_lines: &[&str], exit: Exit) -> Judgement {
        let file = EventFile::parse(CASE).expect("the case is right");
        let (case, demands) = (&file.cases[0], file.demands(&file.cases[0], &Version::new([3, 13, 0])));
        let judgement =
            hot("a", case, &demands, &seen(hot_lines, exit), false, judged(CASE, &[A, B, DONE, END], &KEPT));
        if judgement.hot != Kept || veto_lines.is_empty() {
            return judgement;
        }
        hot("a", case, &demands, &seen(veto_lines, Exit::Status(0)), true, judgement)
    }

    /// The line of a hot pass that ran all its rounds.
    const HOT: &str = r#"{"hot": {"rounds": 9, "reason": null}}"#;

    #[test]
    fn hot_code_must_keep_all_that_cold_code_keeps() {
        let wrong = A.replace('1', "2");
        let vetoed = [HOT, A, VETOED, NOT_DONE, END];
        for (hot_lines, veto_lines, details, reason) in [
            (&[HOT, A, B, DONE, END][..], &vetoed[..], "{}", None),
            (&[HOT, A, B, DONE, END], &[], "{}", None),
            (&[HOT, B, DONE, END], &[], r#"{"hot":["raised"]}"#, Some("a is not raised; raised instead: b(\"x\")")),
            (&[HOT, A, DONE, END], &[], r#"{"hot":["raised"]}"#, Some("raised: a; expected: a, b")),
            (&[HOT, &wrong, B, DONE, END], &[], r#"{"hot":["arguments"]}"#, Some("n is 2, not 1")),
            (
                &[HOT, A, B, NOT_DONE, END],
                &[],
                r#"{"hot":["effect"]}"#,
                Some("the effect is not there after the snippet"),
            ),
            (
                &[HOT, A, B, DONE, END],
                &[HOT, A, DONE, END],
                r#"{"hot":["veto"]}"#,
                Some("the hook's exception does not reach the snippet"),
            ),
            (
                &[HOT, A, B, DONE, END],
                &[HOT, A, VETOED, DONE, END],
                r#"{"hot":["veto"]}"#,
                Some("the effect is there after the hook's exception"),
            ),
            (
                &[HOT, A, B, DONE, END],
                &[HOT, NOT_DONE, END],
                r#"{"hot":["raised"]}"#,
                Some("a is not raised in the veto pass"),
            ),
        ] {
            let judgement = judged_hot(hot_lines, veto_lines, Exit::Status(0));
            let found = serde_json::to_string(&judgement.details).expect("details");
            assert_eq!(found, details, "{hot_lines:?} {veto_lines:?}");
            let reason = reason.map(|reason| format!("after 9 rounds, {reason}"));
            assert_eq!((&judgement.reason, &judgement.not_hot), (&reason, &None));
            let verdict = if reason.is_none() { (Verdict::Pass, Kept) } else { (Verdict::ColdOnly, Broken) };
            assert_eq!((judgement.verdict, judgement.hot), verdict);
            assert_eq!([judgement.raised, judgement.arguments, judgement.veto], [Kept; 3], "as cold code");
        }
    }

    #[test]
    fn a_snippet_that_did_not_become_hot_shows_nothing() {
        let cannot = r#"{"hot": {"rounds": 0, "reason": "r"}}"#;
        let good = [HOT, A, B, DONE, END];
        for (hot_lines, veto_lines, exit, reason) in [
            (&[cannot, END][..], &[][..], Exit::Status(0), "r"),
            (&[], &[], Exit::Deadline, "its deadline passed before the third round"),
            (&[], &[], Exit::Status(3), "it ended with exit status 3 before the third round"),
            (&[], &[], Exit::Signal(11), "it was killed by signal 11 before the third round"),
            (&[HOT], &[], Exit::Deadline, "its deadline passed in a later round"),
            (&[HOT], &[], Exit::Status(0), "it ended with exit status 0 in a later round"),
            (&good, &[cannot, END], Exit::Status(0), "r"),
        ] {
            let judgement = judged_hot(hot_lines, veto_lines, exit);
            assert_eq!((judgement.verdict, judgement.hot), (Verdict::Pass, Unchecked), "{hot_lines:?}");
            assert_eq!(judgement.not_hot.as_deref(), Some(reason), "{hot_lines:?}");
        }
        let crashed = judged_hot(&[HOT], &[], Exit::Signal(11));
        assert_eq!((crashed.verdict, crashed.hot), (Verdict::Crash, Broken));
        assert_eq!(crashed.reason.as_deref(), Some("in one of 9 rounds, it was killed by signal 11"));
    }

    #[test]
    fn a_command_line_is_judged_by_its_exit_status() {
        let case = |status: i32, veto: &str| {
            CASE.replace("snippet: f()", &format!("invoke: {{args: [-V], status: {status}}}"))
                .replace("effect: done\n", veto)
        };
        let passes = |case: &str, plain_status: i32, veto_status: i32| {
            let file = EventFile::parse(case).expect("the case is right");
            let demands = file.demands(&file.cases[0], &Version::new([3, 13, 0]));
            let before = plain("a", &file.cases[0], &demands, &seen(&[A, B, END], Exit::Status(plain_status)));
            let judgement =
                veto("a", &file.cases[0], &demands, &seen(&[A, END], Exit::Status(veto_status)), Some(before));
            (judgement.verdict, judgement.reason)
        };
        let error = |reason: &str| (Verdict::Error, Some(reason.to_owned()));
        let unvetoed = Some("the hook's exception does not reach the snippet".to_owned());
        let swallowed = "veto: swallowed\n    because: x\n";
        assert_eq!(passes(&case(0, ""), 0, 1), (Verdict::Pass, None));
        assert_eq!(passes(&case(0, ""), 0, 0), (Verdict::Unvetoed, unvetoed));
        assert_eq!(passes(&case(3, ""), 3, 1), (Verdict::Pass, None));
        assert_eq!(passes(&case(0, ""), 3, 1), error("it ended with exit status 3, not 0"));
        assert_eq!(passes(&case(3, ""), 0, 1), error("it ended with exit status 0, not 3"));
        assert_eq!(passes(&case(0, swallowed), 0, 0), (Verdict::Pass, None));
        assert_eq!(passes(&case(0, swallowed), 0, 1), (Verdict::Pass, None), "the status does not tell");
    }
}
