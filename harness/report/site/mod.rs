//! The site: results as pages that need no network, no framework and no server.
//!
//! [`render`] is pure: from results to files. Each page has a module with what it shows and a template with how;
//! `names` says what files are called, `look` how an outcome looks, `escape` how text gets into a page.

mod compare;
mod event;
mod escape;
mod findings;
mod history;
mod look;
mod names;
mod overview;
mod runtime;
mod script;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use askama::Template;

pub use self::history::History;
use self::names::Names;
use super::badge;
use super::matrix::{Matrix, Module};
use super::text::command_anywhere;
use crate::results::compare::Comparison;
use crate::results::{Header, Results, RuntimeRecord, store};
use crate::run::TrialRecord;

/// A file of the site.
#[derive(Debug)]
pub struct File {
    /// Its path, from the folder of the site.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> File {
        File { path: path.into(), bytes: bytes.into() }
    }
}

/// The file that tells a folder with a site of ours from one with anything else.
pub const MARK: &str = "data/results.schema.json";

/// What does not depend on the results.
const ASSETS: [(&str, &str); 5] = [
    ("site.css", include_str!("site.css")),
    ("site.js", include_str!("site.js")),
    ("matrix.js", include_str!("matrix.js")),
    ("icon.svg", include_str!("icon.svg")),
    (MARK, include_str!("../../results/results.schema.json")),
];

/// What all pages are made of.
#[derive(Debug)]
struct Site<'a> {
    results: &'a Results,
    matrix: Matrix<'a>,
    events: Names,
    runtimes: Names,
    /// The trials of each event, by runtime and case.
    trials: BTreeMap<&'a str, Vec<&'a TrialRecord>>,
    /// The known gaps that show, each with its number on the overview.
    footnotes: Vec<Footnote<'a>>,
    /// The runs that runtimes have a trend of, these results among them.
    history: Option<History>,
}

/// A known gap, and the trials that show it.
#[derive(Debug)]
struct Footnote<'a> {
    /// Its number on the overview, from 1.
    number: usize,
    event: &'a str,
    trials: Vec<&'a TrialRecord>,
}

/// What the frame of a page needs.
#[derive(Debug)]
struct Frame<'a> {
    title: String,
    /// The way from the page to the folder of the site.
    root: &'static str,
    /// The name of the page in the navigation.
    here: &'static str,
    header: &'a Header,
    incomplete: bool,
}

impl Frame<'_> {
    /// The day of the results.
    fn day(&self) -> &str {
        day(&self.header.started)
    }

    /// The beginning of the suite's hash.
    fn suite(&self) -> String {
        self.header.suite.chars().take(12).collect()
    }
}

/// The page of what there is for programs.
#[derive(Template)]
#[template(path = "data.html", config = "harness/report/site/askama.toml")]
struct Data<'a> {
    frame: Frame<'a>,
}

/// Renders the site of some results, of what changed in them since others, and of how runtimes came to be as they are.
///
/// # Errors
/// Never, as it writes to memory.
pub fn render(results: &Results, comparison: Option<&Comparison>, history: Option<History>) -> Result<Vec<File>> {
    let history = history.map(|history| history.and(results));
    let site = Site { history, ..Site::new(results) };
    let mut files = vec![
        File::new("index.html", overview::page(&site).render()?),
        File::new("compare.html", compare::page(&site, comparison).render()?),
        File::new("findings.html", findings::page(&site).render()?),
        File::new("data/index.html", Data { frame: site.frame("Data", "../", "data") }.render()?),
        File::new("data/results.jsonl", lines(results)?),
    ];
    for event in site.trials.keys() {
        let path = format!("event/{}.html", site.events.of(event));
        files.push(File::new(path, event::page(&site, event).render()?));
    }
    for runtime in &results.runtimes {
        let path = format!("runtime/{}.html", site.runtimes.of(&runtime.name));
        files.push(File::new(path, runtime::page(&site, runtime).render()?));
    }
    files.extend(badges(&site));
    files.extend(ASSETS.map(|(path, text)| File::new(path, text)));
    Ok(files)
}

/// The badges of the runtimes that were tested, under the names that their pages have.
fn badges<'a>(site: &'a Site<'a>) -> impl Iterator<Item = File> + 'a {
    let tested = site.results.runtimes.iter().filter(|runtime| runtime.probe.is_some());
    let badges = badge::render(site.results);
    let named = tested.flat_map(|runtime| ["json", "svg"].map(|end| (site.runtimes.of(&runtime.name), end)));
    let file =
        |((name, end), (_, text)): ((&str, &str), (String, String))| File::new(format!("badge/{name}.{end}"), text);
    named.zip(badges).map(file)
}

/// The results as a results file, whose trials are in order.
fn lines(results: &Results) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    store::write(results, &mut bytes)?;
    Ok(bytes)
}

impl<'a> Site<'a> {
    fn new(results: &'a Results) -> Site<'a> {
        let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            trials.entry(&trial.event).or_default().push(trial);
        }
        let matrix = Matrix::new(results);
        let footnotes = footnotes(&matrix, &trials);
        Site {
            results,
            matrix,
            events: Names::new(trials.keys().copied()),
            runtimes: Names::new(results.runtimes.iter().map(|runtime| runtime.name.as_str())),
            trials,
            footnotes,
            history: None,
        }
    }

    fn frame(&self, title: impl Into<String>, root: &'static str, here: &'static str) -> Frame<'a> {
        let header = &self.results.header;
        Frame { title: title.into(), root, here, header, incomplete: self.results.footer.is_none() }
    }

    /// The modules: private ones are behind those that a reader looks for.
    fn modules(&self) -> impl Iterator<Item = &Module<'a>> {
        let (private, public): (Vec<_>, Vec<_>) =
            self.matrix.modules.iter().partition(|module| module.name.starts_with('_'));
        public.into_iter().chain(private)
    }

    /// The command that repeats a trial.
    fn again(&self, trial: &TrialRecord) -> String {
        command_anywhere(&self.results.again(trial))
    }
}

/// The known gaps that show, in the order of the matrix.
fn footnotes<'a>(matrix: &Matrix<'a>, trials: &BTreeMap<&'a str, Vec<&'a TrialRecord>>) -> Vec<Footnote<'a>> {
    let mut notes = Vec::new();
    for event in matrix.modules.iter().flat_map(|module| &module.rows).map(|row| row.event) {
        let mut gaps = BTreeMap::<_, Vec<&TrialRecord>>::new();
        for trial in trials[event].iter().filter(|trial| trial.is_known()) {
            let gap = trial.gap.as_ref().map(|gap| (gap.kind, trial.verdict, &gap.reason, &gap.issue));
            gaps.entry(gap).or_default().push(trial);
        }
        for trials in gaps.into_values() {
            notes.push(Footnote { number: notes.len() + 1, event, trials });
        }
    }
    notes
}

impl Footnote<'_> {
    /// The runtimes that have it.
    fn runtimes(&self) -> Vec<&str> {
        unique(self.trials.iter().map(|trial| trial.runtime.as_str()))
    }
}

/// The items of a list, each once, in the order in which they come first.
fn unique<'a>(items: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

/// The implementation of a runtime, and its name without that.
fn label(runtime: &RuntimeRecord) -> (&str, &str) {
    let implementation = runtime.probe.as_ref().map_or("", |probe| probe.implementation.as_str());
    let rest = runtime.name.strip_prefix(implementation).and_then(|rest| rest.strip_prefix('-'));
    (implementation, rest.unwrap_or(&runtime.name))
}

/// The day of a time in RFC 3339.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

/// The address that a link leads to: what does not begin as a web page does is shown as text only.
fn web(address: &str) -> Option<&str> {
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}
