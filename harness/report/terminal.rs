//! The results as text for a terminal: the matrix, the reasons for its cells, and each failure with its difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use anstyle::Style;

use super::diff;
use super::doors;
use super::gaps::{KnownGap, known_gaps, why_fixed};
use super::matrix::Matrix;
use super::promises::{BROKEN, HOT, PROMISES, UNCHECKED, letters};
use super::runtime::{further_versions, split_name, why_untested};
use super::scores::phrase;
use super::style::{BAD, FAINT, FIXED, GOOD, HEAD, KNOWN, NEW, diff_line, paint};
use super::text::{INCOMPLETE, clean, command};
use crate::results::{Cell, Extent, Results, RuntimeRecord, Score, flaky, reasons, short_hash};
use crate::run::{Standing, TrialRecord};
use crate::suite::Verdict;

/// The sign of a cell with a known gap.
const KNOWN_GAP: char = '*';

/// The sign of a cell with a failure that is not a known gap.
const FAILED: char = '!';

/// The sign of a cell with a failure of a case that is newer than the suite of a gaps file.
const NEW_CASE: char = '?';

/// The sign of a cell with a fixed gap.
const FIXED_GAP: char = '+';

/// Renders the results.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    let matrix = Matrix::new(results);
    if !matrix.columns.is_empty() {
        write_matrix(&mut text, &matrix);
        text += &format!("\n{}\n", legend());
    }
    write_absent(&mut text, results);
    write_reasons(&mut text, results);
    write_gaps(&mut text, results, &matrix.columns);
    for trial in &results.trials {
        if let Some(verdict) = trial.disagrees {
            let (id, runtime) = (trial.id(), &trial.runtime);
            let line = format!("{id} on {runtime}: {} in fresh processes, {verdict} in warm ones", trial.verdict);
            text += &format!("\n{}\n", paint(KNOWN, line));
        }
    }
    write_verified(&mut text, results);
    write_new(&mut text, results);
    for trial in results.trials.iter().filter(|trial| trial.is_unexpected()) {
        text += &format!("\n{}", failure(trial, &results.repeat_command(trial)));
    }
    text += &doors::render(results);
    if !results.trials.is_empty() || results.doors.trials.is_empty() {
        write_summary(&mut text, results);
    }
    write_end(&mut text, results);
    text
}

fn legend() -> String {
    let hot = PROMISES[HOT].0;
    let promises = PROMISES.map(|(letter, name)| format!("{letter} {name}")).join(", ");
    format!(
        "\
{promises}: a letter means that every case of the event that checks the promise keeps it, a
small letter that some do, {BROKEN} that none does, {UNCHECKED} that no case checks it. {hot} is left out where hot code was not run.
Behind it: cases passed/run, where only some passed.
{KNOWN_GAP} known gap   {FAILED} failed   {NEW_CASE} failure of a new case   {FIXED_GAP} known gap that is fixed
n/a API missing   skip not for this runtime
asserts: the weakest check of the event's arguments (name < arity < type < value < identity)"
    )
}

fn write_matrix(text: &mut String, matrix: &Matrix) {
    let events = matrix.modules.iter().flat_map(|module| &module.rows).map(|row| row.event.len() + 2);
    let first = events.max().unwrap_or_default().max("total".len());
    let heads: Vec<(&str, &str)> = matrix.columns.iter().map(|column| split_name(column)).collect();
    let versions = |column: &RuntimeRecord| further_versions(column).iter().map(|text| clean(text)).collect();
    let further: Vec<Vec<String>> = matrix.columns.iter().map(|column| versions(column)).collect();
    let texts =
        |index: usize| further[index].iter().map(String::len).chain([heads[index].1.len(), widest(matrix, index), 9]);
    let widths: Vec<usize> = (0..heads.len()).map(|index| texts(index).max().unwrap_or_default()).collect();
    let row = |name: &str, asserts: &dyn Display, cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
        format!("{name:<first$}  {asserts:<8}{}", cells.collect::<String>()).trim_end().to_owned() + "\n"
    };
    *text += &paint(HEAD, row("", &"", &implementations(&heads)));
    let versions: Vec<String> = heads.iter().map(|(_, version)| (*version).to_owned()).collect();
    *text += &paint(HEAD, row("event", &"asserts", &versions));
    for line in 0..further.iter().map(Vec::len).max().unwrap_or_default() {
        let versions: Vec<String> = further.iter().map(|its| its.get(line).cloned().unwrap_or_default()).collect();
        *text += &row("", &"", &versions);
    }
    for module in &matrix.modules {
        *text += &paint(HEAD, row(module.title(), &"", &fractions(&module.totals)));
        for event in &module.rows {
            let cells = event.cells.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| format!("  {}", painted(cell.as_ref(), *width)));
            *text += &format!("  {:<width$}  {:<8}", event.event, event.asserts, width = first - 2);
            *text += cells.collect::<String>().trim_end();
            *text += "\n";
        }
    }
    *text += &paint(HEAD, row("total", &"", &fractions(&matrix.totals())));
}

/// Returns the first line of the heads: each implementation above its first column.
fn implementations(heads: &[(&str, &str)]) -> Vec<String> {
    let is_first = |index: usize| index == 0 || heads[index - 1].0 != heads[index].0;
    let names = heads.iter().enumerate().map(|(index, (name, _))| if is_first(index) { name } else { "" });
    names.map(str::to_owned).collect()
}

fn fractions(totals: &[Score]) -> Vec<String> {
    let fraction = |total: &Score| if total.run() == 0 { "-".to_owned() } else { total.ratio() };
    totals.iter().map(fraction).collect()
}

/// Returns the width of the widest cell of a column.
fn widest(matrix: &Matrix, column: usize) -> usize {
    let rows = matrix.modules.iter().flat_map(|module| &module.rows);
    let cells = rows.filter_map(|row| row.cells[column].as_ref()).map(|cell| sign(cell).len());
    cells.max().unwrap_or_default()
}

/// Renders a cell with its colour, padded to a width. The codes for colours do not count.
fn painted(cell: Option<&Cell>, width: usize) -> String {
    let Some(cell) = cell else { return " ".repeat(width) };
    let text = sign(cell);
    let fill = " ".repeat(width.saturating_sub(text.len()));
    paint(style(cell.score.foremost()), text) + &fill
}

/// Renders the letters or the word of a cell, with a sign for each standing that a reader must know of.
fn sign(cell: &Cell) -> String {
    let (score, word) = (cell.score, cell.word());
    let is_lost = [Verdict::Error, Verdict::Crash, Verdict::Timeout].iter().any(|verdict| verdict.to_string() == word);
    let mut text = if score.run() == 0 || is_lost { word } else { letters(cell.promises) };
    text.extend((score.known_gaps > 0).then_some(KNOWN_GAP));
    text.extend((score.failed > 0).then_some(FAILED));
    text.extend((score.new > 0).then_some(NEW_CASE));
    text.extend((score.fixed > 0).then_some(FIXED_GAP));
    if cell.is_partly() {
        text += &format!(" {}", score.ratio());
    }
    text
}

fn style(standing: Standing) -> Style {
    match standing {
        Standing::Passed | Standing::Closed => GOOD,
        Standing::Known | Standing::Open => KNOWN,
        Standing::Failed => BAD,
        Standing::New => NEW,
        Standing::Fixed => FIXED,
        Standing::Skipped | Standing::Unsupported => FAINT,
    }
}

fn write_absent(text: &mut String, results: &Results) {
    let mut names = Vec::<(&str, Vec<&str>)>::new();
    for runtime in &results.runtimes {
        let Some(reason) = why_untested(runtime) else { continue };
        match names.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(&runtime.name),
            None => names.push((reason, vec![&runtime.name])),
        }
    }
    for (reason, names) in names {
        *text += &format!("\n{}: not tested: {}", names.join(", "), clean(reason));
    }
    *text += "\n";
}

/// Counts the trials that were not run, by reason.
fn write_reasons(text: &mut String, results: &Results) {
    for ((verdict, reason), count) in reasons(&results.trials) {
        *text += &paint(FAINT, format!("{count:>6} {verdict}: {reason}\n"));
    }
}

/// Lists the known gaps, each with the cases and runtimes that show it.
fn write_gaps(text: &mut String, results: &Results, columns: &[&RuntimeRecord]) {
    let every = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
    let gaps = known_gaps(results);
    if !gaps.is_empty() {
        *text += &format!("\n{}\n", paint(HEAD, "Known gaps"));
    }
    for KnownGap { event, verdict, gap, cases, runtimes } in gaps {
        let runtimes = if runtimes == every { "every runtime".to_owned() } else { runtimes.join(", ") };
        let issue = gap.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        let word = if gap.flaky { "flaky".to_owned() } else { gap.kind.to_string() };
        let line = format!("{verdict}, {word}: {}{issue}", clean(&gap.reason));
        *text += &format!("  {event} ({}) on {runtimes}\n    {}\n", cases.join(", "), paint(KNOWN, line));
    }
}

/// Lists the cases that no runtime had run before, and that passed.
fn write_verified(text: &mut String, results: &Results) {
    let mut cases = BTreeMap::<&str, BTreeSet<&str>>::new();
    for trial in results.trials.iter().filter(|trial| trial.verifies()) {
        cases.entry(&trial.event).or_default().insert(&trial.case);
    }
    if !cases.is_empty() {
        *text += &format!("\n{}\n", paint(HEAD, "Verified by this run: `unverified: true` can go"));
    }
    for (event, names) in cases {
        *text += &format!("  {event} ({})\n", names.into_iter().collect::<Vec<_>>().join(", "));
    }
}

/// Lists the failures of cases that are newer than the suite that a gaps file names.
fn write_new(text: &mut String, results: &Results) {
    let mut new = results.trials.iter().filter(|trial| trial.standing() == Standing::New).peekable();
    if new.peek().is_some() {
        *text += &format!("\n{}\n", paint(HEAD, "New cases that fail: `audit578 bless` adds them to the gaps file"));
    }
    for trial in new {
        let reason = clean(trial.reason.as_deref().unwrap_or_default());
        *text += &format!("  {} {} on {}: {reason}\n", paint(NEW, trial.verdict), trial.id(), trial.runtime);
    }
}

/// Renders one failure or fixed gap: the outcome, the reason, the difference, and the repeat command, given as words.
pub fn failure(trial: &TrialRecord, repeat_command: &[String]) -> String {
    let style = style(trial.standing());
    let head = format!("{} {} on {}\n", paint(style, trial.outcome()), paint(HEAD, trial.id()), trial.runtime);
    head + &details(trial, repeat_command)
}

/// Renders the reason, the difference and the repeat command of a trial.
pub(super) fn details(trial: &TrialRecord, repeat_command: &[String]) -> String {
    let mut text = String::new();
    if let Some(reason) = why_fixed(trial).or_else(|| trial.reason.clone()) {
        text += &format!("  {}\n", clean(&reason));
    }
    if trial.unverified {
        text += "  no runtime had run this case before: the case itself may be wrong\n";
    }
    for (side, line) in diff::lines(&trial.expected, &trial.observed) {
        text += &diff_line(side, &line);
    }
    text + &format!("  repeat: {}\n", command(repeat_command))
}

fn write_summary(text: &mut String, results: &Results) {
    let score = Score::of(&results.trials);
    let line = format!(
        "trials: {} ({}, runtimes: {}); {}",
        score.total(),
        Extent::of(results),
        results.runtimes.iter().filter(|runtime| runtime.absent.is_none()).count(),
        phrase(score),
    );
    let line = match flaky(&results.trials) {
        0 => line,
        count => format!("{line}; {count} of the known gaps flaky"),
    };
    let style = if score.is_unexpected() { style(score.foremost()) } else { GOOD };
    *text += &format!("\n{}\n", paint(style, line));
}

fn write_end(text: &mut String, results: &Results) {
    match &results.footer {
        Some(footer) => {
            let suite = clean(short_hash(&results.header.suite));
            *text += &format!("suite {suite}, {:.1} s\n", footer.seconds);
        }
        None => *text += &format!("{}\n", paint(BAD, INCOMPLETE)),
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use serde_json::{Value, json};

    use super::super::samples::{missing, results, trial};
    use super::*;

    #[test]
    fn a_cell_has_the_letters_or_the_verdict_and_the_sign_of_its_outcome() {
        let not_run = |verdict: &str| json!({"verdict": verdict});
        let fixed = json!({"gap": {"state": "fixed", "kind": "bug", "reason": "r"}});
        let new = json!({"verdict": "crash", "new": true});
        let table: [(&[Value], &str, Style); 14] = [
            (&[], "     ", Style::new()),
            (&[json!({})], "RAV  ", GOOD),
            (&[json!({"veto": "unchecked"})], "RA.  ", GOOD),
            (&[missing("known", "r")], "---* ", KNOWN),
            (&[json!({"verdict": "wrong-args", "arguments": "broken"})], "R-V! ", BAD),
            (std::slice::from_ref(&fixed), "RAV+ ", FIXED),
            (&[missing("known", "r"), fixed.clone()], "rav*+", FIXED),
            (&[missing("known", "r"), fixed.clone(), json!({"verdict": "crash"})], "rav*!+", BAD),
            (&[json!({}), missing("known", "r")], "rav* 1/2", KNOWN),
            (std::slice::from_ref(&new), "crash?", NEW),
            (&[missing("known", "r"), new.clone()], "---*?", NEW),
            (&[not_run("crash")], "crash!", BAD),
            (&[not_run("skipped")], "skip ", FAINT),
            (&[not_run("unsupported")], "n/a  ", FAINT),
        ];
        for (trials, shown, style) in table {
            let trials = trials.iter().map(|changes| trial("os.a", "path", "one", changes)).collect();
            let results = results(&["one"], [trials, vec![trial("os.b", "path", "one", &json!({}))]].concat());
            let rows = &Matrix::new(&results).modules[0].rows;
            let cell = rows.iter().find(|row| row.event == "os.a").and_then(|row| row.cells[0].clone());
            let text = painted(cell.as_ref(), 5);
            assert_eq!(strip_str(&text).to_string(), shown);
            assert!(text.starts_with(&style.to_string()), "{text:?}");
        }
    }
}
