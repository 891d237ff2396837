//! Known gaps of case files: failures that are expected, each as exactly as it was observed.
//!
//! A verdict alone would excuse too much: a gap for a wrong `filename` would hide a wrong `source`. So four verdicts need
//! details.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::form::OneOrMany;
use super::guard::{Glob, Identity, Platform, Versions};
use super::verdict::{Kind, Verdict};
use super::words::words;

/// The reason of a gap, until somebody writes one.
pub(super) const NO_REASON: &str = "TODO";

/// A failure that is expected.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownGap {
    /// The runtimes that have it: an implementation (`sys.implementation.name`), or a glob over names of runtimes.
    pub runtime: Glob,
    /// The language versions that have it; all when left out.
    #[serde(default)]
    pub python: Versions,
    /// The versions of the implementation that have it; all when left out.
    pub implementation: Option<Versions>,
    /// The platforms that have it; all when left out.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The cases that show it: globs over their names.
    pub cases: Vec<Glob>,
    /// The verdict that they get.
    #[cfg_attr(test, schemars(transform = only_failures))]
    pub verdict: Verdict,
    /// With `wrong-args`: the names of the wrong arguments. An argument of another event than the file's is `EVENT[N]`,
    /// counted from 0. An argument that the event has in excess is `[N]`.
    pub arguments: Option<BTreeSet<String>>,
    /// With `wrong-count`: the events that are raised, in order, of those that the case names.
    pub raised: Option<Vec<String>>,
    /// With `unvetoed`: the parts of the veto that fail.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<VetoPart>>"))]
    pub veto: Option<VetoParts>,
    /// With `cold-only`: the parts that fail in hot code.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<HotPart>>"))]
    pub hot: Option<HotParts>,
    /// The kind of reason.
    #[cfg_attr(test, schemars(transform = only_kinds_of_case_files))]
    pub kind: Kind,
    /// The reason in a sentence.
    pub reason: String,
    /// With `bug` and `documentation`: the title of a report to the implementation's tracker.
    pub title: Option<String>,
    /// A link to where it is tracked.
    #[cfg_attr(test, schemars(regex(pattern = "^https://")))]
    pub issue: Option<String>,
    /// With `bug` and `documentation`: whether no tracker is known to have it.
    #[serde(default)]
    pub unreported: bool,
    /// The sentence of the documentation that is broken, if it is another one than that of the case's API about the
    /// event.
    pub promise: Option<Sentence>,
}

/// A sentence of the documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Some words of it.
    pub quote: String,
    /// The address of its place.
    #[cfg_attr(test, schemars(regex(pattern = "^https://")))]
    pub link: String,
}

#[cfg(test)]
fn only_failures(schema: &mut schemars::Schema) {
    let others: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_failure()).collect();
    schema.insert("not".to_owned(), serde_json::json!({ "enum": others }));
}

#[cfg(test)]
fn only_kinds_of_case_files(schema: &mut schemars::Schema) {
    schema.insert("not".to_owned(), serde_json::json!({ "const": Kind::Listed }));
}

words! {
    /// A part of what a case promises of a veto.
    VetoPart {
        /// Whether the hook's exception reaches the snippet.
        Exception = "exception",
        /// Whether the operation has its effect all the same.
        Effect = "effect",
    }
}

words! {
    /// A part of what a case promises, which hot code may break.
    HotPart {
        /// Whether the events are raised, in number and order.
        Raised = "raised",
        /// Whether their arguments are right.
        Arguments = "arguments",
        /// Whether the operation has its effect.
        Effect = "effect",
        /// Whether a veto does what it must.
        Veto = "veto",
    }
}

/// Parts, written as one word or as a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "OneOrMany<P>", bound(deserialize = "P: Deserialize<'de> + Ord"))]
pub struct Parts<P>(BTreeSet<P>);

/// Parts of a veto.
pub type VetoParts = Parts<VetoPart>;

/// Parts of what hot code may break.
pub type HotParts = Parts<HotPart>;

impl<P> Parts<P> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<P: Ord> From<OneOrMany<P>> for Parts<P> {
    fn from(parts: OneOrMany<P>) -> Parts<P> {
        Parts(parts.into_vec().into_iter().collect())
    }
}

/// The details of the failures of a trial, as far as their verdicts do not say them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Details {
    /// The names of the wrong arguments, as a known gap of a case file writes them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub arguments: BTreeSet<String>,
    /// With a wrong number or order: the events that were raised, in order, of those that the case names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Vec<String>>,
    /// The parts of the veto that failed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub veto: BTreeSet<VetoPart>,
    /// The parts that failed in hot code.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hot: BTreeSet<HotPart>,
}

impl Details {
    /// Returns the details of a trial without failures.
    pub(crate) const fn new() -> Details {
        Details { arguments: BTreeSet::new(), raised: None, veto: BTreeSet::new(), hot: BTreeSet::new() }
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Details::new()
    }

    /// Tells whether those of a failure are not known: older results have none.
    pub(crate) fn lack(&self, failure: Verdict) -> bool {
        match failure {
            Verdict::WrongArgs => self.arguments.is_empty(),
            Verdict::WrongCount => self.raised.is_none(),
            Verdict::Unvetoed => self.veto.is_empty(),
            Verdict::ColdOnly => self.hot.is_empty(),
            _ => false,
        }
    }

    /// Returns those of one failure that gaps do not list.
    pub(crate) fn beyond(&self, failure: Verdict, gaps: &[&KnownGap]) -> Details {
        let listed: Vec<Details> = gaps.iter().filter(|gap| gap.verdict == failure).map(|gap| gap.details()).collect();
        let mut own = Details::default();
        match failure {
            Verdict::WrongArgs => {
                let is_new = |name: &&String| !listed.iter().any(|details| details.arguments.contains(*name));
                own.arguments = self.arguments.iter().filter(is_new).cloned().collect();
            }
            Verdict::WrongCount => own.raised.clone_from(&self.raised),
            Verdict::Unvetoed => {
                let is_new = |part: &&VetoPart| !listed.iter().any(|details| details.veto.contains(part));
                own.veto = self.veto.iter().filter(is_new).copied().collect();
            }
            Verdict::ColdOnly => {
                let is_new = |part: &&HotPart| !listed.iter().any(|details| details.hot.contains(part));
                own.hot = self.hot.iter().filter(is_new).copied().collect();
            }
            _ => {}
        }
        own
    }

    /// Returns the details of one failure in words, if its verdict has any.
    pub fn of(&self, failure: Verdict) -> Option<String> {
        match failure {
            Verdict::WrongArgs => Some(join(&self.arguments)),
            Verdict::WrongCount => self.raised.as_ref().map(join),
            Verdict::Unvetoed => Some(join(&self.veto)),
            Verdict::ColdOnly => Some(join(&self.hot)),
            _ => None,
        }
    }
}

fn join<T: ToString>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

impl KnownGap {
    /// Tells whether its kind is one that the makers of an implementation want to hear of.
    pub fn is_reportable(&self) -> bool {
        matches!(self.kind, Kind::Bug | Kind::Documentation)
    }

    /// Tells whether it is of a runtime.
    pub fn is_of(&self, runtime: &Identity) -> bool {
        (self.runtime.matches(&runtime.name) || self.runtime.matches(&runtime.implementation))
            && self.python.contain(&runtime.language)
            && self.implementation.as_ref().is_none_or(|versions| runtime.is_one_of(versions))
            && (self.platform.is_empty() || self.platform.iter().any(|platform| platform.is(&runtime.platform)))
    }

    /// Tells whether it is about the case of this name.
    pub fn is_about(&self, case: &str) -> bool {
        self.cases.iter().any(|glob| glob.matches(case))
    }

    /// Returns what it says of the failure beside the verdict.
    pub fn details(&self) -> Details {
        Details {
            arguments: self.arguments.clone().unwrap_or_default(),
            raised: self.raised.clone(),
            veto: self.veto.clone().map(|Parts(parts)| parts).unwrap_or_default(),
            hot: self.hot.clone().map(|Parts(parts)| parts).unwrap_or_default(),
        }
    }

    /// Tells whether all that it describes is among the failures of a trial with these details.
    pub fn shows(&self, found: &Details) -> bool {
        let own = self.details();
        match self.verdict {
            Verdict::WrongArgs => own.arguments.is_subset(&found.arguments),
            Verdict::WrongCount => own.raised == found.raised,
            Verdict::Unvetoed => own.veto.is_subset(&found.veto),
            Verdict::ColdOnly => own.hot.is_subset(&found.hot),
            _ => true,
        }
    }

    /// Tells whether gaps together excuse a failure of a trial with these details.
    pub fn excuse(gaps: &[&KnownGap], failure: Verdict, found: &Details) -> bool {
        let mut listed = gaps.iter().filter(|gap| gap.verdict == failure).peekable();
        listed.peek().is_some()
            && match failure {
                Verdict::WrongCount => listed.any(|gap| gap.raised == found.raised),
                _ => found.beyond(failure, gaps).is_empty(),
            }
    }
}
