//! The explanation of a runtime: which events have known gaps on it.

use std::collections::BTreeSet;

use pep440_rs::Version;

use super::gaps::{self, Group};
use crate::report::fold::field;
use crate::report::style::{FAINT, HEAD, paint};
use crate::runtime::install::Recipe;
use crate::suite::{EventFile, KnownGap, Platform, Suite, Verdict};

/// The name of a runtime, or the beginning of names: `pypy`, `pypy-8.0`, `windows-3.14`.
#[derive(Debug)]
pub(super) struct RuntimeName<'a> {
    /// The whole name.
    name: &'a str,
    /// The name without the version.
    family: &'a str,
    /// The version behind it, if there is one.
    version: Option<Version>,
}

/// Returns the names of runtimes that can be explained: those of known gaps and recipes, and their families.
pub(super) fn names(suite: &Suite) -> BTreeSet<String> {
    let of_gaps = suite.files.iter().flat_map(|source| &source.file.known_gaps).map(|gap| gap.runtime.as_str());
    let of_gaps = of_gaps.filter(|glob| !glob.contains('*')).map(str::to_owned);
    let names: BTreeSet<String> = of_gaps.chain(Recipe::all().into_iter().map(|recipe| recipe.name)).collect();
    let families = names.iter().map(|name| split(name).0.to_owned());
    families.chain(names.iter().cloned()).collect()
}

/// Splits a name into the family and what stands behind it: `pypy-8.0.1` into `pypy` and `8.0.1`.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('-') {
        Some((family, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => (family, Some(version)),
        _ => (name, None),
    }
}

impl<'a> RuntimeName<'a> {
    /// Reads a name of a known family. Tags and variants behind the version are ignored.
    pub(super) fn parse(name: &'a str, suite: &Suite) -> Option<RuntimeName<'a>> {
        let (family, version) = split(name);
        if !names(suite).contains(family) {
            return None;
        }
        let number = |text: &'a str| text.split(|c: char| !c.is_ascii_digit() && c != '.').next();
        let version = match version {
            None => None,
            Some(text) => Some(number(text)?.parse().ok()?),
        };
        Some(RuntimeName { name, family, version })
    }

    /// Returns the implementation, as `sys.implementation.name` has it.
    fn implementation(&self) -> &str {
        match self.family {
            "windows" | "pyodide" | "wasi" | "cinderx" | "pyston" => "cpython",
            family => family,
        }
    }

    /// Returns the platform, as `sys.platform` has it, if the name says it.
    fn platform(&self) -> Option<&str> {
        match self.family {
            "windows" => Some("win32"),
            "pyodide" => Some("emscripten"),
            "wasi" => Some("wasi"),
            _ => None,
        }
    }

    /// Tells whether runtimes of this name can have a gap of an event.
    fn can_have(&self, file: &EventFile, gap: &KnownGap) -> bool {
        let begins = |glob: &str| glob.starts_with(&format!("{}-", self.family));
        let is_named = [self.name, self.implementation()].into_iter().any(|name| gap.runtime.matches(name))
            || begins(gap.runtime.as_str()) && self.version.is_none();
        let is_on = |platforms: &[Platform]| {
            let is_here = |name: &str| platforms.iter().any(|platform| platform.is(name));
            platforms.is_empty() || self.platform().is_none_or(is_here)
        };
        is_named && is_on(&gap.platform) && is_on(&file.platform) && self.has_version_of(gap)
    }

    /// Tells whether the version is one of a gap. Versions of Python begin with 3, and others are of the implementation.
    fn has_version_of(&self, gap: &KnownGap) -> bool {
        self.version.as_ref().is_none_or(|version| match version.release() {
            [3, ..] => gap.python.contain(version),
            _ => gap.implementation.as_ref().is_none_or(|versions| versions.contain(version)),
        })
    }
}

/// Explains a runtime.
pub(super) fn render(runtime: &RuntimeName, suite: &Suite) -> String {
    let mut groups: Vec<(&EventFile, Group)> = Vec::new();
    for file in suite.files.iter().map(|source| &source.file) {
        let of = file.known_gaps.iter().filter(|gap| runtime.can_have(file, gap));
        groups.extend(gaps::grouped(of).into_iter().map(|group| (file, group)));
    }
    let events: BTreeSet<&str> = groups.iter().map(|(file, _)| file.event.as_str()).collect();
    let mut text = format!("{}\n\n", paint(HEAD, runtime.name));
    let recipes = Recipe::all().into_iter().filter(|recipe| split(&recipe.name).0 == runtime.family);
    let (names, abouts): (Vec<_>, Vec<_>) = recipes.map(|recipe| (recipe.name, recipe.about)).unzip();
    if let Some(place) = names.iter().position(|name| name == runtime.name) {
        text += &field("about", std::slice::from_ref(&abouts[place]));
    }
    if !names.is_empty() {
        text += &field("install", &[format!("audit578 install NAME: {}", names.join(", "))]);
    }
    text += &field("known gaps", &[format!("in {} of {} events and rules", events.len(), suite.files.len())]);
    for verdict in Verdict::ALL {
        let of = || groups.iter().filter(|(_, group)| group.verdict == verdict);
        if of().next().is_some() {
            let head = format!("{verdict} ({})", of().count());
            text += &format!("\n{}\n{}", paint(HEAD, head), gaps::list(of()));
        }
    }
    let see = "The reasons: audit578 explain EVENT. To measure it: audit578 run --runtime NAME";
    text + &format!("\n{}\n", paint(FAINT, see))
}
