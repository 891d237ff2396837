//! A differential run as text for a terminal.

use std::collections::BTreeMap;

use super::diff::{self, Side};
use super::style::{BAD, FAINT, GOOD, HEAD, KNOWN, diff_line, paint};
use super::text::{clean, short};
use crate::run::differential::{Outcome, SnippetComparison, Stream};

/// The number of lines that are shown before and after each difference.
const CONTEXT: usize = 2;

/// The number of characters of a line that are shown, if the reader does not want all.
const WIDTH: usize = 200;

/// Renders the comparisons of two runtimes. Long lines are cut, unless the reader wants the `whole` of them.
pub(crate) fn render(one: &str, other: &str, comparisons: &[SnippetComparison], whole: bool) -> String {
    let mut text = String::new();
    let (mut alike, mut different, mut unstable) = (0, 0, Vec::new());
    let mut reasons = BTreeMap::<&str, usize>::new();
    for comparison in comparisons {
        match &comparison.outcome {
            Outcome::Same => alike += 1,
            Outcome::Unstable => unstable.push(comparison.name.as_str()),
            Outcome::NotCompared(reason) => *reasons.entry(reason).or_default() += 1,
            Outcome::Different(first, second) => {
                different += 1;
                text += &difference(&comparison.name, [one, other], [first, second], whole);
            }
        }
    }
    for (reason, count) in &reasons {
        text += &paint(FAINT, format!("{count:>6} not compared: {}\n", clean(reason)));
    }
    if !unstable.is_empty() {
        text += &paint(KNOWN, format!("different from run to run on one runtime: {}\n", unstable.join(", ")));
    }
    let line = format!(
        "snippets: {}; {alike} alike, {different} different, {} unstable, {} not compared",
        comparisons.len(),
        unstable.len(),
        reasons.values().sum::<usize>(),
    );
    text + &format!("{}\n", paint(if different == 0 { GOOD } else { BAD }, line))
}

fn difference(name: &str, [one, other]: [&str; 2], streams: [&Stream; 2], whole: bool) -> String {
    let shown = |line: &str| if whole { line.to_owned() } else { short(line, WIDTH) };
    let [first, second] = streams;
    let mut text = format!("{}\n", paint(HEAD, name));
    text += &diff_line(Side::Expected, one);
    text += &diff_line(Side::Observed, other);
    for (index, hunk) in diff::hunks(&first.0, &second.0, CONTEXT).into_iter().enumerate() {
        if index > 0 {
            text += "  ...\n";
        }
        for (side, line) in hunk {
            text += &diff_line(side, &shown(&line));
        }
    }
    text + "\n"
}
