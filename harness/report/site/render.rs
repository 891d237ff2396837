//! All files of the site, in memory.

use anyhow::Result;
use askama::Template;

use super::contents::Site;
use super::history::History;
use super::{compare, data, doors, event, findings, overview, paths, runtime};
use crate::report::badge;
use crate::results::compare::Comparison;
use crate::results::{Results, store};

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
const ASSETS: [(&str, &str); 5] = [
    (paths::STYLES, include_str!("site.css")),
    (paths::SCRIPT, include_str!("site.js")),
    (paths::MATRIX_SCRIPT, include_str!("matrix.js")),
    (paths::ICON, include_str!("icon.svg")),
    (paths::MARK, include_str!("../../results/results.schema.json")),
];

/// Renders the site of some results, with what changed since others, and with the trend of each runtime.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(
    results: &Results,
    comparison: Option<&Comparison>,
    history: Option<History>,
) -> Result<Vec<File>> {
    let history = history.map(|history| history.and(results));
    let site = Site { history, ..Site::new(results) };
    let mut files = vec![
        File::new(paths::INDEX, overview::page(&site).render()?),
        File::new(paths::COMPARE, compare::page(&site, comparison).render()?),
        File::new(paths::DOORS, doors::page(&site).render()?),
        File::new(paths::FINDINGS, findings::page(&site).render()?),
        File::new(paths::DATA, data::page(&site).render()?),
        File::new(paths::RESULTS, lines(results)?),
    ];
    for event in site.trials.keys() {
        let path = paths::event_page(site.events.of(event));
        files.push(File::new(path, event::page(&site, event).render()?));
    }
    for runtime in &results.runtimes {
        let path = paths::runtime_page(site.runtimes.of(&runtime.name));
        files.push(File::new(path, runtime::page(&site, runtime).render()?));
    }
    files.extend(badges(&site));
    files.extend(ASSETS.map(|(path, text)| File::new(path, text)));
    Ok(files)
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
