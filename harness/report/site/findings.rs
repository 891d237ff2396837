//! The page of findings: the promises that runtimes do not keep, with reasons, states and scripts.

use std::collections::BTreeSet;

use askama::Template;

use super::contents::Site;
use super::finding::{Finding, Sort, State};
use super::frame::Frame;
use super::{escape, paths, script};
use crate::suite::Verdict;

/// The cases of an event that are named.
const CASES: usize = 6;

#[derive(Template)]
#[template(path = "findings.html", config = "harness/report/site/askama.toml")]
pub(super) struct FindingsPage<'a> {
    frame: Frame<'a>,
    count: usize,
    sections: Vec<(Sort, Vec<View<'a>>)>,
    states: Vec<State>,
    /// The families and their runtimes, for the filter.
    families: Vec<Choice<'a>>,
    modules: BTreeSet<&'a str>,
}

/// A family of runtimes in the filter: its key, its title, and the title and the name of each runtime.
type Choice<'a> = (String, String, Vec<(String, &'a str)>);

/// A finding as the page shows it.
struct View<'a> {
    finding: &'a Finding<'a>,
    /// The families and runtimes that show it, as the filter names them.
    runtimes: String,
    events: Vec<Event<'a>>,
    /// The script of a case that shows it.
    script: Option<String>,
}

/// An event that shows a finding.
struct Event<'a> {
    name: String,
    slug: &'a str,
    verdicts: String,
    cases: Vec<(&'a str, String)>,
    more: usize,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> FindingsPage<'a> {
    let section = |sort: Sort| {
        let own = site.findings.list.iter().filter(|finding| finding.sort == sort);
        (sort, own.map(|finding| view(site, finding)).collect::<Vec<_>>())
    };
    let family = |family: &super::families::Family| {
        let runtimes = family.columns.iter().map(|column| (site.families.title(*column), site.slug(*column)));
        (family.key.clone(), family.title(), runtimes.collect())
    };
    let states: BTreeSet<State> = site.findings.list.iter().map(|finding| finding.state).collect();
    let count = site.findings.list.len();
    let about = format!(
        "{count} findings about Python's audit events: bugs, wrong documentation and missing events, each with its state."
    );
    FindingsPage {
        frame: site.frame("Findings", about, "", "findings"),
        count,
        sections: Sort::ALL.into_iter().map(section).filter(|(_, findings)| !findings.is_empty()).collect(),
        states: states.into_iter().collect(),
        families: site.families.list.iter().map(family).collect(),
        modules: site.findings.list.iter().flat_map(|finding| &finding.parts).map(|part| part.module).collect(),
    }
}

fn view<'a>(site: &'a Site<'a>, finding: &'a Finding<'a>) -> View<'a> {
    let families: BTreeSet<&str> =
        finding.columns.iter().map(|column| site.families.of(*column).key.as_str()).collect();
    let runtimes = finding.columns.iter().map(|column| site.slug(*column));
    let event = |part: &'a super::finding::Part<'a>| Event {
        name: escape::name(part.event),
        slug: site.events.of(part.event),
        verdicts: part.verdicts.iter().map(Verdict::to_string).collect::<Vec<_>>().join(", "),
        cases: part.cases.iter().take(CASES).map(|case| (*case, paths::case_anchor(case))).collect(),
        more: part.cases.len().saturating_sub(CASES),
    };
    let cases = finding.parts.iter().flat_map(|part| part.cases.iter().map(|case| (part.event, *case)));
    let records = cases.filter_map(|(event, case)| site.case(event, case)).filter(|record| script::exists(record));
    View {
        finding,
        runtimes: families.into_iter().chain(runtimes).collect::<Vec<_>>().join(" "),
        events: finding.parts.iter().map(event).collect(),
        script: records.map(|record| paths::script(site.script(record))).next(),
    }
}
