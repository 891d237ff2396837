//! The families of runtimes: the releases of one implementation on one platform, in the order of all pages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::escape;
use crate::results::{ProbeRecord, RuntimeRecord};
use crate::suite::Platform;

/// The most columns that pages show before the reader chooses others.
const USUAL: usize = 40;

/// All families, and the place of each column of the matrix in them.
#[derive(Debug)]
pub(super) struct Families {
    /// `CPython` on Linux, then other implementations, then other platforms.
    pub list: Vec<Family>,
    /// The label of each column inside of its family: `3.15.2`, `3.15.2 debug`.
    labels: Vec<String>,
    /// The family of each column.
    places: Vec<usize>,
    /// The release builds: of each version of Python the newest.
    usual: BTreeSet<usize>,
}

/// The runtimes of one implementation on one platform.
#[derive(Debug)]
pub(super) struct Family {
    /// A word for filters and anchors: `cpython-linux`.
    pub key: String,
    /// The implementation, as its makers write it.
    pub implementation: String,
    /// The platform, or nothing where the implementation has only one.
    pub platform: String,
    /// Its columns, the newest release first.
    pub columns: Vec<usize>,
}

impl Family {
    /// Returns its name in a heading: `CPython on Linux`.
    pub(super) fn title(&self) -> String {
        self.with("")
    }

    /// Returns its name with versions: `CPython 3.13.0 on Linux`.
    fn with(&self, versions: &str) -> String {
        let space = if versions.is_empty() { "" } else { " " };
        let on = if self.platform.is_empty() { String::new() } else { format!(" on {}", self.platform) };
        format!("{}{space}{versions}{on}", self.implementation)
    }
}

impl Families {
    /// Arranges the columns of a matrix.
    pub(super) fn new(columns: &[&RuntimeRecord]) -> Families {
        let mut grouped = BTreeMap::<(u8, String, Platform), Vec<usize>>::new();
        for (column, runtime) in columns.iter().enumerate() {
            grouped.entry(key(runtime)).or_default().push(column);
        }
        let mut platforms = BTreeMap::<String, usize>::new();
        for (_, implementation, _) in grouped.keys() {
            *platforms.entry(implementation.clone()).or_default() += 1;
        }
        let list = grouped.into_iter().map(|((_, implementation, platform), mut own)| {
            own.sort_by_cached_key(|column| {
                (Reverse(release(columns[*column])), !is_release(columns[*column]), *column)
            });
            let is_alone = platforms[&implementation] == 1 && implementation != "cpython";
            Family {
                key: format!("{implementation}-{}", platform.word()),
                implementation: escape::name(proper(&implementation)),
                platform: if is_alone { String::new() } else { platform.to_string() },
                columns: own,
            }
        });
        let list: Vec<Family> = list.collect();
        let mut places = vec![0; columns.len()];
        for (place, family) in list.iter().enumerate() {
            family.columns.iter().for_each(|column| places[*column] = place);
        }
        Families { labels: labels(columns, &list), usual: usual(columns, &list), places, list }
    }

    /// Returns the columns in the order of all pages.
    pub(super) fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.list.iter().flat_map(|family| family.columns.iter().copied())
    }

    /// Tells whether pages show a column before the reader chooses others.
    pub(super) fn is_usual(&self, column: usize) -> bool {
        self.usual.contains(&column)
    }

    /// Returns the family of a column.
    pub(super) fn of(&self, column: usize) -> &Family {
        &self.list[self.places[column]]
    }

    /// Returns the label of a column inside of its family.
    pub(super) fn label(&self, column: usize) -> &str {
        &self.labels[column]
    }

    /// Returns the name of a column in a sentence: `CPython 3.13.0 on Linux`.
    pub(super) fn title(&self, column: usize) -> String {
        self.of(column).with(self.label(column))
    }

    /// Returns some columns in words, with ranges of releases: `CPython 3.8.18 to 3.15.2 on Linux, PyPy 8.0.1`. A range
    /// has no gap among the columns in `among`.
    pub(super) fn words(&self, of: &BTreeSet<usize>, among: &BTreeSet<usize>) -> String {
        let family = |family: &Family| {
            let columns: Vec<usize> = family.columns.iter().rev().copied().filter(|one| among.contains(one)).collect();
            let runs = columns.chunk_by(|one, next| of.contains(one) == of.contains(next));
            let runs = runs.filter(|run| of.contains(&run[0]));
            let runs = runs.map(|run| match run {
                [only] => self.label(*only).to_owned(),
                [first, .., last] => format!("{} to {}", self.label(*first), self.label(*last)),
                [] => String::new(),
            });
            let runs: Vec<String> = runs.collect();
            (!runs.is_empty()).then(|| family.with(&runs.join(" and ")))
        };
        self.list.iter().filter_map(family).collect::<Vec<_>>().join(", ")
    }
}

/// Returns the key of a runtime's family, which orders families.
fn key(runtime: &RuntimeRecord) -> (u8, String, Platform) {
    let Some(probe) = &runtime.probe else { return (1, runtime.name.clone(), Platform::Unix) };
    let platform = Platform::of(&probe.platform);
    let is_cpython = probe.implementation == "cpython";
    // CinderX and Pyston-lite are modules that compile the code of a CPython.
    let compiler = probe.compiler.as_deref().filter(|compiler| is_cpython && runtime.name.starts_with(compiler));
    match compiler {
        Some(compiler) => (1, compiler.to_owned(), platform),
        None if !is_cpython => (1, probe.implementation.clone(), platform),
        None => (if platform == Platform::Linux { 0 } else { 2 }, "cpython".to_owned(), platform),
    }
}

/// Returns the name of an implementation as its makers write it.
fn proper(implementation: &str) -> &str {
    match implementation {
        "cpython" => "CPython",
        "pypy" => "PyPy",
        "graalpy" => "GraalPy",
        "rustpython" => "RustPython",
        "cinderx" => "CinderX",
        "pyston" => "Pyston",
        "" => "unknown",
        other => other,
    }
}

fn release(runtime: &RuntimeRecord) -> Option<[Option<Version>; 2]> {
    runtime.probe.as_ref().map(ProbeRecord::release)
}

/// Returns the flags that make a build special. `RustPython` has no build that is not free-threaded.
fn flags(runtime: &RuntimeRecord) -> &[String] {
    let probe = runtime.probe.as_ref().filter(|probe| probe.implementation == "cpython");
    probe.map_or(&[], |probe| &probe.flags)
}

fn is_release(runtime: &RuntimeRecord) -> bool {
    runtime.variant.is_none() && flags(runtime).is_empty()
}

/// Returns the label of each column. Where two builds of a family have the same, the name of each stands behind it.
fn labels(columns: &[&RuntimeRecord], list: &[Family]) -> Vec<String> {
    let mut labels: Vec<String> = columns.iter().map(|runtime| label(runtime)).collect();
    for family in list {
        let mut count = BTreeMap::<String, usize>::new();
        for column in &family.columns {
            *count.entry(labels[*column].clone()).or_default() += 1;
        }
        for column in &family.columns {
            if count[&labels[*column]] > 1 {
                labels[*column] = format!("{} ({})", labels[*column], escape::name(&columns[*column].name));
            }
        }
    }
    labels
}

fn label(runtime: &RuntimeRecord) -> String {
    let Some(probe) = &runtime.probe else { return escape::name(&runtime.name) };
    let flag = |flag: &String| if flag == "free-threaded" { "t".to_owned() } else { format!(" {flag}") };
    let flags: String = flags(runtime).iter().map(flag).collect();
    let variant = runtime.variant.as_ref().map(|variant| format!("+{variant}")).unwrap_or_default();
    escape::name(&format!("{}{flags}{variant}", probe.implementation_version))
}

/// Chooses the release builds: of each version of the language in a family the newest.
fn usual(columns: &[&RuntimeRecord], list: &[Family]) -> BTreeSet<usize> {
    let mut chosen = Vec::new();
    for family in list {
        let mut seen = BTreeSet::new();
        for column in family.columns.iter().copied().filter(|column| is_release(columns[*column])) {
            let language = columns[column].probe.as_ref().map(|probe| probe.language.as_str()).unwrap_or_default();
            let minor: Vec<&str> = language.split('.').take(2).collect();
            if seen.insert(minor) {
                chosen.push(column);
            }
        }
    }
    if chosen.is_empty() {
        chosen = list.iter().flat_map(|family| family.columns.iter().copied()).collect();
    }
    chosen.into_iter().take(USUAL).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::samples::with_probe;

    /// Returns a runtime by its name, implementation, versions, platform and flag.
    fn runtime([name, implementation, own, language, platform, flag]: [&str; 6]) -> RuntimeRecord {
        let flags: Vec<&str> = [flag].into_iter().filter(|flag| !flag.is_empty()).collect();
        with_probe(
            name,
            &json!({"implementation": implementation, "implementation-version": own, "language": language,
                "platform": platform, "flags": flags}),
        )
    }

    fn runtimes() -> Vec<RuntimeRecord> {
        [
            ["windows-3.14", "cpython", "3.14.2", "3.14.2", "win32", ""],
            ["pypy-8.0.1", "pypy", "8.0.1", "3.11.17", "linux", ""],
            ["cpython-3.9.18", "cpython", "3.9.18", "3.9.18", "linux", ""],
            ["cpython-3.13.2", "cpython", "3.13.2", "3.13.2", "linux", ""],
            ["cpython-3.13.10-debug", "cpython", "3.13.10", "3.13.10", "linux", "debug"],
            ["cpython-3.13.10", "cpython", "3.13.10", "3.13.10", "linux", ""],
            ["cpython-3.14.0-t", "cpython", "3.14.0", "3.14.0", "linux", "free-threaded"],
            ["mine", "cpython", "3.9.18", "3.9.18", "linux", ""],
        ]
        .map(runtime)
        .into()
    }

    #[test]
    fn cpython_on_linux_is_first_and_the_newest_release_of_each_version_is_shown() {
        let runtimes = runtimes();
        let families = Families::new(&runtimes.iter().collect::<Vec<_>>());
        let titles = families.list.iter().map(|family| format!("{} {}", family.key, family.title()));
        assert_eq!(
            titles.collect::<Vec<_>>(),
            ["cpython-linux CPython on Linux", "pypy-linux PyPy", "cpython-windows CPython on Windows"]
        );
        let shown = families.order().map(|column| {
            format!("{}{}", families.label(column), if families.is_usual(column) { "" } else { " hidden" })
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "3.14.0t hidden",
                "3.13.10",
                "3.13.10 debug hidden",
                "3.13.2 hidden",
                "3.9.18 (cpython-3.9.18)",
                "3.9.18 (mine) hidden",
                "8.0.1",
                "3.14.2"
            ]
        );
        assert_eq!(families.title(1), "PyPy 8.0.1");
        assert_eq!(families.title(0), "CPython 3.14.2 on Windows");
    }

    #[test]
    fn successive_releases_are_a_range() {
        let runtimes = runtimes();
        let families = Families::new(&runtimes.iter().collect::<Vec<_>>());
        let all: BTreeSet<usize> = (0..runtimes.len()).collect();
        let words = |of: &[usize], among: &BTreeSet<usize>| families.words(&of.iter().copied().collect(), among);
        assert_eq!(words(&[3, 4, 5, 6, 1], &all), "CPython 3.13.2 to 3.14.0t on Linux, PyPy 8.0.1");
        assert_eq!(
            words(&[2, 6, 0], &all),
            "CPython 3.9.18 (cpython-3.9.18) and 3.14.0t on Linux, CPython 3.14.2 on Windows"
        );
        let without_old: BTreeSet<usize> = [3, 6].into();
        assert_eq!(words(&[3, 6], &without_old), "CPython 3.13.2 to 3.14.0t on Linux");
        assert_eq!(words(&[], &all), "");
    }

    #[test]
    fn results_without_release_builds_show_what_they_have() {
        let runtimes = [runtime(["a", "cpython", "3.13.0", "3.13.0", "linux", "debug"])];
        assert!(Families::new(&[&runtimes[0]]).is_usual(0));
    }
}
