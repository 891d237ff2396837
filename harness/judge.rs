//! The judge: observations against expectations. Pure.

use crate::case::{Case, Demand, VetoPromise};
use crate::event::{Event, Shape};
use crate::observation::Observation;
use crate::process::Exit;
use crate::verdict::{Promise, Verdict};

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
    /// Why the verdict is not `pass`.
    pub reason: Option<String>,
    /// What was expected, line by line. What was observed has the same lines where it is as expected.
    pub expected: Vec<String>,
    /// What was observed.
    pub observed: Vec<String>,
}

impl Judgement {
    fn new() -> Judgement {
        Judgement {
            verdict: Verdict::Pass,
            raised: Promise::Unchecked,
            arguments: Promise::Unchecked,
            veto: Promise::Unchecked,
            reason: None,
            expected: Vec::new(),
            observed: Vec::new(),
        }
    }

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

    /// Tells whether the veto pass can still say something.
    pub fn wants_veto(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::WrongArgs | Verdict::WrongCount)
    }
}

/// Judges the plain pass.
pub fn plain(event: &str, case: &Case, demands: &[Demand], seen: &Observation) -> Judgement {
    let mut judgement = Judgement::new();
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
    let mut judgement = before.unwrap_or_else(Judgement::new);
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
        Exit::Signal(_) => Some(Verdict::Crash),
        Exit::NotStarted(_) | Exit::Flood => Some(Verdict::Error),
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
        return;
    }
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
