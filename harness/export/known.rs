//! Known failures: what the known gaps of a runtime, or the lines of a gaps file, say of a test. Pure.

use super::condition::{self, Condition};
use crate::suite::{
    CPYTHON, Case, EventFile, GapLine, GapsFile, Glob, KnownGap, ListedAs, Place, Platform, Suite, Verdict, Versions,
    did_you_mean,
};

/// Where the known failures come from.
#[derive(Debug)]
pub(crate) enum Known<'a> {
    /// There are none: each failure of a test is one.
    Nothing,
    /// The known gaps of the suite, for a runtime.
    Of(Named),
    /// A gaps file.
    In(&'a GapsFile),
}

/// A runtime by name, which need not be on this machine.
#[derive(Debug)]
pub(crate) struct Named {
    name: String,
    implementation: String,
}

/// The error of a name that no known gap has.
#[derive(Debug, thiserror::Error)]
#[error(
    "no known gap is of `{name}`{near}; use an implementation, such as `pypy`, or a runtime, such as `pyodide-3.14`"
)]
pub(crate) struct UnknownRuntime {
    name: String,
    near: String,
}

impl Named {
    /// Finds out what a name means: an implementation, or a runtime, whose name begins with its implementation, or else
    /// is one that a known gap names.
    ///
    /// # Errors
    /// When no known gap is of the name.
    pub(crate) fn new(suite: &Suite, name: &str) -> Result<Named, UnknownRuntime> {
        let gaps = || suite.files.iter().flat_map(|source| &source.file.known_gaps).map(|gap| &gap.runtime);
        let first = name.split('-').next().unwrap_or_default();
        let is_literal = |glob: &&Glob| !glob.as_str().contains(['*', '?', '[', '-']);
        let is_named = |glob: &Glob| glob.as_str() != "*" && glob.matches(name);
        let implementation = match gaps().filter(is_literal).any(|glob| glob.as_str() == first) {
            true => first,
            false if gaps().any(is_named) => CPYTHON,
            false => {
                let near = did_you_mean(name, gaps().map(Glob::as_str));
                return Err(UnknownRuntime { name: name.to_owned(), near });
            }
        };
        Ok(Named { name: name.to_owned(), implementation: implementation.to_owned() })
    }

    /// Tells whether a known gap can be one of the runtime.
    fn has(&self, gap: &KnownGap) -> bool {
        gap.runtime.matches(&self.name) || gap.runtime.matches(&self.implementation)
    }
}

/// A failure of a test that is expected where a condition holds.
#[derive(Debug)]
pub(super) struct Failure<'a> {
    /// Its verdict. A test without one may pass or fail.
    pub verdict: Option<Verdict>,
    /// Its reason, if there is one.
    pub reason: Option<&'a str>,
    place: Range<'a>,
}

/// The interpreters on which a failure is expected.
#[derive(Debug, Default)]
struct Range<'a> {
    platforms: &'a [Platform],
    language: Option<&'a Versions>,
    /// The name of an implementation, if the test can also run on others, and its versions.
    implementation: Option<(Option<&'a str>, &'a Versions)>,
}

impl Known<'_> {
    /// Returns the failures that are expected of a case. Tests have no hot passes.
    pub(super) fn of<'a>(&'a self, file: &'a EventFile, case: &Case) -> Vec<Failure<'a>> {
        match self {
            Known::Nothing => Vec::new(),
            Known::Of(runtime) => {
                let gaps = file
                    .known_gaps
                    .iter()
                    .filter(|gap| runtime.has(gap) && gap.is_about(&case.name) && file.can_have(case, gap.verdict));
                gaps.filter(|gap| gap.verdict != Verdict::ColdOnly).map(Failure::from).collect()
            }
            Known::In(gaps) => {
                let lines = gaps.gaps.iter().filter(|line| line.is_about(file, case));
                lines.filter(|line| line.listed.failure() != Some(Verdict::ColdOnly)).map(Failure::from).collect()
            }
        }
    }
}

impl<'a> From<&'a KnownGap> for Failure<'a> {
    fn from(gap: &'a KnownGap) -> Failure<'a> {
        let implementation = gap.implementation.as_ref().map(|versions| (None, versions));
        let place = Range { platforms: &gap.platform, language: Some(&gap.python), implementation };
        Failure { verdict: Some(gap.verdict), reason: Some(&gap.reason), place }
    }
}

impl<'a> From<&'a GapLine> for Failure<'a> {
    fn from(line: &'a GapLine) -> Failure<'a> {
        let place = match &line.place {
            None => Range::default(),
            Some(Place::Platform(platform)) => Range { platforms: std::slice::from_ref(platform), ..Range::default() },
            Some(Place::Versions(versions)) => Range { language: Some(versions), ..Range::default() },
            Some(Place::Implementation(name, versions)) => {
                Range { implementation: Some((Some(name), versions)), ..Range::default() }
            }
        };
        let verdict = match line.listed {
            ListedAs::Failure(verdict) => Some(verdict),
            ListedAs::Flaky => None,
        };
        Failure { verdict, reason: line.comment.as_deref(), place }
    }
}

impl Failure<'_> {
    /// Returns the condition on which it is expected.
    pub(super) fn condition(&self) -> Condition {
        let Range { platforms, language, implementation } = &self.place;
        let name = implementation.and_then(|(name, _)| name);
        condition::all([
            condition::platform(platforms),
            language.and_then(condition::language),
            name.map(|name| format!("IMPLEMENTATION == {}", crate::report::python::literal(name))),
            implementation.and_then(|(_, versions)| condition::implementation(versions)),
        ])
    }

    /// Tells whether it may be expected on a platform, in any version.
    pub(super) fn may_be_on(&self, sys_platform: &str) -> bool {
        self.place.platforms.is_empty() || self.place.platforms.iter().any(|platform| platform.is(sys_platform))
    }

    /// Returns the verdict and the reason in one line.
    pub(super) fn text(&self) -> String {
        let verdict = self.verdict.map_or_else(|| "flaky".to_owned(), |verdict| verdict.to_string());
        let reason = self.reason.map(|reason| format!(": {}", reason.split_whitespace().collect::<Vec<_>>().join(" ")));
        verdict + &reason.unwrap_or_default()
    }
}
