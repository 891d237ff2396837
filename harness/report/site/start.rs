//! The first page: three questions, the state of each implementation, and the newest findings.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::Site;
use super::families::Family;
use super::finding::{Finding, Sort, State};
use super::frame::Frame;
use super::look::Tally;
use super::{escape, paths};
use crate::results::Extent;

/// The findings that are shown.
const FINDINGS: usize = 6;

/// The events that are named as examples.
const EXAMPLES: [&str; 6] = ["os.mkdir", "open", "import", "socket.connect", "subprocess.Popen", "exec"];

#[derive(Template)]
#[template(path = "start.html", config = "harness/report/site/askama.toml")]
pub(super) struct Start<'a> {
    frame: Frame<'a>,
    extent: Extent,
    runtimes: usize,
    events: Vec<(String, &'a str)>,
    examples: Vec<(String, &'a str)>,
    families: Vec<(String, Vec<Runtime<'a>>)>,
    bars: Vec<Bar<'a>>,
    findings: Vec<&'a Finding<'a>>,
    /// The numbers of findings: bugs, those of them that are reported, and wrong documentation.
    counts: [usize; 3],
    pairs: Vec<Pair<'a>>,
    untested: usize,
}

/// A runtime in a choice.
struct Runtime<'a> {
    title: String,
    slug: &'a str,
}

/// Two runtimes that are worth comparing.
struct Pair<'a> {
    title: String,
    old: &'a str,
    new: &'a str,
}

/// The newest release of an implementation on a platform.
struct Bar<'a> {
    family: String,
    label: String,
    slug: &'a str,
    tally: Tally,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Start<'a> {
    let events = site.rows().map(|row| (escape::name(row.event), site.events.of(row.event)));
    let mut events: Vec<_> = events.collect();
    events.sort();
    let extent = Extent::of(site.results);
    let about = format!(
        "Which Python raises which audit event (PEP 578), with which arguments, and whether a hook can stop the operation: {extent}, {} runtimes, measured.",
        site.matrix.columns.len()
    );
    Start {
        frame: site.frame("Python's audit events, measured", about, "", "start"),
        extent,
        runtimes: site.matrix.columns.len(),
        examples: events.iter().filter(|(event, _)| EXAMPLES.contains(&event.as_str())).cloned().collect(),
        events,
        families: site.families.list.iter().map(|family| (family.title(), choice(site, family))).collect(),
        bars: site.families.list.iter().filter_map(|family| bar(site, family)).collect(),
        findings: newest(site),
        counts: counts(site),
        pairs: pairs(site),
        untested: site.results.runtimes.len() - site.matrix.columns.len(),
    }
}

fn choice<'a>(site: &'a Site<'a>, family: &Family) -> Vec<Runtime<'a>> {
    let runtime = |column: &usize| Runtime { title: site.families.title(*column), slug: site.slug(*column) };
    family.columns.iter().map(runtime).collect()
}

/// Returns the newest usual release of a family.
fn newest_release(site: &Site, family: &Family) -> Option<usize> {
    family.columns.iter().copied().find(|column| site.families.is_usual(*column))
}

fn bar<'a>(site: &'a Site<'a>, family: &Family) -> Option<Bar<'a>> {
    let column = newest_release(site, family)?;
    let label = site.families.label(column).to_owned();
    Some(Bar { family: family.title(), label, slug: site.slug(column), tally: site.tally(column) })
}

/// Returns failures without an explanation, then the bugs and faults of documentation that began in the newest release of
/// the first family, and so on.
fn newest<'a>(site: &'a Site<'a>) -> Vec<&'a Finding<'a>> {
    let Some(family) = site.families.list.first() else { return Vec::new() };
    let age: BTreeMap<usize, usize> = family.columns.iter().enumerate().map(|(at, column)| (*column, at)).collect();
    let began = |finding: &Finding| finding.columns.iter().filter_map(|column| age.get(column).copied()).max();
    let is_news = |finding: &&Finding| match finding.sort {
        Sort::Failed | Sort::New => true,
        Sort::Bug | Sort::Documentation => began(finding).is_some(),
        _ => false,
    };
    let mut news: Vec<&Finding> = site.findings.list.iter().filter(is_news).collect();
    news.sort_by_key(|finding| (!matches!(finding.sort, Sort::Failed | Sort::New), began(finding)));
    news.truncate(FINDINGS);
    news
}

fn counts(site: &Site) -> [usize; 3] {
    let count = |is_it: &dyn Fn(&&Finding) -> bool| site.findings.list.iter().filter(is_it).count();
    [
        count(&|finding| finding.sort == Sort::Bug),
        count(&|finding| finding.sort == Sort::Bug && finding.state == State::Reported),
        count(&|finding| finding.sort == Sort::Documentation),
    ]
}

/// Returns the two newest releases of the first family, and the newest one with that of each other family.
fn pairs<'a>(site: &'a Site<'a>) -> Vec<Pair<'a>> {
    let families = &site.families;
    let Some((first, others)) = families.list.split_first() else { return Vec::new() };
    let usual =
        |family: &Family| family.columns.iter().copied().filter(|one| families.is_usual(*one)).collect::<Vec<_>>();
    let own = usual(first);
    let Some(newest) = own.first().copied() else { return Vec::new() };
    let pair = |old: usize, new: usize, title: String| Pair { title, old: site.slug(old), new: site.slug(new) };
    let step =
        own.get(1).map(|old| pair(*old, newest, format!("{} → {}", families.title(*old), families.label(newest))));
    let others = others.iter().filter_map(|family| usual(family).first().copied());
    let others = others.map(|new| pair(newest, new, format!("{} → {}", families.title(newest), families.title(new))));
    step.into_iter().chain(others).take(4).collect()
}
