//! The findings: the promises that runtimes do not keep. Each reason is one finding, whatever events and runtimes show it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::escape;
use super::families::Families;
use crate::report::gaps::why_fixed;
use crate::report::links::{TABLE, documentation};
use crate::results::{EventRecord, Results};
use crate::run::{Standing, TrialRecord};
use crate::suite::{Kind, Sentence, Verdict, hex, words};

/// The most characters of a title that is made of a reason.
const LONGEST: usize = 110;

words! {
    /// The sort of a finding.
    Sort {
        /// Nothing explains these failures, and they fail a run.
        Failed = "failed",
        /// Their cases are newer than the gaps file of their runtime, so that they do not fail a run.
        New = "new",
        /// The implementation is wrong.
        Bug = "bug",
        /// The documentation is wrong: it promises something that does not happen.
        Documentation = "documentation",
        /// The implementation does not have it yet.
        NotImplemented = "not-implemented",
        /// The implementation decided against it.
        ByDesign = "by-design",
        /// A gaps file lists them, and gives no kind.
        Listed = "listed",
        /// Known gaps that do not show any more. This is good news, and the list of known gaps is out of date.
        Fixed = "fixed",
    }
}

words! {
    /// The state of a finding.
    State {
        /// The makers of the implementation know of it: the finding has a link.
        Reported = "reported",
        /// No report is known.
        Unreported = "unreported",
        /// The makers of the implementation want it so.
        ByDesign = "by design",
        /// It does not show any more.
        Fixed = "fixed",
    }
}

impl Sort {
    fn of(trial: &TrialRecord) -> Option<Sort> {
        Some(match (trial.standing(), trial.gap.as_ref().map(|gap| gap.kind)) {
            (Standing::Failed, _) => Sort::Failed,
            (Standing::New, _) => Sort::New,
            (Standing::Fixed, _) => Sort::Fixed,
            (Standing::Known, Some(Kind::Bug)) => Sort::Bug,
            (Standing::Known, Some(Kind::Documentation)) => Sort::Documentation,
            (Standing::Known, Some(Kind::NotImplemented)) => Sort::NotImplemented,
            (Standing::Known, Some(Kind::ByDesign)) => Sort::ByDesign,
            (Standing::Known, Some(Kind::Listed) | None) => Sort::Listed,
            _ => return None,
        })
    }

    /// Returns the title of its section.
    pub(super) fn title(self) -> &'static str {
        match self {
            Sort::Failed => "Failures that no known gap lists",
            Sort::New => "Failures of new cases",
            Sort::Bug => "Bugs",
            Sort::Documentation => "The documentation is wrong",
            Sort::NotImplemented => "Not implemented yet",
            Sort::ByDesign => "By design",
            Sort::Listed => "Listed in a gaps file",
            Sort::Fixed => "Fixed",
        }
    }
}

/// The reason why some trials did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    sort: Sort,
    title: Option<&'a str>,
    reason: &'a str,
    issue: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(trial: &'a TrialRecord) -> Option<Key<'a>> {
        let sort = Sort::of(trial)?;
        let own = || Key { sort, title: None, reason: trial.reason.as_deref().unwrap_or_default(), issue: None };
        Some(trial.gap.as_ref().map_or_else(own, |gap| Key {
            sort,
            title: gap.title.as_deref(),
            reason: &gap.reason,
            issue: gap.issue.as_deref(),
        }))
    }
}

/// One reason, with all that show it.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    /// Its number on the site, from 1. It differs from run to run.
    pub number: usize,
    /// Its anchor on the page of findings. It stays while its text does.
    pub anchor: String,
    pub sort: Sort,
    pub state: State,
    pub title: String,
    /// The explanation, without what the title says already.
    pub text: String,
    pub issue: Option<&'a str>,
    /// The sentence of the documentation that does not hold.
    pub sentence: Option<Sentence>,
    /// The events, by name.
    pub parts: Vec<Part<'a>>,
    /// The columns of the matrix that show it.
    pub columns: BTreeSet<usize>,
    /// Its runtimes in words.
    pub versions: String,
}

/// One event of a finding.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub event: &'a str,
    pub module: &'a str,
    pub verdicts: BTreeSet<Verdict>,
    pub cases: BTreeSet<&'a str>,
    pub columns: BTreeSet<usize>,
}

impl Finding<'_> {
    /// Returns the reason in a line, without the event where it is the only one.
    pub(super) fn line(&self) -> &str {
        let [part] = &self.parts[..] else { return &self.title };
        let reason = self.title.strip_prefix(part.event).and_then(|rest| rest.strip_prefix(": "));
        reason.unwrap_or(&self.title)
    }

    /// Returns the words for a filter: the modules of its events.
    pub(super) fn modules(&self) -> String {
        let modules: BTreeSet<&str> = self.parts.iter().map(|part| part.module).collect();
        modules.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// All findings of results.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    /// The findings, by number.
    pub list: Vec<Finding<'a>>,
    numbers: BTreeMap<Key<'a>, usize>,
    cells: BTreeMap<(&'a str, usize), BTreeSet<usize>>,
    /// The findings of each event, by their places in the list.
    events: BTreeMap<&'a str, Vec<usize>>,
}

/// The facts about runtimes and events that findings need.
pub(super) struct Facts<'a, 'b> {
    pub families: &'b Families,
    /// The column of each runtime.
    pub columns: &'b BTreeMap<&'a str, usize>,
    /// The columns that ran each event.
    pub ran: &'b BTreeMap<&'a str, BTreeSet<usize>>,
    pub records: &'b BTreeMap<&'a str, &'a EventRecord>,
}

impl<'a> Findings<'a> {
    /// Groups the trials that did not pass.
    pub(super) fn new(results: &'a Results, facts: &Facts<'a, '_>) -> Findings<'a> {
        let mut groups = BTreeMap::<Key, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            if let Some(key) = Key::of(trial) {
                groups.entry(key).or_default().push(trial);
            }
        }
        let place: BTreeMap<usize, usize> =
            facts.families.order().enumerate().map(|(at, column)| (column, at)).collect();
        let mut list: Vec<(Key, Finding)> =
            groups.into_iter().map(|(key, trials)| (key, finding(key, &trials, facts))).collect();
        list.sort_by_cached_key(|(key, finding)| {
            let first = finding.columns.iter().map(|column| place[column]).min();
            (key.sort, first, finding.parts.first().map(|part| part.event), *key)
        });
        let mut findings = Findings::default();
        for (at, (key, mut finding)) in list.into_iter().enumerate() {
            finding.number = at + 1;
            findings.numbers.insert(key, at);
            for part in &finding.parts {
                findings.events.entry(part.event).or_default().push(at);
                for column in &part.columns {
                    findings.cells.entry((part.event, *column)).or_default().insert(at + 1);
                }
            }
            findings.list.push(finding);
        }
        findings
    }

    /// Returns the finding that a trial shows.
    pub(super) fn of(&self, trial: &'a TrialRecord) -> Option<&Finding<'a>> {
        Some(&self.list[*self.numbers.get(&Key::of(trial)?)?])
    }

    /// Returns the numbers of the findings of a cell.
    pub(super) fn of_cell(&self, event: &'a str, column: usize) -> impl Iterator<Item = usize> + '_ {
        self.cells.get(&(event, column)).into_iter().flatten().copied()
    }

    /// Returns the findings of an event.
    pub(super) fn of_event<'b>(&'b self, event: &'b str) -> impl Iterator<Item = (&'b Finding<'a>, &'b Part<'a>)> {
        let findings = self.events.get(event).into_iter().flatten().map(|at| &self.list[*at]);
        findings.filter_map(move |finding| {
            let at = finding.parts.binary_search_by(|part| part.event.cmp(event)).ok()?;
            Some((finding, &finding.parts[at]))
        })
    }
}

fn finding<'a>(key: Key<'a>, trials: &[&'a TrialRecord], facts: &Facts<'a, '_>) -> Finding<'a> {
    let mut parts = BTreeMap::<&str, Part>::new();
    for trial in trials {
        let part = parts.entry(&trial.event).or_default();
        (part.event, part.module) = (&trial.event, &trial.module);
        part.verdicts.insert(trial.verdict);
        part.cases.insert(&trial.case);
        part.columns.extend(facts.columns.get(trial.runtime.as_str()));
    }
    let parts: Vec<Part> = parts.into_values().collect();
    let columns: BTreeSet<usize> = parts.iter().flat_map(|part| part.columns.iter().copied()).collect();
    let among = parts.iter().filter_map(|part| facts.ran.get(part.event)).flatten().copied().collect();
    let reason = trials.first().and_then(|trial| why_fixed(trial)).unwrap_or_else(|| key.reason.to_owned());
    let (title, text) = title(key.title, &reason, &parts);
    Finding {
        number: 0,
        anchor: anchor(key),
        sort: key.sort,
        state: match (key.sort, key.issue) {
            (Sort::Fixed, _) => State::Fixed,
            (Sort::ByDesign, _) => State::ByDesign,
            (_, Some(_)) => State::Reported,
            _ => State::Unreported,
        },
        title,
        text,
        issue: key.issue,
        sentence: trials.first().filter(|_| key.sort == Sort::Documentation).and_then(|trial| sentence(trial, facts)),
        versions: facts.families.words(&columns, &among),
        columns,
        parts,
    }
}

/// Returns the title of a finding, and the text below it. Without a title of its own it has the first sentence of the
/// reason, and the events where they are few.
fn title(title: Option<&str>, reason: &str, parts: &[Part]) -> (String, String) {
    if let Some(title) = title {
        return (title.to_owned(), reason.to_owned());
    }
    let (first, rest) = reason.split_once(". ").unwrap_or((reason.trim_end_matches('.'), ""));
    let events = match parts {
        [one] => format!("{}: ", escape::name(one.event)),
        _ => String::new(),
    };
    let names_it = parts.iter().any(|part| first.contains(part.event));
    let head = if names_it { String::new() } else { events };
    match first.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let end = first[..end].rfind(' ').unwrap_or(end);
            (format!("{head}{} …", &first[..end]), reason.to_owned())
        }
        None => (format!("{head}{first}"), rest.to_owned()),
    }
}

/// Returns the anchor of a finding: the beginning of the digest of its text.
fn anchor(key: Key) -> String {
    let text = format!("{} {:?} {} {:?}", key.sort, key.title, key.reason, key.issue);
    format!("f{}", &hex(&Sha256::digest(text))[..8])
}

/// Returns the sentence of the documentation that a trial shows to be wrong: the one that the case file quotes, else that
/// about the event.
fn sentence(trial: &TrialRecord, facts: &Facts) -> Option<Sentence> {
    let quoted = trial.gap.as_ref().and_then(|gap| gap.promise.clone());
    let about_event = || {
        let record = facts.records.get(trial.event.as_str()).filter(|record| record.documented)?;
        let names = record.arguments.last().map(|signature| signature.names.join(", ")).unwrap_or_default();
        let quote = match names.as_str() {
            "" => format!("Raises an auditing event {} with no arguments.", record.event),
            names => format!("Raises an auditing event {} with arguments {names}.", record.event),
        };
        let mut apis = std::iter::once(trial.api.as_str()).chain(record.raised_by.iter().map(String::as_str));
        let link = apis.find_map(|api| documentation(&record.module, api));
        Some(Sentence { quote, link: link.unwrap_or_else(|| TABLE.to_owned()) })
    };
    quoted.or_else(about_event)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::contents::Site;
    use crate::coverage::catalogue::Catalogue;
    use crate::report::samples::{missing, results, trial, with_probe};

    #[test]
    fn a_finding_stands_for_all_trials_with_one_reason() {
        let wrong =
            json!({"verdict": "wrong-args", "gap": {"state": "known", "kind": "documentation", "reason": "One. Two."}});
        let reported = json!({"verdict": "missing", "gap":
            {"state": "known", "kind": "bug", "reason": "one", "title": "T", "issue": "https://a.org/1"}});
        let trials = vec![
            trial("sys.b", "path", "a", &missing("known", "one")),
            trial("os.b", "path", "a", &missing("known", "one")),
            trial("os.b", "bytes", "b", &missing("known", "one")),
            trial("os.b", "mode", "b", &wrong),
            trial("os.b", "link", "b", &reported),
            trial("os.a", "fixed", "a", &json!({"gap": {"state": "fixed", "kind": "bug", "reason": "one"}})),
            trial("os.a", "failed", "a", &json!({"verdict": "missing", "reason": "os.a is not raised"})),
        ];
        let mut results = results(&[], trials);
        results.runtimes = ["a", "b"].map(|name| with_probe(name, &json!({}))).into();
        let catalogue = Catalogue(Vec::new());
        let site = Site::new(&results, &catalogue);
        let shown = site.findings.list.iter().map(|finding| {
            let parts = finding.parts.iter().map(|part| format!("{} {:?}", part.event, part.cases));
            let parts = parts.collect::<Vec<_>>().join(" ");
            format!(
                "{} {} {}: {} | {} | {parts}",
                finding.number, finding.sort, finding.state, finding.title, finding.text
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                r#"1 failed unreported: os.a is not raised |  | os.a {"failed"}"#,
                r#"2 bug unreported: one |  | os.b {"bytes", "path"} sys.b {"path"}"#,
                r#"3 bug reported: T | one | os.b {"link"}"#,
                r#"4 documentation unreported: os.b: One | Two. | os.b {"mode"}"#,
                r#"5 fixed fixed: os.a: listed as a known gap: one; passes now |  | os.a {"fixed"}"#,
            ]
        );
        assert_eq!(site.findings.of_cell("os.b", 1).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(site.findings.of(&results.trials[2]).map(|finding| finding.number), Some(2));
    }
}
