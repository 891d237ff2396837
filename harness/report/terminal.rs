//! The results as text for a terminal: the matrix, the reasons for its cells, and each failure with its difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;

use anstyle::Style;

use super::diff;
use super::doors;
use super::gaps::{KnownGap, known_gaps, why_fixed};
use super::matrix::{Matrix, Row};
use super::promises::{BROKEN, HOT, PROMISES, UNCHECKED, letters};
use super::runtime::{further_versions, split_name, why_untested};
use super::scores::{HEADS, numbers, phrase};
use super::shown::Shown;
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

/// The parts of the text that a reader asks for, and the room for them.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of its own")]
pub(crate) struct View {
    /// Whether the numbers of the run are shown, or only what is unexpected.
    pub summary: bool,
    /// Whether the matrix of events and runtimes is shown.
    pub matrix: bool,
    /// Whether the known gaps are listed.
    pub gaps: bool,
    /// Whether the reasons are counted why cases were not run.
    pub skips: bool,
    /// Whether the doors are counted by runtime and area, and those that are closed are listed.
    pub doors: bool,
    /// The width of the matrix, in characters. It is split by runtimes where it is wider.
    pub width: usize,
}

impl View {
    /// Returns a view of everything.
    pub(crate) fn whole(width: usize) -> View {
        View { summary: true, matrix: true, gaps: true, skips: true, doors: true, width }
    }
}

/// Renders the results: the parts that the reader asks for, then the failures, and a summary at the end.
pub(crate) fn render(results: &Shown, view: &View) -> String {
    let mut text = String::new();
    let matrix = Matrix::new(results);
    if view.matrix && !matrix.columns.is_empty() {
        write_matrix(&mut text, &matrix, view.width);
        text += &format!("\n{}\n", legend());
    }
    if view.summary {
        write_absent(&mut text, results);
    }
    if view.skips {
        write_reasons(&mut text, results);
    }
    if view.gaps {
        write_gaps(&mut text, results, &matrix.columns);
    }
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
    text += &doors::failures(results);
    if !view.summary {
        return text;
    }
    text += &doors::render(results, view.doors || results.trials.is_empty());
    if !results.trials.is_empty() || results.doors.trials.is_empty() {
        write_scores(&mut text, results, &matrix.columns);
        write_summary(&mut text, results, view);
    }
    write_end(&mut text, results);
    text
}

fn legend() -> String {
    let hot = PROMISES[HOT].0;
    let promises = PROMISES.map(|(letter, name)| format!("{letter} {name}")).join(", ");
    format!(
        "\
{promises}: a letter means that every case of the event that checks the
promise keeps it, a small letter that some do, {BROKEN} that none does, {UNCHECKED} that no case checks it.
{hot} is left out where hot code was not run. Behind it: cases passed/run, where only some passed.
{KNOWN_GAP} known gap   {FAILED} failed   {NEW_CASE} failure of a new case   {FIXED_GAP} known gap that is fixed
n/a API missing   skip not for this runtime
asserts: the weakest check of the arguments (name < arity < type < value < identity)"
    )
}

/// Writes the matrix, as several tables below each other if it is wider than the room for it.
fn write_matrix(text: &mut String, matrix: &Matrix, width: usize) {
    let table = Table::new(matrix);
    for (index, columns) in table.groups(width).into_iter().enumerate() {
        if index > 0 {
            *text += "\n";
        }
        table.write(text, columns);
    }
}

/// The matrix with the widths of its columns.
struct Table<'a> {
    matrix: &'a Matrix<'a>,
    /// The width of the names of events.
    first: usize,
    /// The implementation and the version of each column.
    heads: Vec<(&'a str, &'a str)>,
    /// The versions of each column that its name does not have.
    further: Vec<Vec<String>>,
    widths: Vec<usize>,
}

/// The width of the column `asserts`.
const ASSERTS: usize = 8;

impl<'a> Table<'a> {
    fn new(matrix: &'a Matrix<'a>) -> Table<'a> {
        let events = matrix.modules.iter().flat_map(|module| &module.rows).map(|row| row.event.len() + 2);
        let heads: Vec<(&str, &str)> = matrix.columns.iter().map(|column| split_name(column)).collect();
        let versions = |column: &RuntimeRecord| further_versions(column).iter().map(|text| clean(text)).collect();
        let further: Vec<Vec<String>> = matrix.columns.iter().map(|column| versions(column)).collect();
        let texts = |index: usize| {
            further[index].iter().map(String::len).chain([heads[index].1.len(), widest(matrix, index), 9])
        };
        let widths = (0..heads.len()).map(|index| texts(index).max().unwrap_or_default()).collect();
        Table { matrix, first: events.max().unwrap_or_default().max("total".len()), heads, further, widths }
    }

    /// Divides the columns into groups that fit into a width. A group has one column at least.
    fn groups(&self, width: usize) -> Vec<Range<usize>> {
        let mut groups = Vec::<Range<usize>>::new();
        let mut room = 0;
        for (index, needed) in self.widths.iter().map(|width| width + 2).enumerate() {
            match groups.last_mut() {
                Some(group) if needed <= room => {
                    group.end = index + 1;
                    room -= needed;
                }
                _ => {
                    groups.push(index..index + 1);
                    room = width.saturating_sub(self.first + 2 + ASSERTS + needed);
                }
            }
        }
        groups
    }

    /// Writes some columns, and the events that have a case for one of them.
    fn write(&self, text: &mut String, columns: Range<usize>) {
        let (first, widths) = (self.first, &self.widths[columns.clone()]);
        let row = |name: &str, asserts: &dyn Display, cells: &[String]| {
            let cells = cells.iter().zip(widths).map(|(cell, width)| format!("  {cell:<width$}"));
            format!("{name:<first$}  {asserts:<ASSERTS$}{}", cells.collect::<String>()).trim_end().to_owned() + "\n"
        };
        let heads = &self.heads[columns.clone()];
        *text += &paint(HEAD, row("", &"", &implementations(heads)));
        let versions: Vec<String> = heads.iter().map(|(_, version)| (*version).to_owned()).collect();
        *text += &paint(HEAD, row("event", &"asserts", &versions));
        let further = &self.further[columns.clone()];
        for line in 0..further.iter().map(Vec::len).max().unwrap_or_default() {
            let versions: Vec<String> = further.iter().map(|its| its.get(line).cloned().unwrap_or_default()).collect();
            *text += &row("", &"", &versions);
        }
        let was_run = |event: &&Row| event.cells[columns.clone()].iter().flatten().any(|cell| cell.score.run() > 0);
        let mut left_out = 0;
        for module in &self.matrix.modules {
            let (rows, others): (Vec<&Row>, Vec<&Row>) = module.rows.iter().partition(was_run);
            left_out += others.len();
            if rows.is_empty() {
                continue;
            }
            *text += &paint(HEAD, row(module.title(), &"", &fractions(&module.totals[columns.clone()])));
            for event in rows {
                let cells = event.cells[columns.clone()].iter().zip(widths);
                let cells = cells.map(|(cell, width)| format!("  {}", painted(cell.as_ref(), *width)));
                *text += &format!("  {:<width$}  {:<ASSERTS$}", event.event, event.asserts, width = first - 2);
                *text += cells.collect::<String>().trim_end();
                *text += "\n";
            }
        }
        *text += &paint(HEAD, row("total", &"", &fractions(&self.matrix.totals()[columns])));
        if left_out > 0 {
            *text += &paint(FAINT, format!("{left_out} events of which no case was run here are left out\n"));
        }
    }
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
    for (index, (reason, names)) in names.into_iter().enumerate() {
        let space = if index == 0 { "\n" } else { "" };
        *text += &format!("{space}{}: not tested: {}\n", names.join(", "), clean(reason));
    }
}

/// Counts the trials that were not run, by reason.
fn write_reasons(text: &mut String, results: &Results) {
    for (index, ((verdict, reason), count)) in reasons(results.trials()).into_iter().enumerate() {
        let space = if index == 0 { "\n" } else { "" };
        *text += &paint(FAINT, format!("{space}{count:>6} {verdict}: {reason}\n"));
    }
}

/// Lists the known gaps, each with the cases and runtimes that show it.
fn write_gaps(text: &mut String, results: &Results, columns: &[&RuntimeRecord]) {
    let every = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
    let gaps = known_gaps(results);
    if !gaps.is_empty() {
        *text += &format!("\n{}\n", paint(HEAD, "Known gaps"));
    }
    for KnownGap { event, verdict, gap, cases, runtimes, .. } in gaps {
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

/// Writes the numbers of each runtime, if there are several.
fn write_scores(text: &mut String, results: &Results, columns: &[&RuntimeRecord]) {
    if columns.len() < 2 {
        return;
    }
    let by_runtime = Score::by_runtime(results);
    let scores: Vec<[usize; 7]> = columns.iter().map(|column| numbers(by_runtime[&*column.name])).collect();
    // The last two are of cases that were not run.
    let is_shown = |at: &usize| *at < 3 || *at < 5 && scores.iter().any(|score| score[*at] > 0);
    let shown: Vec<usize> = (0..HEADS.len()).filter(is_shown).collect();
    let first = columns.iter().map(|column| column.name.len()).chain(["runtime".len()]).max().unwrap_or_default();
    let heads: String = shown.iter().map(|at| format!("  {:>6}", HEADS[*at])).collect();
    *text += &format!("\n{}\n", paint(HEAD, format!("{:<first$}{heads}", "runtime")));
    for (column, score) in columns.iter().zip(scores) {
        let cell = |at: &usize| format!("  {:>width$}", score[*at], width = HEADS[*at].len().max(6));
        let cells: String = shown.iter().map(cell).collect();
        *text += &format!("{:<first$}{cells}\n", column.name);
    }
}

fn write_summary(text: &mut String, results: &Results, view: &View) {
    let score = Score::of(results.trials());
    let line = format!(
        "trials: {} ({}, runtimes: {}); {}",
        score.total(),
        Extent::of(results),
        results.runtimes.iter().filter(|runtime| runtime.absent.is_none()).count(),
        phrase(score),
    );
    let line = match flaky(results.trials()) {
        0 => line,
        count => format!("{line}; {count} of the known gaps flaky"),
    };
    let style = if score.is_unexpected() { style(score.foremost()) } else { GOOD };
    *text += &format!("\n{}\n", paint(style, line));
    if !view.matrix {
        *text += &paint(FAINT, "`-v` shows more: each event, the known gaps, and why cases were not run\n");
    }
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

    #[test]
    fn a_matrix_wider_than_its_room_is_several_tables() {
        let names = ["one", "two", "three"];
        let of = |name: &&str| {
            let not_run = json!({"verdict": "skipped"});
            vec![trial("os.mkdir", "path", name, &json!({})), trial("winreg.OpenKey", "key", name, &not_run)]
        };
        let results = results(&names, names.iter().flat_map(of).collect());
        for (width, tables) in [(1000, 1), (50, 2), (1, 3)] {
            let mut text = String::new();
            write_matrix(&mut text, &Matrix::new(&results), width);
            let text = strip_str(&text).to_string();
            assert_eq!(text.matches("  os.mkdir ").count(), tables, "{text}");
            assert!(names.iter().all(|name| text.matches(&format!(" {name}")).count() == 1), "{text}");
            let widest = text.lines().filter(|line| !line.contains("left out")).map(str::len).max();
            assert!(width == 1 || widest <= Some(width), "{text}");
            assert!(!text.contains("winreg"), "no case of it was run: {text}");
        }
    }

    #[test]
    fn a_summary_has_a_row_for_each_runtime_and_the_parts_that_are_asked_for() {
        let trials = vec![
            trial("os.mkdir", "path", "one", &json!({})),
            trial("os.mkdir", "path", "two", &missing("known", "never raised")),
        ];
        let results = results(&["one", "two"], trials);
        let short = View { summary: true, matrix: false, gaps: false, skips: false, doors: false, width: 80 };
        let shown = Shown::of(results.clone()).expect("results");
        let text = strip_str(&render(&shown, &short)).to_string();
        assert!(
            text.contains("\nruntime  passed  known gaps  failed\none           1           0       0\n"),
            "{text}"
        );
        assert!(!text.contains("never raised") && text.contains("`-v` shows more"), "{text}");
        let whole = strip_str(&render(&shown, &View::whole(80))).to_string();
        assert!(whole.contains("never raised") && !whole.contains("shows more"), "{whole}");
    }
}
