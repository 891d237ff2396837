//! The results, or a comparison, as Markdown for the summary of a job.

use super::diff;
use super::differences::{COUNTED, both_scores, by_event, groups};
use super::doors;
use super::gaps::{known_gaps, why_fixed};
use super::matrix::{Matrix, Module};
use super::scores::HEADS;
use super::shown::Shown;
use super::text::{INCOMPLETE, clean, command_anywhere, short};
use crate::results::compare::{Change, Comparison, RuntimeDifference};
use crate::results::{Header, Results, RuntimeRecord, Score, short_hash};
use crate::run::{Standing, TrialRecord};

/// The number of failures, and of fixed gaps, that are shown. The summary of a job has at most a megabyte.
const SHOWN: usize = 50;
/// The most characters of a line of a difference.
const LINE: usize = 200;
/// The most lines of a difference.
const LINES: usize = 40;

/// Renders the results.
pub(crate) fn render(results: &Shown) -> String {
    let matrix = Matrix::new(results);
    let mut text = format!("## Audit events (PEP 578)\n\n{}", overview(results));
    text += &failures(results, "Failed", Standing::Failed);
    text += &failures(results, "New cases that fail", Standing::New);
    text += &failures(results, "Fixed", Standing::Fixed);
    text += &modules(&matrix);
    text += &gaps(results);
    text += &open_doors(results);
    text + &format!("\n{}", origin(results))
}

/// Renders a comparison.
pub(crate) fn changes(comparison: &Comparison) -> String {
    let verdict = if comparison.is_worse() { "something got worse" } else { "nothing got worse" };
    let mut text = format!("## Audit events (PEP 578): {verdict}\n\n{}.\n", sentence(&comparison.summary()));
    text += &suite(comparison);
    for change in [Change::Worse, Change::Other, Change::Better] {
        let groups = groups(comparison, change);
        let rows = groups.iter().map(|((id, summary), runtimes)| {
            vec![code(id), runtimes.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "), escape(summary)]
        });
        let table = table(&["case", "runtimes", "what differs"], rows);
        match change {
            _ if groups.is_empty() => {}
            Change::Worse => text += &format!("\n### Worse\n\n{table}"),
            other => text += &folded(&format!("{} ({})", sentence(&other.to_string()), groups.len()), &table),
        }
    }
    let rows = comparison.runtimes.iter().map(|runtime| {
        let count = |change| runtime.trials.get(change).copied().unwrap_or_default().to_string();
        let note = runtime.note().map(|note| escape(&note)).unwrap_or_default();
        [vec![code(&runtime.name())], COUNTED.iter().map(count).collect(), vec![note]].concat()
    });
    let changes = COUNTED.map(|change| change.to_string());
    let heads: Vec<&str> = ["runtime"].into_iter().chain(changes.iter().map(String::as_str)).chain([""]).collect();
    text += &format!("\n{}", table(&heads, rows));
    text += &format!("\nThe numbers of trials, old and new:\n\n{}", scores(comparison));
    text + &format!("\nOld: {}\nNew: {}\n", run(comparison.old), run(comparison.new))
}

/// Renders the scores of each runtime in both results.
fn scores(comparison: &Comparison) -> String {
    let row = |runtime: &RuntimeDifference| {
        [vec![code(&runtime.name())], both_scores(runtime).map(|cell| escape(&cell)).to_vec()].concat()
    };
    table(&[&["runtime"][..], &HEADS].concat(), comparison.runtimes.iter().map(row))
}

/// Renders how the suites differ.
fn suite(comparison: &Comparison) -> String {
    let suite = &comparison.suite;
    let mut text = String::new();
    if !suite.same {
        text += "\nThe suites differ: only the cases that both have are compared.\n";
    }
    for (what, ids) in [
        ("with another definition, so never worse or better", &suite.redefined),
        ("added", &suite.added),
        ("removed", &suite.removed),
    ] {
        if !ids.is_empty() {
            let events = by_event(ids);
            let events = events.iter().map(|(event, cases)| format!("{} ({})", code(event), escape(&cases.join(", "))));
            text += &format!("\nCases {what} ({}): {}\n", ids.len(), events.collect::<Vec<_>>().join(", "));
        }
    }
    text
}

/// Renders a row for each runtime, with the numbers of its outcomes.
fn overview(results: &Results) -> String {
    let scores = Score::by_runtime(results);
    let rows = results.runtimes.iter().map(|runtime| {
        let score = scores[&*runtime.name];
        let cells =
            if score.total() == 0 { Default::default() } else { score.counts().map(|count| cell(score, count)) };
        let language = runtime.probe.as_ref().map(|probe| escape(&probe.language)).unwrap_or_default();
        [vec![code(&runtime.name), language, platform(runtime)], cells.to_vec()].concat()
    });
    table(&[&["runtime", "Python", "platform"][..], &HEADS].concat(), rows)
}

/// Renders how many doors are open, by runtime and area, and the doors that are closed.
fn open_doors(results: &Results) -> String {
    let doors = doors::Table::new(results);
    if doors.rows.is_empty() {
        return String::new();
    }
    let rows = doors.rows.iter().map(|row| [vec![code(row.runtime)], row.texts()].concat());
    let heads: Vec<String> = doors.heads().into_iter().map(escape).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut text = format!("\n### Doors that are open, of those that were tried\n\n{}", table(&heads, rows));
    let closed = doors::closed(results).into_iter().map(|((id, reason), runtimes)| {
        let runtimes = runtimes.into_iter().map(code).collect::<Vec<_>>().join(", ");
        vec![code(&id), escape(reason), runtimes]
    });
    let closed: Vec<_> = closed.collect();
    if !closed.is_empty() {
        let title = format!("Closed ({})", closed.len());
        text += &folded(&title, &table(&["door", "reason", "runtimes"], closed.into_iter()));
    }
    text + &format!("\n{}.\n", sentence(&doors::line(results)))
}

/// Renders the number of a standing. Numbers that a reader must act on are bold.
fn cell(score: Score, (standing, count): (Standing, usize)) -> String {
    match standing {
        Standing::Passed => score.ratio(),
        Standing::Failed | Standing::New | Standing::Fixed if count > 0 => format!("**{count}**"),
        _ => count.to_string(),
    }
}

pub(super) fn platform(runtime: &RuntimeRecord) -> String {
    let probe = runtime.probe.as_ref().map(|probe| {
        let machine = probe.machine.as_deref().unwrap_or_default();
        format!("{} {machine}", probe.platform).trim_end().to_owned()
    });
    let absent = runtime.absent.as_ref().map(|reason| format!("not tested: {reason}"));
    escape(&absent.or(probe).unwrap_or_default())
}

/// Renders the trials of a standing, with their details.
fn failures(results: &Results, title: &str, standing: Standing) -> String {
    let trials: Vec<_> = results.trials.iter().filter(|trial| trial.standing() == standing).collect();
    if trials.is_empty() {
        return String::new();
    }
    let mut text = format!("\n### {title} ({})\n", trials.len());
    trials.iter().take(SHOWN).for_each(|trial| text += &failure(trial, results));
    if trials.len() > SHOWN {
        text += &format!("\nand {} more\n", trials.len() - SHOWN);
    }
    text
}

fn failure(trial: &TrialRecord, results: &Results) -> String {
    let mut text = format!("\n**{}** {} on {}", trial.outcome(), code(&trial.id()), code(&trial.runtime));
    let why = why_fixed(trial).or_else(|| trial.reason.as_ref().map(|reason| short(reason, LINE)));
    text += &why.map(|why| format!(": {}", escape(&why))).unwrap_or_default();
    let lines = diff::lines(&trial.expected, &trial.observed);
    let mut body: Vec<String> =
        lines.iter().take(LINES).map(|(side, line)| short(&clean(&format!("{} {line}", side.sign())), LINE)).collect();
    body.extend((lines.len() > LINES).then(|| format!("  and {} more lines", lines.len() - LINES)));
    text += "\n";
    if !body.is_empty() {
        text += &block("diff", &body.join("\n"));
    }
    text + &block("sh", &command_anywhere(&results.repeat_command(trial)))
}

/// Renders how many trials passed, of those that were run, by module and runtime.
fn modules(matrix: &Matrix) -> String {
    let fraction = |total: &Score| if total.run() == 0 { String::new() } else { total.ratio() };
    let row = |name: String, totals: &[Score]| [vec![name], totals.iter().map(fraction).collect()].concat();
    let rows = matrix.modules.iter().map(|module| row(title(module), &module.totals));
    let heads: Vec<String> =
        ["module".to_owned()].into_iter().chain(matrix.columns.iter().map(|column| escape(&column.name))).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    folded("Passed, by module", &table(&heads, rows.chain([row("total".to_owned(), &matrix.totals())])))
}

fn title(module: &Module) -> String {
    if module.has_rules() { module.title().to_owned() } else { code(module.name) }
}

fn gaps(results: &Results) -> String {
    let gaps = known_gaps(results);
    if gaps.is_empty() {
        return String::new();
    }
    let rows = gaps.iter().map(|known| {
        let issue = known.gap.issue.as_ref().map(|issue| format!(" {}", link(issue))).unwrap_or_default();
        vec![
            code(known.event),
            escape(&known.cases.join(", ")),
            escape(&known.runtimes.join(", ")),
            known.verdict.to_string(),
            known.gap.kind.to_string(),
            escape(&known.gap.reason) + &issue,
        ]
    });
    folded(
        &format!("Known gaps ({})", gaps.len()),
        &table(&["event", "cases", "runtimes", "verdict", "kind", "reason"], rows),
    )
}

/// Renders the origin of results, with a note if they are incomplete.
pub(super) fn origin(results: &Results) -> String {
    let incomplete = || format!("\n**{}.**\n", sentence(INCOMPLETE));
    format!("{}\n{}", run(&results.header), if results.footer.is_none() { incomplete() } else { String::new() })
}

/// Renders the version, the suite, the machine and the time of a run, in a line.
fn run(header: &Header) -> String {
    format!(
        "audit578 {}, suite {}, {}, {}.",
        escape(&header.version),
        code(short_hash(&header.suite)),
        escape(&header.host),
        escape(&header.started)
    )
}

pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

pub(super) fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let rule = heads.iter().map(|_| "---".to_owned()).collect::<Vec<_>>();
    line(&heads) + &line(&rule) + &rows.map(|row| line(&row)).collect::<String>()
}

pub(super) fn folded(title: &str, content: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n\n{content}\n</details>\n")
}

/// Renders a fenced block. Its fence is longer than any in its text.
pub(super) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("\n{fence}{language}\n{text}\n{fence}\n")
}

/// Renders a span of code that can stand in a table.
pub(super) fn code(text: &str) -> String {
    let text = clean(text).replace('|', "\\|");
    match longest_run(&text) {
        0 => format!("`{text}`"),
        run => format!("{0} {text} {0}", "`".repeat(run + 1)),
    }
}

/// Renders an address as a link where it begins with `https://`, and as text otherwise.
fn link(address: &str) -> String {
    let is_safe = |c: char| c.is_ascii_graphic() && !"<>|".contains(c);
    let is_link = address.starts_with("https://") && address.chars().all(is_safe);
    if is_link { format!("<{address}>") } else { escape(address) }
}

/// Returns the length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Escapes text, so that Markdown shows it as it is.
pub(super) fn escape(text: &str) -> String {
    let escaped = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' => format!("\\{c}"),
        c => c.to_string(),
    };
    clean(text).chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_interpreter_stays_text() {
        assert_eq!(escape("a|b <script> [x](y)\n*"), "a\\|b &lt;script&gt; \\[x\\](y)\\\\n\\*");
        assert_eq!(code("a`|`b"), "`` a`\\|`b ``");
        assert_eq!(link("https://a.org/b_c"), "<https://a.org/b_c>");
        assert_eq!(link("javascript:a>_"), "javascript:a&gt;\\_");
        assert_eq!(block("sh", "a\n```\nb"), "\n````sh\na\n```\nb\n````\n");
    }
}
