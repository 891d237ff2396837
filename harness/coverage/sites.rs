//! Call sites: the places in the source of CPython that raise an event, and the cases that notice a change of each.
//!
//! A list has one row for each place. `tests/sites/` says how it was measured.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::measure::{FORMAT, Ratio};
use crate::suite::Suite;

/// The cell of a change that no case notices.
const NONE: &str = "-";

/// A row of a list of call sites.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The file, from the root of the source: `Modules/posixmodule.c`.
    file: String,
    /// The line, from 1.
    line: u32,
    /// The event that is raised there.
    event: String,
    /// The ids of one or two cases that fail if the event is not raised there, or `-`.
    gone: String,
    /// The id of a case that fails if the hook's exception is ignored there, or `-`.
    ignored: String,
    /// The id of a case that fails if the event is raised twice there, or `-`.
    twice: String,
    /// The ids of cases that fail if an argument is another one, in the order of the arguments and separated by spaces.
    arguments: String,
    /// Why a cell is `-`; empty if a case should be written.
    reason: String,
}

/// A change of a call site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The event is not raised.
    Gone,
    /// The hook's exception is ignored.
    Ignored,
    /// The event is raised twice.
    Twice,
    /// An argument is another one.
    Arguments,
}

impl Change {
    /// All changes, in the order of the columns.
    pub const ALL: [Change; 4] = [Change::Gone, Change::Ignored, Change::Twice, Change::Arguments];
}

impl Site {
    /// Returns the cell of a change: ids of cases, or `-`.
    fn cell(&self, change: Change) -> &str {
        match change {
            Change::Gone => &self.gone,
            Change::Ignored => &self.ignored,
            Change::Twice => &self.twice,
            Change::Arguments => &self.arguments,
        }
    }

    /// Returns the ids of the cases that notice a change.
    fn cases(&self, change: Change) -> impl Iterator<Item = &str> {
        self.cell(change).split_whitespace().filter(|id| *id != NONE)
    }

    /// Tells whether a case notices a change, of each argument if it is about arguments. An event without arguments has an
    /// empty cell.
    fn is_noticed(&self, change: Change) -> bool {
        self.cell(change).split_whitespace().all(|id| id != NONE)
    }
}

/// Reads a list of call sites: lines of fields that are separated by tabs, with the names of the fields in the first line.
///
/// # Errors
/// Returns the first fault, with its line. A case that the suite does not have is one.
pub fn read(list: &[u8], suite: &Suite) -> Result<Vec<Site>, String> {
    let known: BTreeSet<String> = suite
        .files
        .iter()
        .flat_map(|source| source.file.cases.iter().map(|case| format!("{}::{}", source.file.event, case.name)))
        .collect();
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(list);
    let mut sites = Vec::new();
    for record in reader.deserialize::<Site>() {
        let row = record.map_err(|error| error.to_string())?;
        let stranger = Change::ALL.into_iter().flat_map(|change| row.cases(change)).find(|id| !known.contains(*id));
        if let Some(id) = stranger {
            let line = sites.len() + 2;
            return Err(format!("line {line}: the suite has no case `{id}`"));
        }
        sites.push(row);
    }
    Ok(sites)
}

/// A call site with a change that no case notices.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unnoticed {
    /// The file and the line.
    pub place: String,
    /// The event.
    pub event: String,
    /// The changes that no case notices.
    pub changes: Vec<Change>,
    /// Why no case notices them, if that is known.
    pub reason: Option<String>,
}

/// How many call sites have a case that notices a change. The JSON of `coverage --sites`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct SiteCoverage {
    /// The version of this format.
    pub format: u32,
    /// The number of call sites.
    pub sites: usize,
    /// For each change, how many of the sites have a case that notices it. A site with a reason is not counted for the
    /// changes that no case notices.
    pub noticed: BTreeMap<Change, Ratio>,
    /// The sites that one case alone notices if the event is gone, by the id of the case.
    pub by_one_case: BTreeMap<String, Vec<String>>,
    /// The sites for which a case should be written.
    pub open: Vec<Unnoticed>,
    /// The sites where a change cannot be noticed, with the reason.
    pub explained: Vec<Unnoticed>,
}

impl SiteCoverage {
    /// Counts the rows of a list.
    pub fn of(sites: &[Site]) -> SiteCoverage {
        let mut coverage = SiteCoverage {
            format: FORMAT,
            sites: sites.len(),
            noticed: Change::ALL.map(|change| (change, Ratio::default())).into(),
            by_one_case: BTreeMap::new(),
            open: Vec::new(),
            explained: Vec::new(),
        };
        for site in sites {
            coverage.count(site);
        }
        coverage
    }

    fn count(&mut self, site: &Site) {
        let (noticed, changes): (Vec<_>, Vec<_>) = Change::ALL.into_iter().partition(|change| site.is_noticed(*change));
        let reason = Some(site.reason.clone()).filter(|reason| !reason.is_empty());
        let is_possible = |change: &Change| reason.is_none() || noticed.contains(change);
        for change in Change::ALL.into_iter().filter(is_possible) {
            let ratio = self.noticed.entry(change).or_default();
            ratio.total += 1;
            ratio.covered += usize::from(noticed.contains(&change));
        }
        let place = format!("{}:{}", site.file, site.line);
        if let [case] = site.cases(Change::Gone).collect::<Vec<_>>()[..] {
            self.by_one_case.entry(case.to_owned()).or_default().push(place.clone());
        }
        if !changes.is_empty() {
            let list = if reason.is_some() { &mut self.explained } else { &mut self.open };
            list.push(Unnoticed { place, event: site.event.clone(), changes, reason });
        }
    }

    /// Tells whether cases notice at least this many percent of each change.
    pub fn reaches(&self, percent: u8) -> bool {
        self.noticed.values().all(|ratio| ratio.reaches(percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fixtures::suite;

    const HEAD: &str = "file\tline\tevent\tgone\tignored\ttwice\targuments\treason\n";

    fn of(rows: &str) -> Result<SiteCoverage, String> {
        let suite = suite(&["event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n\
             - {name: a, api: m.f, snippet: f(), expect: [{}]}\n- {name: b, api: m.f, snippet: f(), expect: [{}]}\n"]);
        let list = HEAD.to_owned() + &rows.replace(' ', "\t").replace('+', " ");
        read(list.as_bytes(), &suite).map(|sites| SiteCoverage::of(&sites))
    }

    #[test]
    fn a_change_is_noticed_if_a_case_is_named_for_it() {
        let words = |coverage: &SiteCoverage| {
            let lists = [&coverage.open, &coverage.explained].map(|list| {
                let line = |it: &Unnoticed| format!("{} {} {:?} {:?}", it.place, it.event, it.changes, it.reason);
                list.iter().map(line).collect::<Vec<_>>().join("; ")
            });
            let ratios = coverage.noticed.values().map(|ratio| format!("{}/{}", ratio.covered, ratio.total));
            [ratios.collect::<Vec<_>>().join(" "), lists.join("|")]
        };
        for (rows, ratios, lists) in [
            ("a.c 1 m.f m.f::a m.f::a m.f::b m.f::a+m.f::b \n", "1/1 1/1 1/1 1/1", "|"),
            ("a.c 1 m.f m.f::a m.f::a m.f::b  \n", "1/1 1/1 1/1 1/1", "|"),
            ("a.c 1 m.f m.f::a - m.f::b m.f::a+- \n", "1/1 0/1 1/1 0/1", "a.c:1 m.f [Ignored, Arguments] None|"),
            ("a.c 1 m.f m.f::a - m.f::b m.f::a why\n", "1/1 0/0 1/1 1/1", "|a.c:1 m.f [Ignored] Some(\"why\")"),
        ] {
            assert_eq!(words(&of(rows).expect(rows)), [ratios, lists], "{rows}");
        }
        let coverage = of("a.c 1 m.f m.f::a m.f::a - m.f::a \na.c 2 m.f m.f::a m.f::a m.f::a m.f::a \n");
        let coverage = coverage.expect("a list");
        assert_eq!((coverage.reaches(50), coverage.reaches(51)), (true, false));
    }

    #[test]
    fn each_fault_of_a_list_is_named_with_its_line() {
        for (rows, parts) in [
            ("a.c 1 m.f m.f::a m.f::a - m.f::a \na.c 1 m.f m.f::a m.f::c - - \n", &["line 3", "no case `m.f::c`"][..]),
            ("a.c one m.f - - - - \n", &["line: 2", "invalid digit"]),
            ("a.c 1 m.f - - -\n", &["line: 2", "fields"]),
        ] {
            let fault = of(rows).err().unwrap_or_else(|| panic!("{rows}"));
            assert!(parts.iter().all(|part| fault.contains(part)), "{fault}");
        }
    }
}
