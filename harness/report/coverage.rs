//! The coverage as text for a terminal: a table of numbers, then the list for each of them.

use std::collections::BTreeMap;

use super::style::{FAINT, HEAD, paint};
use crate::coverage::documentation::{Documented, TableComparison, Tested};
use crate::coverage::sites::{Change, SiteCoverage, Unnoticed};
use crate::coverage::{Coverage, GapEntry, Missing, Ratio, Weak};
use crate::suite::Platform;

/// The width at which lists are broken.
const WIDTH: usize = 110;

/// Renders the coverage of a suite.
pub(crate) fn render(coverage: &Coverage) -> String {
    let mut text = numbers(coverage);
    let missing = &coverage.events_without_cases;
    text += &list("Events without cases", missing.len(), missing.iter().map(missing_event));
    text += &apis(coverage);
    let strangers = &coverage.events_not_in_catalogue;
    text += &list("Events that the catalogue does not have", strangers.len(), strangers.iter().cloned());
    let without = &coverage.cases_without_effect;
    text += &grouped("Cases without effect", without.iter().map(|id| split(id)));
    text += &grouped("Arguments checked by their type, or not at all", coverage.weak_arguments.iter().map(weak));
    text += &grouped("Cases that no runtime has run yet", coverage.unverified_cases.iter().map(|id| split(id)));
    for kind in coverage.gap_kinds.keys() {
        let gaps = coverage.known_gaps.iter().filter(|gap| gap.kind == *kind);
        let gaps = gaps.map(|gap| (gap.event.as_str(), known_gap(gap)));
        text += &grouped(&format!("Known gaps: {kind}"), gaps);
    }
    text
}

/// Renders how the documentation's table and the suite differ.
pub(crate) fn render_comparison(comparison: &TableComparison) -> String {
    let TableComparison { events, only_in_table, only_in_suite, differing, .. } = comparison;
    let same = Ratio { covered: events.covered.saturating_sub(differing.len()), total: events.total };
    let mut text = format!("{}{}", share("events of the table", *events), share("with the same arguments", same));
    let row = |Documented { event, arguments }: &Documented| signature(event, arguments);
    text += &list("In the table, not in the suite", only_in_table.len(), only_in_table.iter().map(row));
    text += &list("In the suite, not in the table", only_in_suite.len(), only_in_suite.iter().map(tested));
    let lines = differing.iter().map(|difference| {
        let suite = difference.suite.iter().map(|arguments| brackets(arguments)).collect::<Vec<_>>().join(" or ");
        format!("{}\n    table: {}\n    suite: {suite}", difference.event, brackets(&difference.table))
    });
    text += &list("Arguments that differ", differing.len(), lines);
    text
}

/// Renders which call sites no case watches.
pub(crate) fn render_sites(coverage: &SiteCoverage) -> String {
    let mut text = number("call sites", coverage.sites, "");
    for (change, ratio) in &coverage.noticed {
        text += &share(in_words(*change), *ratio);
    }
    let line = |site: &Unnoticed| {
        let changes: Vec<_> = site.changes.iter().map(|change| in_words(*change)).collect();
        format!("{} {}: {}", site.place, site.event, changes.join(", "))
    };
    let alone = &coverage.by_one_case;
    let places = alone.iter().map(|(case, places)| format!("{case}: {}", places.join(", ")));
    text += &list("Cases that alone notice that an event is gone", alone.len(), places);
    text += &list("Changes that no case notices", coverage.open.len(), coverage.open.iter().map(line));
    let with_reason = |site: &Unnoticed| format!("{}\n    {}", line(site), site.reason.as_deref().unwrap_or_default());
    text +=
        &list("Changes that no case can notice", coverage.explained.len(), coverage.explained.iter().map(with_reason));
    text
}

fn in_words(change: Change) -> &'static str {
    match change {
        Change::Gone => "event is gone",
        Change::Ignored => "exception is ignored",
        Change::Twice => "event comes twice",
        Change::Arguments => "argument is another",
    }
}

fn numbers(coverage: &Coverage) -> String {
    let checks = &coverage.arguments;
    let by = [("identity", checks.identity), ("value", checks.value), ("type", checks.type_only), ("any", checks.any)];
    let by: Vec<_> = by.iter().map(|(word, count)| format!("{word} {count}")).collect();
    let vetoes = &coverage.vetoes;
    let shown = format!("arriving {}, none {} (events)", vetoes.arriving, vetoes.none);
    let kinds: Vec<_> = coverage.gap_kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let counted = |events, rules| format!("events {events}, rules of PEP 578 {rules}");
    [
        share("events with cases", coverage.events),
        share("APIs with cases", coverage.apis),
        "\n".to_owned(),
        number("cases", coverage.cases, &counted(coverage.tested_events, coverage.rules)),
        number("  without effect", coverage.cases_without_effect.len(), ""),
        number("  unverified", coverage.unverified_cases.len(), ""),
        number("doors", coverage.doors, ""),
        number("arguments checked", checks.total(), &format!("by {}", by.join(", "))),
        number("vetoes proven", vetoes.proven, &shown),
        number("known gaps", coverage.known_gaps.len(), &kinds.join(", ")),
    ]
    .concat()
}

fn share(name: &str, share: Ratio) -> String {
    let permille = share.permille();
    let percent = format!("{}.{} %", permille / 10, permille % 10);
    format!("{}{:>6} of {:>3} {percent:>9}\n", paint(HEAD, format!("{name:<24}")), share.covered, share.total)
}

fn number(name: &str, count: usize, details: &str) -> String {
    let details = if details.is_empty() { String::new() } else { format!(" {}", paint(FAINT, details)) };
    format!("{}{count:>6}{details}\n", paint(HEAD, format!("{name:<24}")))
}

/// Renders a heading with a list below it, and nothing for an empty list.
fn list(title: &str, count: usize, lines: impl Iterator<Item = String>) -> String {
    if count == 0 {
        return String::new();
    }
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    format!("\n{}\n{lines}", paint(HEAD, format!("{title} ({count})")))
}

/// Renders a list of items, grouped by event.
fn grouped<'a>(title: &str, items: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut groups = BTreeMap::<&str, Vec<String>>::new();
    items.for_each(|(event, item)| groups.entry(event).or_default().push(item));
    let count = groups.values().map(Vec::len).sum();
    list(title, count, groups.iter().map(|(event, items)| folded(event, items)))
}

/// Renders an event with its items, broken over lines.
fn folded(event: &str, items: &[String]) -> String {
    let mut text = format!("{event}:");
    let mut width = text.chars().count();
    for (index, item) in items.iter().enumerate() {
        let comma = if index + 1 < items.len() { "," } else { "" };
        let item = format!("{item}{comma}");
        width += item.chars().count() + 1;
        if width > WIDTH && index > 0 {
            text += "\n   ";
            width = 4 + item.chars().count();
        }
        text += &format!(" {item}");
    }
    text
}

fn apis(coverage: &Coverage) -> String {
    let missing = &coverage.apis_without_cases;
    let has_no_file = |event: &str| {
        coverage.events_without_cases.binary_search_by(|missing| missing.event.as_str().cmp(event)).is_ok()
    };
    let total: usize = missing.values().map(Vec::len).sum();
    let others: Vec<_> = missing.iter().filter(|(event, _)| !has_no_file(event)).collect();
    let above = total - others.iter().map(|(_, apis)| apis.len()).sum::<usize>();
    if above == 0 || total == 0 {
        return list("APIs without cases", total, others.iter().map(|(event, apis)| folded(event, apis)));
    }
    let others = others.iter().map(|(event, apis)| folded(event, apis));
    list("APIs without cases", total, others.chain([format!("and {above} of the events without cases")]))
}

fn missing_event(Missing { event, documented, arguments, python, platform }: &Missing) -> String {
    let arguments = arguments.last().map(Vec::as_slice).unwrap_or_default();
    signature(event, arguments) + &guards(*documented, python, platform)
}

fn tested(Tested { event, documented, python, platform }: &Tested) -> String {
    event.clone() + &guards(*documented, python, platform)
}

/// Renders the platforms and versions that an event is for.
fn guards(documented: bool, python: &str, platform: &[Platform]) -> String {
    let mut words: Vec<String> = platform.iter().map(ToString::to_string).collect();
    words.extend((!python.is_empty()).then(|| format!("Python {python}")));
    words.extend((!documented).then(|| "undocumented".to_owned()));
    if words.is_empty() { String::new() } else { format!("  {}", paint(FAINT, words.join(", "))) }
}

fn signature(event: &str, arguments: &[String]) -> String {
    format!("{event}{}", brackets(arguments))
}

fn brackets(arguments: &[String]) -> String {
    format!("({})", arguments.join(", "))
}

fn weak(weak: &Weak) -> (&str, String) {
    let Weak { case, event, argument, checked_by } = weak;
    let (own, name) = case.split_once("::").unwrap_or((case, ""));
    let argument = if own == event { argument.clone() } else { format!("{event} {argument}") };
    (own, format!("{name} ({argument}: {checked_by})"))
}

fn known_gap(gap: &GapEntry) -> String {
    let GapEntry { cases, runtime, python, implementation, verdict, .. } = gap;
    let python = if implementation.is_empty() || python.is_empty() { python } else { &format!("Python {python}") };
    let words = [runtime, &implementation.replace(", ", ","), &python.replace(", ", ",")];
    let runtime = words.into_iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    format!("{} ({verdict}, {runtime})", cases.join(" "))
}

/// Splits the id of a case into its event and its name.
fn split(id: &str) -> (&str, String) {
    let (event, name) = id.split_once("::").unwrap_or((id, ""));
    (event, name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_folded() {
        let items: Vec<String> = (0..30).map(|index| format!("case-{index}")).collect();
        let text = folded("os.mkdir", &items);
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().count(), 31);
        assert_eq!(folded("os.mkdir", &items[..2]), "os.mkdir: case-0, case-1");
    }
}
