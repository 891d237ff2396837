//! The answer to the question how good a user's hook is, as text for a terminal. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::style::{BAD, FAINT, GOOD, HEAD, KNOWN, paint};
use super::text::{clean, short};
use crate::run::guard::{Attempt, Outcome};
use crate::suite::{Capability, Case, EventFile};

/// All that was found about a hook on a runtime.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The hook, as the user named it.
    pub hook: &'a str,
    /// The runtime's name.
    pub runtime: &'a str,
    /// The capabilities that the hook must deny.
    pub deny: &'a [Capability],
    /// The capabilities that were asked for; all if there are none.
    pub wanted: &'a BTreeSet<Capability>,
    /// The operations that were tried, the worst outcome first.
    pub tried: Vec<Tried<'a>>,
    /// The harmless operations.
    pub control: &'a [Control],
}

/// An operation that was tried.
#[derive(Debug)]
pub(crate) struct Tried<'a> {
    /// The file of its case.
    pub file: &'a EventFile,
    /// Its case.
    pub case: &'a Case,
    /// The things that it does.
    pub capabilities: &'a [Capability],
    /// How it ended.
    pub attempt: Attempt,
}

/// A harmless operation that was tried.
#[derive(Debug)]
pub(crate) struct Control {
    /// A few words for it.
    pub what: &'static str,
    /// The exception of the hook that disturbed it, or how it ended early.
    pub disturbed: Option<String>,
}

/// The outcomes as columns of the table, and what a terminal shows of each.
const COLUMNS: [Outcome; 5] =
    [Outcome::Denied, Outcome::LetThrough, Outcome::TooLate, Outcome::NoEvent, Outcome::Broke];

/// Renders the answer: a table by capability, then the worst ways through.
pub(crate) fn render(answer: &Answer, ways: usize) -> String {
    let mut text = format!("{} on {}\n\n{}", clean(answer.hook), clean(answer.runtime), table(answer));
    text += &control(answer.control);
    text += &ways_through(answer, ways);
    let warning = "No hook is a sandbox: operations that raise no event (`audit578 list 'doors.*'`) pass every hook.";
    text + &format!("\n{}\n", paint(FAINT, warning))
}

fn table(answer: &Answer) -> String {
    let width = COLUMNS.map(|outcome| outcome.to_string().len());
    let heads: Vec<String> = COLUMNS.iter().map(ToString::to_string).collect();
    let mut text = format!("{}\n", paint(HEAD, format!("{:<12}  {}", "capability", heads.join("  "))));
    for capability in Capability::ALL {
        let of: Vec<_> = answer.tried.iter().filter(|tried| tried.capabilities.contains(&capability)).collect();
        if of.is_empty() || !answer.wanted.is_empty() && !answer.wanted.contains(&capability) {
            continue;
        }
        let mark = if answer.deny.contains(&capability) { "!" } else { "" };
        let _ = write!(text, "{:<12}", format!("{capability}{mark}"));
        for (outcome, width) in COLUMNS.into_iter().zip(width) {
            let count = of.iter().filter(|tried| tried.attempt.outcome == outcome).count();
            let cell = match (outcome, count) {
                (_, 0) => ".".to_owned(),
                (Outcome::Denied, count) => format!("{count}/{}", of.len()),
                (_, count) => count.to_string(),
            };
            let style = match outcome {
                _ if count == 0 => FAINT,
                Outcome::Denied => GOOD,
                Outcome::NoEvent => KNOWN,
                _ => BAD,
            };
            let _ = write!(text, "  {}", paint(style, format!("{cell:>width$}")));
        }
        text.push('\n');
    }
    if !answer.deny.is_empty() {
        let _ = writeln!(text, "{}", paint(FAINT, "!: must be denied (--deny)"));
    }
    text
}

fn control(control: &[Control]) -> String {
    let passed = control.iter().filter(|one| one.disturbed.is_none()).count();
    let mut text = format!("\nharmless operations that pass: {passed} of {}\n", control.len());
    for (what, reason) in control.iter().filter_map(|one| Some((one.what, one.disturbed.as_ref()?))) {
        let _ = writeln!(text, "  {} {what}: {}", paint(BAD, "disturbed"), clean(reason));
    }
    text
}

/// Renders the ways through: each API once. Events that many operations raise come first.
fn ways_through(answer: &Answer, ways: usize) -> String {
    let must = |tried: &Tried| tried.capabilities.iter().any(|one| answer.deny.contains(one));
    let mut open: Vec<&Tried> = answer
        .tried
        .iter()
        .filter(|tried| tried.attempt.outcome != Outcome::Denied && (answer.deny.is_empty() || must(tried)))
        .collect();
    let mut of_event = BTreeMap::<&str, usize>::new();
    for tried in &open {
        *of_event.entry(&tried.file.event).or_default() += 1;
    }
    open.sort_by_key(|tried| (tried.attempt.outcome, Reverse(of_event[tried.file.event.as_str()])));
    let mut seen = BTreeSet::new();
    open.retain(|tried| seen.insert((tried.attempt.outcome, &tried.case.api)));
    if open.is_empty() {
        return String::new();
    }
    let shown = ways.min(open.len());
    let mut text = format!("\n{}\n", paint(HEAD, format!("Ways through ({shown} of {} APIs)", open.len())));
    open.iter().take(ways).for_each(|tried| text += &way(tried));
    text
}

fn way(tried: &Tried) -> String {
    let words: Vec<String> = tried.capabilities.iter().map(ToString::to_string).collect();
    let outcome = tried.attempt.outcome;
    let mut text = format!(
        "\n{} {} ({}, {})\n",
        paint(if outcome == Outcome::NoEvent { KNOWN } else { BAD }, outcome),
        tried.case.api,
        words.join(", "),
        tried.file.id(tried.case)
    );
    let snippet = tried.case.snippet.as_deref().unwrap_or_default();
    for line in snippet.lines().filter(|line| !line.trim().is_empty()).take(3) {
        let _ = writeln!(text, "    {}", clean(line));
    }
    if let Some(event) = &tried.attempt.event {
        let args: Vec<String> = event.args.iter().map(|value| short(&value.to_string(), 60)).collect();
        let _ = writeln!(text, "  the event to look at: {}({})", event.name, clean(&args.join(", ")));
    }
    if let Some(objection) = tried.attempt.objection.as_ref().filter(|_| outcome == Outcome::TooLate) {
        let _ = writeln!(text, "  the hook raised {}", clean(objection));
    }
    text
}
