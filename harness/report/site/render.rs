//! All files of the site, in memory.

use std::collections::BTreeMap;

use anyhow::Result;
use askama::Template;

use super::contents::Site;
use super::history::History;
use super::{about, capabilities, compare, data, doors, event, findings, guide, matrix, paths, runtime, script, start};
use crate::coverage::catalogue::Catalogue;
use crate::report::badge;
use crate::results::compare::Comparison;
use crate::results::{Results, store};
use crate::run::TrialRecord;

/// A file of the site.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path, from the folder of the site.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl File {
    fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> File {
        File { path: path.into(), bytes: bytes.into() }
    }
}

/// The files that do not depend on the results.
const ASSETS: [(&str, &[u8]); 9] = [
    (paths::STYLES, include_bytes!("site.css")),
    (paths::SCRIPT, include_bytes!("site.js")),
    (paths::MATRIX_SCRIPT, include_bytes!("matrix.js")),
    (paths::COMPARE_SCRIPT, include_bytes!("compare.js")),
    (paths::FINDINGS_SCRIPT, include_bytes!("findings.js")),
    (paths::OWN_SCRIPT, include_bytes!("own.js")),
    (paths::ICON, include_bytes!("icon.svg")),
    (paths::PREVIEW, include_bytes!("preview.png")),
    (paths::MARK, include_bytes!("../../results/results.schema.json")),
];

/// Renders the site of some results, with what changed since others, and with the trend of each runtime. The catalogue
/// says what the operation of an event can do.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(
    results: &Results,
    catalogue: &Catalogue,
    comparison: Option<&Comparison>,
    history: Option<History>,
) -> Result<Vec<File>> {
    let history = history.map(|history| history.and(results));
    let site = Site { history, ..Site::new(results, catalogue) };
    let table = matrix::table(&site);
    let mut files = vec![
        File::new(paths::INDEX, start::page(&site).render()?),
        File::new(paths::MATRIX, matrix::page(&site, &table).render()?),
        File::new(paths::TABLE, matrix::data(&site, &table)),
        File::new(paths::DETAILS, matrix::details(&site, &table)),
        File::new(paths::COMPARE, compare::page(&site, comparison).render()?),
        File::new(paths::DOORS, doors::page(&site).render()?),
        File::new(paths::FINDINGS, findings::page(&site).render()?),
        File::new(paths::CAPABILITIES, capabilities::page(&site).render()?),
        File::new(paths::ABOUT, about::page(&site).render()?),
        File::new(paths::DATA, data::page(&site).render()?),
        File::new(paths::RESULTS, lines(results)?),
    ];
    for (path, page) in guide::pages(&site) {
        files.push(File::new(path, page.render()?));
    }
    for event in site.trials.keys() {
        let path = paths::event_page(site.events.of(event));
        files.push(File::new(path, event::page(&site, event).render()?));
    }
    let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in &results.trials {
        trials.entry(&trial.runtime).or_default().push(trial);
    }
    for runtime in &results.runtimes {
        let path = paths::runtime_page(site.runtimes.of(&runtime.name));
        let own = trials.get(runtime.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        files.push(File::new(path, runtime::page(&site, runtime, own).render()?));
    }
    files.extend(scripts(&site));
    files.extend(badges(&site));
    files.extend(ASSETS.map(|(path, bytes)| File::new(path, bytes)));
    Ok(files)
}

/// Renders the script of each case that can have one.
fn scripts<'a>(site: &'a Site<'a>) -> impl Iterator<Item = File> + 'a {
    let script = |case| Some(File::new(paths::script(site.script(case)), script::reproduction(case)?));
    site.results.cases.iter().filter_map(script)
}

/// Renders the badges of the runtimes that were tested, under the names that their pages have.
fn badges<'a>(site: &'a Site<'a>) -> impl Iterator<Item = File> + 'a {
    badge::badges(site.results).flat_map(|(runtime, badge)| {
        let slug = site.runtimes.of(&runtime.name);
        badge.files().map(|(end, text)| File::new(paths::badge(slug, end), text))
    })
}

/// Writes the results as a results file, whose trials are in order.
fn lines(results: &Results) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    store::write(results, &mut bytes)?;
    Ok(bytes)
}
